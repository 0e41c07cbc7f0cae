import assert from 'node:assert/strict';
import { analyze, initSql } from '../analysis-host';

const PRISMA = `import { PrismaClient } from '@prisma/client';
const prisma = new PrismaClient();
`;

function seen(code: string, files: Record<string, string> = {}): string[] {
  const { findings } = analyze({ 'a.ts': PRISMA + code, ...files });
  return findings.map(({ rule, confidence, severity, related }) => `${rule} ${confidence} ${severity} +${related.length}`);
}

describe('confidence', () => {
  before(initSql);

  it('is high, and a warning, where all rows get the same values', () => {
    assert.deepEqual(seen('export async function f(ids: number[]) { for (const id of ids) await prisma.order.update({ where: { id }, data: { state: "done" } }); }'), ['sequential-write high warning +0']);
  });

  it('is medium, and information, where each row gets its own', () => {
    assert.deepEqual(seen('export async function f(rows: { id: number; at: number }[]) { for (const row of rows) await prisma.order.update({ where: { id: row.id }, data: { at: row.at } }); }'), ['sequential-write medium info +0']);
    assert.deepEqual(seen('export async function f(rows: { id: number; at: number }[]) { for (const row of rows) { const data = { at: row.at + 1 }; await prisma.order.update({ where: { id: row.id }, data }); } }'), ['sequential-write medium info +0']);
  });

  it('tells the same of values that a helper is given', () => {
    const own = PRISMA + 'export const move = (id: number, at: number) => prisma.order.update({ where: { id }, data: { at } });';
    assert.deepEqual(seen("import { move } from './b'; export async function f(rows: { id: number; at: number }[]) { for (const row of rows) await move(row.id, row.at); }", { 'b.ts': own }), ['sequential-write medium info +1']);
    const same = PRISMA + 'export const close = (id: number) => prisma.order.update({ where: { id }, data: { open: false } });';
    assert.deepEqual(seen("import { close } from './b'; export async function f(rows: { id: number }[]) { for (const row of rows) await close(row.id); }", { 'b.ts': same }), ['sequential-write high warning +1']);
  });

  it('is medium for rows that bring rows of other tables', () => {
    assert.deepEqual(seen('export async function f(rows: { name: string }[]) { for (const row of rows) await prisma.order.create({ data: { name: row.name, lines: { create: [] } } }); }'), ['sequential-write medium info +0']);
    assert.deepEqual(seen('export async function f(rows: { name: string }[]) { for (const row of rows) await prisma.order.create({ data: { name: row.name } }); }'), ['sequential-write high warning +0']);
  });

  it('makes one finding of one loop, as sure as its surest query', () => {
    assert.deepEqual(
      seen('export async function f(ids: number[]) { for (const id of ids) { await prisma.order.update({ where: { id }, data: { at: id } }); await prisma.line.deleteMany({ where: { id } }); } }'),
      ['sequential-write high warning +1'],
    );
  });
});
