import assert from 'node:assert/strict';
import pg from 'pg';
import {
  DatabaseConnection,
  explainProblem,
  parseDatabaseUrl,
  StatementTimings,
  type DatabaseProblem,
  type TimingReport,
} from '../../src/database/index.js';
import { startPostgres, type RunningPostgres } from '../postgres.js';

async function open(url: string): Promise<DatabaseConnection> {
  const parsed = parseDatabaseUrl(url);
  assert.ok(parsed.ok);
  const opened = await DatabaseConnection.open(parsed.login);
  assert.ok(opened.ok, opened.ok ? '' : JSON.stringify(opened.problem));
  return opened.value;
}

async function start(connection: DatabaseConnection): Promise<StatementTimings> {
  const started = await StatementTimings.start(connection);
  assert.ok(started.ok, started.ok ? '' : JSON.stringify(started.problem));
  return started.value;
}

async function problem(connection: DatabaseConnection): Promise<DatabaseProblem> {
  const started = await StatementTimings.start(connection);
  assert.ok(!started.ok);
  return started.problem;
}

async function read(timings: StatementTimings): Promise<TimingReport> {
  const report = await timings.read();
  assert.ok(report.ok, report.ok ? '' : JSON.stringify(report.problem));
  return report.value;
}

/** Calls and rows by text, e.g. `{ 'SELECT $1': '3 calls, 3 rows' }`. */
function seen(report: TimingReport): Record<string, string> {
  return Object.fromEntries(report.statements.map(({ id, calls, rows, atLeast }) => [report.texts.get(id), `${calls}${atLeast ? '+' : ''} calls, ${rows} rows`]));
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

function as(url: string, user: string, database?: string): string {
  const changed = new URL(url);
  changed.username = user;
  changed.password = 'password';
  if (database) changed.pathname = `/${database}`;
  return changed.href;
}

describe('statement timings of a real PostgreSQL', () => {
  let server: RunningPostgres;
  let app: pg.Client;
  const connections: DatabaseConnection[] = [];

  const connect = async (url: string): Promise<DatabaseConnection> => {
    const connection = await open(url);
    connections.push(connection);
    return connection;
  };

  before(async () => {
    server = await startPostgres({ statStatements: true, settings: ['pg_stat_statements.max=100'] });
    await withClient(server.url, async (admin) => {
      await admin.query('CREATE SCHEMA "odd Schema"');
      await admin.query('CREATE EXTENSION pg_stat_statements SCHEMA "odd Schema"');
      await admin.query("CREATE ROLE app LOGIN PASSWORD 'password'");
      await admin.query("CREATE ROLE observer LOGIN PASSWORD 'password'");
      await admin.query('GRANT pg_read_all_stats TO observer');
      await admin.query('GRANT USAGE ON SCHEMA "odd Schema" TO app, observer');
      await admin.query('CREATE TABLE product (id int PRIMARY KEY, name text)');
      await admin.query("INSERT INTO product SELECT n, 'product ' || n FROM generate_series(1, 50) AS n");
      await admin.query('GRANT SELECT, INSERT, DELETE ON product TO app');
      await admin.query('CREATE DATABASE other');
    });
    app = new pg.Client(as(server.url, 'app'));
    await app.connect();
  });

  afterEach(async () => {
    await Promise.all(connections.splice(0).map((connection) => connection.close()));
  });

  after(async () => {
    await app.end();
    await server.stop();
  });

  it('counts calls and rows since the start, and nothing of ours', async () => {
    await app.query('SELECT name FROM product WHERE id = $1', [1]);
    const timings = await start(await connect(as(server.url, 'observer')));
    assert.deepEqual((await read(timings)).statements, []);

    for (let id = 1; id <= 7; id += 1) await app.query('SELECT name FROM product WHERE id = $1', [id]);
    await app.query('SELECT * FROM product WHERE id < 11');
    const report = await read(timings);
    assert.deepEqual(seen(report), {
      'SELECT name FROM product WHERE id = $1': '7 calls, 7 rows',
      'SELECT * FROM product WHERE id < $1': '1 calls, 10 rows',
    });
    assert.equal(report.statementCount, 2);
    for (const statement of report.statements) {
      assert.ok(statement.totalMs > 0);
      assert.equal(statement.meanMs, statement.totalMs / statement.calls);
    }
    assert.equal(report.totalMs, report.statements.reduce((sum, { totalMs }) => sum + totalMs, 0));
    assert.deepEqual(seen(await read(timings)), seen(report), 'reading leaves no trace');
  });

  it('leaves out statements in other databases', async () => {
    const timings = await start(await connect(as(server.url, 'observer')));
    await withClient(as(server.url, 'app', 'other'), (client) => client.query('SELECT current_date'));
    await app.query('SELECT version()');
    assert.deepEqual(seen(await read(timings)), { 'SELECT version()': '1 calls, 1 rows' });
  });

  it('adds up the same statement of several roles', async () => {
    const timings = await start(await connect(as(server.url, 'observer')));
    await app.query('SELECT count(*) FROM product');
    await withClient(server.url, (admin) => admin.query('SELECT count(*) FROM product'));
    assert.equal(seen(await read(timings))['SELECT count(*) FROM product'], '2 calls, 2 rows');
  });

  it('counts on over a reset of the counters, and says so', async () => {
    const timings = await start(await connect(as(server.url, 'observer')));
    await app.query('SELECT max(id) FROM product');
    await read(timings);
    await withClient(server.url, (admin) => admin.query('SELECT "odd Schema".pg_stat_statements_reset()'));
    await app.query('SELECT max(id) FROM product');
    const report = await read(timings);
    assert.match(seen(report)['SELECT max(id) FROM product'] ?? '', /^2\+? calls/);
    assert.match(report.notices.map(({ text }) => text).join(), /reset the counters/);
  });

  it('keeps what was counted when the server drops entries for lack of room, and says so', async () => {
    const timings = await start(await connect(as(server.url, 'observer')));
    for (let n = 0; n < 5; n += 1) await app.query('SELECT min(name) FROM product');
    await read(timings);
    // Each number of columns is a statement of its own: more of them than the server has room for, and each used more often.
    for (let width = 1; width <= 110; width += 1) {
      const text = `SELECT ${Array.from({ length: width }, () => '1').join(', ')}`;
      for (let n = 0; n < 8; n += 1) await app.query(text);
    }
    const report = await read(timings);
    assert.match(seen(report)['SELECT min(name) FROM product'] ?? '', /^5\+? calls/);
    assert.match(report.notices.map(({ text }) => text).join(), /more statements than pg_stat_statements keeps/);
  });

  it('starts afresh', async () => {
    const timings = await start(await connect(as(server.url, 'observer')));
    await app.query('SELECT sum(id) FROM product');
    await read(timings);
    assert.ok((await timings.startAfresh()).ok);
    await app.query('SELECT avg(id) FROM product');
    assert.deepEqual(seen(await read(timings)), { 'SELECT avg(id) FROM product': '1 calls, 1 rows' });
  });

  it('goes on over a new connection', async () => {
    const first = await connect(as(server.url, 'observer'));
    const timings = await start(first);
    await app.query('SELECT count(name) FROM product');
    await read(timings);
    await first.close();
    await app.query('SELECT count(name) FROM product');
    assert.ok((await timings.continueOn(await connect(as(server.url, 'observer')))).ok);
    await app.query('SELECT count(name) FROM product');
    assert.deepEqual(seen(await read(timings)), { 'SELECT count(name) FROM product': '3 calls, 3 rows' });
  });

  it('shows no literal value', async () => {
    const timings = await start(await connect(as(server.url, 'observer')));
    await withClient(server.url, async (admin) => {
      await admin.query("CREATE ROLE temporary PASSWORD 's3cret'");
      await admin.query('DROP ROLE temporary');
    });
    await app.query("SELECT * FROM product WHERE name = 's3cret'");
    const report = await read(timings);
    assert.equal(report.statements.length, 3);
    assert.ok(![...report.texts.values()].join().includes('s3cret'));
  });

  it('lets a plain role see its own statements, and says how to see the rest', async () => {
    const timings = await start(await connect(as(server.url, 'app')));
    await app.query('SELECT max(name) FROM product');
    await withClient(server.url, (admin) => admin.query('SELECT min(id) FROM product'));
    const report = await read(timings);
    assert.deepEqual(seen(report), { 'SELECT max(name) FROM product': '1 calls, 1 rows' });
    const notice = report.notices.find(({ text }) => text.includes('hidden from “app”'));
    assert.equal(notice?.code, 'GRANT pg_read_all_stats TO "app";');
  });

  it('leaves a superuser’s reading uncounted altogether', async () => {
    const timings = await start(await connect(server.url));
    await read(timings);
    const ours = await withClient(server.url, (admin) =>
      admin.query<{ calls: string }>(`SELECT sum(calls) AS calls FROM "odd Schema".pg_stat_statements WHERE userid = 'postgres'::regrole AND query LIKE '%/* roundtrip */' AND query LIKE '%entry.userid%'`),
    );
    assert.equal(ours.rows[0]?.calls, null);
  });

  it('explains a role that may not read the counters', async () => {
    await withClient(server.url, async (admin) => {
      await admin.query("CREATE ROLE outsider LOGIN PASSWORD 'password'");
    });
    const found = await problem(await connect(as(server.url, 'outsider')));
    assert.equal(found.kind, 'insufficient-privilege');
    assert.match(explainProblem(found).title, /“outsider” may not read/);
    const [step] = explainProblem(found).steps;
    await withClient(server.url, (admin) => admin.query(step?.code ?? ''));
    await start(await connect(as(server.url, 'outsider')));
  });

  it('explains a database without the extension', async () => {
    const found = await problem(await connect(as(server.url, 'app', 'other')));
    assert.deepEqual(found, { kind: 'extension-missing', host: '127.0.0.1', available: true, preloaded: true, mayCreate: false });
    const { steps } = explainProblem(found);
    assert.deepEqual(steps, [{ text: 'Let a superuser create the extension in this database:', code: 'CREATE EXTENSION IF NOT EXISTS pg_stat_statements;' }]);
  });

  it('says when the server counts nothing', async () => {
    await withClient(server.url, (admin) => admin.query("ALTER ROLE observer SET pg_stat_statements.track = 'none'"));
    const timings = await start(await connect(as(server.url, 'observer')));
    await withClient(server.url, (admin) => admin.query('ALTER ROLE observer RESET pg_stat_statements.track'));
    assert.match((await read(timings)).notices.map(({ text }) => text).join(), /counts no statements/);
  });
});

describe('a server without pg_stat_statements', () => {
  let server: RunningPostgres;

  before(async () => {
    server = await startPostgres();
  });

  after(() => server.stop());

  it('gets the steps to set it up, and after each step the ones that remain', async () => {
    const connection = await open(server.url);
    const missing = await problem(connection);
    assert.deepEqual(missing, { kind: 'extension-missing', host: '127.0.0.1', available: true, preloaded: false, mayCreate: true });
    assert.deepEqual(explainProblem(missing).steps.map(({ code }) => code), [
      'command: postgres -c shared_preload_libraries=pg_stat_statements',
      "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements';",
      'CREATE EXTENSION IF NOT EXISTS pg_stat_statements;',
    ]);

    await withClient(server.url, (admin) => admin.query('CREATE EXTENSION pg_stat_statements'));
    const unloaded = await problem(connection);
    assert.deepEqual(unloaded, { kind: 'not-preloaded', host: '127.0.0.1' });
    assert.equal(explainProblem(unloaded).steps.length, 2);
    await connection.close();
  });

  it('gets the hosting company’s own way where the host tells', () => {
    for (const [host, words] of [
      ['shop.abc.eu-central-1.rds.amazonaws.com', /parameter group/],
      ['db.abc.supabase.co', /Supabase/],
      ['ep-a.eu-central-1.aws.neon.tech', /Neon/],
    ] as const) {
      assert.match(explainProblem({ kind: 'not-preloaded', host }).steps[0]?.text ?? '', words);
    }
  });
});
