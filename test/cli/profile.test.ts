import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { transform } from 'esbuild';
import { startPostgres, type RunningPostgres } from '../postgres';
import { build } from '../built';
import { start, type Ended } from './start';

const PACKAGES = path.join(__dirname, '../../node_modules');

/** In a transaction, what belongs together is known; outside of one, a machine that stands still for a moment would part it. */
const SHOP = `import { Pool, type PoolClient } from 'pg';

const pool: Pool = new Pool();
interface Order { id: number }

export async function buyers(client: PoolClient, orders: Order[]): Promise<void> {
  for (const order of orders) {
    await client.query('SELECT $1::int AS buyer', [order.id]);
  }
}

const times = Number(process.env['TIMES'] ?? 12);
const client = await pool.connect();
await client.query('BEGIN');
await buyers(client, Array.from({ length: times }, (_, id) => ({ id })));
await client.query('COMMIT');
client.release();
await pool.query('SELECT relname FROM pg_class LIMIT 3');
console.log('the shop is closed');
await pool.end();
process.exitCode = Number(process.env['CODE'] ?? 0);
`;
const PLAIN = `const { Client } = require('pg');
(async () => {
  const client = new Client();
  await client.connect();
  const { rows } = await client.query('SELECT 7 AS seven');
  process.stdin.on('data', (data) => process.stdout.write('read ' + data + rows[0].seven + '\\n'));
  process.stdin.on('end', () => client.end());
})();
`;
const WAITING = `process.on('SIGTERM', () => { console.log('closing'); process.exit(5); });
console.log('ready');
setInterval(() => {}, 1000);
`;
const ENDED = `process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000);`;

interface Report {
  version: number;
  command: string;
  exitCode: number | null;
  totals: { statements: number; calls: number };
  statements: { text: string; file?: string; line?: number; measured?: { calls: number }; counted?: { calls: number } }[];
  repetitions: { kind: string; text: string; file: string; line: number; executions: number; most: number }[];
  budgets: { name: string; limit: number; value: number; met: boolean }[];
  comparison?: { regressed: boolean; summary: string[]; statements: { kind: string; significant: boolean }[]; repetitionsGone: unknown[] };
}

describe('roundtrip profile', function () {
  this.timeout(30_000);
  let postgres: RunningPostgres;
  let folder: string;

  before(async function () {
    this.timeout(60_000);
    [postgres] = await Promise.all([startPostgres({ statStatements: true }), build()]);
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'roundtrip profile ')));
    symlinkSync(PACKAGES, path.join(folder, 'node_modules'));
    mkdirSync(path.join(folder, 'src'));
    for (const [name, text] of Object.entries({
      'package.json': JSON.stringify({ name: 'shop', type: 'commonjs', scripts: { test: 'tsx src/shop.mts' } }),
      'src/shop.mts': SHOP, 'shop.mjs': (await transform(SHOP, { loader: 'ts', sourcefile: 'src/shop.mts', sourcemap: 'inline' })).code, 'plain.js': PLAIN, 'waiting.js': WAITING, 'ended.js': ENDED,
    })) writeFileSync(path.join(folder, name), text);
  });
  after(async () => {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const environment = (): Record<string, string> => {
    const { hostname, port, username, password } = new URL(postgres.url);
    return { PGHOST: hostname, PGPORT: port, PGUSER: username, PGPASSWORD: password, PGDATABASE: 'postgres' };
  };
  const profile = (args: readonly string[], env: Record<string, string> = {}, input?: string): Promise<Ended> => start(folder, ['profile', ...args], { env: { ...environment(), ...env }, ...(input !== undefined && { input }) }).ended;
  const inFolder = (name: string): string => path.join(folder, name);
  /** Its lines are told by its source map: it starts in a fifth of the time that a loader takes. */
  const shop = ['--', 'node', '--no-warnings', 'shop.mjs'];

  it('shows what each statement cost, at its line of TypeScript, and what repeats; the program’s output stays its own', async () => {
    const { status, stdout, stderr } = await profile(['--', 'npm', '--silent', 'test']);
    assert.equal(status, 0, stderr);
    assert.equal(stdout, 'the shop is closed\n');
    assert.match(stderr, /^\nroundtrip: 15 queries of 4 statements, [\d.]+ m?s in the database\n\n {2,}time +share +calls +p95 +line +statement\n/);
    assert.match(stderr, /\n +[\d.]+ m?s +[\d.]+ % +12 +[\d.]+ m?s +src\/shop\.mts:8 +SELECT \$1::int AS buyer\n/);
    assert.match(stderr, /\n +[\d.]+ m?s +[\d.]+ % +1 +[\d.]+ m?s +src\/shop\.mts:18 +SELECT relname FROM pg_class LIMIT \$1\n/);
    assert.match(stderr, /\nQueries that repeat\n {2}N\+1 {2}src\/shop\.mts:8 {2}12 ×: [\d.]+ m?s, of which [\d.]+ m?s could be saved\n/);
  });

  it('hands the program its input, and shows nothing of it when there is nothing to show', async () => {
    const plain = await profile(['node', 'plain.js'], {}, 'hello ');
    assert.deepEqual([plain.status, plain.stdout], [0, 'read hello 7\n'], plain.stderr);
    const { status, stdout, stderr } = await profile(['--', 'node', '-p', '1']);
    assert.deepEqual([status, stdout, stderr], [0, '1\n', '\nroundtrip: no query was seen: no Node.js program loaded one of the database libraries that are watched. Other programs are watched through their server: give its address with --connect.\n']);
  });

  it('writes JSON to standard output alone, or to a file', async () => {
    const { status, stdout, stderr } = await profile(['--format', 'json', '--budget', 'n-plus-one=0', '--budget', 'queries=15,p95=30s', ...shop]);
    assert.equal(status, 1, stderr);
    assert.equal(stderr, 'the shop is closed\n');
    const report = JSON.parse(stdout) as Report;
    assert.deepEqual([report.version, report.command, report.exitCode, report.totals.calls], [1, 'node …', 0, 15]);
    assert.deepEqual(report.statements.map(({ text, file, line, measured }) => [text, file, line, measured!.calls]).sort(), [
      ['BEGIN', 'src/shop.mts', 14, 1],
      ['COMMIT', 'src/shop.mts', 16, 1],
      ['SELECT $1::int AS buyer', 'src/shop.mts', 8, 12],
      ['SELECT relname FROM pg_class LIMIT $1', 'src/shop.mts', 18, 1],
    ]);
    assert.deepEqual(report.repetitions.map(({ kind, file, line, executions, most }) => [kind, file, line, executions, most]), [['n-plus-one', 'src/shop.mts', 8, 12, 12]]);
    assert.deepEqual(report.budgets.map(({ name, met }) => [name, met]), [['n-plus-one', false], ['queries', true], ['p95', true]]);
    assert.ok(!stdout.includes(postgres.url) && !stdout.includes(folder));
    const toFile = await profile(['--format', 'html', '--output', 'out/report.html', ...shop]);
    assert.deepEqual([toFile.status, toFile.stdout, toFile.stderr], [0, 'the shop is closed\n', '']);
    assert.match(readFileSync(inFolder('out/report.html'), 'utf8'), /^<!doctype html>[\s\S]*src\/shop\.mts:8/);
  });

  it('compares with a saved session: better, the same, and worse', async () => {
    const saved = await profile(['--save', 'before.json', '--name', 'before the fix', ...shop], { TIMES: '60' });
    assert.equal(saved.status, 0, saved.stderr);
    const text = readFileSync(inFolder('before.json'), 'utf8');
    assert.match(text, /"name": "before the fix"/);
    assert.match(text, /"file":"src\/shop\.mts","line":8/);
    const better = await profile(['--compare', 'before.json', '--save', 'after.json', '--format', 'json', ...shop], { TIMES: '1' });
    assert.equal(better.status, 0, better.stderr);
    const { comparison } = JSON.parse(better.stdout) as Report;
    assert.equal(comparison!.regressed, false);
    assert.deepEqual(comparison!.statements.filter(({ significant }) => significant).map(({ kind }) => kind), ['less']);
    assert.equal(comparison!.repetitionsGone.length, 1);
    const worse = await profile(['--compare', 'after.json', ...shop], { TIMES: '60' });
    assert.equal(worse.status, 1, worse.stderr);
    assert.match(worse.stderr, /\n {2}more {4}1 → 60 executions {2}SELECT \$1::int AS buyer\n {2}Worse than before\n/);
  });

  it('keeps the program’s own exit code, whatever the budgets say', async () => {
    const { status, stderr } = await profile(['--budget', 'n-plus-one=0', ...shop], { CODE: '7' });
    assert.equal(status, 7);
    assert.match(stderr, /\n {2}missed {2}n-plus-one: 1, at most 0 {2}/);
    assert.match(stderr, /roundtrip: the program ended with exit code 7\.\n$/);
  });

  it('ends as shells tell it when a signal ends the program, and passes signals on', async () => {
    const ended = await profile(['node', 'ended.js']);
    assert.deepEqual([ended.status, ended.signal], [143, null]);
    assert.match(ended.stderr, /the program was ended by SIGTERM\.\n$/);
    const running = start(folder, ['profile', 'node', 'waiting.js'], { env: environment() });
    await running.says('ready');
    running.child.kill('SIGTERM');
    const { status, stdout } = await running.ended;
    assert.deepEqual([status, stdout], [5, 'ready\nclosing\n']);
  });

  it('says why it could not run', async () => {
    const cases = [
      [['--', 'no-such-command-anywhere'], /^roundtrip: no-such-command-anywhere could not be started: there is no such command\.\n$/],
      [[], /^roundtrip: Missing required argument 'command'\.\n$/],
      [['--budget', 'n-plus-one', 'node'], /"n-plus-one" is no budget\. Write it as name=limit/],
      [['--budget', 'speed=1', 'node'], /No budget is called "speed"\. The budgets are: n-plus-one, /],
      [['--budget', 'queries=1s', 'node'], /"queries=1s" has a unit, but queries is a number\./],
      [['--format', 'xml', 'node'], /Allowed choices are pretty, json, markdown, html/],
      [['--compare', 'nowhere.json', 'node'], /^roundtrip: The file nowhere\.json does not exist\.\n$/],
      [['--compare', 'package.json', 'node'], /^roundtrip: The file package\.json is no session of Roundtrip\.\n$/],
      [['--connect', 'mysql://localhost/shop', '--', 'node', '-v'], /--connect: The URL starts with “mysql:”/],
    ] as const;
    const outcomes = await Promise.all(cases.map(([args]) => profile(args)));
    outcomes.forEach(({ status, stdout, stderr }, index) => {
      const [args, sentence] = cases[index]!;
      assert.deepEqual([status, stdout], [2, ''], `${args.join(' ')}: ${stderr}`);
      assert.match(stderr, sentence);
    });
  });

  it('does not start the program when the server that is to count does not answer', async () => {
    const { status, stdout, stderr } = await profile(['--connect', 'postgresql://nobody@127.0.0.1:1/shop', '--', 'node', '-p', '1']);
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(stderr, /^roundtrip: .*127\.0\.0\.1/);
  });

  it('takes nothing that was watched for no success, and tells what could not be written', async () => {
    const { status, stderr } = await profile(['--budget', 'n-plus-one=0', '--', 'true']);
    assert.equal(status, 2);
    assert.match(stderr, /no Node\.js program loaded[\s\S]*nothing to hold against budgets/);
    const unwritable = await profile(['--save', 'package.json/session.json', '--output', 'report.txt', ...shop]);
    assert.equal(unwritable.status, 2);
    assert.match(unwritable.stderr, /^roundtrip: The session could not be saved: .*package\.json is a file, or lies in one\./);
    assert.ok(existsSync(inFolder('report.txt')), 'the report is not lost with the session');
  });

  it('counts on the server what programs ask that it cannot watch', async () => {
    const setUp = await profile(['--', 'node', '-e', `const { Client } = require('pg'); const c = new Client(); c.connect().then(() => c.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements')).then(() => c.end())`]);
    assert.equal(setUp.status, 0, setUp.stderr);
    const { status, stdout, stderr } = await profile(['--connect', '--format', 'json', '--', 'env', '-u', 'NODE_OPTIONS', ...shop.slice(1)], { DATABASE_URL: postgres.url });
    assert.equal(status, 0, stderr);
    const report = JSON.parse(stdout) as Report;
    const buyers = report.statements.find(({ text }) => text.includes('buyer'));
    assert.equal(buyers?.counted?.calls, 12, stdout);
    assert.equal(buyers?.measured, undefined);
  });

  it('explains itself', async () => {
    const { status, stdout } = await profile(['--help']);
    assert.equal(status, 0);
    assert.match(stdout, /^Usage: roundtrip profile \[options\] -- command \[arguments\.\.\.\]\n/);
    assert.match(stdout, /The program's own when it fails|the program's own when it fails/);
    assert.ok(!stdout.includes('--probe'));
  });
});
