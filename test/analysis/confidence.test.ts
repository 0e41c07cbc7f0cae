import assert from 'node:assert/strict';
import type { RuleSettings } from '../../src/analysis';
import { analyze, initSql } from '../analysis-host';

const PRISMA = `import { PrismaClient } from '@prisma/client';
const prisma = new PrismaClient();
`;

function seen(code: string, files: Record<string, string> = {}, confidence?: 'low'): string[] {
  const { findings } = analyze({ 'a.ts': PRISMA + code, ...files }, { ...(confidence && { confidence }) });
  return findings.map(({ rule, confidence, severity, related }) => `${rule} ${confidence} ${severity} +${related.length}`);
}

describe('confidence', () => {
  before(initSql);

  it('is high, and a warning, where all rows get the same values', () => {
    assert.deepEqual(seen('export async function f(ids: number[]) { for (const id of ids) await prisma.order.update({ where: { id }, data: { state: "done" } }); }'), ['sequential-write high warning +0']);
  });

  it('is low, and silent unless asked for, where each row gets its own', () => {
    for (const body of ['await prisma.order.update({ where: { id: row.id }, data: { at: row.at } });', 'const data = { at: row.at + 1 }; await prisma.order.update({ where: { id: row.id }, data });']) {
      const code = `export async function f(rows: { id: number; at: number }[]) { for (const row of rows) { ${body} } }`;
      assert.deepEqual([seen(code), seen(code, {}, 'low')], [[], ['sequential-write low info +0']]);
    }
  });

  it('is low where each turn writes the same row, to tell that it is alive', () => {
    const code = 'export async function f(jobs: number[], lease: number, work: (job: number) => void) { for (const job of jobs) { work(job); await prisma.lease.update({ where: { id: lease }, data: { seenAt: new Date() } }); } }';
    assert.deepEqual([seen(code), seen(code, {}, 'low')], [[], ['sequential-write low info +0']]);
  });

  it('is low where the loop runs its elements, whose state it writes', () => {
    const code = (body: string): string => `interface Step { name: string; run(): Promise<void> } export async function f(steps: Step[]) { ${body} }`;
    const state = 'await prisma.step.update({ where: { name: step.name }, data: { done: true } });';
    for (const body of [`for (const step of steps) { await step.run(); ${state} }`, `for (let i = 0; i < steps.length; i++) { const step = steps[i]!; ${state} await step.run(); }`]) {
      assert.deepEqual([seen(code(body)), seen(code(body), {}, 'low')], [[], ['sequential-write low info +0']], body);
    }
    assert.deepEqual(seen(code(`for (const step of steps) { step.run(); ${state} }`)), ['sequential-write high warning +0'], 'what nobody waits for needs no state');
    assert.deepEqual(seen(code('for (const step of steps) { const found = await prisma.step.findFirst({ where: { name: step.name } }); if (!found) await step.run(); }')), ['n-plus-one high warning +0'], 'what is read can be read before');
  });

  it('is medium, and information, where the rows of a chunk get their own', () => {
    assert.deepEqual(seen('export async function f(rows: { id: number; at: number }[]) { for (let i = 0; i < rows.length; i += 100) await Promise.all(rows.slice(i, i + 100).map((row) => prisma.order.update({ where: { id: row.id }, data: { at: row.at } }))); }'), ['sequential-write medium info +0']);
  });

  it('is low behind a long chain of calls', () => {
    const chain = (hops: number): string => Array.from({ length: hops }, (_, hop) => `const f${hop} = async (id: number) => { await ${hop === 0 ? 'prisma.order.findFirst({ where: { id } })' : `f${hop - 1}(id)`}; };`).join(' ');
    const code = (hops: number): string => `${chain(hops)} export async function f(ids: number[]) { for (const id of ids) await f${hops - 1}(id); }`;
    assert.deepEqual([2, 3].map((hops) => seen(code(hops), {}, 'low')), [['n-plus-one high warning +2'], ['n-plus-one low info +3']]);
  });

  it('tells the same of values that a helper is given', () => {
    const own = PRISMA + 'export const move = (id: number, at: number) => prisma.order.update({ where: { id }, data: { at } });';
    assert.deepEqual(seen("import { move } from './b'; export async function f(rows: { id: number; at: number }[]) { for (const row of rows) await move(row.id, row.at); }", { 'b.ts': own }, 'low'), ['sequential-write low info +1']);
    const same = PRISMA + 'export const close = (id: number) => prisma.order.update({ where: { id }, data: { open: false } });';
    assert.deepEqual(seen("import { close } from './b'; export async function f(rows: { id: number }[]) { for (const row of rows) await close(row.id); }", { 'b.ts': same }), ['sequential-write high warning +1']);
  });

  it('knows the key of a row, which is handed over among its values, for none of them', () => {
    const helper = PRISMA + `type Order = { id: number; state: string; at: Date | null };
      export const change = ({ id, ...rest }: Partial<Order> & { id: number }) => prisma.order.update({ where: { id }, data: { ...rest, changed: new Date() } });
      export async function changeIn(tx: PrismaClient, order: Partial<Order> & { id: number }) { const { id, ...rest } = order; await tx.order.update({ where: { id }, data: rest }); }`;
    const loop = (call: string): string[] => seen(`import { change, changeIn } from './b'; export async function f(rows: { id: number; at: Date }[], state: string) { for (const row of rows) { const { id } = row; await ${call}; } }`, { 'b.ts': helper }, 'low');
    for (const call of ["change({ id: row.id, state: 'done' })", 'change({ id, state, at: null })', 'changeIn(prisma, { id: row.id, state })']) assert.deepEqual(loop(call), ['sequential-write high warning +1'], call);
    for (const call of ['change(row)', 'change({ id, at: row.at })', 'change({ ...row, state })', 'changeIn(prisma, { id, state: String(row.id) })']) assert.deepEqual(loop(call), ['sequential-write low info +1'], call);
  });

  it('knows in SQL what an update sets', () => {
    const code = (call: string): string[] => analyze({ 'a.ts': `import { Pool } from 'pg'; import postgres from 'postgres'; import { PrismaClient } from '@prisma/client'; import knexOf from 'knex';
      const pool = new Pool(); const sql = postgres(''); const prisma = new PrismaClient(); const knex = knexOf({ client: 'pg' });
      const close = (id: number, state: string) => pool.query('UPDATE orders SET state = $2 WHERE id = $1', [id, state]);
      export async function f(rows: { id: number; at: Date }[], state: string) { for (const row of rows) await ${call}; }` }, { confidence: 'low' }).findings.map(({ confidence }) => confidence);
    const same = [
      "pool.query('UPDATE orders SET sent = now() WHERE id = $1', [row.id])", "pool.query('UPDATE orders SET state = $1 WHERE id = $2', [state, row.id])",
      "pool.query({ text: 'UPDATE orders SET state = $1 WHERE id = $2', values: [state, row.id] })", 'sql`UPDATE orders SET state = ${state} WHERE id = ${row.id}`',
      'prisma.$executeRaw`UPDATE orders SET state = ${state} WHERE id = ${row.id}`', "knex.raw('UPDATE orders SET state = ? WHERE id = ?', [state, row.id])", "close(row.id, 'done')",
    ];
    for (const call of same) assert.deepEqual(code(call), ['high'], call);
    const own = [
      "pool.query('UPDATE orders SET at = $2 WHERE id = $1', [row.id, row.at])", 'sql`UPDATE orders SET at = ${row.at} WHERE id = ${row.id}`', 'sql`UPDATE orders SET ${sql(row)} WHERE id = ${row.id}`',
      'sql`UPDATE orders SET open = ${sql`now() > opens`}, at = ${row.at} WHERE id = ${row.id}`', "pool.query('UPDATE orders SET at = $2 WHERE id = $1', row)", 'close(row.id, String(row.at))',
    ];
    for (const call of own) assert.deepEqual(code(call), ['low'], call);
  });

  it('is high where a row is told to change as all others are', () => {
    const { findings } = analyze({ 'a.ts': `import { Model, Table } from 'sequelize-typescript'; @Table class Job extends Model { declare state: string }
      export async function f(state: string) { const jobs = await Job.findAll({ where: { state } }); for (const job of jobs) await job.update({ state: 'failed' }); }` });
    assert.deepEqual(findings.filter(({ rule }) => rule === 'sequential-write').map(({ confidence }) => confidence), ['high']);
  });

  it('is high where a row is saved with the same fields each time', () => {
    const save = (body: string): string[] => analyze({ 'a.ts': `import { Model, Table } from 'sequelize-typescript';
      @Table class Job extends Model { declare state: string; declare at: number; declare log: { last: string } }
      export async function f(state: string, fill: (job: Job) => void) { const jobs = await Job.findAll({ where: { state } }); for (const job of jobs) { ${body} await job.save(); } }` }, { confidence: 'low' }).findings.filter(({ rule }) => rule === 'sequential-write').map(({ confidence }) => confidence);
    for (const body of ["job.state = 'failed';", "job.state = state; job.at = Date.now();"]) assert.deepEqual(save(body), ['high'], body);
    for (const body of ['', 'job.at = job.at + 1;', 'job.at += 1;', 'job.at++;', "job.state = 'failed'; job.set(job.toJSON());", "job.state = 'failed'; fill(job);", "job.log.last = 'failed';", 'job.state = `was ${job.state}`;']) assert.deepEqual(save(body), ['low'], body);
  });

  it('is low for rows that bring rows of other tables', () => {
    assert.deepEqual(seen('export async function f(rows: { name: string }[]) { for (const row of rows) await prisma.order.create({ data: { name: row.name, lines: { create: [] } } }); }', {}, 'low'), ['sequential-write low info +0']);
    assert.deepEqual(seen('export async function f(rows: { name: string }[]) { for (const row of rows) await prisma.order.create({ data: { name: row.name } }); }'), ['sequential-write high warning +0']);
  });

  it('makes one finding of one loop, as sure as its surest query', () => {
    assert.deepEqual(
      seen('export async function f(ids: number[]) { for (const id of ids) { await prisma.order.update({ where: { id }, data: { at: id } }); await prisma.line.deleteMany({ where: { id } }); } }'),
      ['sequential-write high warning +1'],
    );
  });

  it('makes one finding of a loop that reads and writes, unless the writes are surer, or one of the rules is louder', () => {
    const loop = (body: string): string => `export async function f(ids: number[]) { for (const id of ids) { ${body} } }`;
    const read = 'await prisma.order.findFirst({ where: { id } });';
    const write = 'await prisma.line.deleteMany({ where: { id } });';
    assert.deepEqual(seen(loop(read + write)), ['n-plus-one high warning +1']);
    assert.deepEqual(seen(loop(`${read} await prisma.order.update({ where: { id }, data: { at: id } });`)), ['n-plus-one high warning +1']);
    const far = "const f0 = (id: number) => prisma.order.findFirst({ where: { id } }); const f1 = async (id: number) => { await f0(id); }; const f2 = async (id: number) => { await f1(id); };";
    assert.deepEqual(seen(far + loop(`await f2(id); ${write}`)), ['sequential-write high warning +0']);
    const told = (settings: RuleSettings): string[] => analyze({ 'a.ts': PRISMA + loop(read + write) }, { settings }).findings.map(({ rule, severity, message }) => `${rule} ${severity}${/, and .*$/.exec(message)?.[0] ?? ''}`);
    assert.deepEqual(told({}), ['n-plus-one warning, and 1 write in the same loop']);
    assert.deepEqual(told({ 'n-plus-one': { severity: 'off' } }), ['sequential-write warning']);
    assert.deepEqual(told({ 'sequential-write': { severity: 'off' } }), ['n-plus-one warning']);
    assert.deepEqual(told({ 'sequential-write': { severity: 'error' } }), ['n-plus-one warning', 'sequential-write error']);
    assert.deepEqual(told({ 'n-plus-one': { severity: 'error' }, 'sequential-write': { severity: 'error' } }), ['n-plus-one error, and 1 write in the same loop']);
  });
});
