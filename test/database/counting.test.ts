import assert from 'node:assert/strict';
import type pg from 'pg';
import { explainProblem, type DatabaseConnection, type DatabaseLogin, type DatabaseProblem, type ServerSource } from '../../src/database/index.js';
import { startPostgres, type RunningPostgres } from '../postgres.js';
import { sharedPostgres, type SharedPostgres } from '../shared-postgres.js';
import { loginTo, openClient, openConnection, openSource, Told, value, withClient } from './server.js';

describe('statements counted by a real PostgreSQL', () => {
  let server: RunningPostgres;
  let app: pg.Client;
  let admin: DatabaseLogin;
  let observer: DatabaseLogin;
  let version: number;
  const connections: DatabaseConnection[] = [];

  const connect = async (login: DatabaseLogin): Promise<DatabaseConnection> => {
    const connection = await openConnection(login);
    connections.push(connection);
    return connection;
  };
  const start = async (login = observer): Promise<{ source: ServerSource; read(): Promise<Told> }> => {
    const source = await openSource(await connect(login));
    const told = new Told();
    return { source, read: async () => told.add(value(await source.read())) };
  };

  before(async () => {
    server = await startPostgres({ statStatements: true, settings: ['pg_stat_statements.max=100'] });
    admin = loginTo(server.url);
    observer = loginTo(server.url, { user: 'observer' });
    await withClient(admin, async (client) => {
      await client.query(`
        CREATE SCHEMA "odd Schema"; CREATE EXTENSION pg_stat_statements SCHEMA "odd Schema";
        CREATE ROLE app LOGIN PASSWORD 'password'; CREATE ROLE observer LOGIN PASSWORD 'password'; GRANT pg_read_all_stats TO observer;
        GRANT USAGE ON SCHEMA "odd Schema" TO app, observer;
        CREATE TABLE product (id int PRIMARY KEY, name text);
        INSERT INTO product SELECT n, 'product ' || n FROM generate_series(1, 50) AS n;
        GRANT SELECT, INSERT, DELETE ON product TO app`);
      await client.query('CREATE DATABASE other');
    });
    app = await openClient(loginTo(server.url, { user: 'app' }));
    version = (await connect(observer)).server.versionNumber;
  });

  afterEach(async () => {
    await Promise.all(connections.splice(0).map((connection) => connection.close()));
  });

  after(async () => {
    await app.end();
    await server.stop();
  });

  it('counts since the start, and nothing of ours', async () => {
    await app.query('SELECT name FROM product WHERE id = $1', [1]);
    const { source, read } = await start();
    assert.deepEqual((await read()).seen, {});

    for (let id = 1; id <= 7; id += 1) await app.query('SELECT name FROM product WHERE id = $1', [id]);
    await app.query('SELECT * FROM product WHERE id < 11');
    const seen = {
      'SELECT name FROM product WHERE id = $1': '7 calls, 7 rows',
      'SELECT * FROM product WHERE id < $1': '1 calls, 10 rows',
    };
    const told = await read();
    assert.deepEqual(told.seen, seen);
    const count = told.of('SELECT name FROM product WHERE id = $1')!;
    assert.ok(count.totalMs > 0 && count.maxMs >= count.meanMs && count.blocksHit >= 7);
    assert.ok(Math.abs(count.meanMs - count.totalMs / 7) < 1e-9);

    const again = value(await source.read());
    assert.deepEqual([again.counts.size, again.named.length], [0, 0], 'tells changes alone, and reading leaves no trace');
    await app.query('SELECT * FROM product WHERE id < 21');
    const changed = value(await source.read());
    assert.deepEqual([[...changed.counts.values()].map(({ calls, rows }) => [calls, rows]), changed.named], [[[2, 30]], []]);
  });

  it('adds up the same statement in other spellings and of several roles', async () => {
    const { read } = await start();
    await app.query('SELECT count(*) FROM product WHERE id IN (1, 2)');
    await app.query('select count(*)  from product where id in (1, 2, 3) -- three');
    await withClient(admin, (client) => client.query('SELECT count(*) FROM product WHERE id IN (1, 2)'));
    const { counts } = await read();
    assert.deepEqual([...counts.values()].map(({ calls }) => calls), [3]);
  });

  it('leaves out statements in other databases', async () => {
    const { read } = await start();
    await withClient(loginTo(server.url, { user: 'app', database: 'other' }), (client) => client.query('SELECT current_date'));
    await app.query('SELECT version()');
    assert.deepEqual((await read()).seen, { 'SELECT version()': '1 calls, 1 rows' });
  });

  it('counts on over a reset of the counters, and says so', async () => {
    const { read } = await start();
    for (let n = 0; n < 4; n += 1) await app.query('SELECT max(id) FROM product');
    await read();
    await withClient(admin, (client) => client.query('SELECT "odd Schema".pg_stat_statements_reset()'));
    await app.query('SELECT max(id) FROM product');
    await app.query('SELECT max(id) FROM product');
    const told = await read();
    assert.equal(told.of('SELECT max(id) FROM product')?.calls, 6);
    assert.equal(told.of('SELECT max(id) FROM product')?.atLeast, true);
    if (version >= 140_000) assert.match(told.notices, /reset the counters/);
  });

  it('keeps what was counted when the server drops entries for lack of room, and says so', async () => {
    const { read } = await start();
    for (let n = 0; n < 5; n += 1) await app.query('SELECT min(name) FROM product');
    await read();
    // Each number of columns is a statement of its own: more of them than the server has room for, and each used more often.
    for (let width = 1; width <= 110; width += 1) {
      const text = `SELECT ${Array.from({ length: width }, (_, n) => `1 AS a${n}`).join(', ')}`;
      for (let n = 0; n < 8; n += 1) await app.query(text);
    }
    const told = await read();
    assert.equal(told.of('SELECT min(name) FROM product')?.calls, 5);
    await app.query('SELECT min(name) FROM product');
    const again = (await read()).of('SELECT min(name) FROM product')!;
    assert.ok(again.calls === 6, 'and goes on with the entry that is made anew');
    if (version >= 140_000) assert.match(told.notices, /more statements than pg_stat_statements keeps/);
  });

  it('starts afresh', async () => {
    const { source, read } = await start();
    await app.query('SELECT sum(id) FROM product');
    await read();
    value(await source.restart());
    const told = new Told().add(value(await source.read()));
    assert.deepEqual(told.seen, {});
    await app.query('SELECT sum(id) FROM product');
    assert.deepEqual(told.add(value(await source.read())).seen, { 'SELECT sum(id) FROM product': '1 calls, 1 rows' }, 'and names statements again');
  });

  it('goes on over a new connection', async () => {
    const first = await connect(observer);
    const source = await openSource(first);
    await app.query('SELECT count(name) FROM product');
    const told = new Told().add(value(await source.read()));
    await first.close();
    await app.query('SELECT count(name) FROM product');
    value(await source.continueOn(await connect(observer)));
    await app.query('SELECT count(name) FROM product');
    assert.deepEqual(told.add(value(await source.read())).seen, { 'SELECT count(name) FROM product': '3 calls, 3 rows' });
  });

  it('shows no literal value, and hostile texts as they are', async () => {
    const { read } = await start();
    await withClient(admin, async (client) => {
      await client.query("CREATE ROLE temporary PASSWORD 's3cret'");
      await client.query('DROP ROLE temporary');
    });
    await app.query("SELECT * FROM product WHERE name = 's3cret'");
    const hostile = 'SELECT name AS "</script><img src=x onerror=alert(1)>" FROM product AS "[a](command:b)\u001b[31m"';
    await app.query(hostile);
    const told = await read();
    assert.ok(![...told.texts.values()].join().includes('s3cret'));
    assert.equal(told.of(hostile)?.calls, 1);
  });

  it('counts statements of a megabyte', async () => {
    const { read } = await start();
    const list = Array.from({ length: 140_000 }, (_, n) => n + 1_000_000).join(',');
    assert.ok(list.length > 1_000_000);
    await app.query(`SELECT id FROM product WHERE id IN (${list})`);
    await app.query(`SELECT id FROM product WHERE id IN (${list})`);
    const told = await read();
    assert.deepEqual([...told.counts.values()].map(({ calls }) => calls), [2]);
    assert.ok([...told.texts.values()].every((text) => text.startsWith('SELECT id FROM product WHERE id IN ($1') && text.length <= 10_000));
  });

  it('lets a plain role see its own statements, and says how to see the rest', async () => {
    const { source, read } = await start(loginTo(server.url, { user: 'app' }));
    await app.query('SELECT max(name) FROM product');
    await withClient(admin, (client) => client.query('SELECT min(id) FROM product'));
    assert.deepEqual((await read()).seen, { 'SELECT max(name) FROM product': '1 calls, 1 rows' });
    const notice = value(await source.read()).notices.find(({ text }) => text.includes('hidden from “app”'));
    assert.equal(notice?.code, 'GRANT pg_read_all_stats TO "app";');
  });

  it('leaves a superuser’s reading uncounted altogether', async () => {
    const { read } = await start(admin);
    await read();
    const ours = await withClient(admin, (client) =>
      client.query<{ calls: string }>(`SELECT sum(calls) AS calls FROM "odd Schema".pg_stat_statements WHERE userid = 'postgres'::regrole AND query LIKE '%/* roundtrip */' AND query LIKE '%entry.userid%'`),
    );
    assert.equal(ours.rows[0]?.calls, null);
  });

  it('goes on without the extension when it is dropped, and counts again when it is back', async () => {
    const { source, read } = await start();
    await app.query('SELECT avg(id) FROM product');
    await read();
    await withClient(admin, (client) => client.query('DROP EXTENSION pg_stat_statements'));
    const during = value(await source.read());
    assert.deepEqual([during.counts.size, during.notices], [0, []]);
    assert.match(source.withoutStatements?.title ?? '', /not set up in this database/);
    assert.ok(value(await source.activity()).connections.used >= 2);
    await withClient(admin, (client) => client.query('CREATE EXTENSION pg_stat_statements SCHEMA "odd Schema"'));
    value(await source.continueOn(await connect(observer)));
    assert.equal(source.withoutStatements, undefined);
    await app.query('SELECT avg(id) FROM product');
    assert.equal((await read()).of('SELECT avg(id) FROM product')?.calls, 2);
  });

  it('says when a role may not read the counters, and with which grants it may', async () => {
    await withClient(admin, (client) => client.query("CREATE ROLE outsider LOGIN PASSWORD 'password'"));
    const outsider = loginTo(server.url, { user: 'outsider' });
    const refused = (await start(outsider)).source.withoutStatements;
    assert.match(refused?.title ?? '', /“outsider” may not read/);
    await withClient(admin, (client) => client.query(refused?.steps[0]?.code ?? ''));
    assert.equal((await start(outsider)).source.withoutStatements, undefined);
  });

  it('says when the server counts nothing', async () => {
    await withClient(admin, (client) => client.query("ALTER ROLE observer SET pg_stat_statements.track = 'none'"));
    const { read } = await start();
    await withClient(admin, (client) => client.query('ALTER ROLE observer RESET pg_stat_statements.track'));
    assert.match((await read()).notices, /counts no statements/);
  });
});

describe('statements of databases in other encodings', () => {
  let server: SharedPostgres;
  let admin: DatabaseLogin;

  before(async () => {
    server = await sharedPostgres('utf8');
    admin = loginTo(server.url);
    await withClient(admin, async (client) => {
      await client.query('CREATE EXTENSION pg_stat_statements');
      for (const [name, encoding] of [['bytes', 'SQL_ASCII'], ['latin', 'LATIN1']]) await client.query(`CREATE DATABASE ${name} ENCODING ${encoding} TEMPLATE template0`);
    });
    for (const database of ['bytes', 'latin']) await withClient(loginTo(server.url, { database }), (client) => client.query('CREATE EXTENSION pg_stat_statements; CREATE TABLE "caf\u00e9" (id int)'));
  });

  // A text that cannot be written hides the others of the server's.
  after(() => withClient(admin, (client) => client.query('SELECT pg_stat_statements_reset()')));

  it('are counted, with the texts as far as they can be written', async () => {
    const bytes = loginTo(server.url, { database: 'bytes' });
    const connections: DatabaseConnection[] = [];
    const sourceOf = async (login: DatabaseLogin): Promise<ServerSource> => {
      const connection = await openConnection(login);
      connections.push(connection);
      return openSource(connection);
    };
    const [inBytes, inLatin, inUtf8] = [await sourceOf(bytes), await sourceOf(loginTo(server.url, { database: 'latin' })), await sourceOf(admin)];

    await withClient(loginTo(server.url, { database: 'latin' }), (client) => client.query('SELECT id FROM "caf\u00e9"'));
    assert.deepEqual(new Told().add(value(await inLatin.read())).seen, { 'SELECT id FROM "caf\u00e9"': '1 calls, 0 rows' });

    // A byte that is no character in UTF-8, as old programs write it into databases without an encoding.
    await withClient(bytes, async (client) => {
      await client.query("SET client_encoding = 'SQL_ASCII'");
      await client.query("DO $$ BEGIN EXECUTE convert_from(decode('53454c454354203120415320e9', 'hex'), 'SQL_ASCII'); END $$");
      await client.query("SELECT set_config('pg_stat_statements.track', 'all', false)");
      await client.query("DO $$ BEGIN EXECUTE convert_from(decode('53454c454354203120415320e9', 'hex'), 'SQL_ASCII'); END $$");
    });
    const told = new Told().add(value(await inBytes.read()));
    assert.ok([...told.texts.values()].includes('SELECT $1 AS \ufffd'), [...told.texts.values()].join('\n'));

    await withClient(admin, (client) => client.query('SELECT current_date'));
    const reading = value(await inUtf8.read());
    const utf8 = new Told().add(reading);
    assert.equal([...utf8.counts.values()].reduce((sum, { calls }) => sum + calls, 0), 1, 'the numbers are there');
    if (utf8.of('SELECT current_date') === undefined) assert.match(utf8.notices, /cannot be written in the encoding of this database/);
    await Promise.all(connections.map((connection) => connection.close()));
  });
});

describe('a server that has not loaded pg_stat_statements', () => {
  let server: RunningPostgres;

  before(async () => {
    server = await startPostgres();
  });

  after(() => server.stop());

  it('is connected to, with the steps to set it up, and after each step those that remain', async () => {
    const login = loginTo(server.url);
    const connection = await openConnection(login);
    const codes = async (): Promise<(string | undefined)[] | undefined> => (await openSource(connection)).withoutStatements?.steps.map(({ code }) => code);
    const preload = ['command: postgres -c shared_preload_libraries=pg_stat_statements', "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements';"];
    assert.deepEqual(await codes(), [...preload, 'CREATE EXTENSION IF NOT EXISTS pg_stat_statements;']);
    await withClient(login, (client) => client.query('CREATE EXTENSION pg_stat_statements'));
    assert.deepEqual(await codes(), preload);
    const source = await openSource(connection);
    assert.deepEqual(value(await source.read()).counts.size, 0);
    assert.deepEqual(value(await source.activity()).sessions, []);
    await connection.close();
  });

  it('gets the hosting company’s own way where the host tells', () => {
    const create = 'CREATE EXTENSION IF NOT EXISTS pg_stat_statements;';
    for (const [host, preload, who] of [
      ['shop.abc.eu-central-1.rds.amazonaws.com', ['Amazon RDS: add this to the parameter group of the instance and reboot it:', 'shared_preload_libraries = pg_stat_statements'], 'the master user of the instance'],
      ['db.abc.supabase.co', ['Supabase: turn on pg_stat_statements under Database, Extensions.', undefined], 'the role “postgres”'],
      ['ep-a.eu-central-1.aws.neon.tech', ['Neon loads the library by itself: creating the extension is enough. Its counts start again when the compute sleeps.', undefined], 'the owner of the database'],
      ['shop.postgres.database.azure.com', ['Azure: in the server parameters, add pg_stat_statements to shared_preload_libraries and to azure.extensions, then restart the server.', undefined], 'the administrator of the server'],
      ['db.example.com', undefined, 'a superuser'],
    ] as const) {
      const steps = (problem: DatabaseProblem): [string, string | undefined][] => explainProblem(problem).steps.map(({ text, code }) => [text, code]);
      const missing = { kind: 'extension-missing', host, available: true, mayCreate: false } as const;
      if (preload !== undefined) assert.deepEqual(steps({ kind: 'not-preloaded', host }), [preload]);
      assert.deepEqual(steps({ ...missing, preloaded: false }), [...steps({ kind: 'not-preloaded', host }), [`Let ${who} create the extension in this database:`, create]]);
      assert.deepEqual(steps({ ...missing, preloaded: true, mayCreate: true }), [['Create the extension in this database:', create]]);
    }
  });
});
