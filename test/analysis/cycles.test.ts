import assert from 'node:assert/strict';
import { analyze, initSql } from '../analysis-host';

/** Each is made of itself, as code under way is, or code that replaces what it has. */
const HEAD = `import { PrismaClient } from '@prisma/client';
import { Pool } from 'pg';
import { drizzle } from 'drizzle-orm/node-postgres';
import { eq } from 'drizzle-orm';
const prisma = new PrismaClient(), pool = new Pool(), db = drizzle('');
let a: number[] = b; var b: number[] = a; a = [...a]; b = b.concat(b);
const o: any = { p: [] }; o.p = [...o.p]; o.q = o; o.p = o.q.p;
const f: any = () => g(), g: any = () => f(), h: any = i, i: any = h;
const x: any = { ...x, y: x }; let all: any = [all, ...all]; let both: any = a ? both : b;
let sql: string = sql + sql; const values: any = [...values]; const table: any = table; let where: any = { ...where }; const handle: any = handle.client;
type A = B; type B = A; interface Me extends Me { me: Me } class D extends D { static make(): any { return D.make(); } } class E extends F {} class F extends E { g = this.g; }
function rec(): any { return rec(); } function* gen(): any { yield* gen(); }
class Store { list: number[] = this.list; static one: Store = Store.one; next = this.next.next; } const store = new Store();
export default x; export { x as y }; export * from './a';
`;

const LISTS = ['this.items', 'this.a', 'this.get()', 'this.self.items', 'a', 'o.p', 'f()', 'h', 'x', 'rec()', 'all', 'all[0]', 'both', 'store.list', 'Store.one.list', 'D.make()', 'gen()'];

const QUERIES = ['prisma.order.findFirst({ where: { id } })', "pool.query('SELECT 1 FROM t WHERE id = $1', [id])", 'this.load(id)', 'prisma.order.update({ where: { id }, data: x })', 'pool.query(sql, values)', 'db.select().from(table).where(eq(table.id, id))', 'prisma.$transaction(x)', 'handle.order.findMany({ where })'];

const OTHERS = { 'b.ts': "export * from './c'; export * from './b';", 'c.ts': "export * from './b'; import { z } from './b'; export const q = z; export { q as z };" };

describe('what is made of itself', () => {
  before(initSql);

  for (const list of LISTS) {
    it(`ends: ${list}`, () => {
      const asked = QUERIES.map((query) => `await ${query};`).join(' ');
      const code = `${HEAD}class C extends C { items: number[] = []; a: any = this.b; b: any = this.a; self: C = this.self; kept: any = this.kept; get(): any { return this.get(); }
        async load(id: any): Promise<any> { const rows = await prisma.order.findMany(); this.kept = this.kept ?? this.kept; return this.load(id) ?? rows.filter((row: any) => row === row); }
        async m() { this.items = [...this.items]; this.items = this.items.filter(Boolean); for (const id of ${list}) { ${asked} } await Promise.all(${list}.map(async (id: any) => { ${asked} })); } }`;
      const { failures, syntaxErrors } = analyze({ 'a.ts': code, ...OTHERS }, { confidence: 'low' });
      assert.deepEqual([failures, syntaxErrors], [[], []]);
    });
  }
});
