import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { parseDatabaseUrl } from '../../src/database/index.js';
import type { Profiler } from '../../src/profiler/index.js';
import type { Arming, StatementDetail } from '../../src/profiler/protocol.js';
import { sharedPostgres, type SharedPostgres } from '../shared-postgres.js';
import { buildProbe, PROBE } from '../probe/program.js';
import { Bench } from './session-folder.js';

const PROGRAMS = path.resolve('test/profiler/programs');

/** Runs a program as an armed terminal would. */
async function run(arming: Arming, url: string, script: string, flags: string[] = [], ...parameters: string[]): Promise<{ status: number | null; errors: string }> {
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  const env = { ...inherited, ...arming.variables, NODE_OPTIONS: arming.nodeOptions, DATABASE_URL: url };
  const child = spawn(process.execPath, [...flags, path.join(PROGRAMS, script), ...parameters], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (data) => (errors += data));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, errors };
}

function lineOf(script: string, mark: string): number {
  return readFileSync(path.join(PROGRAMS, script), 'utf8').split('\n').findIndex((line) => line.includes(mark)) + 1;
}

describe('profiler with the real probe', () => {
  let server: SharedPostgres;
  let admin: pg.Client;
  let bench: Bench;
  let profiler: Profiler;

  before(async () => {
    [server] = await Promise.all([sharedPostgres('pipeline'), buildProbe()]);
    admin = new pg.Client(server.url);
    await admin.connect();
    await admin.query('CREATE EXTENSION pg_stat_statements');
    await admin.query('CREATE TABLE orders (id int PRIMARY KEY, total int); CREATE TABLE job (id int PRIMARY KEY)');
    await admin.query('INSERT INTO orders SELECT n, n FROM generate_series(1, 1000) AS n');
  });
  after(async () => {
    await admin.end();
  });
  beforeEach(async () => {
    bench = new Bench();
    profiler = await bench.open({ probe: PROBE });
  });
  afterEach(() => bench.close());

  it('tells a TypeScript server its lines, requests and N+1, with the totals of pg_stat_statements', async () => {
    const parsed = parseDatabaseUrl(server.url);
    assert.ok(parsed.ok);
    await profiler.connect(parsed);
    const { arming } = await profiler.start(bench.sessionOptions);
    assert.deepEqual(await run(arming, server.url, 'shop.ts', ['--import=tsx']), { status: 0, errors: '' });
    await profiler.stop();
    const { statements, lines, requests, repetitions, programs, totals } = profiler.update();
    const file = path.join(PROGRAMS, 'shop.ts');
    const at = (mark: string) => lines.find(({ place }) => place.file === file && place.line === lineOf('shop.ts', mark))?.measured.calls;
    assert.deepEqual([at('// list'), at('// each'), at('// sum')], [5, 100, 10]);
    assert.deepEqual(lines.length, 3);
    assert.deepEqual(
      requests.map(({ label, requests, queries, mostQueries }) => ({ label, requests, queries, mostQueries })).sort((a, b) => a.label.localeCompare(b.label)),
      [
        { label: 'GET /orders/:id', requests: 5, queries: 105, mostQueries: 21 },
        { label: 'GET /total', requests: 10, queries: 10, mostQueries: 1 },
      ],
    );
    assert.deepEqual(
      repetitions.map(({ kind, place, label, requests, executions, most }) => [kind, place.line, label, requests, executions, most]),
      [['n-plus-one', lineOf('shop.ts', '// each'), 'GET /orders/:id', 5, 100, 20]],
    );
    assert.equal(totals.calls, 115);
    for (const { text, measured, counted } of statements) assert.deepEqual([measured?.calls, measured?.rows], [counted?.calls, counted?.rows], text);
    const program = programs.find(({ queries }) => queries > 0)!;
    assert.match(program.libraries.join(), /^pg \d/);
    assert.equal(program.dropped, 0);
  });

  it('finds the loop of a script, and keeps what a program said before it crashed', async () => {
    const { arming } = await profiler.start(bench.sessionOptions);
    assert.deepEqual(await run(arming, server.url, 'script.mjs'), { status: 0, errors: '' });
    await profiler.stop();
    const { repetitions, totals, lines, statements } = profiler.update();
    assert.deepEqual([totals.calls, totals.errors], [42, 1]);
    assert.deepEqual(repetitions.map(({ kind, place, most }) => [kind, place.line, most]), [['n-plus-one', 7, 40]]);
    assert.equal(lines.find(({ place }) => place.line === 7)!.mostInOneRequest, 40);
    const failed = statements.find(({ measured }) => measured!.errors > 0)!;
    assert.deepEqual((await profiler.detail({ statement: failed.id }))!.errors, [{ code: '22012', message: 'division by zero', count: 1 }]);
    const again = await profiler.start(bench.sessionOptions);
    assert.equal((await run(again.arming, server.url, 'script.mjs', [], 'crash')).status, null);
    assert.equal((await profiler.stop()).state, 'stopped');
    assert.ok(profiler.update().totals.calls <= 42);
  });

  const loopsOf = (script: string): number[] => readFileSync(path.join(PROGRAMS, script), 'utf8').split('\n').flatMap((line, index) => (line.endsWith('// loop') ? [index + 1] : []));

  for (const [script, ...parameters] of [['loops.mjs'], ['worker.mjs'], ['worker.mjs', 'transactions']] as const) {
    it(`tells loops from jobs that are handled back to back: ${[script, ...parameters].join(' ')}`, async () => {
      await admin.query('INSERT INTO job SELECT n FROM generate_series(1, 30) AS n ON CONFLICT DO NOTHING');
      const { arming } = await profiler.start(bench.sessionOptions);
      assert.deepEqual(await run(arming, server.url, script, [], ...parameters), { status: 0, errors: '' });
      await profiler.stop();
      const lines = profiler.update().repetitions.map(({ place }) => place.line);
      assert.deepEqual([...new Set(lines)].sort((a, b) => a - b), loopsOf(script));
    });
  }

  it('keeps values of parameters only when it is asked to, for the plan of the slowest execution, and never in a file or a report', async () => {
    const parsed = parseDatabaseUrl(server.url);
    assert.ok(parsed.ok);
    const byId = async (): Promise<StatementDetail> => {
      const { id } = profiler.update().statements.find(({ text }) => text === 'SELECT total FROM orders WHERE id = $1')!;
      return (await profiler.detail({ statement: id }))!;
    };
    await profiler.connect(parsed);
    for (const parameters of [false, true]) {
      const { arming } = await profiler.start({ ...bench.sessionOptions, parameters });
      assert.deepEqual(await run(arming, server.url, 'script.mjs'), { status: 0, errors: '' });
      const { file } = await profiler.stop();
      const { row, slowest } = await byId();
      const plan = await profiler.explain({ statement: row.id, analyze: false });
      if (!parameters) {
        assert.deepEqual([slowest, plan.kind], [[], 'generic']);
        continue;
      }
      assert.equal(slowest.length, 5);
      for (const { values, place } of slowest) assert.ok(Number(values[0]) >= 1 && Number(values[0]) <= 40 && (place?.line ?? 7) === 7, JSON.stringify(slowest));
      assert.deepEqual(slowest.map(({ durationMs }) => durationMs), slowest.map(({ durationMs }) => durationMs).sort((a, b) => b - a));
      assert.deepEqual([plan.kind, plan.values], ['plain', slowest[0]!.values]);
      assert.match(plan.facts[0]!, new RegExp(`^This is for the values of a slow execution that was recorded: \\$1 = ${slowest[0]!.values[0]}\\.$`));
      const { text, values } = slowest[1]!;
      const measured = await profiler.explain({ text, values, analyze: true });
      assert.deepEqual([measured.kind, measured.values], ['analyze', values]);
      for (const text of [readFileSync(file!, 'utf8'), await profiler.report({ format: 'html' }), await profiler.report({ format: 'json' })]) assert.ok(!text.includes('slow execution') && !text.includes('"values"'));
      await profiler.open({ file: file! });
      assert.deepEqual((await byId()).slowest, []);
    }
  });

  it('records nothing of programs in other folders, and lets armed terminals live without a session', async () => {
    const { arming } = await profiler.start({ ...bench.sessionOptions, workspaceFolders: ['/somewhere/else'] });
    assert.deepEqual(await run(arming, server.url, 'script.mjs'), { status: 0, errors: '' });
    assert.equal(profiler.update().totals.calls, 0);
    const armed = await profiler.start(bench.sessionOptions);
    await profiler.stop();
    assert.deepEqual(await run(armed.arming, server.url, 'script.mjs'), { status: 0, errors: '' });
    await profiler.close();
    assert.deepEqual(await run(armed.arming, server.url, 'script.mjs'), { status: 0, errors: '' });
  });
});
