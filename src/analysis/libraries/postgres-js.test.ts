import assert from 'node:assert/strict';
import { factsOfQueries, initSql } from '../../../test/analysis-host';
import type { Query } from './library';

const START = `import postgres from 'postgres'; const sql = postgres(process.env.DATABASE_URL);`;
const f = (body: string): string => `${START} export async function f(id: number, name: string, given: boolean, rows: { id: number }[], ids: number[]) { ${body} }`;

const CASES: [name: string, code: string, queries: Partial<Query>[]][] = [
  ['a template that is awaited', f('await sql`SELECT id, name FROM users WHERE id = ${id}`;'), [{ library: 'postgres-js', label: 'sql', verb: 'read', tables: ['users'], filterColumns: ['id'], exact: true, bound: 'all', handle: 'pool', columns: 'some', manyAtOnce: false }]],
  ['a template that is returned', f('return sql`SELECT * FROM users LIMIT 1`;'), [{ verb: 'read', bound: 'one', columns: 'all' }]],
  ['a template with a type argument', f('const [row] = await sql<{ id: number }[]>`SELECT count(*) FROM users`;'), [{ verb: 'read', bound: 'aggregate' }]],
  ['a template that nobody awaits', f('sql`SELECT 1 FROM users`;'), []],
  ['a list of queries', f('await Promise.all([sql`DELETE FROM a WHERE id = ${id}`, sql`DELETE FROM b WHERE id = ${id}`]);'), [{ verb: 'delete', tables: ['a'] }, { verb: 'delete', tables: ['b'] }]],
  ['a fragment in a variable', f('const where = sql`WHERE id = ${id}`; await sql`SELECT * FROM users ${where}`;'), [{ verb: 'read', tables: ['users'], filterColumns: ['id'], bound: 'all' }]],
  ['a subquery in a variable', f('const old = sql`SELECT id FROM archive`; await sql`DELETE FROM users WHERE id IN (${old})`;'), [{ verb: 'delete', tables: ['users', 'archive'] }]],
  ['a subquery in the hole itself', f('await sql`DELETE FROM users WHERE id IN (${sql`SELECT id FROM archive`})`;'), [{ verb: 'delete', tables: ['users', 'archive'] }]],
  ['a fragment that depends', f("await sql`SELECT * FROM users WHERE id = ${id} ${given ? sql`AND name = ${name}` : sql``}`;"), [{ verb: 'read', tables: ['users'], filterColumns: ['id'], filtered: true, exact: false, bound: 'unknown' }]],
  ['a fragment from a function', `${START} const page = (n: number) => sql\`LIMIT \${n}\`; export async function f(n: number) { await sql\`SELECT * FROM users \${page(n)}\`; }`, [{ verb: 'read', tables: ['users'], bound: 'limited' }]],
  ['a fragment that is returned', `${START} export const only = (id: number) => sql\`AND id = \${id}\`;`, []],
  ['a list of fragments', f('const parts = rows.map((row) => sql`id = ${row.id}`); await sql`SELECT * FROM users WHERE ${parts[0]}`;'), [{ verb: 'read', tables: ['users'], filtered: true }]],
  ['a template that is put together', f('const base = sql`SELECT * FROM users`; await sql`${base} WHERE id = ${id}`;'), [{ verb: 'read', tables: ['users'], filterColumns: ['id'] }]],
  ['an insert of one row', f('await sql`INSERT INTO users ${sql(rows[0])}`;'), [{ verb: 'insert', tables: ['users'], manyAtOnce: false, bound: 'none' }]],
  ['an insert of many rows', f("await sql`INSERT INTO users ${sql(rows, 'id')} RETURNING id`;"), [{ verb: 'insert', tables: ['users'], manyAtOnce: true }]],
  ['an insert of rows that are made', f('await sql`INSERT INTO users ${sql(ids.map((id) => ({ id })))}`;'), [{ verb: 'insert', manyAtOnce: true }]],
  ['an update with an object', f("await sql`UPDATE users SET ${sql({ name }, 'name')} WHERE id = ${id}`;"), [{ verb: 'update', tables: ['users'], filterColumns: ['id'], manyAtOnce: false }]],
  ['a list of keys', f('await sql`SELECT * FROM users WHERE id IN ${sql(ids)}`;'), [{ verb: 'read', filterColumns: ['id'], manyAtOnce: true }]],
  ['ANY', f('await sql`SELECT * FROM users WHERE id = ANY(${ids})`;'), [{ verb: 'read', manyAtOnce: true }]],
  ['names that are known', f("await sql`SELECT ${sql('name')} FROM ${sql('auth.users')} WHERE id = ${id}`;"), [{ verb: 'read', tables: ['auth.users'], columns: 'some' }]],
  ['a name that is not known', f('await sql`SELECT * FROM ${sql(name)} WHERE id = ${id}`;'), [{ verb: 'read', tables: ['…'], filterColumns: ['id'] }]],
  ['helpers alone', f("const a = sql(rows); const b = sql.json({ id }); const c = sql.array(ids); const d = sql.typed(1, 2); return [a, b, c, d];"), []],
  ['unsafe text', f("await sql.unsafe('SELECT * FROM users WHERE id = $1', [id]);"), [{ label: 'sql.unsafe', verb: 'read', tables: ['users'], filterColumns: ['id'] }]],
  ['a query that streams', f('for await (const page of sql`SELECT * FROM users`.cursor(100)) console.log(page); await sql`SELECT * FROM users`.forEach((row) => console.log(row));'), [{ verb: 'read', bound: 'limited' }, { verb: 'read', bound: 'limited' }]],
  ['a query that is sent at once', f('sql`DELETE FROM users WHERE id = ${id}`.execute();'), [{ verb: 'delete' }]],
  ['a query that is described', f('await sql`SELECT * FROM users`.describe();'), []],
  ['modifiers', f('await sql`SELECT * FROM users LIMIT 5`.values(); await sql`SELECT * FROM users LIMIT 5`.simple();'), [{ bound: 'limited' }, { bound: 'limited' }]],
  ['a transaction', f('await sql.begin(async (sql) => { await sql`UPDATE users SET name = ${name}`; await sql.savepoint(async (inner) => { await inner`DELETE FROM a`; }); });'), [{ label: 'sql.begin', verb: 'transaction' }, { verb: 'update', handle: 'transaction' }, { label: 'sql.savepoint', verb: 'transaction' }, { verb: 'delete', handle: 'transaction' }]],
  ['a transaction with options', f("await sql.begin('read only', async (tx) => { await tx`SELECT 1 FROM users`; });"), [{ verb: 'transaction' }, { verb: 'read', handle: 'transaction' }]],
  ['a reserved connection', f('const one = await sql.reserve(); await one`SELECT 1 FROM users`; one.release();'), [{ verb: 'read', handle: 'connection' }]],
  ['a parameter by its type', `import type postgres from 'postgres'; export async function f(sql: postgres.Sql<{}>, tx: postgres.TransactionSql, id: number) { await sql\`SELECT 1 FROM a WHERE id = \${id}\`; await tx\`SELECT 1 FROM b\`; }`, [{ tables: ['a'], handle: 'pool' }, { tables: ['b'], handle: 'transaction' }]],
  ['a named type behind an alias', `import { type ISql, type TransactionSql } from 'postgres'; type Tag = ISql<{}> | TransactionSql; class Store { constructor(readonly sql: Tag) {} async f() { await this.sql\`SELECT 1 FROM a\`; } }`, [{ library: 'postgres-js', tables: ['a'] }]],
  ['a field', `import postgres from 'postgres'; class Store { #sql = postgres(); async f() { await this.#sql\`SELECT 1 FROM a\`; } }`, [{ tables: ['a'], handle: 'pool' }]],
  ['a transaction method of one’s own', `import postgres from 'postgres'; class Store { sql = postgres(); transaction<T>(sql: postgres.Sql, run: (sql: postgres.TransactionSql) => Promise<T>) { return sql.begin(run); } f() { return this.transaction(this.sql, async (sql) => { await sql\`SELECT 1 FROM a\`; }); } }`, [{ verb: 'transaction' }, { tables: ['a'], handle: 'transaction' }]],
  ['a tag of a package’s base class', `import { BaseStore } from 'some-toolkit'; class Store extends BaseStore { async f(id: number) { await this.sql\`SELECT a FROM t WHERE id = \${id}\`; await this.write(async (sql) => { await sql\`UPDATE t SET \${sql({ a: 1 })}\`; }); } }`, [{ verb: 'read', tables: ['t'], filterColumns: ['id'], handle: 'unknown' }, { verb: 'update', tables: ['t'] }]],
  ['tags of builders and of other languages', `import { sql, gql } from 'some-builder'; import html from 'html'; export async function f(id: number) { await sql\`SELECT 1 FROM users\`; await gql\`SELECT 1 FROM users\`; await html\`SELECT 1 FROM users\`; }`, []],
  ['a tag that is given no statement', `export async function f(css: unknown, id: number) { await css\`color: red\`; await css\`AND id = \${id}\`; }`, []],
];

describe('Postgres.js', () => {
  before(initSql);

  for (const [name, code, expected] of CASES) {
    it(`understands ${name}`, () => assert.deepEqual(factsOfQueries({ 'main.ts': code }, expected), expected));
  }
});
