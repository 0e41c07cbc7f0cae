import assert from 'node:assert/strict';
import { factsOfQueries, initSql } from '../../../test/analysis-host';
import type { Query } from './library';

const START = `import { neon } from '@neondatabase/serverless'; const sql = neon(process.env.DATABASE_URL!);`;
const f = (body: string): string => `${START} export async function f(id: number, ids: number[]) { ${body} }`;

const CASES: [name: string, code: string, queries: Partial<Query>[]][] = [
  ['a template', f('await sql`SELECT * FROM users WHERE id = ${id}`;'), [{ library: 'neon', label: 'sql', verb: 'read', tables: ['users'], filterColumns: ['id'], handle: 'pool', columns: 'all' }]],
  ['a template that nobody awaits', f('sql`SELECT 1 FROM users`;'), []],
  ['a fragment', f('const where = sql`WHERE id = ${id}`; await sql`SELECT * FROM users ${where}`;'), [{ tables: ['users'], filterColumns: ['id'] }]],
  ['text with values', f("await sql('DELETE FROM users WHERE id = $1', [id]); await sql.query('DELETE FROM users WHERE id = $1', [id]);"), [{ label: 'sql', verb: 'delete', tables: ['users'] }, { label: 'sql.query', verb: 'delete', tables: ['users'] }]],
  ['a batch in one request', f('await sql.transaction([sql`DELETE FROM a WHERE id = ${id}`, sql`DELETE FROM b WHERE id = ${id}`]);'), [{ label: 'sql.transaction', verb: 'transaction' }, { verb: 'delete', tables: ['a'] }, { verb: 'delete', tables: ['b'] }]],
  ['a batch from a function', f('await sql.transaction((tx) => [tx`DELETE FROM a WHERE id = ${id}`]);'), [{ verb: 'transaction' }, { verb: 'delete', tables: ['a'], handle: 'transaction' }]],
  ['a pool', `import { Pool } from '@neondatabase/serverless'; const pool = new Pool(); export async function f() { await pool.query('SELECT 1 FROM a'); const client = await pool.connect(); await client.query('SELECT 1 FROM b'); client.release(); }`, [{ label: 'pool.query', handle: 'pool', tables: ['a'] }, { label: 'client.query', handle: 'connection', tables: ['b'] }]],
  ['a parameter by its type', `import type { NeonQueryFunction } from '@neondatabase/serverless'; export async function f(sql: NeonQueryFunction<false, false>) { await sql\`SELECT 1 FROM a\`; }`, [{ library: 'neon', tables: ['a'] }]],
  ['Vercel’s package', `import { sql, db, createPool } from '@vercel/postgres'; export async function f() { await sql\`SELECT 1 FROM a\`; const client = await db.connect(); await client.sql\`SELECT 1 FROM b\`; await createPool().query('SELECT 1 FROM c'); }`, [{ tables: ['a'], handle: 'pool' }, { tables: ['b'], handle: 'connection' }, { tables: ['c'], handle: 'pool' }]],
  ['other exports', `import { neonConfig } from '@neondatabase/serverless'; export async function f() { await neonConfig.fetchFunction('SELECT 1 FROM a'); }`, []],
];

describe('Neon', () => {
  before(initSql);

  for (const [name, code, expected] of CASES) {
    it(`understands ${name}`, () => assert.deepEqual(factsOfQueries({ 'main.ts': code }, expected), expected));
  }
});
