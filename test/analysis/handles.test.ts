import assert from 'node:assert/strict';
import { analyze, initSql } from '../analysis-host';

/** Each program asks once per element: the handle's way to the query is what differs. */
const PROGRAMS: Record<string, Record<string, string>> = {
  'a default export, imported under another name': {
    'db.ts': `import pg from 'pg'; const pool = new pg.Pool(); export default pool;`,
    'main.ts': `import database from './db'; export async function f(ids: number[]) { for (const id of ids) await database.query('SELECT 1 FROM t WHERE id = $1', [id]); }`,
  },
  'a namespace import': {
    'main.ts': `import * as pg from 'pg'; const client = new pg.Client(); export async function f(ids: number[]) { for (const id of ids) await client.query('SELECT 1 FROM t WHERE id = $1', [id]); }`,
  },
  'require, with destructuring': {
    'main.js': `const { Pool } = require('pg'); const pool = new Pool(); async function f(ids) { for (const id of ids) await pool.query('SELECT 1 FROM t WHERE id = $1', [id]); } module.exports = { f };`,
  },
  'a client that is taken from a pool': {
    'main.ts': `import { Pool } from 'pg'; const pool = new Pool(); export async function f(ids: number[]) { const client = await pool.connect(); try { for (const id of ids) await client.query('SELECT 1 FROM t WHERE id = $1', [id]); } finally { client.release(); } }`,
  },
  'a parameter, by its type': {
    'main.ts': `import type { PoolClient } from 'pg'; export async function f(client: PoolClient, ids: number[]) { for (const id of ids) await client.query('SELECT 1 FROM t WHERE id = $1', [id]); }`,
  },
  'a property of a destructured parameter, by an interface': {
    'main.ts': `import type { PrismaClient } from '@prisma/client'; interface Context { db: PrismaClient; user: string } export async function f({ db }: Context, ids: number[]) { for (const id of ids) await db.user.findFirst({ where: { id } }); }`,
  },
  'barrels and renamed re-exports': {
    'lib/client.ts': `import { PrismaClient } from '@prisma/client'; export const client = new PrismaClient();`,
    'lib/index.ts': `export * from './named';`,
    'lib/named.ts': `export { client as prisma } from './client';`,
    'main.ts': `import { prisma } from './lib'; export async function f(ids: number[]) { for (const id of ids) await prisma.user.findFirst({ where: { id } }); }`,
  },
  'a singleton that survives hot reloads': {
    'main.ts': `import { PrismaClient } from '@prisma/client'; const g = globalThis as unknown as { prisma?: PrismaClient }; export const prisma = g.prisma ?? new PrismaClient(); export async function f(ids: number[]) { for (const id of ids) await prisma.user.findFirst({ where: { id } }); }`,
  },
  'a generated client inside the project': {
    'generated/prisma/client.ts': `export const PrismaClient = getPrismaClientClass();`,
    'main.ts': `import { PrismaClient } from './generated/prisma/client'; import { PrismaPg } from '@prisma/adapter-pg'; const prisma = new PrismaClient({ adapter: new PrismaPg({}) }); export async function f(ids: number[]) { for (const id of ids) await prisma.user.findFirst({ where: { id } }); }`,
  },
  'a client extension': {
    'main.ts': `import { PrismaClient } from '@prisma/client'; const prisma = new PrismaClient().$extends({ name: 'soft delete' }); export async function f(ids: number[]) { for (const id of ids) await prisma.user.findFirst({ where: { id } }); }`,
  },
  'a factory': {
    'main.ts': `import { drizzle } from 'drizzle-orm/node-postgres'; import { eq } from 'drizzle-orm'; import { users } from './schema'; function connect(url: string) { return drizzle(url, { casing: 'snake_case' }); } const db = connect('x'); export async function f(ids: number[]) { for (const id of ids) await db.select().from(users).where(eq(users.id, id)); }`,
  },
  'the type of a value, behind an alias': {
    'db.ts': `import { drizzle } from 'drizzle-orm/postgres-js'; export const db = drizzle('x'); export type Database = typeof db; export type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0];`,
    'main.ts': `import { eq } from 'drizzle-orm'; import type { Database, Transaction } from './db'; import { users } from './schema'; export async function f(tx: Transaction | Database, ids: number[]) { for (const id of ids) await tx.query.users.findFirst({ where: eq(users.id, id) }); }`,
  },
  'the return type of a function': {
    'main.ts': `import { drizzle } from 'drizzle-orm/node-postgres'; import { users } from './schema'; import { eq } from 'drizzle-orm'; const connect = async () => drizzle('x'); export async function f(db: Awaited<ReturnType<typeof connect>>, ids: number[]) { for (const id of ids) await db.select().from(users).where(eq(users.id, id)); }`,
  },
  'a transaction that is handed to a callback': {
    'main.ts': `import { PrismaClient } from '@prisma/client'; const prisma = new PrismaClient(); export const f = (ids: number[]) => prisma.$transaction(async (tx) => { for (const id of ids) await tx.user.findFirst({ where: { id } }); });`,
  },
  'a transaction that the project’s own wrapper hands on': {
    'main.ts': `import { PrismaClient } from '@prisma/client'; const prisma = new PrismaClient(); const inTransaction = <T>(run: (tx: unknown) => Promise<T>) => prisma.$transaction((tx) => run(tx)); export const f = (ids: number[]) => inTransaction(async (tx) => { for (const id of ids) await tx.user.findFirst({ where: { id } }); });`,
  },
  'a property of a mapped type': {
    'main.ts': `import type { PrismaClient } from '@prisma/client'; interface Services { db: PrismaClient } export async function f(context: { [K in keyof Services]: Services[K] }, ids: number[]) { for (const id of ids) await context.db.user.findFirst({ where: { id } }); }`,
  },
  'an injected service with an inherited field': {
    'base.ts': `import { PrismaClient } from '@prisma/client'; export abstract class Base { protected readonly prisma = new PrismaClient(); }`,
    'users.ts': `import { Base } from './base'; export class Users extends Base { find(id: number) { return this.prisma.user.findFirst({ where: { id } }); } }`,
    'main.ts': `import { Users } from './users'; export class Api { constructor(private users: Users) {} async f(ids: number[]) { for (const id of ids) await this.users.find(id); } }`,
  },
  'a service that is the client itself': {
    'main.ts': `import { PrismaClient } from '@prisma/client'; class PrismaService extends PrismaClient {} export class Api { constructor(private readonly prisma: PrismaService) {} async f(ids: number[]) { for (const id of ids) await this.prisma.user.findFirst({ where: { id } }); } }`,
  },
  'a field that the constructor assigns': {
    'main.ts': `import { Pool } from 'pg'; export class Api { #pool; constructor(url: string) { this.#pool = new Pool({ connectionString: url }); } async f(ids: number[]) { for (const id of ids) await this.#pool.query('SELECT 1 FROM t WHERE id = $1', [id]); } }`,
  },
  'an object of functions': {
    'users.ts': `import { Pool } from 'pg'; const pool = new Pool(); export const users = { async find(id: number) { return pool.query('SELECT 1 FROM t WHERE id = $1', [id]); } };`,
    'main.ts': `import { users } from './users'; export async function f(ids: number[]) { for (const id of ids) await users.find(id); }`,
  },
  'a function that is wrapped': {
    'main.ts': `import { cache } from 'react'; import { Pool } from 'pg'; const pool = new Pool(); const find = cache(async (id: number) => pool.query('SELECT 1 FROM t WHERE id = $1', [id])); export async function f(ids: number[]) { for (const id of ids) await find(id); }`,
  },
};

describe('handles', () => {
  before(initSql);

  for (const [name, files] of Object.entries(PROGRAMS)) {
    it(`are recognised through ${name}`, () => {
      const { findings, failures, syntaxErrors } = analyze(files);
      assert.deepEqual([failures, syntaxErrors], [[], []]);
      assert.deepEqual(findings.map(({ rule }) => rule), ['n-plus-one']);
    });
  }

  it('are not recognised by the names of methods', () => {
    const { findings } = analyze({
      'main.ts': `
        import { Database } from './in-memory';
        import { S3 } from 'some-storage';
        export async function f(db: Database, s3: S3, prisma: { user: Database }, ids: number[]) {
          for (const id of ids) {
            await db.query('SELECT 1 FROM t WHERE id = $1', [id]);
            await s3.findMany({ where: { id } });
            await prisma.user.findFirst({ where: { id } });
          }
        }`,
      'in-memory.ts': `export class Database { query(text: string, values: unknown[]) { return [text, values]; } findFirst(o: object) { return o; } }`,
    });
    assert.deepEqual(findings, []);
  });

  it('are not what rows are, whose type is that of an awaited query', () => {
    const { findings } = analyze({
      'main.ts': `
        import { load } from './orders';
        type Order = NonNullable<Awaited<ReturnType<typeof load>>>;
        export const names = (order: Order) => order.lines.map((line) => line.name);
        export const all = (orders: Order[]) => orders.map(names);`,
      'orders.ts': `import { PrismaClient } from '@prisma/client'; const prisma = new PrismaClient(); export const load = (id: number) => prisma.order.findFirst({ where: { id }, include: { lines: true } });`,
    });
    assert.deepEqual(findings, []);
  });
});
