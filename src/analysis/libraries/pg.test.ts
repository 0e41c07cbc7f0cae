import assert from 'node:assert/strict';
import { factsOfQueries, initSql } from '../../../test/analysis-host';
import type { Query } from './library';

const HEAD = `
  import pg, { Client, Pool, type PoolClient } from 'pg';
  const pool = new Pool(); const client = new Client();
  declare const held: PoolClient; declare const id: number; declare const ids: number[]; declare const name: string; declare const table: string;
`;

type Facts = Partial<Query>;

/** What each expression runs when a function returns it awaited: one query with at least these facts, or none. */
const EXPRESSIONS: Record<string, Facts | undefined> = {
  // how many rows
  "pool.query('SELECT * FROM orders')": { library: 'pg', verb: 'read', tables: ['orders'], label: 'pool.query', handle: 'pool', runs: 'at-once', bound: 'all', filtered: false, exact: false, manyAtOnce: false },
  "pool.query('SELECT * FROM orders WHERE id = $1', [id])": { filterColumns: ['id'], exact: true, filtered: true },
  "pool.query('SELECT * FROM orders LIMIT 10 OFFSET $1', [id])": { bound: 'limited', offset: true },
  "pool.query('SELECT count(*) FROM orders')": { bound: 'aggregate' },
  "pool.query('SELECT * FROM orders WHERE id = ANY($1)', [ids])": { manyAtOnce: true },
  "pool.query({ text: 'SELECT * FROM orders WHERE id = $1', values: [id] })": { tables: ['orders'], filterColumns: ['id'] },
  "pool.query({ name: 'one', text: 'SELECT * FROM orders' })": { tables: ['orders'] },
  'pool.query(`SELECT * FROM ${table} WHERE id = $1`, [id])': { verb: 'read' },

  // writes
  "pool.query('INSERT INTO orders (total) VALUES ($1)', [id])": { verb: 'insert', tables: ['orders'], manyAtOnce: false },
  "pool.query('INSERT INTO orders (total) SELECT * FROM unnest($1::int[])', [ids])": { verb: 'insert', manyAtOnce: true },
  "pool.query('UPDATE orders SET total = 1 WHERE id = $1', [id])": { verb: 'update' },
  "pool.query('DELETE FROM orders WHERE id = $1', [id])": { verb: 'delete' },
  "client.query('BEGIN')": { verb: 'transaction', handle: 'connection' },

  // other handles
  "client.query('SELECT 1')": { label: 'client.query', handle: 'connection' },
  "held.query('SELECT 1')": { label: 'client.query', handle: 'connection' },
  "new pg.Pool().query('SELECT 1')": { handle: 'pool' },
  "(await pool.connect()).query('SELECT 1')": { handle: 'connection' },

  // no query
  'pool.connect()': undefined,
  'client.connect()': undefined,
  'pool.end()': undefined,
  'held.release()': undefined,
  "pool.on('error', () => {})": undefined,
  'pool.totalCount': undefined,
  "new Map().query('SELECT 1')": undefined,
};

/** Ways to a handle. */
const HANDLES: Record<string, string> = {
  'the default export': "import pg from 'pg'; const db = new pg.Pool(); export const main = () => db.query('SELECT * FROM orders LIMIT 5');",
  'a namespace': "import * as pg from 'pg'; const db = new pg.Client(); export const main = () => db.query('SELECT * FROM orders LIMIT 5');",
  'pg-pool': "import Pool from 'pg-pool'; const db = new Pool(); export const main = () => db.query('SELECT * FROM orders LIMIT 5');",
  'a type on the default export': "import type pg from 'pg'; export const main = (db: pg.PoolClient) => db.query('SELECT * FROM orders LIMIT 5');",
  'CommonJS': "const { Pool } = require('pg'); const db = new Pool(); exports.main = () => db.query('SELECT * FROM orders LIMIT 5');",
  'a class that is derived from it': "import { Pool } from 'pg'; class Database extends Pool {} const db = new Database(); export const main = () => db.query('SELECT * FROM orders LIMIT 5');",
};

describe('node-postgres', () => {
  before(initSql);

  for (const [code, facts] of Object.entries(EXPRESSIONS)) {
    const expected = facts ? [facts] : [];
    it(`reads ${code}`, () => assert.deepEqual(factsOfQueries({ 'main.ts': `${HEAD}\nexport async function main() { return await ${code}; }` }, expected), expected));
  }
  for (const [name, text] of Object.entries(HANDLES)) {
    it(`is known through ${name}`, () => assert.deepEqual(factsOfQueries({ 'main.ts': text }, [{ bound: 'all', tables: [] }]), [{ bound: 'limited', tables: ['orders'] }]));
  }
});
