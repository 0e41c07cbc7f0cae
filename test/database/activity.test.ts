import assert from 'node:assert/strict';
import type pg from 'pg';
import { explainProblem, type Activity, type ActivityRow, type DatabaseConnection, type DatabaseLogin, type ServerSource } from '../../src/database/index.js';
import { identify } from '../../src/database/sql/index.js';
import { startPostgres, type RunningPostgres } from '../postgres.js';
import { sharedPostgres, type SharedPostgres } from '../shared-postgres.js';
import { loginTo, openClient, openConnection, openSource, value, withClient } from './server.js';

describe('the sessions at work', () => {
  let server: RunningPostgres;
  let admin: DatabaseLogin;
  const connections: DatabaseConnection[] = [];
  const clients: pg.Client[] = [];

  const source = async (login: DatabaseLogin): Promise<ServerSource> => {
    const connection = await openConnection(login);
    connections.push(connection);
    return openSource(connection);
  };
  const client = async (user = 'app'): Promise<pg.Client> => {
    const opened = await openClient(loginTo(server.url, { user }));
    clients.push(opened);
    return opened;
  };
  /** Samples until the server shows what a test waits for. */
  const until = async (from: ServerSource, matches: (sessions: ActivityRow[]) => boolean): Promise<Activity> => {
    for (;;) {
      const activity = value(await from.activity());
      if (matches(activity.sessions)) return activity;
    }
  };
  const failure = (running: Promise<unknown>): Promise<string> => running.then(() => 'none', (error: Error) => error.message);

  before(async () => {
    server = await startPostgres({ settings: ['track_activity_query_size=200'] });
    admin = loginTo(server.url);
    await withClient(admin, (opened) =>
      opened.query(`
        CREATE ROLE app LOGIN PASSWORD 'password'; CREATE ROLE other LOGIN PASSWORD 'password';
        CREATE ROLE observer LOGIN PASSWORD 'password'; GRANT pg_read_all_stats TO observer;
        CREATE TABLE account (id int PRIMARY KEY, owner text); INSERT INTO account VALUES (1, 's3cret'), (2, 'b'); GRANT SELECT, UPDATE ON account TO app, other`),
    );
  });

  afterEach(async () => {
    for (const opened of clients.splice(0)) await opened.end();
    await Promise.all(connections.splice(0).map((connection) => connection.close()));
  });

  after(() => server.stop());

  it('are listed with what they run, without literals and without our own', async () => {
    const watching = await source(admin);
    assert.deepEqual(value(await watching.activity()).sessions, []);
    const busy = await client();
    const running = failure(busy.query("SELECT pg_sleep(600), 's3cret' FROM account WHERE id = 1"));
    const { sessions, connections: use } = await until(watching, ([first]) => first?.wait !== undefined);
    const [row] = sessions;
    assert.deepEqual(
      { ...row, pid: 0, runningMs: 0 },
      {
        pid: 0, state: 'active', user: 'app', application: '', runningMs: 0, wait: 'Timeout: PgSleep', blockedBy: [], mayCancel: true,
        text: 'SELECT pg_sleep($1), $2 FROM account WHERE id = $3',
        statement: identify('SELECT pg_sleep(1), $1 FROM account WHERE id = 7').id,
      },
    );
    assert.ok(row!.runningMs >= 0);
    assert.ok(use.used >= 2 && use.most >= 90 && use.most < 100, JSON.stringify(use));
    assert.equal(value(await watching.cancel(row!.pid)), true);
    assert.match(await running, /canceling statement due to user request/);
    await until(watching, (all) => all.length === 0);
    assert.equal(value(await watching.cancel(row!.pid)), false, 'nothing runs any more');
  });

  it('say who waits for whom', async () => {
    const watching = await source(admin);
    const [holder, first, second] = [await client(), await client(), await client('other')];
    await holder.query('BEGIN');
    await holder.query('UPDATE account SET owner = owner WHERE id = 1');
    const waiting = [failure(first.query('UPDATE account SET owner = owner WHERE id = 1')), failure(second.query('UPDATE account SET owner = owner WHERE id = 1'))];
    const { sessions } = await until(watching, (all) => all.filter(({ blockedBy }) => blockedBy.length > 0).length === 2);
    const idle = sessions.find(({ state }) => state === 'idle in transaction');
    assert.equal(sessions[0], idle, 'the longest first');
    assert.deepEqual([idle?.mayCancel, idle?.wait, idle?.blockedBy], [false, undefined, []], 'there is nothing to cancel');
    const blocked = sessions.filter(({ wait }) => wait?.startsWith('Lock: '));
    assert.equal(blocked.length, 2);
    assert.ok(blocked.some(({ blockedBy }) => blockedBy.includes(idle!.pid)));
    await holder.query('ROLLBACK');
    await Promise.all(waiting);
  });

  it('may be cancelled by their own role alone, and the refusal says what is needed', async () => {
    const busy = await client();
    const running = failure(busy.query('SELECT pg_sleep(600)'));
    const observing = await source(loginTo(server.url, { user: 'observer' }));
    const [row] = (await until(observing, (all) => all.length > 0)).sessions;
    assert.equal(row?.mayCancel, false);
    const refused = await observing.cancel(row.pid);
    assert.ok(!refused.ok);
    assert.deepEqual(explainProblem(refused.problem).steps.map(({ code }) => code), ['GRANT pg_signal_backend TO "observer";']);
    assert.match(explainProblem(refused.problem).title, /“observer” may not cancel this statement/);
    const same = await source(loginTo(server.url, { user: 'app' }));
    assert.equal((await until(same, (all) => all.length > 0)).sessions[0]?.mayCancel, true);
    assert.equal(value(await same.cancel(row.pid)), true);
    await running;
  });

  it('that a role may not see are told, with the right that shows them', async () => {
    const busy = await client();
    const running = failure(busy.query('SELECT pg_sleep(600)'));
    const watching = await source(admin);
    const [row] = (await until(watching, (all) => all.length > 0)).sessions;
    const seen = value(await (await source(loginTo(server.url, { user: 'other' }))).activity());
    assert.deepEqual(seen.sessions, []);
    assert.match(seen.notice?.text ?? '', /^(One session|\d+ sessions) of other roles at this database (is|are) hidden from “other”/);
    assert.equal(value(await watching.activity()).notice, undefined);
    await withClient(admin, (opened) => opened.query(seen.notice?.code ?? ''));
    const granted = value(await (await source(loginTo(server.url, { user: 'other' }))).activity());
    assert.deepEqual([granted.sessions.map(({ pid }) => pid), granted.notice], [[row!.pid], undefined]);
    assert.equal(value(await watching.cancel(row!.pid)), true);
    await running;
  });

  it('show texts that the server has cut', async () => {
    const watching = await source(admin);
    const busy = await client();
    const running = failure(busy.query(`SELECT pg_sleep(600), ${Array.from({ length: 100 }, (_, n) => `'s3cret é ${n}'`).join(', ')}`));
    const [row] = (await until(watching, (all) => all.length > 0)).sessions;
    assert.match(row!.text, /^SELECT pg_sleep\(\?\), '…'/);
    assert.doesNotMatch(row!.text, /s3cret/);
    await watching.cancel(row!.pid);
    await running;
  });
});

describe('sizes of tables', () => {
  let server: SharedPostgres;
  let login: DatabaseLogin;
  let connection: DatabaseConnection;

  before(async () => {
    server = await sharedPostgres('sizes');
    login = loginTo(server.url);
    connection = await openConnection(login);
  });

  after(async () => {
    await connection.close();
  });

  it('come from the catalog, and take no locks', async () => {
    const writer = await openClient(login);
    await writer.query(`
      CREATE SCHEMA "Odd"; CREATE TABLE "Odd"."Table" (id int); CREATE TABLE counted (id int); CREATE TABLE loaded (id int); CREATE TABLE unknown (id int);
      CREATE TABLE whole (id int) PARTITION BY RANGE (id); CREATE TABLE part PARTITION OF whole FOR VALUES FROM (0) TO (1000);
      CREATE VIEW seen AS SELECT * FROM counted; CREATE MATERIALIZED VIEW kept AS SELECT n FROM generate_series(1, 30) AS n;
      INSERT INTO counted SELECT n FROM generate_series(1, 5000) AS n; INSERT INTO whole SELECT n FROM generate_series(0, 699) AS n; INSERT INTO "Odd"."Table" VALUES (1);
      ANALYZE counted; ANALYZE part; ANALYZE kept; ANALYZE "Odd"."Table"`);
    await withClient(login, (client) => client.query('INSERT INTO loaded SELECT n FROM generate_series(1, 400) AS n'));
    await writer.query('BEGIN');
    await writer.query('ALTER TABLE counted ADD COLUMN more int');
    const source = await openSource(connection);
    for (;;) {
      const sizes = new Map(value(await source.tableSizes()).map(({ name, rows, bytes }) => [name, { rows, bytes }]));
      // The numbers of rows written reach the statistics a moment later.
      if (sizes.get('public.loaded')?.rows !== 400) continue;
      assert.deepEqual(Object.fromEntries([...sizes].map(([name, { rows }]) => [name, rows])), {
        'public.counted': 5000, 'public.loaded': 400, 'public.unknown': -1, 'public.part': 700, 'public.whole': 700, 'public.kept': 30, 'Odd.Table': 1,
      });
      assert.ok(sizes.get('public.counted')!.bytes >= 5000 * 28);
      break;
    }
    await writer.end();
  });
});
