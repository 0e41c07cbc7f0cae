import assert from 'node:assert/strict';
import type { Query } from '../../src/analysis/libraries/library';
import { factsOfQueries, initSql } from '../analysis-host';

const DB = `
  import { Pool, type PoolClient, type QueryConfig } from 'pg';
  const pool = new Pool();
  export async function query(text: string, values?: unknown[]) { const started = Date.now(); const result = await pool.query(text, values); console.log(text, Date.now() - started); return result; }
  export const rows = async (text: string, values: unknown[]) => (await query(text, values)).rows;
  export const one = async (...given: unknown[]) => pool.query(given[0] as string);
  export async function onClient(client: PoolClient, sql: string, values: object) { const { text, list } = numbered(sql, values); return client.query(text, list); }
  export async function borrowed(sql: string, values: object) { const client = await pool.connect(); try { return await onClient(client, sql, values); } finally { client.release(); } }
  export const byConfig = (config: QueryConfig) => pool.query(config);
  export const byObject = ({ sql, values }: { sql: string; values: unknown[] }) => pool.query(sql, values);
  export const limited = (sql: string) => pool.query(sql + ' LIMIT 10');
  export const table = (name: string) => pool.query('SELECT * FROM ' + name);
  const QUERIES: Record<string, string> = { all: 'SELECT * FROM users' };
  export const byName = (name: string) => pool.query(QUERIES[name]);
  export const inTransaction = <T>(run: (client: PoolClient) => Promise<T>) => pool.connect().then(run);
  function numbered(sql: string, values: object) { return { text: sql.replace('$id', '$1'), list: Object.values(values) }; }
  export class Database {
    constructor(private readonly pool: Pool) {}
    async many(sql: string, values: unknown[]) { return (await this.pool.query(sql, values)).rows; }
    async one(sql: string, values: unknown[]) { return (await this.many(sql, values))[0]; }
    all = (sql: string) => this.many(sql, []);
  }
  export const db = new Database(pool);
  export const bound = db.many.bind(db);
`;
const SQL = `export const FIND = 'SELECT name FROM users WHERE id = $1'; export const sql = { remove: 'DELETE FROM users WHERE id = $1' };`;
const START = `import { bound, borrowed, byConfig, byName, byObject, db, inTransaction, limited, onClient, query, rows, table } from './db'; import * as texts from './sql'; import { FIND, sql } from './sql';`;
const f = (body: string): string => `${START} export async function f(id: number, ids: number[], given: string) { ${body} }`;

const CASES: [name: string, code: string, queries: Partial<Query>[]][] = [
  ['a function', f("await query('SELECT name FROM users WHERE id = $1', [id]);"), [{ library: 'pg', label: 'query', verb: 'read', tables: ['users'], filterColumns: ['id'], exact: true, bound: 'all', handle: 'pool' }]],
  ['a wrapper of a wrapper', f("await rows('INSERT INTO users (id) VALUES ($1)', [id]);"), [{ label: 'rows', verb: 'insert', tables: ['users'], manyAtOnce: false }]],
  ['a constant of another module', f('await query(FIND, [id]); await query(sql.remove, [id]); await query(texts.FIND, [id]); await query(texts.sql.remove, [id]);'), [{ verb: 'read', tables: ['users'] }, { verb: 'delete', tables: ['users'] }, { verb: 'read' }, { verb: 'delete' }]],
  ['a template', f('await query(`UPDATE users SET seen = now() WHERE id = ${id}`);'), [{ verb: 'update', tables: ['users'] }]],
  ['a text that is put into another form', f("await borrowed('SELECT * FROM users WHERE id = $id', { id });"), [{ label: 'borrowed', verb: 'read', tables: ['users'], filterColumns: ['id'], handle: 'unknown' }]],
  ['a client that is handed over', f("await inTransaction(async (client) => { await onClient(client, 'DELETE FROM users', {}); });"), [{ label: 'onClient', verb: 'delete', handle: 'connection' }]],
  ['an object', f("await byConfig({ text: 'SELECT 1 FROM a', values: [] }); await byObject({ sql: 'SELECT 1 FROM b', values: [] });"), [{ label: 'byConfig', tables: ['a'] }, { label: 'byObject', tables: ['b'] }]],
  ['a text that is added to', f("await limited('SELECT * FROM users');"), [{ label: 'limited', verb: 'read', tables: ['users'], bound: 'unknown', filtered: true }]],
  ['a class', f("await db.many('SELECT * FROM a', []); await db.one('SELECT * FROM b', []); await db.all('SELECT * FROM c');"), [{ label: 'many', tables: ['a'], bound: 'all' }, { label: 'one', tables: ['b'] }, { label: 'all', tables: ['c'] }]],
  ['a bound method', f("await bound('SELECT * FROM a', []);"), [{ label: 'bound', tables: ['a'] }]],
  ['a text that nobody knows', f('await query(given);'), [{ label: 'query', verb: 'other', bound: 'unknown' }]],
  ['a text whose beginning is known', f("let text = 'SELECT * FROM users'; if (id) text += ' WHERE id = 1'; await query(text);"), [{ label: 'query', verb: 'read', bound: 'unknown', filtered: true }]],
  ['a function that spells its own SQL', f("await table('users');"), []],
  ['a name of a query', f("await byName('all');"), []],
  ['functions that are no wrappers of a client', `const run = async (text: string) => text.length; export async function f() { await run('SELECT * FROM users'); }`, []],
  ['a wrapper that calls itself', `import { Pool } from 'pg'; const pool = new Pool(); async function query(text: string, tries = 3): Promise<unknown> { try { return await pool.query(text); } catch { return query(text, tries - 1); } } export async function f() { await query('DELETE FROM a'); }`, [{ label: 'pool.query', verb: 'other' }, { label: 'query', verb: 'other' }, { label: 'query', verb: 'delete', tables: ['a'] }]],
  ['wrappers that call each other', `const a = (text: string): Promise<unknown> => b(text); const b = (text: string): Promise<unknown> => a(text); export const f = () => a('DELETE FROM t');`, []],
  ['a wrapper of Postgres.js', `import postgres from 'postgres'; const sql = postgres(); const raw = (text: string, values: never[]) => sql.unsafe(text, values); export async function f() { await raw('DELETE FROM a', []); }`, [{ library: 'postgres-js', label: 'sql.unsafe', verb: 'other' }, { library: 'postgres-js', label: 'raw', verb: 'delete', tables: ['a'] }]],
];

describe('functions that run the SQL they are given', () => {
  before(initSql);

  for (const [name, code, expected] of CASES) {
    it(`are completed at the call: ${name}`, () => assert.deepEqual(factsOfQueries({ 'db.ts': DB, 'sql.ts': SQL, 'main.ts': code }, expected), expected));
  }
});
