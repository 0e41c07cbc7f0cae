import assert from 'node:assert/strict';
import { analyze, initSql } from '../analysis-host';

const HEAD = `import { Pool } from 'pg'; import knexOf from 'knex'; import postgres from 'postgres'; import { PrismaClient, Prisma } from '@prisma/client'; import { Kysely, sql as ksql } from 'kysely';
import { drizzle } from 'drizzle-orm/node-postgres'; import { DataSource } from 'typeorm'; import { Sequelize } from 'sequelize'; import type { PgTable } from 'drizzle-orm/pg-core';
const pool = new Pool(); const knex = knexOf({ client: 'pg' }); const sql = postgres(); const prisma = new PrismaClient(); declare const db: Kysely<any>; const orm = drizzle(pool); declare const source: DataSource; const sequelize = new Sequelize('');
`;

/** `TABLE` stands for the table's name, `ID` for a value of the filter. */
const STATEMENTS: Record<string, string> = {
  'node-postgres': 'pool.query(`DELETE FROM ${TABLE} WHERE org_id = $1`, [ID])',
  'node-postgres, a text from parts': "pool.query('DELETE FROM ' + TABLE + ' WHERE org_id = $1', [ID])",
  'node-postgres, quoted and qualified': 'pool.query({ text: `UPDATE "app"."${TABLE}" SET gone = true WHERE org_id = $1`, values: [ID] })',
  'Postgres.js': 'sql`DELETE FROM ${sql(TABLE)} WHERE org_id = ${ID}`',
  'Prisma, a text': 'prisma.$executeRawUnsafe(`DELETE FROM "${TABLE}" WHERE org_id = $1`, ID)',
  'Prisma, a template': 'prisma.$executeRaw`DELETE FROM ${Prisma.raw(TABLE)} WHERE org_id = ${ID}`',
  Knex: 'knex(TABLE).where({ org_id: ID }).del()',
  'Knex, raw': "knex.raw('DELETE FROM ?? WHERE org_id = ?', [TABLE, ID])",
  'Knex, sent by Prisma': 'prisma.$executeRawUnsafe(knex(TABLE).where({ org_id: ID }).del().toQuery())',
  Kysely: "db.deleteFrom(TABLE).where('org_id', '=', ID).execute()",
  'Kysely, a template': 'ksql`DELETE FROM ${ksql.table(TABLE)} WHERE org_id = ${ID}`.execute(db)',
  TypeORM: 'source.query(`DELETE FROM ${TABLE} WHERE org_id = $1`, [ID])',
  Sequelize: 'sequelize.query(`DELETE FROM ${TABLE} WHERE org_id = :id`, { replacements: { id: ID } })',
};

const rulesOf = (code: string): string[] => analyze({ 'a.ts': HEAD + code }).findings.filter(({ rule }) => rule === 'n-plus-one' || rule === 'sequential-write').map(({ rule }) => rule);

describe('loops over tables', () => {
  before(initSql);

  for (const [library, statement] of Object.entries(STATEMENTS)) {
    const [overTables, overIds] = [statement.replace('TABLE', 'table').replace('ID', 'org'), statement.replace('TABLE', 'table').replace('ID', 'id')];

    it(`are silent with ${library}, and loops over keys of one table are not`, () => {
      assert.deepEqual(rulesOf(`export async function f(tables: string[], org: number) { for (const table of tables) await ${overTables}; }`), []);
      assert.deepEqual(rulesOf(`export async function f(table: string, ids: number[]) { for (const id of ids) await ${overIds}; }`), ['sequential-write']);
    });
  }

  it('are silent through a helper that is handed the table, and not through one that is handed the key', () => {
    const helper = 'async function clear(table: string, id: number) { await pool.query(`DELETE FROM ${table} WHERE org_id = $1`, [id]); }\n';
    assert.deepEqual(rulesOf(`${helper}export async function f(tables: string[], org: number) { for (const table of tables) await clear(table, org); }`), []);
    assert.deepEqual(rulesOf(`${helper}export async function f(ids: number[]) { for (const id of ids) await clear('orders', id); }`), ['sequential-write']);
  });

  it('are silent about tables of Drizzle', () => {
    assert.deepEqual(rulesOf('export async function f(tables: PgTable[]) { for (const table of tables) await orm.delete(table); }'), []);
    assert.deepEqual(rulesOf('export async function f(table: PgTable, ids: number[]) { for (const id of ids) await orm.delete(table).where(eq(table.id, id)); }'), ['sequential-write']);
  });

  it('are loud where an inner loop asks the same table', () => {
    assert.deepEqual(rulesOf('export async function f(tables: string[], ids: number[]) { for (const table of tables) for (const id of ids) await knex(table).where({ id }).del(); }'), ['sequential-write']);
  });

  it('do not take a comparison for a table', () => {
    assert.deepEqual(rulesOf('export async function f(ids: number[]) { for (const id of ids) await sql`UPDATE orders SET seen = true WHERE customer IS DISTINCT FROM ${id}`; }'), ['sequential-write']);
    assert.deepEqual(rulesOf('export async function f(parts: number[]) { for (const part of parts) await pool.query(`SELECT id FROM orders WHERE substring(name from ${part}) = $1`, [part]); }'), ['n-plus-one']);
  });

  it('are silent about a list of whole statements', () => {
    for (const send of ['pool.query(one)', 'prisma.$executeRawUnsafe(one)', 'knex.raw(one)', 'source.query(one)', 'sequelize.query(one)', 'sql.unsafe(one)', 'orm.execute(one)']) {
      assert.deepEqual(rulesOf(`export async function f(statements: string[]) { for (const one of statements) await ${send}; }`), [], send);
    }
  });
});
