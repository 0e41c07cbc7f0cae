/**
 * `node scripts/licences.mjs`: every package inside the bundles has a permissive licence (exit 1 and a sentence if not).
 * `thirdPartyNotices` collects their texts, which the licences ask to ship.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Permissive licences that ask for no more than their own text. */
const ALLOWED = new Set(['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', 'BlueOak-1.0.0', 'CC0-1.0', 'Unlicense', 'PostgreSQL', 'PostgreSQL license', 'Python-2.0', 'CC-BY-4.0']);

/** In dist/ without being bundled by esbuild. */
const COPIED = ['node_modules/typescript', 'node_modules/libpg-query'];

/** Package folders, relative to the project, of everything in the bundles of `metafile`. */
function bundledPackages(metafile) {
  const folders = new Set(COPIED);
  for (const input of Object.keys(metafile.inputs)) {
    const found = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input.replace(/^[a-z-]+:/, ''));
    if (found) folders.add(found[0]);
  }
  return [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8'));
    return { folder, name, version, license: typeof license === 'string' ? license : 'none declared' };
  });
}

function allowed(license) {
  const alternatives = license.replace(/[()]/g, '').split(/ OR /i);
  return alternatives.some((one) => one.split(/ AND /i).every((part) => ALLOWED.has(part.trim())));
}

/** Names, licences and licence texts of all bundled packages. */
export function thirdPartyNotices(metafile) {
  const parts = bundledPackages(metafile).map(({ folder, name, version, license }) => {
    const file = readdirSync(path.join(root, folder)).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
    return `${name} ${version} (${license})\n\n${file ? readFileSync(path.join(root, folder, file), 'utf8').trim() : 'No licence text in the package.'}\n`;
  });
  return `Roundtrip contains these packages:\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = path.join(root, 'dist/metafile.json');
  if (!existsSync(file)) throw new Error('dist/metafile.json is missing: run `npm run build` first.');
  const packages = bundledPackages(JSON.parse(readFileSync(file, 'utf8')));
  for (const { name, version, license } of packages) {
    if (allowed(license)) continue;
    console.log(`${name} ${version} is bundled under “${license}”, which is not in the list of scripts/licences.mjs: take another package, or add the licence if it is permissive.`);
    process.exitCode = 1;
  }
  console.log(`${packages.length} bundled packages`);
}
