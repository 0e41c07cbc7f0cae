import assert from 'node:assert/strict';
import { initSql } from '../../src/analysis/syntax/sql';
import { rewrite, type FixKind } from './rewriting';

/** A program in which one condition of a fix fails, and what the refusal says. `xs` is an array of objects. */
interface Refused {
  when: string;
  program: string;
  says: RegExp;
}

const loop = (body: string, around: (loop: string) => string = (text) => text): string => `async function run(prisma, db, pool, xs: X[]) {\n${around(`  for (const x of xs) {\n    ${body}\n  }`)}\n}`;
const find = 'const row = await prisma.user.findUnique({ where: { id: x.userId } });';

const READS: Record<string, Refused[]> = {
  prisma: [
    { when: 'the key is computed by a call', program: loop('const row = await prisma.user.findUnique({ where: { id: next(x) } }); use(row);'), says: /may not give the same value twice/ },
    { when: 'the key is more than a property', program: loop('const row = await prisma.user.findUnique({ where: { id: x.a + x.b } }); use(row);'), says: /more than a property of the element/ },
    { when: 'the key is a property by a computed name', program: loop('const row = await prisma.user.findUnique({ where: { id: x[name] } }); use(row);'), says: /more than a property of the element/ },
    { when: 'the query does not depend on the element', program: loop('const row = await prisma.user.findFirst({ where: { id: 1 } }); use(row);'), says: /run it once before the loop/ },
    { when: 'two values vary', program: loop('const row = await prisma.user.findMany({ where: { id: x.id, org: x.org } }); use(row);'), says: /more than one value of the element/ },
    { when: 'another argument varies', program: loop('const rows = await prisma.user.findMany({ where: { org: x.org }, orderBy: { [x.by]: 1 } }); use(rows);'), says: /spread or a computed name|varies from element to element/ },
    { when: 'another option varies', program: loop('const rows = await prisma.user.findMany({ where: { org: x.org }, select: x.select }); use(rows);'), says: /the selected fields are not spelled here/ },
    { when: 'a value is computed anew', program: loop('const rows = await prisma.user.findMany({ where: { org: x.org, until: new Date() } }); use(rows);'), says: /computes `new Date\(\)` anew/ },
    { when: 'it reads what an earlier turn changed', program: `async function run(prisma, xs: X[]) { let seen = 0; for (const x of xs) { const rows = await prisma.user.findMany({ where: { org: x.org, n: { gt: seen } } }); seen += rows.length; } return seen; }`, says: /an earlier turn may have changed/ },
    { when: 'it reads a set that the loop fills', program: `async function run(prisma, xs: X[]) { const seen = new Set(); for (const x of xs) { const rows = await prisma.user.findMany({ where: { org: x.org, id: { notIn: seen } } }); seen.add(x.id); use(rows); } }`, says: /an earlier turn may have changed/ },
    { when: 'it reads an object that the loop gives away', program: `async function run(prisma, xs: X[]) { const filter = {}; for (const x of xs) { const rows = await prisma.user.findMany({ where: { org: x.org, n: filter } }); adjust(filter, rows); } }`, says: /an earlier turn may have changed/ },
    { when: 'the loop changes the key', program: loop(`x.userId = 1; ${find} use(row);`), says: /which the key is read from/ },
    { when: 'a function may change the key', program: loop(`normalise(x); ${find} use(row);`), says: /may change its key/ },
    { when: 'there is a limit per element', program: loop('const rows = await prisma.user.findMany({ where: { org: x.org }, take: 3 }); use(rows);'), says: /cannot limit them per key/ },
    { when: 'there is a skip per element', program: loop('const rows = await prisma.user.findMany({ where: { org: x.org }, skip: 3 }); use(rows);'), says: /cannot skip them per key/ },
    { when: 'the first of an order is read', program: loop('const row = await prisma.user.findFirst({ where: { id: x.id }, orderBy: { age: "asc" } }); use(row);'), says: /first row of an order/ },
    { when: 'the column is not known to be unique', program: loop('const row = await prisma.user.findFirst({ where: { org: x.org } }); use(row);'), says: /not known to be unique/ },
    { when: 'a missing row throws', program: loop('const row = await prisma.user.findUniqueOrThrow({ where: { id: x.id } }); use(row);'), says: /a missing row ends the loop/ },
    { when: 'rows are counted', program: loop('const n = await prisma.user.count({ where: { org: x.org } }); use(n);'), says: /takes a `groupBy`/ },
    { when: 'the key has several columns', program: loop('const row = await prisma.user.findUnique({ where: { a_b: { a: x.a, b: x.b } } }); use(row);'), says: /more than the equality of one column/ },
    { when: 'the filter is a disjunction', program: loop('const rows = await prisma.user.findMany({ where: { OR: [{ a: x.a }] } }); use(rows);'), says: /more than the equality of one column/ },
    { when: 'the options hide in a spread', program: loop('const rows = await prisma.user.findMany({ ...base, where: { org: x.org } }); use(rows);'), says: /a spread or a computed name hides/ },
    { when: 'the loop writes to the table', program: loop(`${find} await prisma.user.update({ where: { id: row.id }, data: { n: 1 } });`), says: /writes to `user` between the reads/ },
    { when: 'something unknown is awaited before', program: loop(`await lock(x); ${find} use(row);`), says: /awaits `lock` before the query/ },
    { when: 'another table is written before', program: loop(`await prisma.log.create({ data: {} }); ${find} use(row);`), says: /awaits `prisma.log.create` before the query/ },
    { when: 'the loop breaks', program: loop(`${find} if (row) break;`), says: /may stop early/ },
    { when: 'the loop returns', program: loop(`${find} if (row) return row;`), says: /may stop early/ },
    { when: 'the loop yields', program: `async function* run(prisma, xs: X[]) { for (const x of xs) { ${find} yield row; } }`, says: /one at a time/ },
    { when: 'each error is caught', program: loop(`try { ${find} use(row); } catch { skip(x); }`), says: /`try` inside the loop/ },
    { when: 'each error is caught by a method', program: loop('const row = await prisma.user.findUnique({ where: { id: x.id } }).catch(() => null); use(row);'), says: /called on the promise|no form for many keys/ },
    { when: 'only some elements are read', program: loop(`if (x.active) { ${find} use(row); }`), says: /only for some of the elements/ },
    { when: 'a guard is about something else', program: loop(`if (x.done) continue; ${find} use(row);`), says: /only for some of the elements/ },
    { when: 'the row is changed', program: loop(`${find} row.name = x.name; use(row);`), says: /would share that row/ },
    { when: 'the rows are sorted in place', program: loop('const rows = await prisma.user.findMany({ where: { org: x.org } }); rows.sort(); use(rows);'), says: /would share that row/ },
    { when: 'the row is assigned to', program: loop(`${find} Object.assign(row, x);`), says: /would share that row/ },
    { when: 'the key may be null', program: `async function run(prisma, xs: { userId: number | null }[]) { for (const x of xs) { ${find.replace('findUnique', 'findMany')} use(row); } }`, says: /may be missing/ },
    { when: 'the key is a Date', program: `async function run(prisma, xs: { id: Date }[]) { for (const x of xs) { const row = await prisma.user.findUnique({ where: { id: x.id } }); use(row); } }`, says: /equal objects are different keys/ },
    { when: 'the key is a Decimal', program: `async function run(prisma, xs: { id: Prisma.Decimal }[]) { for (const x of xs) { const row = await prisma.user.findUnique({ where: { id: x.id } }); use(row); } }`, says: /equal objects are different keys/ },
    { when: 'the key is a Buffer', program: `async function run(prisma, ids: Buffer[]) { for (const id of ids) { const row = await prisma.user.findUnique({ where: { id } }); use(row); } }`, says: /equal objects are different keys/ },
    { when: 'the key looks like a time', program: loop('const rows = await prisma.user.findMany({ where: { createdAt: x.at } }); use(rows);'), says: /looks like a time/ },
    { when: 'the handle is made in the loop', program: loop('const tenant = open(x.db); const row = await tenant.user.findUnique({ where: { id: x.id } }); use(row);').replaceAll('tenant', 'client'), says: /makes its own `client`/ },
    { when: 'the list is a generator', program: `function* ids() { yield 1; } async function run(prisma) { const xs = ids(); for (const x of xs) { ${find} use(row); } }`, says: /only once/ },
    { when: 'the list is typed as an iterable', program: `async function run(prisma, xs: Iterable<X>) { for (const x of xs) { ${find} use(row); } }`, says: /only once/ },
    { when: 'the list is async', program: `async function run(prisma, xs) { for await (const x of xs) { ${find} use(row); } }`, says: /one at a time/ },
    { when: 'the list grows', program: loop(`${find} xs.push(row.parent);`), says: /changes the list/ },
    { when: 'the loop counts', program: `async function run(prisma, xs) { for (let i = 0; i < xs.length; i++) { const row = await prisma.user.findUnique({ where: { id: xs[i].id } }); use(row); } }`, says: /counts an index/ },
    { when: 'the loop is a while', program: `async function run(prisma, x) { while (x) { ${find} x = row.parent; } }`, says: /number of turns/ },
    { when: 'the loop has a label', program: loop(`${find} use(row);`, (text) => `outer:\n${text}`), says: /label/ },
    { when: 'the results are settled apart', program: `async function run(prisma, xs) { return await Promise.allSettled(xs.map(async (x) => { ${find} return row; })); }`, says: /allSettled/ },
    { when: 'forEach drops the promises', program: `async function run(prisma, xs) { xs.forEach(async (x) => { ${find} use(row); }); }`, says: /`forEach` does not give one result per element/ },
    { when: 'the promises are collected', program: `async function run(prisma, xs) { const all = xs.map(async (x) => { ${find} return row; }); await Promise.all(all); }`, says: /not awaited together where they are made/ },
    { when: 'the function is not async', program: `function run(prisma, xs) { return Promise.all(xs.map(async (x) => { ${find} return row; })); }`, says: /not async/ },
    { when: 'there is no place before the loop', program: `const run = async (prisma, xs) => Promise.all(xs.map(async (x) => { ${find} return row; }));`, says: /no place before it/ },
    { when: 'something is computed before the loop', program: `async function run(prisma, xs) { return [await first(), await Promise.all(xs.map(async (x) => { ${find} return row; }))]; }`, says: /would then run after the query/ },
    { when: 'the loop may not run', program: `async function run(prisma, xs) { return xs && (await Promise.all(xs.map(async (x) => { ${find} return row; }))); }`, says: /may not run it/ },
    { when: 'a column would show', program: loop('const row = await prisma.user.findUnique({ where: { id: x.id }, select: { name: true } }); out.push(row);'), says: /adding it would show/ },
    { when: 'nothing uses the row', program: loop('await prisma.user.findUnique({ where: { id: x.id } });'), says: /nothing uses/ },
    { when: 'the element is not a new variable', program: `async function run(prisma, xs) { let x; for (x of xs) { ${find} use(row); } }`, says: /lives outside/ },
    { when: 'a position is part of the key', program: `async function run(prisma, xs) { return await Promise.all(xs.map(async (x, i) => { const row = await prisma.user.findUnique({ where: { id: i } }); return row; })); }`, says: /depends on more than the element/ },
  ],
  drizzle: [
    { when: 'the rows are joined', program: `import { eq } from 'drizzle-orm';\n${loop('const rows = await db.select().from(a).innerJoin(b, eq(a.id, b.id)).where(eq(a.id, x.id)); use(rows);')}`, says: /joined with other tables/ },
    { when: 'the rows are grouped', program: `import { eq } from 'drizzle-orm';\n${loop('const rows = await db.select().from(a).where(eq(a.id, x.id)).groupBy(a.id); use(rows);')}`, says: /groups the rows/ },
    { when: 'the rows are counted', program: `import { count, eq } from 'drizzle-orm';\n${loop('const [row] = await db.select({ n: count() }).from(a).where(eq(a.id, x.id)); use(row);')}`, says: /takes a `groupBy`/ },
    { when: 'SQL computes a column', program: `import { eq, sql } from 'drizzle-orm';\n${loop('const [row] = await db.select({ n: sql`max(n)` }).from(a).where(eq(a.id, x.id)); use(row);')}`, says: /may be an aggregate/ },
    { when: 'the rows are locked', program: `import { eq } from 'drizzle-orm';\n${loop("const rows = await db.select().from(a).where(eq(a.id, x.id)).for('update'); use(rows);")}`, says: /locks its rows/ },
    { when: 'one row of several is taken', program: `import { eq } from 'drizzle-orm';\n${loop('const [row] = await db.select().from(a).where(eq(a.org, x.org)); use(row);')}`, says: /not known to be unique/ },
    { when: 'the first of an order is taken', program: `import { eq } from 'drizzle-orm';\n${loop('const [row] = await db.select().from(a).where(eq(a.org, x.org)).orderBy(a.at).limit(1); use(row);')}`, says: /not known to be unique/ },
    { when: 'there is a limit per element', program: `import { eq } from 'drizzle-orm';\n${loop('const rows = await db.select().from(a).where(eq(a.id, x.id)).limit(5); use(rows);')}`, says: /cannot limit them per key/ },
    { when: 'the comparison is another one', program: `import { gt } from 'drizzle-orm';\n${loop('const rows = await db.select().from(a).where(gt(a.id, x.id)); use(rows);')}`, says: /more than the equality of one column/ },
    { when: 'eq is not the one of Drizzle', program: `import { eq } from './mine';\n${loop('const rows = await db.select().from(a).where(eq(a.id, x.id)); use(rows);')}`, says: /more than the equality of one column/ },
    { when: 'the name inArray is taken', program: `import { eq } from 'drizzle-orm';\nconst inArray = 1;\n${loop('const rows = await db.select().from(a).where(eq(a.id, x.id)); use(rows, inArray);')}`, says: /already uses the name `inArray`/ },
    { when: 'the table of the file has no unique column', program: `import { eq } from 'drizzle-orm';\nconst a = pgTable('a', { id: integer('id') });\n${loop('const [row] = await db.select().from(a).where(eq(a.id, x.id)); use(row);')}`, says: /not known to be unique/ },
    { when: 'the loop writes to the table', program: `import { eq } from 'drizzle-orm';\n${loop('const rows = await db.select().from(a).where(eq(a.id, x.id)); await db.update(a).set({ n: rows.length });')}`, says: /writes to `a` between the reads/ },
  ],
  pg: [
    { when: 'the rows are locked', program: loop("const { rows } = await pool.query('SELECT * FROM a WHERE id = $1 FOR UPDATE', [x.id]); use(rows);"), says: /locks its rows/ },
    { when: 'the rows are aggregated', program: loop("const { rows } = await pool.query('SELECT count(*) FROM a WHERE id = $1', [x.id]); use(rows);"), says: /`count` computes one value/ },
    { when: 'the rows are grouped', program: loop("const { rows } = await pool.query('SELECT b FROM a WHERE id = $1 GROUP BY b', [x.id]); use(rows);"), says: /groups the rows/ },
    { when: 'repeated rows are dropped', program: loop("const { rows } = await pool.query('SELECT DISTINCT b FROM a WHERE id = $1', [x.id]); use(rows);"), says: /drops repeated rows/ },
    { when: 'there is a limit per element', program: loop("const { rows } = await pool.query('SELECT * FROM a WHERE id = $1 LIMIT 5', [x.id]); use(rows);"), says: /cannot limit them per key/ },
    { when: 'rows are ranked', program: loop("const { rows } = await pool.query('SELECT *, row_number() OVER () FROM a WHERE id = $1', [x.id]); use(rows);"), says: /numbers or ranks/ },
    { when: 'the comparison is another one', program: loop("const { rows } = await pool.query('SELECT * FROM a WHERE id > $1', [x.id]); use(rows);"), says: /more than the equality/ },
    { when: 'the condition is a disjunction', program: loop("const { rows } = await pool.query('SELECT * FROM a WHERE id = $1 OR b', [x.id]); use(rows);"), says: /more than the equality/ },
    { when: 'the parameter stands twice', program: loop("const { rows } = await pool.query('SELECT $1, a.* FROM a WHERE id = $1', [x.id]); use(rows);"), says: /more than one place/ },
    { when: 'two values vary', program: loop("const { rows } = await pool.query('SELECT * FROM a WHERE id = $1 AND b = $2', [x.id, x.b]); use(rows);"), says: /more than one value/ },
    { when: 'the row count is used', program: loop("const result = await pool.query('SELECT * FROM a WHERE id = $1', [x.id]); use(result.rowCount);"), says: /more of the result is used/ },
    { when: 'more than the rows is taken', program: loop("const { rows, fields } = await pool.query('SELECT * FROM a WHERE id = $1', [x.id]); use(rows, fields);"), says: /more of the result is used/ },
    { when: 'the SQL is put together', program: loop('const { rows } = await pool.query(`SELECT * FROM ${table} WHERE id = $1`, [x.id]); use(rows);'), says: /put together/ },
    { when: 'the SQL stands elsewhere', program: loop('const { rows } = await pool.query(SQL, [x.id]); use(rows);'), says: /not spelled in the call/ },
    { when: 'the values are hidden', program: loop("const { rows } = await pool.query('SELECT * FROM a WHERE id = $1', x.values); use(rows);"), says: /not listed/ },
    { when: 'a join selects everything', program: loop("const { rows } = await pool.query('SELECT * FROM a JOIN b ON a.id = b.id WHERE a.id = $1', [x.id]); use(rows);"), says: /two columns of the same name/ },
    { when: 'results are joined', program: loop("const { rows } = await pool.query('SELECT id FROM a WHERE id = $1 UNION SELECT 1', [x.id]); use(rows);"), says: /joins several results/ },
    { when: 'the loop writes to the table', program: loop("const { rows } = await pool.query('SELECT * FROM a WHERE id = $1', [x.id]); await pool.query('UPDATE a SET n = 1'); use(rows);"), says: /writes to `a` between the reads/ },
  ],
};

const INSERTS: Record<string, Refused[]> = {
  prisma: [
    { when: 'the created row is used', program: loop('const row = await prisma.a.create({ data: { n: x.n } }); out.push(row.id);'), says: /order in which one statement returns its rows/ },
    { when: 'the created rows are returned', program: `async function run(prisma, xs) { return await Promise.all(xs.map((x) => prisma.a.create({ data: { n: x.n } }))); }`, says: /order in which one statement returns its rows/ },
    { when: 'related rows are written too', program: loop('await prisma.a.create({ data: { n: x.n, b: { create: { m: 1 } } } });'), says: /writes related rows/ },
    { when: 'related rows are connected', program: loop('await prisma.a.create({ data: { n: x.n, b: { connect: { id: x.b } } } });'), says: /writes related rows/ },
    { when: 'related rows are written under a condition', program: loop('await prisma.a.create({ data: { n: x.n, b: x.b ? { create: { m: 1 } } : undefined } });'), says: /writes related rows/ },
    { when: 'related rows are read back', program: loop('await prisma.a.create({ data: { n: x.n }, include: { b: true } });'), says: /reads related rows back/ },
    { when: 'it is an upsert', program: loop('await prisma.a.upsert({ where: { n: x.n }, create: { n: x.n }, update: {} });').replace('upsert', 'upsert'), says: /`upsert`/ },
    { when: 'each error is caught', program: loop('try { await prisma.a.create({ data: { n: x.n } }); } catch { skip(x); }'), says: /`try` inside the loop/ },
    { when: 'something is awaited in between', program: loop('await send(x); await prisma.a.create({ data: { n: x.n } });'), says: /awaits `send\(x\)` between/ },
    { when: 'the row awaits something', program: loop('await prisma.a.create({ data: { n: await hash(x.n) } });'), says: /between the inserts/ },
    { when: 'the loop returns', program: loop('await prisma.a.create({ data: { n: x.n } }); if (x.last) return;'), says: /may return before its end/ },
    { when: 'the row outlives its turn', program: `async function run(prisma, xs) { const data = {}; for (const x of xs) { data.n = x.n; await prisma.a.create({ data }); } }`, says: /lives longer than one turn/ },
    { when: 'the callback does more', program: `async function run(prisma, xs) { await Promise.all(xs.map(async (x) => { await prisma.a.create({ data: { n: x.n } }); done(x); })); }`, says: /more than to insert a row/ },
  ],
  drizzle: [
    { when: 'the row is returned', program: loop('await db.insert(a).values({ n: x.n }).returning();'), says: /order in which one statement returns its rows/ },
    { when: 'a conflict updates', program: loop('await db.insert(a).values({ n: x.n }).onConflictDoUpdate({ target: a.n, set: {} });'), says: /21000/ },
    { when: 'it already takes several rows', program: loop('await db.insert(a).values([{ n: x.n }, { n: 2 }]);'), says: /already takes several rows/ },
  ],
  pg: [
    { when: 'the row is returned', program: loop("await pool.query('INSERT INTO a (n) VALUES ($1) RETURNING id', [x.n]);"), says: /order in which one statement returns its rows/ },
    { when: 'a conflict updates', program: loop("await pool.query('INSERT INTO a (n) VALUES ($1) ON CONFLICT (n) DO UPDATE SET m = 1', [x.n]);"), says: /21000/ },
    { when: 'a query gives the row', program: loop("await pool.query('INSERT INTO a (n) SELECT m FROM b WHERE m = $1', [x.n]);"), says: /one list of VALUES/ },
    { when: 'the result is kept', program: loop("const result = await pool.query('INSERT INTO a (n) VALUES ($1)', [x.n]); use(result);"), says: /order in which one statement returns its rows/ },
    { when: 'the promise is not awaited', program: loop("pool.query('INSERT INTO a (n) VALUES ($1)', [x.n]);"), says: /not awaited/ },
  ],
};

const UNBOUNDED: Record<string, Refused[]> = {
  prisma: [
    { when: 'there is a limit', program: 'async function run(prisma) { return prisma.a.findMany({ take: 5 }); }', says: /already has `take`/ },
    { when: 'the options are hidden', program: 'async function run(prisma, options) { return prisma.a.findMany(options); }', says: /not spelled here/ },
    { when: 'all rows are counted', program: 'async function run(prisma) { const rows = await prisma.a.findMany(); return rows.length; }', says: /goes on with `length` over all rows/ },
    { when: 'all rows are filtered', program: 'async function run(prisma) { return (await prisma.a.findMany()).filter(Boolean); }', says: /goes on with `filter` over all rows/ },
    { when: 'all rows are kept for later', program: 'async function run(prisma) { let rows = []; rows = await prisma.a.findMany(); return may(rows); }', says: /goes on with all rows/ },
    { when: 'all rows are given to a function', program: 'async function run(prisma) { const rows = await prisma.a.findMany(); return permissionsOf(rows); }', says: /given to `permissionsOf`/ },
    { when: 'nothing uses the rows', program: 'async function run(prisma) { const rows = await prisma.a.findMany(); }', says: /nothing uses/ },
    { when: 'all rows are gone through', program: 'async function run(prisma) { for (const row of await prisma.a.findMany()) use(row); }', says: /goes through all rows/ },
  ],
  drizzle: [
    { when: 'there is a limit', program: 'async function run(db) { return db.select().from(a).limit(5); }', says: /already has `limit`/ },
    { when: 'the rows are grouped', program: 'async function run(db) { return db.select().from(a).groupBy(a.n); }', says: /other rows than those of the table/ },
    { when: 'the table of the file has no key', program: "const a = pgTable('a', { n: integer('n') });\nasync function run(db) { return db.select().from(a); }", says: /no single column/ },
  ],
  pg: [
    { when: 'there is a limit', program: "async function run(pool) { return (await pool.query('SELECT * FROM a LIMIT 5')).rows; }", says: /already has a limit/ },
    { when: 'the rows are grouped', program: "async function run(pool) { return (await pool.query('SELECT n FROM a GROUP BY n')).rows; }", says: /groups or joins/ },
    { when: 'the rows are locked', program: "async function run(pool) { return (await pool.query('SELECT n FROM a FOR UPDATE')).rows; }", says: /locks its rows/ },
    { when: 'the row count is used', program: "async function run(pool) { const result = await pool.query('SELECT n FROM a'); return result.rows.length; }", says: /goes on with `length`/ },
  ],
};

const both = (first: string, second: string, between = ''): string => `async function run(pool) {\n  ${first}\n${between}  ${second}\n  use(a, b);\n}`;
const AWAITS: Record<string, Refused[]> = {
  pg: [
    { when: 'something stands between', program: both('const a = await pool.query(x);', 'const b = await pool.query(y);', '  log(1);\n'), says: /other statements stand between/ },
    { when: 'a result is assigned', program: both('const a = await pool.query(x);', 'b = await pool.query(y);'), says: /exists already/ },
    { when: 'one is no constant', program: both('const a = await pool.query(x);', 'let b = await pool.query(y);'), says: /assigned again/ },
    { when: 'a part of the result is taken', program: both('const a = (await pool.query(x)).rows;', 'const b = await pool.query(y);'), says: /computes something/ },
    { when: 'a type is written', program: both('const a: Rows = await pool.query(x);', 'const b = await pool.query(y);'), says: /a type of its own/ },
    { when: 'a comment stands inside', program: both('const a = /* first */ await pool.query(x);', 'const b = await pool.query(y);'), says: /comment or parentheses/ },
    { when: 'there are parentheses', program: both('const a = await (pool.query(x));', 'const b = await pool.query(y);'), says: /comment or parentheses/ },
  ],
};

const columns = (query: string): string => `// uses id\nasync function run(prisma, db, pool) { const rows = await ${query}; use(rows); }`;
const COLUMNS: Record<string, Refused[]> = {
  prisma: [
    { when: 'rows of other tables are included', program: columns('prisma.a.findMany({ include: { b: true } })'), says: /`include` does not go with `select`/ },
    { when: 'repeated rows are dropped', program: columns("prisma.a.findMany({ distinct: ['n'] })"), says: /drops repeated rows/ },
    { when: 'the options are somewhere else', program: columns('prisma.a.findMany(options)'), says: /options of the query are not spelled/ },
    { when: 'a part of the options is somewhere else', program: columns('prisma.a.findMany({ ...options })'), says: /a spread or a computed name/ },
    { when: 'one row is read', program: columns('prisma.a.findFirst({ where: { id: 1 } })'), says: /only `findMany` reads a list/ },
  ],
  drizzle: [
    { when: 'tables are joined', program: columns('db.select().from(a).innerJoin(b, eq(a.id, b.id))'), says: /`innerJoin` makes other rows/ },
    { when: 'columns are selected', program: columns('db.select({ id: a.id }).from(a)'), says: /not spelled as one chain/ },
    { when: 'the table has no name', program: columns('db.select().from(table())'), says: /has no name here/ },
    { when: 'related rows come with it', program: columns('db.query.a.findMany({ with: { b: true } })'), says: /brings more than the columns of the table, by `with`/ },
    { when: 'the options are somewhere else', program: columns('db.query.a.findMany(options)'), says: /options of the query are not spelled/ },
  ],
  pg: [
    { when: 'two tables are joined', program: columns("pool.query('SELECT * FROM a JOIN b USING (id)')"), says: /more than one table/ },
    { when: 'results are joined', program: columns("pool.query('SELECT * FROM a UNION SELECT * FROM b')"), says: /more than one table/ },
    { when: 'rows are grouped', program: columns("pool.query('SELECT DISTINCT * FROM a')"), says: /groups the rows/ },
    { when: 'the order is that of a column by its number', program: columns("pool.query('SELECT * FROM a ORDER BY 2')"), says: /by the number of a column/ },
    { when: 'more than a star is selected', program: columns("pool.query('SELECT *, n + 1 AS next FROM a')"), says: /more than a plain star/ },
    { when: 'the star is of a table', program: columns("pool.query('SELECT a.* FROM a')"), says: /more than a plain star/ },
    { when: 'a name needs quotes inside of quotes', program: columns('pool.query("SELECT * FROM a")').replace('uses id', 'uses user'), says: /quotes inside of a text in quotes/ },
    { when: 'a name has a quote', program: columns("pool.query('SELECT * FROM a')").replace('uses id', 'uses a"b'), says: /has a quote in its name/ },
    { when: 'the SQL is no query', program: columns("pool.query('TABLE a; SELECT 1')"), says: /not one statement/ },
  ],
};

describe('no fix is offered', () => {
  before(initSql);

  for (const [kind, table] of Object.entries({ read: READS, insert: INSERTS, unbounded: UNBOUNDED, awaits: AWAITS, columns: COLUMNS })) {
    for (const [library, refusals] of Object.entries(table)) {
      for (const { when, program, says } of refusals) {
        it(`${kind} with ${library}, when ${when}`, () => {
          const outcome = rewrite(library as 'pg', kind as FixKind, 'refused.ts', program);
          assert.ok('refused' in outcome, `it was rewritten: ${JSON.stringify(outcome)}`);
          assert.match(outcome.refused, says);
          assert.match(outcome.refused, /^[^A-Z].*\.$/, 'ends the sentence “No fix is offered: …”');
        });
      }
    }
  }
});
