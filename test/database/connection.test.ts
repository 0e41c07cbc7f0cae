import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock } from 'node:test';
import pg from 'pg';
import { DatabaseConnection, explainProblem, parseDatabaseUrl, type DatabaseProblem } from '../../src/database/index.js';
import { sharedPostgres, type SharedPostgres } from '../shared-postgres.js';
import { startRelay } from './relay.js';

function open(url: string): ReturnType<typeof DatabaseConnection.open> {
  const parsed = parseDatabaseUrl(url);
  assert.ok(parsed.ok);
  return DatabaseConnection.open(parsed.login);
}

async function opened(url: string): Promise<DatabaseConnection> {
  const result = await open(url);
  assert.ok(result.ok, result.ok ? '' : JSON.stringify(result.problem));
  return result.value;
}

async function problem(url: string): Promise<DatabaseProblem> {
  const result = await open(url);
  assert.ok(!result.ok);
  const { title, detail, steps } = explainProblem(result.problem);
  assert.match(title, /\.$/);
  assert.ok(detail !== '' || steps.length > 0, 'says what to do');
  return result.problem;
}

async function rows<Row extends unknown[]>(connection: DatabaseConnection, text: string, values?: unknown[]): Promise<Row[]> {
  const result = await connection.query<Row>(text, values);
  assert.ok(result.ok, result.ok ? '' : JSON.stringify(result.problem));
  return result.value;
}

async function refusal(connection: DatabaseConnection, text: string): Promise<string> {
  const result = await connection.query(text);
  assert.ok(!result.ok);
  return 'detail' in result.problem ? result.problem.detail : result.problem.kind;
}

describe('a connection to a real PostgreSQL', () => {
  let server: SharedPostgres;
  let admin: pg.Client;

  before(async () => {
    server = await sharedPostgres('connection');
    admin = new pg.Client(server.url);
    await admin.connect();
    await admin.query('CREATE TABLE item (id int)');
    await admin.query('CREATE SEQUENCE number');
  });

  after(async () => {
    await admin.end();
  });

  const urlWith = (change: (url: URL) => void): string => {
    const url = new URL(server.url);
    change(url);
    return url.href;
  };

  it('says what it reached', async () => {
    const connection = await opened(server.url);
    const [row] = (await admin.query<{ version: string }>("SELECT split_part(current_setting('server_version'), ' ', 1) AS version")).rows;
    assert.deepEqual(connection.server, { ...connection.server, version: row?.version, superuser: true });
    await connection.close();
  });

  it('is named, read-only and bounded in time', async () => {
    const connection = await opened(server.url);
    const names = ['application_name', 'default_transaction_read_only', 'transaction_read_only', 'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'];
    assert.deepEqual(
      await rows(connection, `SELECT ${names.map((name) => `current_setting('${name}')`).join(', ')}`),
      [['roundtrip', 'on', 'on', '5s', '500ms', '10s']],
    );
    for (const statement of ['INSERT INTO item VALUES (1)', 'DELETE FROM item', "SELECT nextval('number')", 'DROP TABLE item', 'CREATE TABLE other (id int)']) {
      assert.match(await refusal(connection, statement), /read-only transaction/, statement);
    }
    await connection.close();
  });

  it('takes one statement only', async () => {
    const connection = await opened(server.url);
    assert.match(await refusal(connection, 'COMMIT; DROP TABLE item'), /multiple commands/);
    await connection.close();
  });

  it('does not wait behind a lock', async () => {
    const connection = await opened(server.url);
    await admin.query('BEGIN');
    await admin.query('LOCK TABLE item');
    try {
      assert.match(await refusal(connection, 'SELECT * FROM item'), /lock timeout/);
    } finally {
      await admin.query('ROLLBACK');
    }
    await connection.close();
  });

  it('keeps whole 64-bit numbers', async () => {
    const connection = await opened(server.url);
    assert.deepEqual(await rows(connection, 'SELECT $1::int8', ['9223372036854775807']), [['9223372036854775807']]);
    await connection.close();
  });

  it('works behind a pooler that refuses session settings, and leaves its sessions as they were', async () => {
    const relay = await startRelay(server.port, {
      refuse: (startup) => (startup.includes('default_transaction_read_only') ? { code: '08P01', message: 'unsupported startup parameter: options' } : undefined),
    });
    const connection = await opened(urlWith((url) => (url.port = String(relay.port))));
    assert.equal(relay.startups.length, 2);
    assert.deepEqual(await rows(connection, "SELECT current_setting('transaction_read_only'), current_setting('statement_timeout'), current_setting('lock_timeout')"), [
      ['on', '5s', '500ms'],
    ]);
    assert.match(await refusal(connection, 'INSERT INTO item VALUES (1)'), /read-only transaction/);
    const { rows: sessions } = await admin.query<{ state: string; query: string }>("SELECT state, query FROM pg_stat_activity WHERE application_name = 'roundtrip'");
    assert.deepEqual(sessions, [{ state: 'idle', query: 'ROLLBACK /* roundtrip */' }]);
    await connection.close();
    await relay.stop();
  });

  it('keeps start-up options of the URL', async () => {
    const connection = await opened(`${server.url}?options=${encodeURIComponent('-c search_path=pg_catalog')}`);
    assert.deepEqual(await rows(connection, "SELECT current_setting('search_path'), current_setting('transaction_read_only')"), [['pg_catalog', 'on']]);
    await connection.close();
  });

  it('goes on without TLS where the server has none, unless the URL asks for it', async () => {
    await (await opened(`${server.url}?sslmode=prefer`)).close();
    assert.deepEqual(await problem(`${server.url}?sslmode=require`).then(({ kind, ...rest }) => [kind, 'cause' in rest && rest.cause]), ['tls', 'unsupported']);
  });

  it('explains a certificate file that is not there', async () => {
    const found = await problem(`${server.url}?sslmode=verify-ca&sslrootcert=/nowhere/ca.crt`);
    assert.ok(found.kind === 'tls' && found.cause === 'files');
    assert.match(explainProblem(found).detail, /\/nowhere\/ca\.crt/);
  });

  it('explains a wrong password', async () => {
    const found = await problem(urlWith((url) => (url.password = 'wr0ng')));
    assert.ok(found.kind === 'authentication' && found.passwordGiven);
    assert.match(explainProblem(found).title, /refuses the password of “postgres”/);
  });

  it('explains a missing password', async () => {
    const found = await problem(urlWith((url) => (url.password = '')));
    assert.ok(found.kind === 'authentication' && !found.passwordGiven);
    assert.match(explainProblem(found).title, /wants a password/);
  });

  it('takes the password from the password file, as psql does', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'roundtrip-pgpass-'));
    const before = process.env.PGPASSFILE;
    process.env.PGPASSFILE = join(folder, 'pgpass');
    try {
      await writeFile(process.env.PGPASSFILE, `127.0.0.1:${server.port}:connection:postgres:password\n`, { mode: 0o600 });
      await (await opened(urlWith((url) => (url.password = '')))).close();
    } finally {
      if (before === undefined) delete process.env.PGPASSFILE;
      else process.env.PGPASSFILE = before;
      await rm(folder, { recursive: true });
    }
  });

  it('explains a port where nobody listens', async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => probe.once('listening', resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    for (const host of ['127.0.0.1', 'localhost']) {
      const found = await problem(`postgresql://postgres:password@${host}:${port}/postgres`);
      assert.equal(found.kind, 'refused');
      assert.equal(explainProblem(found).title, `Nothing answers at ${host}:${port}.`);
    }
  });

  it('explains an unknown database and an unknown host', async () => {
    assert.equal((await problem(urlWith((url) => (url.pathname = '/nothere')))).kind, 'unknown-database');
    assert.equal((await problem(urlWith((url) => (url.hostname = 'nothere.invalid')))).kind, 'unknown-host');
  });

  it('explains a server that lets nobody in without TLS', async () => {
    const { rows: [found] } = await admin.query<{ hba_file: string }>('SHOW hba_file');
    const rules = await readFile(found!.hba_file, 'utf8');
    await admin.query("CREATE ROLE secure LOGIN PASSWORD 's3cret'");
    await writeFile(found!.hba_file, `hostssl all secure 127.0.0.1/32 scram-sha-256\nhost all postgres 127.0.0.1/32 scram-sha-256\n`);
    try {
      await admin.query('SELECT pg_reload_conf()');
      const url = urlWith((changed) => {
        changed.username = 'secure';
        changed.password = 's3cret';
      });
      // The server reads its rules again a moment later.
      let refused = await open(url);
      while (refused.ok) {
        await refused.value.close();
        refused = await open(url);
      }
      assert.deepEqual([refused.problem.kind, 'cause' in refused.problem && refused.problem.cause], ['tls', 'required']);
      assert.match(explainProblem(refused.problem).title, /^127\.0\.0\.1:\d+ does not let “secure” in without TLS\.$/);
      assert.match(explainProblem(refused.problem).detail, /^Use sslmode=require .*no pg_hba\.conf entry/);
      assert.equal((await problem(`${url}?sslmode=prefer`)).kind, 'not-allowed', 'this server has no TLS to offer');
    } finally {
      await writeFile(found!.hba_file, rules);
      await admin.query('SELECT pg_reload_conf()');
    }
  });

  it('explains what servers and hosting companies say when they let nobody in', async () => {
    let refusal = { code: '', message: '' };
    const relay = await startRelay(server.port, { refuse: () => refusal });
    const url = urlWith((changed) => (changed.port = String(relay.port)));
    for (const [code, message, kind, title] of [
      ['57P03', 'the database system is starting up', 'starting', /is not ready for connections/],
      ['53300', 'sorry, too many clients already', 'too-many-connections', /has no connection left/],
      ['53300', 'remaining connection slots are reserved for roles with the SUPERUSER attribute', 'too-many-connections', /has no connection left/],
      ['28000', 'no pg_hba.conf entry for host "10.0.0.1", user "postgres", database "postgres", no encryption', 'tls', /in without TLS/],
      ['28000', 'no pg_hba.conf entry for host "10.0.0.1", user "postgres", database "postgres", SSL off', 'tls', /in without TLS/],
      ['28000', 'SSL connection is required. Please specify SSL options and retry.', 'tls', /in without TLS/],
      ['08004', 'connection is insecure (try using `sslmode=require`)', 'tls', /in without TLS/],
      ['28000', 'role "postgres" is not permitted to log in', 'not-allowed', /does not let “postgres” connect/],
    ] as const) {
      refusal = { code, message };
      const found = await problem(url);
      assert.equal(found.kind, kind, message);
      assert.match(explainProblem(found).title, title);
    }
    await relay.stop();
  });

  it('explains a server that is too old', async () => {
    const relay = await startRelay(server.port, {
      change: (answer) => Buffer.from(answer.toString('latin1').replace(/\b1[3-9](?=\d{4}\b|\.\d)/g, '12'), 'latin1'),
    });
    const found = await problem(urlWith((url) => (url.port = String(relay.port))));
    assert.equal(found.kind, 'server-too-old');
    assert.match(explainProblem(found).title, /^PostgreSQL 12\.\d+ is too old for live timings\.$/);
    await relay.stop();
  });

  it('explains who is no PostgreSQL server, or never answers', async () => {
    // Whoever waits for the answer has begun to wait when the stranger hears of it.
    const wait = (): void => mock.timers.tick(10_000);
    const answers: Record<string, (socket: Socket) => void> = {
      hangsUp: (socket) => socket.destroy(),
      saysNothing: wait,
      speaksHttp: (socket) => socket.write('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n', wait),
    };
    let answer = answers['hangsUp']!;
    const sockets = new Set<Socket>();
    const stranger = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined));
      socket.once('data', () => answer(socket));
    }).listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    const url = urlWith((changed) => (changed.port = String((stranger.address() as AddressInfo).port)));
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const kinds: Record<string, string> = {};
      for (const [name, behaviour] of Object.entries(answers)) {
        answer = behaviour;
        const found = await problem(url);
        kinds[name] = `${found.kind}: ${explainProblem(found).title.replace(/:\d+/, '')}`;
      }
      assert.deepEqual(kinds, {
        hangsUp: 'lost: The connection to 127.0.0.1 was lost.',
        saysNothing: 'timeout: 127.0.0.1 did not answer within 10 seconds.',
        speaksHttp: 'timeout: 127.0.0.1 did not answer within 10 seconds.',
      });
    } finally {
      mock.timers.reset();
      for (const socket of sockets) socket.destroy();
      stranger.close();
    }
  });

  it('explains that nothing is left', async () => {
    await admin.query('CREATE ROLE crowded LOGIN PASSWORD \'s3cret\' CONNECTION LIMIT 0');
    const found = await problem(urlWith((url) => {
      url.username = 'crowded';
      url.password = 's3cret';
    }));
    assert.equal(found.kind, 'too-many-connections');
  });

  it('says so when the server goes away, once', async () => {
    const connection = await opened(server.url);
    let losses = 0;
    const lost = new Promise<void>((resolve) => {
      connection.onLost(() => {
        losses += 1;
        resolve();
      });
    });
    await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'roundtrip'");
    await lost;
    const answer = await connection.query('SELECT 1');
    assert.ok(!answer.ok && answer.problem.kind === 'lost');
    await connection.close();
    assert.equal(losses, 1);
  });

  it('never repeats a password', async () => {
    const secret = 'p:w/rong@pass';
    const failures = [
      urlWith((url) => (url.password = encodeURIComponent(secret))),
      `postgresql://app:${encodeURIComponent(secret)}@nothere.invalid/x`,
      `postgresql://app:${encodeURIComponent(secret)}@127.0.0.1:1/x`,
      `${urlWith((url) => (url.password = encodeURIComponent(secret)))}?sslmode=verify-full`,
    ];
    for (const url of failures) {
      const found = await problem(url);
      const everything = JSON.stringify([found, explainProblem(found)]);
      assert.ok(!everything.includes(secret) && !everything.includes(encodeURIComponent(secret)), found.kind);
    }
  });
});
