import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** These tests read dist/ as `npm run build` leaves it. */
const PROJECT = path.join(__dirname, '../..');

/** The extension host loads this file before anything else: more is felt at start. */
const EXTENSION_BYTES = 200 * 1024;

/** Every Node program of a terminal reads this file while a session records. It knows seven libraries, Jest, and drivers inside bundles; loading it takes about 3 ms. */
const PROBE_BYTES = 31 * 1024;

/** What a person downloads: TypeScript and PostgreSQL's parser are two thirds of it. */
const VSIX_BYTES = 6 * 1024 * 1024;

/** vsce looks for secrets in every file, which is its own pace. */
const VSCE_TIMEOUT_MS = 180_000;

const BESIDE_THE_BUNDLES = ['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE', 'dist/typescript.js', 'dist/libpg-query.wasm', 'dist/THIRD-PARTY-NOTICES.txt'];

interface Metafile {
  outputs: Record<string, { bytes: number; inputs: Record<string, { bytesInOutput: number }> }>;
}

function built(): Metafile['outputs'] {
  return (JSON.parse(readFileSync(path.join(PROJECT, 'dist/metafile.json'), 'utf8')) as Metafile).outputs;
}

function inputsOf(output: string): string[] {
  const found = built()[`dist/${output}`];
  assert.ok(found, `dist/${output} is not in dist/metafile.json: run \`npm run build\``);
  return Object.keys(found.inputs);
}

function vsce(...args: string[]): string {
  return execFileSync(process.execPath, [path.join(PROJECT, 'node_modules/@vscode/vsce/vsce'), ...args], { cwd: PROJECT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

describe('the bundles', () => {
  it('keep the extension small', () => {
    const { size } = statSync(path.join(PROJECT, 'dist/extension.js'));
    assert.ok(size <= EXTENSION_BYTES, `dist/extension.js has ${size} bytes, more than ${EXTENSION_BYTES}`);
  });

  it('keep the probe small and alone', () => {
    const { size } = statSync(path.join(PROJECT, 'dist/probe.cjs'));
    assert.ok(size <= PROBE_BYTES, `dist/probe.cjs has ${size} bytes, more than ${PROBE_BYTES}`);
    assert.deepEqual(inputsOf('probe.cjs').filter((input) => !input.startsWith('src/probe/')), []);
  });

  it('keep parsers, the analysis and the database out of the extension', () => {
    // Addresses are checked before anything is connected, so their parser (5 KB) is the extension's too.
    const heavy = inputsOf('extension.js').filter((input) =>
      /node_modules\/(typescript|@typescript-eslint|libpg-query|pg|pg-(?!connection-string)[^/]+)\/|^src\/((analysis|workspace|cli)\/|server\/(?!protocol\.ts)|database\/(?!address\.ts))/.test(input),
    );
    assert.deepEqual(heavy, []);
  });

  it('ask once for `vscode`, whose hundreds of names are copied each time', () => {
    assert.equal(readFileSync(path.join(PROJECT, 'dist/extension.js'), 'utf8').split('require("vscode")').length - 1, 1);
  });

  it('have TypeScript once, outside of every bundle', () => {
    for (const [output, { inputs }] of Object.entries(built())) {
      assert.deepEqual(Object.keys(inputs).filter((input) => input.includes('node_modules/typescript/')), [], output);
    }
    assert.ok(statSync(path.join(PROJECT, 'dist/typescript.js')).size > 1_000_000);
  });

  it('make a command that runs from any folder', () => {
    const output = execFileSync(path.join(PROJECT, 'dist/cli.js'), ['--version'], { cwd: tmpdir(), encoding: 'utf8' });
    assert.equal(output.trim(), (JSON.parse(readFileSync(path.join(PROJECT, 'package.json'), 'utf8')) as { version: string }).version);
  });

  it('make a package with what it needs and nothing else', function () {
    this.timeout(VSCE_TIMEOUT_MS);
    const files = vsce('ls', '--no-dependencies').split('\n').filter(Boolean);
    const needed = new Set([...Object.keys(built()), ...BESIDE_THE_BUNDLES]);
    assert.deepEqual([...needed].filter((file) => !files.includes(file)), [], 'missing');
    const pages = /^(dist\/rules\/[\w-]+\.md|media\/[\w-]+\.(png|svg)|media\/walkthrough\/.*|syntaxes\/[\w.-]+\.json)$/;
    assert.deepEqual(files.filter((file) => !needed.has(file) && !pages.test(file)), [], 'unwanted');

    const folder = mkdtempSync(path.join(tmpdir(), 'roundtrip-vsix-'));
    try {
      const vsix = path.join(folder, 'roundtrip.vsix');
      vsce('package', '--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links', '--out', vsix);
      const { size } = statSync(vsix);
      assert.ok(size <= VSIX_BYTES, `the package has ${size} bytes, more than ${VSIX_BYTES}`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
