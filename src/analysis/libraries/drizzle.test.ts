import assert from 'node:assert/strict';
import { factsOfQueries, initSql } from '../../../test/analysis-host';
import type { Query } from './library';

const HEAD = `
  import { and, asc, count, desc, eq, gt, ilike, inArray, isNull, or, sql, sum } from 'drizzle-orm';
  import { drizzle } from 'drizzle-orm/node-postgres';
  import type { PgTransaction } from 'drizzle-orm/pg-core';
  import { orders, customers } from './schema';
  const db = drizzle(process.env.DATABASE_URL!);
  declare const tx: PgTransaction<any, any, any>; declare const id: number; declare const ids: number[]; declare const name: string; declare const limit: number; declare const row: { total: number }; declare const rows: { total: number }[];
`;
const SCHEMA = "import { integer, pgTable } from 'drizzle-orm/pg-core'; export const orders = pgTable('orders', { id: integer() }); export const customers = pgTable('customers', { id: integer() });";

type Facts = Partial<Query>;

/** What each expression runs when a function returns it awaited: one query with at least these facts, or none. */
const EXPRESSIONS: Record<string, Facts | undefined> = {
  // how many rows
  'db.select().from(orders)': { library: 'drizzle', verb: 'read', tables: ['orders'], label: 'select', handle: 'pool', runs: 'when-awaited', bound: 'all', filtered: false, exact: false, columns: 'all', offset: false, ordered: 'no' },
  'db.select().from(orders).limit(1)': { bound: 'one' },
  'db.select().from(orders).limit(limit).offset(20).orderBy(asc(orders.id))': { bound: 'limited', offset: true, ordered: 'yes' },
  'db.select({ n: count() }).from(orders)': { bound: 'aggregate' },
  'db.select({ n: sql`count(*)`.mapWith(Number) }).from(orders)': { bound: 'aggregate' },
  'db.select({ id: orders.customerId, n: count() }).from(orders).groupBy(orders.customerId)': { bound: 'unknown' },
  'db.$count(orders, eq(orders.id, id))': { bound: 'aggregate', tables: ['orders'] },
  'db.query.orders.findMany()': { label: 'query.orders.findMany', tables: ['orders'], bound: 'all', columns: 'all', filtered: false },
  'db.query.orders.findMany({ limit, offset: 20 })': { bound: 'limited', offset: true },
  'db.query.orders.findFirst({ where: eq(orders.id, id), columns: { id: true } })': { bound: 'one', filterColumns: ['id'], columns: 'some' },
  'db.query.orders.findMany({ where: (fields, { eq }) => eq(fields.id, id) })': { filterColumns: ['id'], exact: true },

  // filters and columns
  'db.select({ id: orders.id }).from(orders).where(eq(orders.id, id))': { columns: 'some', filterColumns: ['id'], exact: true, filtered: true },
  'db.select().from(orders).where(and(eq(orders.customerId, id), isNull(orders.deletedAt)))': { filterColumns: ['customerId'], exact: true },
  'db.select().from(orders).where(and(eq(orders.customerId, id), gt(orders.total, 5)))': { filterColumns: ['customerId'], exact: false },
  'db.select().from(orders).where(or(eq(orders.id, id), eq(orders.customerId, id)))': { filterColumns: [], exact: false, filtered: true },
  'db.select().from(orders).where(inArray(orders.id, ids))': { manyAtOnce: true },
  'db.select().from(customers).where(ilike(customers.name, `%${name}%`))': { searches: true },
  "db.select().from(customers).where(ilike(customers.name, 'admin-%'))": { searches: false },
  'db.select().from(orders).innerJoin(customers, eq(customers.id, orders.customerId))': { filtered: true },
  'db.select().from(orders).leftJoin(customers, eq(customers.id, orders.customerId))': { filtered: false },

  // writes
  'db.insert(orders).values(row)': { verb: 'insert', tables: ['orders'], manyAtOnce: false },
  'db.insert(orders).values([row, row])': { manyAtOnce: true },
  'db.insert(orders).values(rows.map((one) => ({ total: one.total })))': { manyAtOnce: true },
  'db.insert(orders).values(row).onConflictDoNothing().returning()': { verb: 'insert', manyAtOnce: false },
  'db.update(orders).set({ total: 1 }).where(eq(orders.id, id))': { verb: 'update', filterColumns: ['id'], exact: true, manyAtOnce: false },
  'db.update(orders).set({ total: 1 }).where(inArray(orders.id, ids))': { verb: 'update', manyAtOnce: true },
  'db.delete(orders).where(eq(orders.id, id))': { verb: 'delete', filtered: true },
  'db.refreshMaterializedView(totals)': { verb: 'ddl' },

  // SQL
  'db.execute(sql`SELECT * FROM orders WHERE id = ${id}`)': { verb: 'read', tables: ['orders'], label: 'execute', filterColumns: ['id'] },
  "db.execute('DELETE FROM orders')": { verb: 'delete' },

  // run by their end
  'db.select().from(orders).execute()': { runs: 'at-once' },
  'db.select().from(orders).then((found) => found[0])': { bound: 'all' },

  // other handles
  'tx.select().from(orders)': { handle: 'transaction' },
  'db.with(few).select().from(few)': { verb: 'read' },

  // no query
  "db.select().from(orders).as('few')": undefined,
  'db.select().from(orders).toSQL()': undefined,
  "db.select().from(orders).where(eq(orders.id, sql.placeholder('id'))).prepare('one')": undefined,
  "db.$with('few').as(db.select().from(orders))": undefined,
  'sql`SELECT 1`': undefined,
  'other.select().from(orders)': undefined,
};

/** What statements run, in the order of the text. */
const STATEMENTS: Record<string, Facts[]> = {
  'const query = db.select().from(orders); if (limit) query.limit(limit); await query;': [{ bound: 'limited' }],
  'let query = db.select().from(orders).$dynamic(); query = query.where(eq(orders.id, id)); return await query;': [{ filtered: true }],
  'db.insert(orders).values(row);': [],
  'await db.select().from(orders).where(inArray(orders.id, db.select({ id: customers.id }).from(customers)));': [{ tables: ['orders'] }],
  'await db.transaction(async (inner) => { await inner.delete(orders); });': [{ verb: 'transaction', runs: 'at-once' }, { verb: 'delete', handle: 'transaction' }],
  'await db.batch([db.insert(orders).values(row), db.insert(customers).values(row)]);': [],
};

/** Ways to a handle. */
const HANDLES: Record<string, string> = {
  'Postgres.js': "import { drizzle } from 'drizzle-orm/postgres-js'; import postgres from 'postgres'; const db = drizzle(postgres('x')); export const main = async () => await db.query.orders.findMany({ limit: 5 });",
  'Neon': "import { drizzle } from 'drizzle-orm/neon-http'; const db = drizzle('x'); export const main = async () => await db.query.orders.findMany({ limit: 5 });",
  'a type': "import type { NodePgDatabase } from 'drizzle-orm/node-postgres'; export const main = async (db: NodePgDatabase) => await db.query.orders.findMany({ limit: 5 });",
  'the type of a value': "import { drizzle } from 'drizzle-orm/node-postgres'; const made = drizzle('x'); type Database = typeof made; export const main = async (db: Database) => await db.query.orders.findMany({ limit: 5 });",
  'replicas': "import { withReplicas } from 'drizzle-orm/pg-core'; import { drizzle } from 'drizzle-orm/node-postgres'; const db = withReplicas(drizzle('x'), [drizzle('y')]); export const main = async () => await db.query.orders.findMany({ limit: 5 });",
};

describe('Drizzle', () => {
  before(initSql);

  const check = (code: string, expected: Facts[]): void =>
    assert.deepEqual(factsOfQueries({ 'schema.ts': SCHEMA, 'main.ts': `${HEAD}\nexport async function main() { ${code} }` }, expected), expected);

  for (const [code, facts] of Object.entries(EXPRESSIONS)) it(`reads ${code}`, () => check(`return await ${code};`, facts ? [facts] : []));
  for (const [code, facts] of Object.entries(STATEMENTS)) it(`reads ${code}`, () => check(code, facts));
  for (const [name, text] of Object.entries(HANDLES)) {
    it(`is known through ${name}`, () => assert.deepEqual(factsOfQueries({ 'main.ts': text }, [{ label: '', bound: 'all' }]), [{ label: 'query.orders.findMany', bound: 'limited' }]));
  }
});
