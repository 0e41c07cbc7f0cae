import assert from 'node:assert/strict';
import { factsOfQueries, initSql, queriesOf } from '../../../test/analysis-host';
import type { Query } from './library';

const HEAD = `
  import knex, { Knex } from 'knex';
  import { ORDERS } from './tables';
  declare const db: Knex; declare const trx: Knex.Transaction; declare const builder: Knex.QueryBuilder; declare const maybe: Knex.Transaction | undefined;
  declare const id: number; declare const ids: number[]; declare const name: string; declare const limit: number | undefined; declare const filter: object; declare const row: Order; declare const rows: Order[];
  interface Order { id: number; total: number }
`;
const TABLES = "export const ORDERS = 'orders'; export const TABLES = { customers: 'customers' } as const;";

type Facts = Partial<Query>;

/** What each expression runs when a function returns it awaited: one query with at least these facts, or none. */
const EXPRESSIONS: Record<string, Facts | undefined> = {
  // handles
  "db('orders')": { library: 'knex', verb: 'read', tables: ['orders'], label: 'select', handle: 'pool', runs: 'when-awaited', bound: 'all', filtered: false, columns: 'all', exact: false, manyAtOnce: false, offset: false },
  "db<Order>('orders').select('id')": { tables: ['orders'], columns: 'some' },
  'db(ORDERS)': { tables: ['orders'] },
  "db('orders as o')": { tables: ['orders'] },
  "db({ o: 'orders' })": { tables: ['orders'] },
  "knex({ client: 'pg' })('orders')": { handle: 'pool', bound: 'all' },
  "trx('orders').del()": { verb: 'delete', handle: 'transaction' },
  "(maybe || db)('orders').first()": { bound: 'one' },
  "(maybe ?? db).select('*').from('orders')": { tables: ['orders'], columns: 'all' },
  "db.select('id').from<Order>('orders')": { tables: ['orders'], columns: 'some', bound: 'all' },
  "db.from('orders')": { bound: 'all' },
  "db.table('orders').where({ id })": { tables: ['orders'] },
  "db.queryBuilder().select('*').from('orders')": { tables: ['orders'], bound: 'all' },
  "db.withSchema('shop').from('orders')": { tables: ['orders'], bound: 'all' },
  "db('orders').transacting(trx).where({ id })": { handle: 'transaction' },
  "require('knex')({ client: 'pg' })('orders')": { handle: 'pool' },

  // how many rows
  "db('orders').where({ id }).first()": { bound: 'one', label: 'first', exact: true, filterColumns: ['id'] },
  "db.first('id').from('orders')": { bound: 'one', columns: 'some' },
  "db('orders').limit(10).offset(20)": { bound: 'limited', offset: true },
  "db('orders').limit(1)": { bound: 'one' },
  "db('orders').count('* as n')": { bound: 'aggregate', label: 'count' },
  "db('orders').select(db.raw('count(*) as n'))": { bound: 'aggregate' },
  "db('orders').select('customer').count('* as n').groupBy('customer')": { bound: 'unknown' },
  "db('orders').pluck('id')": { columns: 'some', bound: 'all' },
  "db('orders').distinct('customer')": { columns: 'some' },
  "db('orders').stream()": { bound: 'unknown', runs: 'at-once' },
  "db('orders').modify(paged)": { bound: 'unknown', filtered: true },
  "db('orders').paginate({ perPage: 10 })": { bound: 'unknown' },

  // tables
  "db('orders').join('customers', 'customers.id', 'orders.customer').select('orders.id')": { tables: ['orders', 'customers'], filtered: true },
  "db('orders').leftJoin('customers', 'customers.id', 'orders.customer')": { tables: ['orders', 'customers'], filtered: false },
  "db.from(db('orders').limit(5).as('few'))": { bound: 'unknown' },
  "db.with('few', db('orders').limit(5)).select('*').from('few')": { tables: [], bound: 'unknown' },
  "db.with('gone', (query) => query.from('orders').where({ id }).del().returning('*')).select('*').from('gone')": { verb: 'delete', tables: [] },

  // conditions
  "db('orders').where('id', id)": { filterColumns: ['id'], exact: true, filtered: true },
  "db('orders').where('orders.id', '=', id).andWhere('total', '>', 5)": { filterColumns: ['id'], exact: false },
  "db('orders').where({ 'orders.id': id, total: 5 })": { filterColumns: ['id', 'total'], exact: true },
  "db('orders').where(filter)": { filtered: true, exact: true },
  "db('orders').where((query) => query.where('id', id).orWhere('total', 5))": { filtered: true, exact: false },
  "db('orders').where({ id }).orWhere({ total: 5 })": { filterColumns: ['id'], exact: false },
  "db('orders').whereNull('total')": { exact: true },
  "db('orders').whereNot({ id })": { exact: false, filterColumns: [] },
  "db('orders').whereIn('id', ids)": { manyAtOnce: true },
  "db('orders').where('id', 'in', ids)": { manyAtOnce: true },
  "db('orders').whereRaw('id = ANY(?)', [ids])": { manyAtOnce: true },
  "db('customers').whereILike('name', `%${name}%`)": { searches: true },
  "db('customers').where('name', 'ilike', `%${name}%`)": { searches: true },
  "db('customers').whereLike('name', 'admin-%')": { searches: false },
  "db('customers').whereRaw('name ILIKE ?', [name])": { searches: true },

  // writes
  "db('orders').insert(row)": { verb: 'insert', label: 'insert', tables: ['orders'], manyAtOnce: false, bound: 'none' },
  "db('orders').insert({ id, total: 1 }).returning('*')": { bound: 'one', manyAtOnce: false },
  "db('orders').insert(rows).onConflict('id').merge()": { verb: 'insert', manyAtOnce: true },
  "db('orders').insert(ids.map((one) => ({ id: one })))": { manyAtOnce: true },
  "db.insert(row).into('orders')": { verb: 'insert', tables: ['orders'] },
  "db('orders').insert(db.select('id').from('customers'))": { verb: 'insert', manyAtOnce: true },
  "db.batchInsert('orders', rows, 100)": { verb: 'insert', tables: ['orders'], manyAtOnce: true },
  "db('orders').where({ id }).update({ total: 1 })": { verb: 'update', filterColumns: ['id'], exact: true, manyAtOnce: false },
  "db('orders').whereIn('id', ids).update({ total: 1 }, ['id'])": { verb: 'update', manyAtOnce: true },
  "db('orders').where({ id }).increment('total', 1)": { verb: 'update' },
  "db('orders').where({ id }).delete()": { verb: 'delete', filtered: true },
  "db('orders').truncate()": { verb: 'ddl' },
  "db.schema.createTable('orders', (table) => { table.increments(); })": { verb: 'ddl', label: 'createTable' },

  // SQL
  "db.raw('select * from orders where id = ?', [id])": { verb: 'read', tables: ['orders'], filterColumns: ['id'], label: 'raw', runs: 'when-awaited' },
  "db.raw('select * from ?? where id = :id limit 5', { id })": { verb: 'read', tables: [], bound: 'limited' },
  "trx.raw('update orders set total = 1 where meta \\\\? :key', { key: name })": { verb: 'update', tables: ['orders'], handle: 'transaction' },
  "db.raw('delete from orders').transacting(trx)": { verb: 'delete', handle: 'transaction' },

  // a builder that is known by its type
  'builder.where({ id })': { verb: 'read', bound: 'unknown', handle: 'unknown' },

  // run by the promise's own methods
  "db('orders').where({ id }).then((found) => found)": { runs: 'at-once', exact: true },
  "db('orders').del().catch(() => 0)": { verb: 'delete', runs: 'at-once' },

  // no query
  "db('orders').where({ id }).toSQL()": undefined,
  "db('orders').select('id').as('ids')": undefined,
  "db.raw('now()').toString()": undefined,
  'db.fn.now()': undefined,
  "db.ref('orders.id')": undefined,
  'db.isTransaction': undefined,
  'db.destroy()': undefined,
  'db.migrate.latest()': undefined,
  'trx.commit()': undefined,
  'trx.isCompleted()': undefined,
  "other('orders').first()": undefined,
  "new Map().where({ id }).first()": undefined,
};

/** What statements run, in the order of the text. */
const STATEMENTS: Record<string, Facts[]> = {
  // builders in variables
  "const query = db('orders'); query.where({ id }); if (limit) query.limit(limit); const found = await query;": [{ bound: 'limited', filtered: true, filterColumns: ['id'] }],
  "let query = db('orders'); if (limit) query = query.limit(limit); return await query;": [{ bound: 'limited' }],
  "const query = db('orders').where({ id }); addFilters(query); await query;": [{ bound: 'unknown' }],
  "const query = db('orders').where({ id }); if (limit) query.andWhere('total', '>', limit); return query;": [{ bound: 'unknown', filtered: true }],
  "const query = db('orders').where({ id }); const [{ n }] = await query.clone().count('* as n'); const page = await query.limit(5);": [{ bound: 'aggregate' }, { bound: 'limited' }],
  "const query = db('orders'); query.where({ id });": [],
  "db('orders').insert(row);": [],
  "db('orders').insert(row).then(() => {});": [{ verb: 'insert', runs: 'at-once' }],
  "const query = db('orders').insert(row); await Promise.all([query, db('customers').del()]);": [{ verb: 'insert' }, { verb: 'delete' }],

  // functions that make builders
  "const orders = () => db.select('*').from('orders'); await orders().where({ id }).first();": [{ bound: 'unknown' }, { bound: 'one' }],

  // parts of other queries
  "await db('orders').whereIn('customer', db('customers').select('id').where({ name }));": [{ tables: ['orders'] }],
  "await db('orders').where({ id }).update({ total: db.raw('total + 1'), at: db.fn.now() });": [{ verb: 'update' }],
  "await db('orders').insert([{ id, total: trx.raw('?::int', [1]) }]);": [{ verb: 'insert' }],
  "const now = db.raw('now()'); await db('orders').where({ id }).update({ at: now });": [{ verb: 'update' }],
  "const customers = db('customers').select('id'); await db('orders').whereIn('customer', customers).limit(5);": [{ tables: ['orders'], bound: 'limited' }],
  "await db('orders').where(function () { this.where({ id }).orWhereNull('total'); }).limit(5);": [{ bound: 'limited' }],
  "await db('orders').join(db('customers').select('id').as('c'), 'c.id', 'orders.customer').select('orders.id');": [{ tables: ['orders'], bound: 'unknown' }],

  // transactions
  "await db.transaction(async (inner) => { await inner('orders').del(); });": [{ verb: 'transaction' }, { verb: 'delete', handle: 'transaction' }],
  "const inner = await db.transaction(); await inner('orders').del(); await inner.commit();": [{ verb: 'delete', handle: 'transaction' }],
  "const inner = await db.transaction({ isolationLevel: 'serializable' }); await inner('orders').del();": [{ handle: 'transaction' }],
  "const provider = db.transactionProvider(); const inner = await provider(); await inner('orders').del();": [{ handle: 'transaction' }],
  "class Store { knex: Knex; constructor() { this.knex = knex({}); } orders() { return this.knex.from<Order>('orders').limit(5); } } const store = new Store(); await store.knex('orders').del();": [{ bound: 'limited' }, { verb: 'delete', handle: 'pool' }],
  "class List { query; constructor() { this.query = db('orders'); } of(id: number) { this.query.where({ id }); return this; } } const list = new List().of(id); await list.query.select('id');": [{ bound: 'unknown', filtered: true }],
  "const few = db('orders').limit(5).as('few'); await db.from(few).select('*');": [{ tables: [], bound: 'unknown' }],
  "const query = db('orders').where(query); await query;": [{ tables: ['orders'] }],
};

/** Ways to import the package. */
const IMPORTS: Record<string, string> = {
  'a default import under another name': "import Knex from 'knex'; const db = Knex({}); export const main = async () => await db('orders').limit(5);",
  'a named import': "import { knex } from 'knex'; const db = knex({}); export const main = async () => await db('orders').limit(5);",
  'a namespace': "import * as Knex from 'knex'; const db = Knex({}); export const main = async () => await db('orders').limit(5);",
  'CommonJS': "const { knex } = require('knex'); const db = knex({}); exports.main = async () => await db('orders').limit(5);",
  'a type of an old version': "import Knex, { Transaction } from 'knex'; export const main = async (db: Knex | Transaction) => await db('orders').limit(5);",
  'a type on the default import': "import type knex from 'knex'; export const main = async (db: knex.Knex.Transaction) => await db('orders').limit(5);",
  'a type on a namespace': "import * as Knex from 'knex'; export const main = async (db: Knex.Transaction) => await db('orders').limit(5);",
  'TypeScript’s own require': "import Knex = require('knex'); export const main = async (db: Knex) => await db('orders').limit(5);",
};

describe('Knex', () => {
  before(initSql);

  const check = (code: string, expected: Facts[]): void => {
    assert.deepEqual(factsOfQueries({ 'tables.ts': TABLES, 'main.ts': `${HEAD}\nexport async function main() { ${code} }` }, expected), expected);
  };

  for (const [code, facts] of Object.entries(EXPRESSIONS)) it(`reads ${code}`, () => check(`return await ${code};`, facts ? [facts] : []));
  for (const [code, facts] of Object.entries(STATEMENTS)) it(`reads ${code}`, () => check(code, facts));
  for (const [name, text] of Object.entries(IMPORTS)) {
    it(`is known through ${name}`, () => assert.deepEqual(queriesOf({ 'main.ts': text }).map(({ tables, bound }) => [tables, bound]), [[['orders'], 'limited']]));
  }
});
