import assert from 'node:assert/strict';
import { extractEmbeddedSql, sourceSpan, sqlFile, type EmbeddedSql } from './embedded-sql';
import { describeSql, initSql } from './sql';
import { parseModule } from './typescript';

function find(source: string): EmbeddedSql[] {
  return extractEmbeddedSql(parseModule('a.ts', source).tree, source);
}

const texts = (source: string): string[] => find(source).map((sql) => sql.text);

describe('extractEmbeddedSql', () => {
  before(initSql);

  const found: [string, string[]][] = [
    ['await sql`select * from a where id = ${id}`', ['select * from a where id = $1']],
    ['await sql<Row[]>`select * from a`', ['select * from a']],
    ['await prisma.$queryRaw`SELECT 1 FROM a`', ['SELECT 1 FROM a']],
    ['prisma.$queryRaw(Prisma.sql`select * from a`)', ['select * from a']],
    ['prisma.$queryRawUnsafe("select * from a")', ['select * from a']],
    ['db.execute(sql`select * from ${orders} where ${orders.id} = ${id}`)', ['select * from "orders" where $2 = $3']],
    ['db.execute(sql`select * from ${tableName}`)', ['select * from "…"']],
    ['pool.query("select * from a")', ['select * from a']],
    ['pool.query<Row>(`select * from a`, [])', ['select * from a']],
    ['pool.query({ text: "select * from a", values: [] })', ['select * from a']],
    ['pool.query("select * " + "from a where x = " + x)', ['select * from a where x = $1']],
    ['pool.query(all ? "select * from a" : `select * from a where x = ${x}`)', ['select * from a', 'select * from a where x = $1']],
    ['const text = "select * from a"; pool.query(text); client.query(text)', ['select * from a']],
    ['function a() { const text = "select * from a"; return pool.query(text); }\nfunction b() { const text = "select * from b"; return pool.query(text); }', ['select * from a', 'select * from b']],
    ['const text = "select * from a"; for (const text of other) log(text); pool.query(text)', ['select * from a']],
    ['const Q = { list: "select * from a" } as const; pool.query(Q.list)', ['select * from a']],
    ['const q = /* sql */ `select * from a`; pool.query(q)', ['select * from a']],
    ['run(/*SQL*/ "select * from a")', ['select * from a']],
    ['knex.raw("select * from a")', ['select * from a']],
    ['pool.query("-- all\\nselect * from a")', ['-- all\nselect * from a']],
    ['pool.query("select * from a where (")', ['select * from a where (']],
    ['pool.query(`select * from ${t}`)', ['select * from "…"']],
    ['pool.query(`select * from a limit ${n}`);\nconst x = ', ['select * from a limit $1']],
  ];
  for (const [source, expected] of found) it(`finds SQL in ${source}`, () => assert.deepEqual(texts(source), expected));

  for (const source of [
    'const label = "select an order from the list"',
    'api.query("selected rows from there")',
    'graph.query(`query { a }`)',
    'pool.query(`select * from a ${where}`)',
    'pool.query("select * from a" + where)',
    'pool.query(`select * from a${where}`)',
    'const part = sql`count(*)`',
    'db.select().from(a).where(exists(sql`select 1 from b`))',
    'const list = other`select * from a`',
    'db.select({ n: sql`select count(*) from b`.as("n") })',
    'let text = "select * from a"; text += " where x = 1"; pool.query(text)',
    'const text = "select * from a"; function run(text) { return pool.query(text); }',
    'const text = "select * from a"; for (const text of texts) pool.query(text)',
    'const text = "select * from a"; const run = ({ text }) => pool.query(text)',
    'let text = "select * from a"; function more() { text += " where x = 1"; pool.query(text); }',
    'client.query(new Cursor("select * from a"))',
    'client.query(new QueryStream(`select * from a`))',
    'import mysql from "mysql2/promise"; db.query("select * from a")',
    'console.log("select * from a")',
  ]) it(`finds none in ${source}`, () => assert.deepEqual(texts(source), []));

  it('finds nested templates once, as a part of the outer one', () => {
    assert.deepEqual(texts('await sql`select * from a where id in (${sql`select id from b`})`'), ['select * from a where id in ($1)']);
  });

  it('maps offsets of the text to the file, over holes, escapes, emoji and line ends', () => {
    const source = 'const a = 1; // 😀\r\nawait sql`select \'é😀\', \'\\`x\\`\', ${a},\r\n  b from c where d = ${a}`;\npool.query("select \\"x\\"\\tfrom c");';
    const [template, string] = find(source);
    assert.equal(template!.text, "select 'é😀', '`x`', $1,\n  b from c where d = $2");
    const at = (sql: EmbeddedSql, part: string): string => {
      const start = sql.text.indexOf(part);
      const span = sourceSpan(sql, { start, end: start + part.length });
      return source.slice(span.start, span.end);
    };
    assert.equal(at(template!, "'é😀'"), "'é😀'");
    assert.equal(at(template!, 'b from c'), 'b from c');
    assert.equal(at(template!, 'd = $2'), 'd = ${a}');
    assert.equal(at(template!, '$1,\n  b'), '${a},\r\n  b');
    assert.equal(source.slice(template!.start, template!.end), source.slice(source.indexOf('`') + 1, source.indexOf('`;')));
    assert.equal(string!.text, 'select "x"\tfrom c');
    assert.equal(at(string!, 'from c'), 'from c');
    assert.equal(at(string!, 'x'), 'x');
  });

  it('gives a .sql file as one text', () => {
    const [sql] = sqlFile('select 1;\nselect 2;');
    assert.equal(sql!.origin, 'file');
    const [, second] = describeSql(sql!.text) as { start: number; end: number }[];
    assert.deepEqual(sourceSpan(sql!, second!), { start: 10, end: 18 });
    assert.deepEqual(sqlFile(' \n'), []);
  });

  it('never throws on half-typed code', () => {
    const source = 'const q = sql`select * from ${t} where x = ${y} and z = \'\\u00e9\'`; pool.query({ text: "select \\x41 from b", values: [q] });';
    for (let i = 0; i <= source.length; i++) find(source.slice(0, i));
  });
});
