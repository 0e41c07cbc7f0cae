import assert from 'node:assert/strict';
import type pg from 'pg';
import { explainProblem, explainStatement, type DatabaseConnection, type DatabaseLogin, type ExplainedPlan } from '../../src/database/index.js';
import { planFacts } from '../../src/database/plans/facts.js';
import { planOf, type Plan } from '../../src/database/plans/plan.js';
import { explainable, identify, loadSqlParser } from '../../src/database/sql/index.js';
import { sharedPostgres, type SharedPostgres } from '../shared-postgres.js';
import { loginTo, openClient, openConnection, value, withClient } from './server.js';

describe('what may be explained', () => {
  before(loadSqlParser);

  it('is decided by the parser', () => {
    const good: [string, Partial<Record<'writes' | 'locks' | 'parameters', unknown>>][] = [
      ["SELECT ';' AS \"DROP TABLE a;\" -- ; DROP TABLE b", { writes: false, locks: false, parameters: 0 }],
      ['SELECT * FROM a WHERE b = $2 AND c = $1;', { parameters: 2 }],
      ['VALUES (1), (2)', { writes: false }],
      ['SELECT * FROM a FOR UPDATE', { locks: true }],
      ['WITH gone AS (DELETE FROM a RETURNING *) SELECT * FROM gone', { writes: true }],
      ['SELECT (SELECT 1 FROM b FOR SHARE LIMIT 1)', { locks: true }],
      ['INSERT INTO a VALUES (1)', { writes: true }],
      ['MERGE INTO a USING b ON true WHEN MATCHED THEN DELETE', { writes: true }],
      ['TABLE a', { writes: false }],
    ];
    for (const [text, expected] of good) {
      const found = explainable(text);
      assert.ok(found.ok, text);
      for (const [key, wanted] of Object.entries(expected)) assert.equal(found[key as keyof typeof found], wanted, `${key} of ${text}`);
    }
    for (const text of [
      'SELECT 1; SELECT 2', 'SELECT 1; DROP TABLE a', 'DROP TABLE a', 'CREATE TABLE b AS SELECT 1', 'SELECT 1 INTO b', 'SELECT 1 UNION SELECT 2 INTO b', 'EXPLAIN ANALYZE DELETE FROM a',
      'EXECUTE a', 'PREPARE a AS SELECT 1', 'DECLARE a CURSOR FOR SELECT 1', 'COPY a TO STDOUT', 'CALL a()', 'DO $$ $$', 'BEGIN', 'SET x = 1', 'VACUUM', 'SELEC 1', '', ';', '-- SELECT 1', 'ANALYZE) DELETE FROM a',
    ]) {
      assert.equal(explainable(text).ok, false, text);
    }
  });
});

describe('plans of a real PostgreSQL', () => {
  let server: SharedPostgres;
  let login: DatabaseLogin;
  let connection: DatabaseConnection;
  let app: pg.Client;

  const explain = (text: string, analyze = false): ReturnType<typeof explainStatement> => explainStatement(connection, { text, analyze });
  const refusal = async (text: string, analyze = false): Promise<string> => {
    const plan = await explain(text, analyze);
    assert.ok(!plan.ok, text);
    const { title, detail } = explainProblem(plan.problem);
    return `${title} ${detail}`;
  };
  const nodeTypes = (plan: ExplainedPlan): string => JSON.stringify(plan.plan).match(/"Node Type":"[^"]+"/g)?.join() ?? '';

  before(async () => {
    await loadSqlParser();
    server = await sharedPostgres('plans');
    login = loginTo(server.url);
    await withClient(login, (client) => client.query('ALTER DATABASE plans SET max_parallel_workers_per_gather = 0; ALTER DATABASE plans SET jit = off'));
    app = await openClient(login);
    await app.query(`
      CREATE TABLE orders (id serial PRIMARY KEY, customer_id int NOT NULL, city int NOT NULL, region int NOT NULL, at timestamptz NOT NULL, note text NOT NULL);
      INSERT INTO orders (customer_id, city, region, at, note)
        SELECT n % 2000, n % 100, n % 100, timestamptz '2026-01-01' + n * interval '1 minute', repeat('x', 40) FROM generate_series(1, 40000) AS n;
      CREATE TABLE customer (id int PRIMARY KEY, name text); INSERT INTO customer SELECT n, 'customer ' || n FROM generate_series(0, 1999) AS n;
      CREATE TABLE sparse (id int PRIMARY KEY, note text) WITH (fillfactor = 10); INSERT INTO sparse SELECT n, repeat('x', 40) FROM generate_series(1, 30000) AS n;
      CREATE FUNCTION noisy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
      CREATE TRIGGER noisy BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION noisy();
      CREATE ROLE reader LOGIN PASSWORD 'password'`);
    await app.query('VACUUM ANALYZE');
    connection = await openConnection(login);
  });

  after(async () => {
    await connection.close();
    await app.end();
  });

  const count = async (): Promise<unknown> => (await app.query('SELECT count(*)::int AS rows, last_value::int AS last FROM orders, orders_id_seq GROUP BY last_value')).rows[0];

  it('are asked for without running the statement', async () => {
    const before = await count();
    const plan = value(await explain("UPDATE orders SET note = 'y' WHERE customer_id = 7; -- all"));
    assert.equal(plan.kind, 'plain');
    assert.match(nodeTypes(plan), /ModifyTable.*Seq Scan/);
    assert.deepEqual(plan.analyzeWarnings, ['It writes: rows are locked until it is rolled back, and what it wrote is left to VACUUM.', 'Triggers of the table run.', 'Numbers that it takes from sequences stay taken.']);
    assert.deepEqual(plan.facts, ['It would read all of about 40,000 rows of orders to keep an expected 20: an index on the columns of the condition would find them directly.']);
    value(await explain("SELECT nextval('orders_id_seq')"));
    assert.deepEqual(await count(), before);
  });

  it('are generic where values are unknown, also as the server’s own counters spell them', async () => {
    const plan = value(await explain('SELECT * FROM orders WHERE id = $1 AND note <> $2 LIMIT $3'));
    assert.equal(plan.kind, 'generic');
    assert.match(nodeTypes(plan), /Index Scan/);
    assert.equal(plan.analyzeWarnings, undefined);
    const counted = identify("SELECT extract(day FROM at), at + interval '1 day' FROM orders WHERE at > now() - interval '2 hours' AND at < timestamptz '2026-02-01' AND id IN (1, 2)").text;
    assert.match(counted, /interval \$/);
    assert.equal(value(await explain(counted)).kind, 'generic');
    assert.equal(value(await explain('SELECT id AS "interval $1" FROM orders WHERE id = ANY ($1 /*, ... */)')).kind, 'generic');
    const { rows } = await app.query("SELECT count(*)::int AS left FROM pg_stat_activity WHERE state <> 'idle' AND application_name = 'roundtrip'");
    assert.deepEqual(rows, [{ left: 0 }]);
    value(await explain('DELETE FROM orders WHERE id = $1'));
    assert.match(await refusal('SELECT $1 + $2'), /makes no plan.*operator is not unique/);
    value(await explain('SELECT * FROM orders WHERE id = $1'));
  });

  it('are for values where they are given, as a program’s are recorded', async () => {
    const given = (text: string, values: readonly string[], analyze = false): ReturnType<typeof explainStatement> => explainStatement(connection, { text, values, analyze });
    const rare = value(await given('SELECT * FROM orders WHERE id > $1', ['39990']));
    const all = value(await given('SELECT * FROM orders WHERE id > $1', ['0']));
    assert.deepEqual([rare.kind, rare.values, nodeTypes(rare).includes('Index Scan'), nodeTypes(all)], ['plain', ['39990'], true, '"Node Type":"Seq Scan"']);
    for (const [text, values] of [
      ['SELECT * FROM orders WHERE id = ANY ($1) AND note = $2', ['[7,8]', '[7,8]']],
      ['SELECT * FROM orders WHERE note = $1 AND at > $2', ['[not a list', '2026-01-01T00:00:00.000Z']],
      ['SELECT * FROM orders WHERE $1::jsonb -> 1 IS NOT NULL AND id = $2', ['["a",1]', '7']],
      ['SELECT * FROM customer WHERE name = $1 OR $2::bytea IS NULL', ['NULL', '\\x78']],
      ['SELECT * FROM orders WHERE at > now() - interval $1 AND id = $2', ['1 day', '7']],
    ] as const) {
      assert.deepEqual(value(await given(text, values)).values, values, text);
    }
    for (const values of [['many'], ['1', '2'], []]) {
      const generic = value(await given('SELECT * FROM orders WHERE id = $1', values));
      assert.deepEqual([generic.kind, generic.values], ['generic', undefined], values.join());
    }
    const before = await count();
    const measured = value(await given('UPDATE orders SET note = $1 WHERE id = $2', ['y', '7'], true));
    assert.equal(measured.kind, 'analyze');
    assert.deepEqual(await count(), before);
    assert.deepEqual((await app.query("SELECT count(*)::int AS changed FROM orders WHERE note = 'y'")).rows, [{ changed: 0 }]);
  });

  it('measure when they are asked to, and leave nothing', async () => {
    const before = await count();
    const plan = value(await explain("UPDATE orders SET note = 'y' WHERE customer_id = 7", true));
    assert.equal(plan.kind, 'analyze');
    const [whole] = plan.plan as [Plan & { 'Execution Time': number }];
    assert.ok(whole['Execution Time'] > 0);
    assert.match(JSON.stringify(plan.plan), /Shared Hit Blocks/);
    value(await explain('DELETE FROM orders', true));
    value(await explain('SELECT * FROM orders WHERE id < 10 FOR UPDATE', true));
    assert.deepEqual(await count(), before);
    assert.deepEqual((await app.query("SELECT count(*)::int AS changed FROM orders WHERE note = 'y'")).rows, [{ changed: 0 }]);
    const insert = value(await explain('INSERT INTO customer VALUES (1, 1)'));
    assert.deepEqual(insert.analyzeWarnings?.length, 1, 'no triggers, no sequences');
  });

  it('refuse what would write behind a SELECT, and what has no plan', async () => {
    const warned = value(await explain("SELECT nextval('orders_id_seq'), random()"));
    assert.deepEqual(warned.analyzeWarnings, ['It calls nextval, which may do what no rollback undoes.']);
    assert.deepEqual(value(await explain('SELECT * FROM orders FOR UPDATE')).analyzeWarnings, ['It locks rows until it is rolled back.']);
    assert.deepEqual(value(await explain('SELECT count(*) FROM orders')).analyzeWarnings, []);
    assert.match(await refusal("SELECT nextval('orders_id_seq')", true), /read-only transaction/);
    assert.match(await refusal('SELECT * FROM orders WHERE id = $1', true), /cannot be run without their values/);
    assert.match(await refusal('DROP TABLE orders'), /Only SELECT/);
    assert.match(await refusal('SELECT 1; DROP TABLE orders'), /holds 2 statements/);
    assert.match(await refusal('SELECT * FROM nowhere'), /relation "nowhere" does not exist/);
    assert.match(await refusal('SELEC'), /parser does not understand/);
    assert.match(await refusal(identify(`SELECT id AS ${'x'.repeat(20_000)} FROM orders`).text), /only the first 10,000 characters are kept/);
    await app.query("ALTER ROLE postgres SET standard_conforming_strings = off");
    const lax = await openConnection(login);
    // To the parser this is one string; with backslash escapes it would be two statements.
    const plan = value(await explainStatement(lax, { text: "SELECT '\\'' ; DROP TABLE customer; --', $1::int", analyze: false }));
    assert.equal(plan.kind, 'generic');
    await lax.close();
    await app.query('ALTER ROLE postgres RESET standard_conforming_strings');
    assert.deepEqual((await app.query('SELECT count(*)::int AS rows FROM customer')).rows, [{ rows: 2000 }]);
  });

  it('say when a lock or a missing right is in the way', async () => {
    const holder = await openClient(login);
    await holder.query('BEGIN; LOCK TABLE customer');
    assert.match(await refusal('SELECT * FROM customer'), /A table of the statement is locked/);
    await holder.end();
    const reader = await openConnection(loginTo(server.url, { user: 'reader' }));
    const refused = await explainStatement(reader, { text: 'SELECT * FROM customer', analyze: true });
    assert.ok(!refused.ok);
    assert.match(explainProblem(refused.problem).title, /“reader” may not explain this statement/);
    await reader.close();
  });

  describe('facts', () => {
    const cases: { settings?: string; text: string; analyze?: boolean; facts: RegExp[] }[] = [
      { text: 'SELECT * FROM customer WHERE id = 5', analyze: true, facts: [] },
      { text: 'SELECT * FROM orders', analyze: true, facts: [] },
      {
        text: 'SELECT * FROM orders WHERE customer_id = 7 AND note IS NOT NULL', analyze: true,
        facts: [/^It reads 40,000 rows of orders one by one to keep 20: an index on the columns/],
      },
      {
        // Each city is in one region, which the planner does not know.
        text: 'SELECT o.id FROM orders o JOIN orders p ON p.city = o.city AND p.region = o.region WHERE o.customer_id < 20', analyze: true,
        facts: [/^PostgreSQL expected \d[\d,]* rows from .* and got 160,000, \d+ times as many: /, /^It reads 40,000 rows of orders one by one to keep 400/],
      },
      {
        settings: 'SET work_mem = 64', text: 'SELECT * FROM orders ORDER BY note, at', analyze: true,
        facts: [/^Sorting 40,000 rows did not fit into memory and wrote \d MB to disk: /],
      },
      {
        settings: 'SET work_mem = 64; SET enable_mergejoin = off; SET enable_nestloop = off', text: 'SELECT o.id FROM orders o JOIN orders p ON p.id = o.id + 1', analyze: true,
        facts: [/^The hash of 40,000 rows did not fit into memory and was split into \d+ parts on disk: /],
      },
      {
        settings: 'SET enable_hashjoin = off; SET enable_mergejoin = off; SELECT set_config(name, $$off$$, false) FROM pg_settings WHERE name = $$enable_memoize$$', text: 'SELECT o.id, c.name FROM orders o JOIN customer c ON c.id = o.customer_id', analyze: true,
        facts: [/^It looks into customer \(Index Scan\) 40,000 times, once for each row/],
      },
      {
        settings: 'SET enable_hashjoin = off; SET enable_mergejoin = off; SELECT set_config(name, $$off$$, false) FROM pg_settings WHERE name = $$enable_memoize$$', text: 'SELECT o.id, c.name FROM orders o JOIN customer c ON c.id = o.customer_id',
        facts: [/^It looks into customer \(Index Scan\) an expected 40,000 times/],
      },
      {
        text: 'SELECT id, (SELECT count(*) FROM customer c WHERE c.name = o.note) FROM orders o WHERE id <= 1200', analyze: true,
        facts: [/^(A subquery on customer \(Seq Scan\) ran 1,200 times|It reads 2,400,000 rows of customer one by one to keep 0)/, /./],
      },
      {
        text: 'SELECT * FROM orders ORDER BY id LIMIT 10 OFFSET 30000', analyze: true,
        facts: [/^To give 10 rows it makes 30,010 and throws the others away \(OFFSET\)/],
      },
      {
        settings: 'SET work_mem = 64; SET enable_seqscan = off; SET enable_indexscan = off', text: 'SELECT count(note) FROM sparse WHERE id > 1000', analyze: true,
        facts: [/^The bitmap of sparse did not fit into memory, so that all rows of [\d,]+ of [\d,]+ blocks were checked again/],
      },
      {
        text: "SELECT * FROM orders WHERE id < 30000 AND customer_id = 7 AND at < '2026-01-02'", analyze: true, settings: 'SET enable_seqscan = off',
        facts: [/^The index orders_pkey finds 29,999 rows of orders, and all but 1 are thrown away/],
      },
    ];
    for (const { settings, text, analyze, facts } of cases) {
      it(`of ${analyze ? 'the run of ' : ''}${text}${settings ? ` with ${settings.split(';')[0]}` : ''}`, async () => {
        const client = await openClient(login);
        if (settings) await client.query(settings);
        const { rows } = await client.query<{ 'QUERY PLAN': unknown }>(`EXPLAIN (FORMAT JSON${analyze ? ', ANALYZE' : ''}) ${text}`);
        await client.end();
        // On a busy machine, planning may take longer than running anything small.
        const told = planFacts({ ...planOf(rows[0]?.['QUERY PLAN'])!, 'Planning Time': 0 }, new Map([['orders', 40_000]]));
        assert.equal(told.length, facts.length, told.join('\n'));
        facts.forEach((fact, index) => assert.match(told[index]!, fact));
      });
    }

    it('of workers that were not free', async () => {
      const client = await openClient(login);
      await client.query('SET max_parallel_workers_per_gather = 2; SET max_parallel_workers = 0; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0');
      const { rows } = await client.query<{ 'QUERY PLAN': unknown }>('EXPLAIN (FORMAT JSON, ANALYZE) SELECT count(*) FROM orders');
      await client.end();
      assert.match(planFacts(planOf(rows[0]?.['QUERY PLAN'])!, new Map()).join(), /^Only 0 of 2 planned parallel workers were free/);
    });

    it('of compiling, of triggers, and of planning', () => {
      const node = { 'Node Type': 'Result', 'Actual Total Time': 1, 'Actual Loops': 1, 'Actual Rows': 1, 'Plan Rows': 1 };
      assert.match(planFacts({ Plan: node, 'Planning Time': 1, 'Execution Time': 180, JIT: { Functions: 12, Timing: { Total: 120.4 } } }, new Map()).join(), /^Compiling parts of it \(JIT\) took 120 of 180 ms/);
      assert.match(
        planFacts({ Plan: node, 'Execution Time': 100, Triggers: [{ 'Trigger Name': 'RI_ConstraintTrigger_a_1', 'Constraint Name': 'item_order_id_fkey', Time: 90, Calls: 12 }] }, new Map()).join(),
        /^Checking item_order_id_fkey took 90 of 100 ms in 12 calls: is there an index/,
      );
      assert.match(planFacts({ Plan: node, 'Planning Time': 40, 'Execution Time': 2 }, new Map()).join(), /^Planning took 40 ms and running it 2 ms/);
    });
  });
});
