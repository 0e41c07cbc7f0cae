import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { parseDatabaseUrl, type DatabaseLogin } from '../../src/database/index.js';
import type { SessionUpdate, StatementRow } from '../../src/profiler/protocol.js';
import { startRelay, type Relay } from '../database/relay.js';
import { sharedPostgres, type SharedPostgres } from '../shared-postgres.js';
import { FakeProbe } from './fake-probe.js';
import { Bench } from './session-folder.js';

const find = (update: SessionUpdate, text: string): StatementRow | undefined => update.statements.find((row) => row.text === text);

function findPgbench(): string | undefined {
  const folder = '/usr/lib/postgresql';
  return (existsSync(folder) ? readdirSync(folder) : []).map((version) => path.join(folder, version, 'bin/pgbench')).find((file) => existsSync(file));
}

describe('profiler beside a server', () => {
  let server: SharedPostgres;
  let relay: Relay;
  let app: pg.Client;
  let login: DatabaseLogin;
  let bench: Bench;

  before(async () => {
    server = await sharedPostgres('shop');
    relay = await startRelay(server.port);
    app = new pg.Client(server.url);
    await app.connect();
    await app.query('CREATE EXTENSION pg_stat_statements');
    await app.query('CREATE TABLE orders (id int PRIMARY KEY, total int)');
    await app.query('INSERT INTO orders SELECT n, n FROM generate_series(1, 1000) AS n');
    await app.query('ANALYZE orders');
    const url = new URL(server.url);
    url.port = String(relay.port);
    const parsed = parseDatabaseUrl(url.href);
    assert.ok(parsed.ok);
    login = parsed.login;
  });
  after(async () => {
    await app.end();
    await relay.stop();
  });
  beforeEach(() => (bench = new Bench()));
  afterEach(() => bench.close());

  it('counts what any program runs, from the start of the session and not during a pause', async () => {
    const profiler = await bench.open({ readingIntervalMs: 10 });
    assert.equal((await profiler.connect({ login })).kind, 'connected');
    await app.query('SELECT total FROM orders WHERE id = 1');
    const { session } = await profiler.start(bench.sessionOptions);
    assert.match(session.target!, /^shop at 127\.0\.0\.1:/);
    for (let id = 1; id <= 20; id += 1) await app.query(`SELECT total FROM orders WHERE id = ${id}`);
    await profiler.pause({ paused: true });
    await app.query('SELECT total FROM orders WHERE id = 3');
    await profiler.pause({ paused: false });
    await app.query('SELECT total FROM orders WHERE id = 4');
    await app.query('SELECT count(*) FROM orders');
    await profiler.stop();
    const update = profiler.update();
    const byId = find(update, 'SELECT total FROM orders WHERE id = $1')!;
    assert.equal(byId.counted!.calls, 21);
    assert.equal(byId.counted!.rows, 21);
    assert.equal(byId.measured, undefined);
    assert.equal(find(update, 'SELECT count(*) FROM orders')!.counted!.calls, 1);
    assert.ok(update.statements.every(({ text }) => !text.includes('pg_stat')), 'statements of Roundtrip itself are left out');
    assert.ok(Math.abs(update.statements.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-9);
    assert.equal(profiler.snapshot()!.server?.startsWith('PostgreSQL '), true);
  });

  it('joins what the server counted with what the probe measured', async () => {
    const profiler = await bench.open({ readingIntervalMs: 10 });
    await profiler.connect({ login });
    const { arming } = await profiler.start(bench.sessionOptions);
    const probe = await FakeProbe.open(arming);
    await app.query('select total from orders where id = $1', [7]);
    probe.batch({
      texts: [[1, 'select total from orders where id = $1']],
      sites: [[1, [{ file: '/project/src/orders.ts', line: 3, column: 5 }]]],
      queries: [[1, 1, 10, 5, 0, 1, 0, 0, 0, 99]],
    });
    await probe.end();
    await profiler.stop();
    const [row, ...others] = profiler.update().statements.filter(({ tables }) => tables.includes('orders'));
    assert.deepEqual(others, []);
    assert.equal(row!.counted!.calls, 1);
    assert.equal(row!.measured!.calls, 1);
    const { networkMs } = (await profiler.detail({ statement: row!.id }))!;
    assert.equal(networkMs, 5 - row!.counted!.meanMs);
  });

  it('shows sessions at work while somebody looks, cancels one, and tells the sizes of tables', async () => {
    const profiler = await bench.open({ readingIntervalMs: 10 });
    await profiler.connect({ login });
    await profiler.setVisible({ visible: true });
    const asleep = app.query('SELECT pg_sleep(600)');
    const cancelled = assert.rejects(asleep, /canceling statement/);
    const { activity } = await bench.until('update', (update) => update.activity.some(({ text }) => text.includes('pg_sleep')));
    assert.equal(await profiler.cancel({ pid: activity[0]!.pid }), true);
    await cancelled;
    await profiler.setVisible({ visible: false });
    assert.deepEqual(profiler.update().activity, []);
    const { tables } = await bench.until('evidence', (evidence) => evidence.tables.length > 0);
    assert.ok(tables.find(({ name }) => name === 'public.orders')!.rows >= 1000);
  });

  it('goes on reading and cancelling while a statement runs for its plan', async () => {
    const profiler = await bench.open({ readingIntervalMs: 10 });
    await profiler.connect({ login });
    await profiler.setVisible({ visible: true });
    const planned = assert.rejects(profiler.explain({ text: 'SELECT pg_sleep(600)', analyze: true }), /was cancelled/);
    let pid: number | undefined;
    while (pid === undefined) {
      const { rows } = await app.query<{ pid: number }>("SELECT pid FROM pg_stat_activity WHERE application_name = 'roundtrip' AND state = 'active' AND query LIKE 'EXPLAIN%'");
      pid = rows[0]?.pid;
    }
    const cancelled = assert.rejects(app.query('SELECT pg_sleep(600)'), /canceling statement/);
    const { activity } = await bench.until('update', (update) => update.activity.some(({ text }) => text.includes('pg_sleep')));
    assert.equal(await profiler.cancel({ pid: activity[0]!.pid }), true);
    await cancelled;
    await app.query('SELECT pg_cancel_backend($1)', [pid]);
    await planned;
  });

  it('keeps what was counted when the connection is lost, and goes on when it is back', async () => {
    const profiler = await bench.open({ readingIntervalMs: 10, backOffMs: [5, 10] });
    await profiler.connect({ login });
    await profiler.start(bench.sessionOptions);
    await profiler.setVisible({ visible: true });
    await app.query('SELECT max(id) FROM orders');
    await bench.until('update', (update) => find(update, 'SELECT max(id) FROM orders') !== undefined);
    relay.cut();
    await bench.until('state', ({ connection }) => connection.kind === 'connected' && connection.lost !== undefined);
    await app.query('SELECT max(id) FROM orders');
    await assert.rejects(profiler.cancel({ pid: 1 }), /lost/);
    relay.admit();
    await bench.until('update', (update) => find(update, 'SELECT max(id) FROM orders')?.counted?.calls === 2);
    await profiler.stop();
  });

  it('asks for the password when it was changed, keeps what was counted, and goes on with the new one', async () => {
    await app.query("CREATE ROLE visitor LOGIN PASSWORD 'old'; GRANT pg_read_all_stats TO visitor");
    const visitor = { address: { ...login.address, user: 'visitor' }, password: 'old' };
    const profiler = await bench.open({ readingIntervalMs: 10, backOffMs: [5, 10] });
    await profiler.connect({ login: visitor });
    await profiler.start(bench.sessionOptions);
    await profiler.setVisible({ visible: true });
    await app.query('SELECT min(total) FROM orders');
    await bench.until('update', (update) => find(update, 'SELECT min(total) FROM orders') !== undefined);
    await app.query("ALTER ROLE visitor PASSWORD 'new'");
    relay.cut();
    await bench.until('state', ({ connection }) => connection.kind === 'connected' && connection.lost !== undefined);
    relay.admit();
    const { connection, session } = await bench.until('state', ({ connection }) => connection.kind === 'failed');
    assert.ok(connection.kind === 'failed' && connection.asksPassword);
    assert.match(connection.title, /refuses the password of “visitor”/);
    assert.equal(session.state, 'recording');
    await profiler.setVisible({ visible: false });
    await profiler.refresh();
    assert.equal(find(profiler.update(), 'SELECT min(total) FROM orders')!.counted!.calls, 1);
    await profiler.connect({ login: { ...visitor, password: 'new' } });
    await app.query('SELECT min(total) FROM orders');
    await profiler.stop();
    await profiler.refresh();
    assert.equal(find(profiler.update(), 'SELECT min(total) FROM orders')!.counted!.calls, 2);
  });

  it('keeps no more than 5,000 of a server’s statements apart, and loses no call of the others', async function () {
    this.timeout(120_000);
    const statements = 6_000;
    await app.query("SET pg_stat_statements.track = 'all'");
    const profiler = await bench.open();
    await profiler.connect({ login });
    await profiler.start(bench.sessionOptions);
    // Seven operators in a row, each one of four: no server and no fingerprint takes two of them for the same statement.
    await app.query(`DO $$ BEGIN FOR n IN 0..${statements - 1} LOOP
      EXECUTE (SELECT 'SELECT 1' || string_agg((ARRAY['+', '-', '*', '/'])[1 + (n >> (2 * digit)) % 4] || '1', '' ORDER BY digit) FROM generate_series(0, 6) AS digit);
    END LOOP; END $$`);
    await profiler.stop();
    await app.query('RESET pg_stat_statements.track');
    const { statements: rows, notices } = profiler.update();
    const apart = rows.filter(({ text }) => text !== 'other statements');
    assert.ok(apart.length <= 5_000 && apart.length > 4_000, String(apart.length));
    const calls = rows.reduce((sum, { counted }) => sum + counted!.calls, 0);
    assert.equal(calls, 2 * statements + 1, 'each of them, what made each of its texts, and the loop');
    assert.match(notices.map(({ text }) => text).join(), /^More than 5,000 different statements ran/);
  });

  it('counts what pgbench says it ran', async function () {
    const pgbench = findPgbench();
    // The tool comes with the server's packages of Debian; the servers of these tests do not have it.
    if (pgbench === undefined) return this.skip();
    const script = path.join(bench.folder, 'script.sql');
    writeFileSync(script, '\\set id random(1, 1000)\nSELECT total FROM orders WHERE id = :id;\nUPDATE orders SET total = total + 1 WHERE id = :id;\n');
    const profiler = await bench.open({ readingIntervalMs: 10 });
    await profiler.connect({ login });
    await profiler.start(bench.sessionOptions);
    const output = execFileSync(pgbench, ['--no-vacuum', '--report-per-command', '--client=4', '--transactions=250', `--file=${script}`, server.url], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    await profiler.stop();
    const ran = Number(/actually processed: (\d+)/.exec(output)![1]);
    assert.equal(ran, 1_000);
    const update = profiler.update();
    for (const text of ['SELECT total FROM orders WHERE id = $1', 'UPDATE orders SET total = total + $1 WHERE id = $2']) assert.equal(find(update, text)?.counted?.calls, ran, text);
    // The tool's own times have the network's in them.
    const times = [...output.matchAll(/^\s+([\d.]+)\s+\d+\s+(?:SELECT|UPDATE)/gm)].map(([, ms]) => Number(ms));
    const mean = (text: string) => find(update, text)!.counted!.meanMs;
    assert.ok(mean('SELECT total FROM orders WHERE id = $1') <= times[0]! && mean('UPDATE orders SET total = total + $1 WHERE id = $2') <= times[1]!);
  });

  it('says in a sentence why something cannot be asked, and works without a server', async () => {
    const profiler = await bench.open();
    await assert.rejects(profiler.cancel({ pid: 1 }), { message: 'There is no connection to a database. Connect first.' });
    const state = await profiler.connect({ login: { ...login, address: { ...login.address, port: 1 } } });
    assert.equal(state.kind, 'failed');
    const { session } = await profiler.start(bench.sessionOptions);
    assert.equal(session.state, 'recording');
    assert.equal((await profiler.stop()).state, 'stopped');
  });
});
