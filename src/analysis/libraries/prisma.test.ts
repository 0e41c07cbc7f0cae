import assert from 'node:assert/strict';
import { factsOfQueries, initSql } from '../../../test/analysis-host';
import type { Query } from './library';

const HEAD = `
  import { Prisma, PrismaClient } from '@prisma/client';
  const prisma = new PrismaClient();
  declare const tx: Prisma.TransactionClient; declare const id: number; declare const ids: number[]; declare const name: string; declare const options: Prisma.OrderFindManyArgs;
  declare const where: Prisma.OrderWhereInput; declare const row: { total: number };
`;

type Facts = Partial<Query>;

/** What each expression runs when a function returns it awaited: one query with at least these facts, or none. */
const EXPRESSIONS: Record<string, Facts | undefined> = {
  // how many rows
  'prisma.order.findMany()': { library: 'prisma', verb: 'read', tables: ['order'], label: 'order.findMany', handle: 'pool', runs: 'when-awaited', bound: 'all', filtered: false, exact: false, columns: 'all', batchedInTick: false, offset: false, ordered: 'no' },
  'prisma.order.findUnique({ where: { id } })': { bound: 'one', batchedInTick: true, filterColumns: ['id'], exact: true },
  'prisma.order.findUniqueOrThrow({ where: { id } })': { bound: 'one', batchedInTick: true },
  'prisma.order.findFirst({ where: { id } })': { bound: 'one', batchedInTick: false },
  'prisma.order.findMany({ take: 10, skip: 20, orderBy: { id: "asc" } })': { bound: 'limited', offset: true, ordered: 'yes' },
  'prisma.order.findMany({ where: { id: { in: ids } } })': { bound: 'limited', manyAtOnce: true, exact: false },
  'prisma.order.findMany({ ...options })': { bound: 'unknown', columns: 'unknown' },
  'prisma.order.findMany(options)': { bound: 'unknown', filtered: true },
  'prisma.order.count({ where })': { bound: 'aggregate', filtered: true },
  'prisma.order.aggregate({ _sum: { total: true } })': { bound: 'aggregate' },
  'prisma.order.groupBy({ by: ["customerId"] })': { bound: 'unknown' },

  // filters and columns
  'prisma.order.findMany({ where: { customerId: id, state: { equals: name } } })': { filterColumns: ['customerId', 'state'], exact: true, bound: 'all' },
  'prisma.order.findMany({ where: { total: { gt: 5 }, customerId: id } })': { filterColumns: ['customerId'], exact: false },
  'prisma.order.findMany({ where })': { filtered: true, bound: 'unknown' },
  'prisma.order.findMany({ where: {} })': { filtered: false, bound: 'all' },
  'prisma.order.findMany({ where: { name: { contains: name } } })': { searches: true },
  "prisma.order.findMany({ where: { name: { contains: 'gift' } } })": { searches: false },
  'prisma.order.findMany({ select: { id: true } })': { columns: 'some' },
  'prisma.order.findMany({ omit: { body: true } })': { columns: 'some' },
  'prisma.visitor.findMany({ include: { views: { orderBy: { viewedAt: "desc" } } } })': { nestsLists: true },
  'prisma.visitor.findMany({ include: { views: { orderBy: { viewedAt: "desc" }, take: 5 } } })': { nestsLists: false },
  'prisma.form.findMany({ include: { fields: { orderBy: { position: "asc" } } } })': { nestsLists: false },

  // writes
  'prisma.order.create({ data: row })': { verb: 'insert', manyAtOnce: false, nestsRows: false },
  'prisma.order.create({ data: { lines: { create: [row] } } })': { verb: 'insert', nestsRows: true },
  'prisma.order.createMany({ data: [row] })': { verb: 'insert', manyAtOnce: true },
  'prisma.order.createManyAndReturn({ data: [row] })': { verb: 'insert', manyAtOnce: true },
  'prisma.order.update({ where: { id }, data: row })': { verb: 'update', filterColumns: ['id'], exact: true },
  'prisma.order.updateMany({ where: { id: { in: ids } }, data: row })': { verb: 'update', manyAtOnce: true },
  'prisma.order.upsert({ where: { id }, create: row, update: row })': { verb: 'update' },
  'prisma.order.delete({ where: { id } })': { verb: 'delete' },
  'prisma.order.deleteMany({ where: { id: { in: ids } } })': { verb: 'delete', manyAtOnce: true },

  // SQL
  'prisma.$queryRaw`SELECT * FROM orders WHERE id = ${id}`': { verb: 'read', tables: ['orders'], filterColumns: ['id'], label: '$queryRaw' },
  'prisma.$queryRaw(Prisma.sql`SELECT * FROM orders WHERE id = ${id}`)': { verb: 'read', tables: ['orders'] },
  'prisma.$executeRaw`UPDATE orders SET total = 1 WHERE id = ANY(${ids})`': { verb: 'update', manyAtOnce: true },
  "prisma.$queryRawUnsafe('SELECT * FROM orders LIMIT 5')": { bound: 'limited' },
  "tx.$executeRawUnsafe('DELETE FROM orders')": { verb: 'delete', handle: 'transaction' },

  // other handles
  'tx.order.findMany({ where: { id } })': { handle: 'transaction' },
  'prisma.$extends({}).order.findMany()': { handle: 'pool', bound: 'all' },
  'prisma.order.findUnique({ where: { id } }).lines()': { label: 'order.findUnique', batchedInTick: true },
  'prisma.order.findMany().then((found) => found)': { bound: 'all' },

  // no query
  'prisma.$connect()': undefined,
  'prisma.$disconnect()': undefined,
  'prisma.$on("query", () => {})': undefined,
  'Prisma.validator()({})': undefined,
  'new Map().order.findMany()': undefined,
};

/** What statements run, in the order of the text. */
const STATEMENTS: Record<string, Facts[]> = {
  'const query = prisma.order.findMany(); return query;': [{ bound: 'all' }],
  'const query = prisma.order.findMany(); await query;': [{ bound: 'all' }],
  'prisma.order.create({ data: row });': [],
  'await prisma.$transaction([prisma.order.update({ where: { id }, data: row }), prisma.order.count()]);': [{ verb: 'transaction' }, { verb: 'update' }, { bound: 'aggregate' }],
  'await prisma.$transaction(async (inner) => { await inner.order.count(); });': [{ verb: 'transaction', handle: 'pool', runs: 'at-once' }, { bound: 'aggregate', handle: 'transaction' }],
  'const search: Prisma.OrderWhereInput = {}; if (name) search.name = name; await prisma.order.findMany({ where: search });': [{ filtered: true }],
  'const paged = { take: 5 }; await prisma.order.findMany(paged);': [{ bound: 'limited' }],
};

/** Ways to the client. */
const HANDLES: Record<string, string> = {
  'a client that is generated into the project': "import { PrismaClient } from './generated/client'; const prisma = new PrismaClient(); export const main = async () => await prisma.order.findMany({ take: 5 });",
  'a type': "import type { PrismaClient } from '@prisma/client'; export const main = async (db: PrismaClient) => await db.order.findMany({ take: 5 });",
  'a type on the namespace': "import { Prisma } from '@prisma/client'; export const main = async (db: Prisma.TransactionClient) => await db.order.findMany({ take: 5 });",
  'a class that is derived from it': "import { PrismaClient } from '@prisma/client'; class Database extends PrismaClient {} const db = new Database(); export const main = async () => await db.order.findMany({ take: 5 });",
  'a namespace': "import * as client from '@prisma/client'; const db = new client.PrismaClient(); export const main = async () => await db.order.findMany({ take: 5 });",
  'a default import of CommonJS': "import client from '@prisma/client'; const db = new client.PrismaClient(); export const main = async () => await db.order.findMany({ take: 5 });",
  'CommonJS': "const { PrismaClient } = require('@prisma/client'); const db = new PrismaClient(); exports.main = async () => await db.order.findMany({ take: 5 });",
};

describe('Prisma', () => {
  before(initSql);

  const check = (code: string, expected: Facts[]): void =>
    assert.deepEqual(factsOfQueries({ 'main.ts': `${HEAD}\nexport async function main() { ${code} }` }, expected), expected);

  for (const [code, facts] of Object.entries(EXPRESSIONS)) it(`reads ${code}`, () => check(`return await ${code};`, facts ? [facts] : []));
  for (const [code, facts] of Object.entries(STATEMENTS)) it(`reads ${code}`, () => check(code, facts));
  for (const [name, text] of Object.entries(HANDLES)) {
    it(`is known through ${name}`, () => assert.deepEqual(factsOfQueries({ 'main.ts': text }, [{ label: '', bound: 'all' }]), [{ label: 'order.findMany', bound: 'limited' }]));
  }
});
