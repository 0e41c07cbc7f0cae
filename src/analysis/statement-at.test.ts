import assert from 'node:assert/strict';
import { initSql } from './syntax/sql';
import { statementAt } from './statement-at';

/** `|` is the cursor. */
function at(file: string, marked: string): string {
  const offset = marked.indexOf('|');
  const found = statementAt(file, marked.slice(0, offset) + marked.slice(offset + 1), offset);
  return 'text' in found ? found.text : `– ${found.reason}`;
}

describe('the statement at the cursor', () => {
  before(initSql);

  it('is the one of a .sql file', () => {
    assert.equal(at('/a.sql', 'SELECT 1;\n\nSELECT id\n  FROM or|ders;\nSELECT 3;'), 'SELECT id\n  FROM orders');
    assert.equal(at('/a.sql', 'SELECT 1;|\nSELECT 2;'), 'SELECT 1');
    assert.equal(at('/a.sql', '|SELECT 1'), 'SELECT 1');
    assert.match(at('/a.sql', '|'), /^– There is no SQL here/);
  });

  it('is not a neighbour of what is half typed', () => {
    assert.match(at('/a.sql', 'SELECT 1;\nSELECT FROM WHERE |;\nSELECT 2;'), /^– The statement is not complete/);
    assert.match(at('/a.sql', 'SELECT * FROM WHERE |'), /^– The statement is not complete.*: syntax error/);
  });

  it('has numbers for the parameters of a loader of SQL files', () => {
    assert.equal(at('/a.sql', 'SELECT * FROM orders WHERE a = :from AND b = :to AND c = :from|'), 'SELECT * FROM orders WHERE a = $1 AND b = $2 AND c = $1');
    assert.equal(at('/a.sql', "SELECT ':from', now()::date|"), "SELECT ':from', now()::date");
  });

  it('is the string of a query', () => {
    assert.equal(at('/a.ts', "await pool.query('SELECT * FROM orders WHERE id = $1|', [id]);"), 'SELECT * FROM orders WHERE id = $1');
    assert.equal(at('/a.ts', 'await pool.query(`\n  SELECT 1\n|  FROM orders`);'), 'SELECT 1\n  FROM orders');
    assert.equal(at('/a.ts', "await pool.query('SELECT 1 ' +\n 'FROM orders|');"), 'SELECT 1 FROM orders');
  });

  it('is the only one of the line', () => {
    assert.equal(at('/a.ts', "const rows = |await pool.query('SELECT 1');"), 'SELECT 1');
    assert.equal(at('/a.ts', 'const rows = await pool.query(`\n  SELECT 1\n`, [|id]);'), 'SELECT 1');
  });

  it('is that of the call which begins on the line, or goes on there', () => {
    const direct = 'const { rows } = await client.query<Row>(\n  `SELECT 1\n   FROM orders`,\n  [id],\n);\nawait client.query("SELECT 2");';
    for (const place of ['const', 'query<', '[id]', ');']) assert.equal(at('/a.ts', direct.replace(place, `|${place}`)), 'SELECT 1\n   FROM orders', place);
    assert.equal(at('/a.ts', 'const rows = |await db.execute(\n  sql`SELECT 1 WHERE 1 = ${one}`,\n);'), 'SELECT 1 WHERE 1 = $1');
    assert.equal(at('/a.ts', 'const rows = |await sql<\n  Row[]\n>`SELECT 1`;'), 'SELECT 1');
    assert.equal(at('/a.ts', 'const rows = await pool\n  .|query(\n    "SELECT 1",\n  )\n  .then(first);'), 'SELECT 1');
    assert.equal(at('/a.ts', 'const [a, b] = await Promise.all([\n  pool.|query(\n    "SELECT 1",\n  ),\n  pool.query(\n    "SELECT 2",\n  ),\n]);'), 'SELECT 1');
  });

  it('is the constant that a call is given', () => {
    const code = (constant: string, name: string): string => `${constant}\nexport function list(id: string) {\n  |return pool.query(\n    ${name},\n    [id],\n  );\n}`;
    assert.equal(at('/a.ts', code('const TEXT = "SELECT 1";', 'TEXT')), 'SELECT 1');
    assert.equal(at('/a.ts', code('const TEXT = "SELECT 1 " +\n "FROM orders";', '{ name: "list", text: TEXT }')), 'SELECT 1 FROM orders');
    assert.equal(at('/a.ts', code('const TEXTS = { list: "SELECT 1", all: `SELECT 2` } as const;', 'TEXTS.all')), 'SELECT 2');
    assert.equal(at('/a.ts', 'const rows = await pool.query(|TEXT);\nconst TEXT = "SELECT 1";'), 'SELECT 1');
    assert.match(at('/a.ts', code('const TEXT = `SELECT * FROM orders WHERE id = ${1}`;', 'TEXT')), /^– The statement is put together/);
  });

  it('is that of the function where the cursor is, whatever others call theirs', () => {
    const code = 'function a() {\n  const sql = "SELECT 1";\n  return pool.query(sql);\n}\nfunction b(on: boolean) {\n  const sql = "SELECT 2";\n  if (on) stop();\n  return |pool.query(sql);\n}\nconst c = (sql: string) =>\n  pool.query(sql);';
    assert.equal(at('/a.ts', code), 'SELECT 2');
    for (const place of ['if (on)', '  pool.query(sql);']) assert.match(at('/a.ts', code.replace('|', '').replace(place, `|${place}`)), /^– There is no SQL here/, place);
    assert.match(at('/a.ts', 'app.get("/", async () => {\n  const sql = "SELECT 1";\n  await pool.query(sql);\n  |done();\n});'), /^– There is no SQL here/);
  });

  it('is none where there are several', () => {
    assert.match(at('/a.ts', "|await pool.query('SELECT 1'); await pool.query('SELECT 2');"), /^– Several queries stand on this line/);
    assert.match(at('/a.ts', '|await both(pool.query(\n  "SELECT 1",\n), pool.query(\n  "SELECT 2",\n));'), /^– Several queries stand on this line/);
    assert.match(at('/a.ts', 'await pool.query(\n  every ? ALL : ONE,\n|);\nconst ALL = "SELECT 1";\nconst ONE = "SELECT 2";'), /^– Several queries stand on this line/);
  });

  it('has parameters for the values of a tagged template', () => {
    assert.equal(at('/a.ts', 'await sql`SELECT * FROM orders WHERE id = ${id} AND a = ${|b}`;'), 'SELECT * FROM orders WHERE id = $1 AND a = $2');
    assert.equal(at('/a.ts', 'await prisma.$queryRaw<Row[]>`SELECT 1 WHERE 1 = ${one}|`;'), 'SELECT 1 WHERE 1 = $1');
  });

  it('is none where a text is pasted together', () => {
    assert.match(at('/a.ts', 'await pool.query(`SELECT * FROM orders WHERE id = ${id}|`);'), /^– The statement is put together/);
    assert.match(at('/a.ts', 'await pool.query(`SELECT * FROM ${table}|`);'), /^– The statement is put together/);
    assert.match(at('/a.ts', "await pool.query('SELECT * FROM orders WHERE id = |' + id);"), /^– The statement is put together/);
  });

  it('is none outside of SQL, whatever the code', () => {
    assert.match(at('/a.ts', "const a| = 1;\nawait pool.query('SELECT 1');"), /^– There is no SQL here/);
    assert.match(at('/a.ts', 'await db.select().from(|orders);'), /^– There is no SQL here/);
    assert.match(at('/a.ts', 'const = = {{{|'), /^– There is no SQL here/);
  });
});
