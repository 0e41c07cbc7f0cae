import assert from 'node:assert/strict';
import { sharedPostgres, type SharedPostgres } from '../shared-postgres';
import { Listener, type HeardQuery, type ListenerOptions } from './listener';
import { buildProbe, programOf, run, type Finished, type RunOptions } from './program';
import { nodesAtHand } from './table';

const PG = `const { Client, Pool } = require('pg');
const connect = async () => { const client = new Client({ connectionString: process.env.DATABASE_URL }); await client.connect(); return client; };
`;

describe('recording', () => {
  let postgres: SharedPostgres;
  before(async function () {
    this.timeout(60_000);
    [postgres] = await Promise.all([sharedPostgres('recording'), buildProbe()]);
  });

  interface Recorded {
    listener: Listener;
    queries: HeardQuery[];
    finished: Finished;
  }

  /** Runs `text` to its end and what it started too. */
  async function record(name: string, text: string, listening: ListenerOptions = {}, running: RunOptions = {}): Promise<Recorded> {
    const listener = await Listener.open(listening);
    try {
      const finished = await run(programOf(name, text), { ...running, env: { ...listener.environment(), DATABASE_URL: postgres.url, ...running.env } });
      await listener.quiet();
      return { listener, queries: listener.queries, finished };
    } finally {
      await listener.close();
    }
  }

  const FINE: Finished = { status: 0, signal: null, output: '', errors: '' };

  it('numbers transactions by their connection, from BEGIN to COMMIT', async () => {
    const { queries, finished } = await record('transactions.cjs', `${PG}
      const postgres = require('postgres');
      (async () => {
        const [a, b] = await Promise.all([connect(), connect()]);
        await a.query('SELECT 0');
        await a.query('BEGIN');
        await b.query('/* b */ START TRANSACTION');
        await a.query('SELECT 1');
        await b.query('SELECT 2');
        await a.query('SAVEPOINT s');
        await a.query('ROLLBACK TO SAVEPOINT s');
        await a.query('COMMIT');
        await b.query('SELECT nonsense').catch(() => 0);
        await b.query('-- the end\\nROLLBACK');
        await b.query('SELECT 3');
        await b.query('BEGIN; SELECT 4; COMMIT');
        await b.query('SELECT 5');
        await Promise.all([a.end(), b.end()]);
        const sql = postgres(process.env.DATABASE_URL, { max: 1, fetch_types: false });
        await sql.begin((tx) => tx\`SELECT 6\`);
        await sql\`SELECT 7\`;
        await sql.end();
      })();`);
    assert.deepEqual(finished, FINE);
    assert.deepEqual(queries.map(({ text, transaction }) => [text.trim(), transaction]), [
      ['SELECT 0', 0],
      ['BEGIN', 1],
      ['/* b */ START TRANSACTION', 2],
      ['SELECT 1', 1],
      ['SELECT 2', 2],
      ['SAVEPOINT s', 1],
      ['ROLLBACK TO SAVEPOINT s', 1],
      ['COMMIT', 1],
      ['SELECT nonsense', 2],
      ['-- the end\nROLLBACK', 2],
      ['SELECT 3', 0],
      ['BEGIN; SELECT 4; COMMIT', 3],
      ['SELECT 5', 0],
      ['begin', 4],
      ['SELECT 6', 4],
      ['commit', 4],
      ['SELECT 7', 0],
    ]);
  });

  it('tells errors by their code, without the values that they quote', async () => {
    const program = `${PG}
      (async () => {
        const client = await connect();
        await client.query('SELECT * FROM missing').catch(() => 0);
        await client.query('SELECT $1::int', ['hunter2']).catch(() => 0);
        await new Promise((resolve) => client.query('SELECT 1 / $1::int', [0], resolve));
        await client.query("SELECT 1 'hunter2'").catch(() => 0);
        await client.query("DO $$ BEGIN RAISE EXCEPTION 'no user \\"hunter2\\", ask ''hunter3'''; END $$").catch(() => 0);
        await client.query('SELECT $1::int', ['hunter2' + 'x'.repeat(1000)]).catch(() => 0);
        await client.end();
        const nobody = new Pool({ host: '127.0.0.1', port: 1, max: 1 });
        await nobody.query('SELECT 1').catch(() => 0);
      })();`;
    const { queries } = await record('errors.cjs', program);
    assert.deepEqual(queries.map(({ error, rows }) => [rows, error?.code, error?.message]), [
      [-1, '42P01', 'relation "missing" does not exist'],
      [-1, '22P02', 'invalid input syntax for type integer: "…"'],
      [-1, '22012', 'division by zero'],
      [-1, '42601', 'syntax error at or near "…"'],
      [-1, 'P0001', 'no user "…", ask \'…\''],
      [-1, '22P02', 'invalid input syntax for type integer: "…"'],
      [-1, 'ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1'],
    ]);
    const asked = await record('errors.cjs', program, { welcome: { parameters: true } });
    assert.match(asked.queries[1]!.error!.message, /hunter2/);
  });

  it('counts rows: returned, affected, of several statements, of cursors and of streams', async () => {
    const { queries } = await record('rows.cjs', `${PG}
      const postgres = require('postgres');
      (async () => {
        const client = await connect();
        await client.query('CREATE TEMP TABLE t (n int)');
        await client.query('INSERT INTO t SELECT generate_series(1, 7)');
        await client.query('UPDATE t SET n = n WHERE n > 5');
        await client.query('SELECT n FROM t');
        await client.query('SELECT 1; SELECT n FROM t');
        const streamed = new (require('pg').Query)('SELECT n FROM t');
        await new Promise((resolve) => { streamed.on('row', () => 0).on('end', resolve); client.query(streamed); });
        await client.query({ name: 'prepared', text: 'SELECT n FROM t WHERE n < $1', values: [4] });
        await client.query({ name: 'prepared', values: [3] });
        await client.end();
        const sql = postgres(process.env.DATABASE_URL, { max: 1, fetch_types: false });
        await sql\`SELECT generate_series(1, 4)\`;
        await sql.unsafe('SELECT 1; SELECT 2');
        await sql.end();
      })();`);
    assert.deepEqual(queries.map(({ rows }) => rows), [0, 7, 2, 7, 8, 7, 3, 2, 4, 2]);
    assert.equal(queries[7]!.text, 'SELECT n FROM t WHERE n < $1');
  });

  it('keeps the wait for a connection apart from the query', async () => {
    const { queries } = await record('wait.cjs', `${PG}
      (async () => {
        const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 1 });
        await pool.query('SELECT 0');
        await Promise.all([pool.query('SELECT pg_sleep(0.2)'), pool.query('SELECT 1')]);
        const held = await pool.connect();
        const waiting = pool.connect();
        await held.query('SELECT pg_sleep(0.2), 2');
        held.release();
        const next = await waiting;
        await next.query('SELECT 3');
        await next.query('SELECT 4');
        next.release();
        await pool.end();
      })();`);
    const by = (text: string): HeardQuery => queries.find((query) => query.text === text)!;
    const [sleeping, queued] = [by('SELECT pg_sleep(0.2)'), by('SELECT 1')];
    assert.ok(sleeping.duration >= 200 && sleeping.wait < sleeping.duration / 2, `${sleeping.wait} ${sleeping.duration}`);
    assert.ok(queued.wait >= 190 && queued.duration < queued.wait / 2, `${queued.wait} ${queued.duration}`);
    const [first, second] = [by('SELECT 3'), by('SELECT 4')];
    assert.ok(first.wait >= 190, `the first query of a client tells how long its holder waited: ${first.wait}`);
    assert.ok(second.wait < first.wait / 2, `and only the first: ${second.wait}`);
  });

  it('samples call sites: the first thirty-two of a statement, then one of sixteen', async () => {
    const { queries } = await record('sampling.cjs', `${PG}
      (async () => { const client = await connect(); for (let turn = 0; turn < 100; turn += 1) await client.query('SELECT 1'); await client.end(); })();`);
    assert.equal(queries.length, 100);
    assert.deepEqual(queries.flatMap(({ frames }, index) => (frames ? [index + 1] : [])), [...Array.from({ length: 32 }, (_, index) => index + 1), 48, 64, 80, 96]);
  });

  it('tells the chain of callers, innermost first', async () => {
    const { queries } = await record('chain.cjs', `${PG}class Shop {
  async orders(client) {
    await client.query('SELECT 1');
  }
}
async function page(client) {
  await new Shop().orders(client);
}
connect().then(async (client) => { await page(client); await client.end(); });
`);
    assert.deepEqual(queries[0]!.frames!.map(({ function: name, line, raw }) => [name, line, raw]), [
      ['Shop.orders', 5, true],
      ['page', 9, true],
      [undefined, 11, true],
    ]);
  });

  it('hashes parameters under a salt of the process, and sends values only when asked', async () => {
    const program = `${PG}
      (async () => {
        const client = await connect();
        for (const value of [7, 7, '7', 'text', ['a', 'b'], ['a', 'b'], { a: [1] }, { a: [1] }, { a: [2] }, Buffer.from('x'), new Date(0), null, undefined, 2n ** 40n]) {
          await client.query('SELECT $1::text', [value]).catch(() => 0);
        }
        await client.query('SELECT 1');
        await client.query('SELECT ' + Array.from({ length: 150 }, (_, n) => '$' + (n + 1) + '::int'), Array.from({ length: 150 }, (_, n) => n));
        await client.end();
      })();`;
    const [once, again] = [await record('parameters.cjs', program), await record('parameters.cjs', program)];
    const hashes = once.queries.map(({ parameters }) => parameters);
    const groups = hashes.map((hash) => hashes.indexOf(hash));
    assert.deepEqual(groups, [0, 0, 2, 3, 4, 4, 6, 6, 8, 9, 10, 11, 12, 13, 14, 15]);
    assert.equal(hashes[14], 0);
    assert.notDeepEqual(again.queries.map(({ parameters }) => parameters), hashes);
    assert.deepEqual(once.queries.filter(({ values }) => values !== undefined), []);
    const asked = await record('parameters.cjs', program, { welcome: { parameters: true } });
    assert.deepEqual(asked.queries.map(({ values }) => values?.[0]), ['7', '7', '7', 'text', '["a","b"]', '["a","b"]', '{"a":[1]}', '{"a":[1]}', '{"a":[2]}', '\\x78', '1970-01-01T00:00:00.000Z', 'NULL', 'NULL', '1099511627776', undefined, '0']);
    assert.equal(asked.queries.at(-1)!.values!.length, 100, 'of very many values only the first');
  });

  it('works in threads, forks and clusters, each on its own connection', async () => {
    const { listener, finished } = await record('family.cjs', `${PG}
      const { Worker, isMainThread } = require('node:worker_threads');
      const { fork } = require('node:child_process');
      const cluster = require('node:cluster');
      const role = !isMainThread ? 'thread' : cluster.isWorker ? 'cluster' : process.argv[2] ?? 'main';
      const work = async () => { const client = await connect(); await client.query('SELECT 1 AS ' + role); await client.end(); };
      const over = (child) => new Promise((resolve) => child.on('exit', resolve));
      work().then(async () => {
        if (role === 'cluster') return process.exit();
        if (role !== 'main') return;
        await over(new Worker(__filename));
        await over(fork(__filename, ['forked']));
        await over(cluster.fork());
      });`);
    assert.deepEqual(finished, FINE);
    const heard = listener.programs.map(({ hello, queries }) => ({ query: queries.map(({ text }) => text).join(), isThread: hello.threadId !== 0, pid: hello.pid, parentPid: hello.parentPid }));
    const main = heard.find(({ query }) => query === 'SELECT 1 AS main')!;
    assert.deepEqual(
      heard.map(({ query, isThread, pid, parentPid }) => [query, isThread, pid === main.pid ? 'itself' : parentPid === main.pid ? 'child' : 'stranger']).sort(),
      [
        ['SELECT 1 AS cluster', false, 'child'],
        ['SELECT 1 AS forked', false, 'child'],
        ['SELECT 1 AS main', false, 'itself'],
        ['SELECT 1 AS thread', true, 'itself'],
      ],
    );
  });

  for (const node of nodesAtHand()) {
    describe(`at the program's end, with Node ${node.version}`, () => {
      const running: RunOptions = { node: node.binary };
      const endings: Record<string, { end: string; status: number }> = {
        'process.exit right after a query': { end: 'process.exit(3)', status: 3 },
        'a crash': { end: "throw new Error('crashed')", status: 1 },
        'a rejection that nobody handles': { end: "client.query('SELECT nonsense'); await new Promise(() => 0)", status: 1 },
        'an exit in the callback of a query': { end: "client.query('SELECT 2', () => process.exit(4)); await new Promise(() => 0)", status: 4 },
      };
      for (const [name, { end, status }] of Object.entries(endings)) {
        it(`${name}: all is told, and the program ends as without the probe`, async () => {
          const text = `${PG}connect().then(async (client) => { for (let turn = 0; turn < 300; turn += 1) await client.query('SELECT 1'); ${end}; });`;
          const { queries, finished } = await record('ending.cjs', text, {}, running);
          assert.ok(queries.length >= 300, `${queries.length} queries`);
          const without = await run(programOf('ending.cjs', text), { ...running, probe: false, env: { DATABASE_URL: postgres.url } });
          assert.equal(without.status, status);
          assert.deepEqual(finished, without);
        });
      }
    });
  }

  it('tells nothing while the session is paused, and goes on afterwards', async () => {
    let listener: Listener | undefined;
    let resumed = false;
    const { queries, finished } = await record('paused.cjs', `${PG}
      (async () => {
        let over = false;
        process.stdin.on('end', () => { over = true; }).resume();
        const client = await connect();
        while (!over) { await client.query('SELECT 1'); console.log('asked'); }
        await client.end();
      })();`, {
      welcome: { recording: false },
      heard: (of) => (listener = of),
    }, {
      printed: (output) => {
        if (!resumed && listener && output.split('asked').length > 20) {
          assert.deepEqual(listener.queries, []);
          resumed = true;
          listener.tellWelcome({ recording: true });
        }
        return resumed && listener!.queries.length > 0;
      },
    });
    assert.equal(finished.status, 0);
    assert.ok(queries.length > 0 && queries.length < finished.output.split('asked').length - 20, `${queries.length}`);
  });

  it('drops and counts what a busy profiler does not read', async () => {
    // Values of 200 characters fill the socket with a few hundred queries, whatever the system gives it.
    const COUNT = 8_000;
    let listener: Listener | undefined;
    const { listener: heard, queries, finished } = await record('busy.cjs', `${PG}
      (async () => {
        const client = await connect();
        for (let turn = 0; turn < ${COUNT / 100}; turn += 1) await Promise.all(Array.from({ length: 100 }, () => client.query('SELECT $1', ['x'.repeat(200)])));
        console.log('asked');
        for await (const _ of process.stdin);
        await client.query('SELECT 2');
        await client.end();
      })();`, {
      welcome: { parameters: true },
      // It has welcomed the program and reads nothing from then on.
      heard: (of) => {
        if (listener) return;
        listener = of;
        of.pause(true);
      },
    }, {
      printed: (output) => {
        if (output.includes('asked')) listener?.pause(false);
        return output.includes('asked');
      },
    });
    assert.equal(finished.status, 0);
    const dropped = heard.programs[0]!.dropped;
    assert.ok(dropped > 0, 'some were dropped');
    assert.equal(queries.length + dropped, COUNT + 1);
  }).timeout(30_000);
});
