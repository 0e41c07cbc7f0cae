import assert from 'node:assert/strict';
import { factsOfQueries, initSql } from '../../../test/analysis-host';
import type { Query } from './library';

const HEAD = `
  import { Kysely, sql, CompiledQuery, type Transaction, type ControlledTransaction, type SelectQueryBuilder, type ExpressionBuilder, type Expression } from 'kysely';
  interface DB { orders: { id: number; total: number; customer: number }; customers: { id: number; name: string } }
  declare const db: Kysely<DB>; declare const trx: Transaction<DB>; declare const held: ControlledTransaction<DB>;
  declare const id: number; declare const ids: number[]; declare const name: string; declare const limit: number | undefined; declare const row: Order; declare const rows: Order[];
  interface Order { id: number; total: number }
`;

type Facts = Partial<Query>;

/** What each expression runs: one query with at least these facts, or none. */
const EXPRESSIONS: Record<string, Facts | undefined> = {
  // handles
  "db.selectFrom('orders').selectAll().execute()": { library: 'kysely', verb: 'read', tables: ['orders'], label: 'selectFrom', handle: 'pool', runs: 'at-once', bound: 'all', filtered: false, columns: 'all', exact: false, manyAtOnce: false, offset: false },
  "new Kysely<DB>({ dialect }).selectFrom('orders').selectAll().execute()": { handle: 'pool', bound: 'all' },
  "trx.deleteFrom('orders').execute()": { verb: 'delete', handle: 'transaction', filtered: false },
  "held.deleteFrom('orders').execute()": { handle: 'transaction' },
  "db.withSchema('shop').withPlugin(plugin).selectFrom('orders').select('id').execute()": { handle: 'pool', tables: ['orders'], columns: 'some' },
  "(trx ?? db).selectFrom('orders').select('id').execute()": { tables: ['orders'] },

  // how many rows
  "db.selectFrom('orders').selectAll().where('id', '=', id).executeTakeFirst()": { bound: 'one', filtered: true, exact: true, filterColumns: ['id'] },
  "db.selectFrom('orders').selectAll().where('id', '=', id).executeTakeFirstOrThrow()": { bound: 'one' },
  "db.selectFrom('orders').selectAll().limit(1).execute()": { bound: 'one' },
  "db.selectFrom('orders').selectAll().limit(50).offset(100).execute()": { bound: 'limited', offset: true },
  "db.selectFrom('orders').selectAll().$if(limit !== undefined, (query) => query.limit(limit!)).execute()": { bound: 'limited' },
  "db.selectFrom('orders').selectAll().$call((query) => query.where('id', '=', id).limit(5)).execute()": { bound: 'limited', filtered: true },
  "db.selectFrom('orders').selectAll().$call(paginate).execute()": { bound: 'unknown', filtered: true },
  "db.selectFrom('orders').selectAll().stream()": { bound: 'unknown' },
  "db.selectFrom('orders').select(db.fn.countAll<number>().as('n')).execute()": { bound: 'aggregate' },
  "db.selectFrom('orders').select((eb) => eb.fn.count('id').as('n')).executeTakeFirstOrThrow()": { bound: 'one' },
  "db.selectFrom('orders').select(({ fn }) => [fn.count('id').as('n'), fn.coalesce(fn.sum('total'), sql`0`).as('sum')]).execute()": { bound: 'aggregate' },
  "db.selectFrom('orders').select(sql<number>`count(*)`.as('n')).execute()": { bound: 'aggregate' },
  "db.selectFrom('orders').select((eb) => eb.fn.countAll().as('n')).groupBy('customer').execute()": { bound: 'unknown' },
  "db.selectFrom('orders').select((eb) => ['id', eb.fn.countAll().over().as('n')]).execute()": { bound: 'all' },
  'db.selectNoFrom(sql`1`.as(\'one\')).execute()': { bound: 'one', tables: [] },

  // tables
  "db.selectFrom('orders as o').innerJoin('customers as c', 'c.id', 'o.customer').select('o.id').execute()": { tables: ['orders', 'customers'], filtered: true },
  "db.selectFrom('orders').leftJoin('customers', 'customers.id', 'orders.customer').select('orders.id').execute()": { tables: ['orders', 'customers'], filtered: false, bound: 'all' },
  "db.selectFrom(['orders', 'customers']).selectAll().execute()": { tables: ['orders', 'customers'] },
  "db.selectFrom(db.selectFrom('orders').select('id').limit(10).as('few')).selectAll().execute()": { tables: [], bound: 'unknown', filtered: true },
  "db.with('few', (query) => query.selectFrom('orders').select('id').limit(10)).selectFrom('few').selectAll().execute()": { verb: 'read', tables: [], bound: 'unknown' },
  "db.withRecursive('parents(id, parent)', (query) => query.selectFrom('orders').select('id')).selectFrom('parents').selectAll().execute()": { tables: [], bound: 'unknown' },
  "db.with('gone', (query) => query.deleteFrom('orders').where('id', '=', id).returning('id')).selectFrom('gone').selectAll().execute()": { verb: 'delete' },

  // conditions
  "db.selectFrom('orders').selectAll().where('orders.id', '=', id).where('total', '>', 5).execute()": { filterColumns: ['id'], exact: false },
  "db.selectFrom('orders').selectAll().where('id', 'in', ids).execute()": { manyAtOnce: true, filterColumns: [] },
  "db.selectFrom('orders').selectAll().where('total', 'is', null).execute()": { exact: true, filtered: true },
  "db.selectFrom('customers').selectAll().where('name', 'ilike', `%${name}%`).execute()": { searches: true },
  "db.selectFrom('customers').selectAll().where('name', 'like', 'admin-%').execute()": { searches: false },
  "db.selectFrom('orders').selectAll().where((eb) => eb('id', '=', id)).execute()": { filterColumns: ['id'], exact: true },
  "db.selectFrom('orders').selectAll().where(({ eb, and }) => and([eb('id', '=', id), eb('total', 'in', ids)])).execute()": { filterColumns: ['id'], exact: false, manyAtOnce: true },
  "db.selectFrom('orders').selectAll().where((eb) => eb.and({ id, total: 5 })).execute()": { filterColumns: ['id', 'total'], exact: true },
  "db.selectFrom('orders').selectAll().where((eb) => eb.or([eb('id', '=', id), eb('total', '=', 5)])).execute()": { filterColumns: [], exact: false, filtered: true },
  "db.selectFrom('orders').selectAll().where(sql<boolean>`name ilike ${name}`).execute()": { searches: true, filtered: true },
  "db.selectFrom('orders').selectAll().whereRef('id', '=', 'customer').execute()": { filtered: true, filterColumns: [] },
  "db.selectFrom('orders').selectAll().where('id', '=', id).clearWhere().execute()": { filtered: false },

  // writes
  "db.insertInto('orders').values(row).execute()": { verb: 'insert', tables: ['orders'], bound: 'none', manyAtOnce: false },
  "db.insertInto('orders').values({ id, total: 1 }).returningAll().executeTakeFirst()": { verb: 'insert', bound: 'one', manyAtOnce: false },
  "db.insertInto('orders').values([{ id, total: 1 }]).execute()": { manyAtOnce: true },
  "db.insertInto('orders').values(rows).onConflict((oc) => oc.doNothing()).execute()": { manyAtOnce: true },
  "db.insertInto('orders').values(ids.map((one) => ({ id: one }))).execute()": { manyAtOnce: true },
  "db.insertInto('orders').columns(['id']).expression((eb) => eb.selectFrom('customers').select('id')).execute()": { manyAtOnce: true },
  "db.replaceInto('orders').values(row).execute()": { verb: 'insert' },
  "db.updateTable('orders').set({ total: 1 }).where('id', '=', id).execute()": { verb: 'update', filterColumns: ['id'], exact: true, bound: 'none', manyAtOnce: false },
  "db.updateTable('orders').set({ total: 1 }).where('id', 'in', ids).execute()": { manyAtOnce: true },
  "db.updateTable('orders').from('customers').set({ total: 1 }).whereRef('customer', '=', 'customers.id').returning('id').execute()": { manyAtOnce: true, bound: 'all' },
  "db.deleteFrom('orders').where('id', '=', id).executeTakeFirst()": { verb: 'delete', tables: ['orders'], filtered: true },
  "db.mergeInto('orders').using('customers', 'customers.id', 'orders.id').whenMatched().thenDelete().execute()": { verb: 'update', manyAtOnce: true },
  "db.schema.createTable('orders').addColumn('id', 'integer').execute()": { verb: 'ddl', label: 'createTable' },

  // SQL
  'sql`select * from orders where id = ${id}`.execute(db)': { verb: 'read', tables: ['orders'], filterColumns: ['id'], handle: 'pool', runs: 'at-once' },
  'sql<Order>`update orders set total = 1`.execute(trx)': { verb: 'update', handle: 'transaction' },
  "sql.raw('delete from orders').execute(db)": { verb: 'delete', tables: ['orders'] },
  "db.executeQuery(CompiledQuery.raw('select * from orders limit 1'))": { verb: 'read', tables: ['orders'], bound: 'one' },

  // a promise's own methods
  "db.selectFrom('orders').selectAll().execute().then((found) => found.length)": { bound: 'all' },

  // no query
  "db.selectFrom('orders').selectAll()": undefined,
  "db.selectFrom('orders').selectAll().where('id', '=', id).compile()": undefined,
  "db.selectFrom('orders').select('id').as('ids')": undefined,
  "db.fn.count('id')": undefined,
  'db.isTransaction': undefined,
  'db.destroy()': undefined,
  "db.dynamic.ref('id')": undefined,
  "db.introspection.getTables()": undefined,
  "sql.ref('orders.id')": undefined,
  'sql`now()`': undefined,
  "other.selectFrom('orders').execute()": undefined,
  "new Map().selectFrom('orders').execute()": undefined,
};

/** What statements run, in the order of the text. */
const STATEMENTS: Record<string, Facts[]> = {
  "let query = db.selectFrom('orders').selectAll(); if (limit) query = query.limit(limit); return query.execute();": [{ bound: 'limited' }],
  "let query = db.selectFrom('orders').selectAll(); query = query.where('id', '=', id); const found = await query.execute();": [{ bound: 'all', filtered: true, filterColumns: ['id'] }],
  "let query = db.selectFrom('orders').selectAll(); query = paginate(query, limit); return query.execute();": [{ bound: 'unknown' }],
  "const query = db.selectFrom('orders').selectAll(); const page = await query.limit(5).execute(); const all = await query.execute();": [{ bound: 'limited' }, { bound: 'all' }],
  "let query; if (limit) query = db.selectFrom('orders').selectAll().limit(limit); else query = db.selectFrom('orders').selectAll(); await query.execute();": [{ verb: 'read' }],
  "const recent = db.selectFrom('orders').select('id').where('total', '>', 5); await db.deleteFrom('orders').where('id', 'in', recent).execute();": [{ verb: 'delete', manyAtOnce: true }],
  "await db.selectFrom('orders').selectAll().where((eb) => eb.exists(eb.selectFrom('customers').select('id').whereRef('id', '=', 'customer'))).limit(5).execute();": [{ tables: ['orders'], bound: 'limited' }],
  "await db.insertInto('orders').values({ id, total: (eb) => eb.selectFrom('orders').select('total') }).execute();": [{ verb: 'insert', manyAtOnce: false }],
  "await db.transaction().execute(async (inner) => { await inner.deleteFrom('orders').execute(); });": [{ verb: 'transaction', handle: 'pool' }, { verb: 'delete', handle: 'transaction' }],
  "await db.transaction().setIsolationLevel('serializable').execute((inner) => inner.deleteFrom('orders').execute());": [{ verb: 'transaction' }, { handle: 'transaction' }],
  "await db.connection().execute(async (one) => { await one.deleteFrom('orders').execute(); });": [{ verb: 'other' }, { handle: 'connection' }],
  "const inner = await db.startTransaction().execute(); await inner.deleteFrom('orders').execute(); await inner.commit().execute();": [{ verb: 'delete', handle: 'transaction' }],
  "const read = async (query: SelectQueryBuilder<DB, 'orders', Order>) => { return query.limit(5).execute(); };": [{ verb: 'read', bound: 'limited', handle: 'unknown' }],
  "const total = (eb: ExpressionBuilder<DB, 'orders'>) => eb.selectFrom('orders').select('total');": [],
  "class Database { constructor(readonly db: Kysely<DB>) {} get shop() { return this.db.withSchema('shop'); } orders() { return this.shop.selectFrom('orders').selectAll().execute(); } } const own = new Database(db); await own.db.deleteFrom('orders').execute();": [{ tables: ['orders'], bound: 'all' }, { verb: 'delete' }],
  "class Shop extends Kysely<DB> { orders() { return this.selectFrom('orders').select('id').execute(); } }": [{ tables: ['orders'], handle: 'pool' }],
  "const orders = (from: Kysely<DB>) => from.selectFrom('orders').selectAll(); await orders(db).where('id', '=', id).executeTakeFirst();": [{ bound: 'one', filterColumns: ['id'] }],
  'const kysely = await import(\'kysely\'); const made = new kysely.Kysely<DB>({}); await made.deleteFrom(\'orders\').execute();': [{ verb: 'delete', handle: 'pool' }],
  "const query = db.selectFrom('orders').where('id', '=', query).selectAll(); await query.execute();": [{ tables: ['orders'] }],
};

describe('Kysely', () => {
  before(initSql);

  const check = (code: string, expected: Facts[]): void => {
    assert.deepEqual(factsOfQueries({ 'main.ts': `${HEAD}\nexport async function main() { ${code} }` }, expected), expected);
  };

  for (const [code, facts] of Object.entries(EXPRESSIONS)) it(`reads ${code}`, () => check(`return ${code};`, facts ? [facts] : []));
  for (const [code, facts] of Object.entries(STATEMENTS)) it(`reads ${code}`, () => check(code, facts));
});
