import assert from 'node:assert/strict';
import type { Query } from '../../src/analysis/libraries/library';
import { sqlBlocks } from '../../src/analysis/syntax/sql-blocks';
import { extractFacts, factsOfQueries, initSql, programOf } from '../analysis-host';

const FILES = {
  'loader.ts': `import fs from 'node:fs'; export function load(location: string): Record<string, string> { return parse(fs.readFileSync(location.replace('.ts', '.sql'), 'utf8')); } function parse(text: string) { return { text }; }`,
  'main.sql': `-- BLOCK find\nSELECT name FROM users WHERE id = $id;\n\n-- BLOCK remove_all\nDELETE FROM users;\n`,
  'queries/orders.sql': `SELECT * FROM orders WHERE customer_id = $1;\n`,
  'named.sql': `-- name: get-user :one\nSELECT * FROM users WHERE id = :id LIMIT 1;\n/* @name DropUser */\nDELETE FROM users WHERE id = :id;\n`,
};
const START = `import { Pool } from 'pg'; import fs, { readFileSync } from 'node:fs'; import path, { dirname, join } from 'node:path'; import { fileURLToPath } from 'node:url'; import { load } from './loader'; const pool = new Pool();`;

const CASES: [name: string, code: string, queries: Partial<Query>[]][] = [
  ['named blocks of the file beside the module', `${START} const sql = load(import.meta.url); export async function f(id: number) { await pool.query(sql.find, [id]); await pool.query(sql.remove_all); }`, [{ verb: 'read', tables: ['users'], filterColumns: ['id'], columns: 'some' }, { verb: 'delete', tables: ['users'], filtered: false }]],
  ['a loader of a package', `import { Pool } from 'pg'; import { loadSql } from 'some-loader'; const pool = new Pool(); const sql = loadSql(__filename); export async function f() { await pool.query(sql.remove_all); }`, [{ verb: 'delete' }]],
  ['destructured blocks', `${START} const { find, remove_all: removeAll } = load(fileURLToPath(import.meta.url)); export async function f(id: number) { await pool.query(find, [id]); await pool.query(removeAll); }`, [{ verb: 'read' }, { verb: 'delete' }]],
  ['a block that the file has not', `${START} const sql = load(import.meta.url); export async function f() { await pool.query(sql.missing); }`, [{ verb: 'other' }]],
  ['a file that is read', `${START} const text = readFileSync(join(__dirname, 'queries', 'orders.sql'), 'utf8'); export async function f(id: number) { await pool.query(text, [id]); }`, [{ verb: 'read', tables: ['orders'], filterColumns: ['customer_id'] }]],
  ['a file that is read as bytes', `${START} const text = fs.readFileSync(path.join(__dirname, 'queries/orders.sql')).toString(); export async function f(id: number) { await pool.query(text, [id]); }`, [{ verb: 'read', tables: ['orders'] }]],
  ['a folder in a variable', `${START} const here = dirname(fileURLToPath(import.meta.url)); const text = readFileSync(path.resolve(here, 'queries', 'orders.sql'), 'utf8'); export async function f(id: number) { await pool.query(text, [id]); }`, [{ tables: ['orders'] }]],
  ['a URL', `${START} const text = await fs.promises.readFile(new URL('./queries/orders.sql', import.meta.url), 'utf8'); export async function f(id: number) { await pool.query(text, [id]); }`, [{ tables: ['orders'] }]],
  ['a template of a path', `${START} const file = \`\${__dirname}/queries/orders.sql\`; export async function f(id: number) { const text = readFileSync(file, 'utf8'); await pool.query(text, [id]); }`, [{ tables: ['orders'] }]],
  ['a sum of paths', `${START} const text = readFileSync(import.meta.dirname + '/queries/orders.sql', 'utf8'); export async function f(id: number) { await pool.query(text, [id]); }`, [{ tables: ['orders'] }]],
  ['an import', `import { Pool } from 'pg'; import orders from './queries/orders.sql'; const pool = new Pool(); export async function f(id: number) { await pool.query(orders, [id]); }`, [{ verb: 'read', tables: ['orders'] }]],
  ['an import of the raw text', `import { Pool } from 'pg'; import orders from './queries/orders.sql?raw'; const pool = new Pool(); export async function f(id: number) { await pool.query(orders, [id]); }`, [{ verb: 'read', tables: ['orders'] }]],
  ['an object of one file', `import { Pool } from 'pg'; import { QueryFile } from 'some-client'; const pool = new Pool(); const orders = new QueryFile('queries/orders.sql'); export async function f(id: number) { await pool.query(orders, [id]); }`, [{ tables: ['orders'] }]],
  ['names with hyphens, and names in comments', `${START} const named = load('./named.sql'); export async function f() { await pool.query(named['get-user']); await pool.query(named.getUser); await pool.query(named.DropUser); }`, [{ verb: 'read', bound: 'one' }, { verb: 'read' }, { verb: 'delete' }]],
  ['a file of Postgres.js', `import postgres from 'postgres'; const sql = postgres(); export async function f(id: number) { await sql.file('queries/orders.sql', [id]); }`, [{ label: 'sql.file', verb: 'read', tables: ['orders'] }]],
  ['a file that is not there', `${START} const text = readFileSync(join(__dirname, 'gone.sql'), 'utf8'); export async function f() { await pool.query(text); }`, [{ verb: 'other' }]],
  ['a path that only the running program knows', `${START} export async function f(name: string) { await pool.query(readFileSync(join(__dirname, name), 'utf8')); }`, [{ verb: 'other' }]],
  ['a wrapper, given a block', `${START} const sql = load(import.meta.url); const rows = async (text: string, values: object) => (await pool.query(text, Object.values(values))).rows; export async function f(id: number) { await rows(sql.find, { id }); }`, [{ label: 'pool.query', verb: 'other' }, { label: 'rows', verb: 'read', tables: ['users'], filterColumns: ['id'] }]],
];

describe('SQL in files of its own', () => {
  before(initSql);

  for (const [name, code, expected] of CASES) {
    it(`is read through ${name}`, () => assert.deepEqual(factsOfQueries({ ...FILES, 'main.ts': code }, expected), expected));
  }

  it('has its blocks by name', () => {
    const text = '-- a header\n-- BLOCK one\nSELECT 1;\n  --BLOCK two \nSELECT 2;\n-- a remark\n-- name: three :many\nSELECT 3\n/* @name Four\n */\nSELECT 4';
    assert.deepEqual(sqlBlocks(text).map(({ name, start, end }) => [name, text.slice(start, end).trim()]), [['one', 'SELECT 1;'], ['two', 'SELECT 2;\n-- a remark'], ['three', 'SELECT 3'], ['Four', 'SELECT 4']]);
    assert.deepEqual(sqlBlocks('-- the name of a thing\nSELECT 1; -- BLOCK no'), []);
  });

  it('is looked at again when it changes', () => {
    const code = `${START} const sql = load(import.meta.url); export async function f(ids: number[]) { for (const id of ids) await pool.query(sql.find, [id]); }`;
    const program = programOf(new Map(Object.entries({ ...FILES, 'main.ts': code })));
    const verbs = (): string[] => {
      const facts = program.facts('main.ts');
      return facts?.kind === 'module' ? program.queriesPerElement(facts).map(({ query }) => query.verb) : [];
    };
    assert.deepEqual(verbs(), ['read']);
    assert.ok(program.update(extractFacts('main.sql', '-- BLOCK find\nDELETE FROM users WHERE id = $id;\n')).includes('main.ts'));
    assert.deepEqual(verbs(), ['delete']);
    program.remove('main.sql');
    program.resolutionChanged();
    assert.deepEqual(verbs(), []);
  });
});
