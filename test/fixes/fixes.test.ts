import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { complete, detect, extractFacts, initSql, Program } from '../../src/analysis';
import { openShop, type Shop } from './database';
import { INPUTS } from './inputs';
import { Project } from './project';
import { casesOf, rewritten, type Case } from './rewriting';

/** Run with UPDATE_FIXES=1 to write what the cases become now, then read the difference. */
const UPDATE = process.env['UPDATE_FIXES'] === '1';

type Run = (handle: unknown, input: unknown) => Promise<unknown>;

const reads = () => casesOf('read');
const inserts = () => casesOf('insert');
const unbounded = () => casesOf('unbounded');
const awaits = () => casesOf('awaits');
const columns = () => casesOf('columns');
const RULES = { columns: 'over-fetch', read: 'n-plus-one', insert: 'sequential-write', unbounded: 'unbounded-query', awaits: 'sequential-await' } as const;

describe('fixes on a real PostgreSQL', function () {
  this.timeout(120_000);
  let project: Project;
  let shop: Shop;
  let modules: Map<string, Record<string, unknown>>;
  const titles = new Map<string, string>();

  before(async () => {
    await initSql();
    project = new Project();
    for (const one of [...reads(), ...inserts(), ...unbounded(), ...awaits(), ...columns()]) {
      project.add(one.path, one.text);
      const after = rewritten(one);
      titles.set(one.path, after.title);
      project.add(afterPath(one), after.text);
    }
    modules = await project.load();
    shop = await openShop(modules.get('schema')!, modules.get('PrismaClient') as never);
  });

  after(async () => {
    await shop?.stop();
    project?.remove();
  });

  it('all programs type-check before and after', () => {
    assert.deepEqual(Object.fromEntries(project.typeErrors()), {});
  });

  for (const one of [...reads(), ...inserts(), ...unbounded(), ...awaits(), ...columns()]) {
    it(`${one.name} (${one.kind}): becomes what is on record`, () => {
      const file = join(__dirname, afterPath(one));
      const newline = one.text.includes('\r\n') ? '\r\n' : '\n';
      const now = `// ${titles.get(one.path)!}${newline}${rewritten(one).text}`;
      if (UPDATE) writeFileSync(file, now);
      assert.ok(existsSync(file), `${file} is missing: run with UPDATE_FIXES=1 and read it`);
      assert.equal(now, readFileSync(file, 'utf8'));
    });
  }

  for (const one of [...reads(), ...inserts(), ...awaits(), ...columns()]) {
    it(`${one.name}: the rule finds it, offers this fix, and has nothing to say afterwards`, () => {
      const after = rewritten(one);
      const offered = findingsIn(one, one.text).flatMap((finding) => finding.fixes.map((fix) => `${fix.safety}: ${fix.title}`));
      assert.ok(offered.includes(after.title), `offered: ${offered.join(' | ')}`);
      assert.deepEqual(findingsIn(one, after.text), []);
    });
  }

  const call = async (path: string, one: Case, input: unknown): Promise<{ value: unknown; error?: string; statements: number }> => {
    const run = (modules.get(path) as { run: Run }).run;
    shop.statements();
    const copy = structuredClone(input);
    try {
      const value = one.library === 'prisma' && /\btx\b/.test(one.text) ? await shop.prisma.$transaction((tx) => run(tx, copy), { timeout: 60_000 }) : await run(await handleOf(one), copy);
      return { value, statements: shop.statements().length };
    } catch (error) {
      return { value: undefined, error: kindOf(error), statements: shop.statements().length };
    } finally {
      await release();
    }
  };
  let client: { release(): void } | undefined;
  const handleOf = async (one: Case): Promise<unknown> => {
    if (one.library === 'pg' && /\bclient\b/.test(one.text)) return (client = await shop.pg.connect());
    return shop[one.library as keyof Shop];
  };
  const release = async (): Promise<void> => {
    client?.release();
    client = undefined;
  };

  for (const one of reads()) {
    for (const [title, input] of Object.entries(inputsOf(one))) {
      if (changes(one, title)) continue;
      it(`${one.name}: same result for ${title}`, async () => {
        const before = await call(one.path, one, input);
        const after = await call(afterPath(one), one, input);
        assert.deepEqual({ value: after.value, error: after.error }, { value: before.value, error: before.error });
      });
    }

    it(`${one.name}: as many queries for many elements as for one`, async () => {
      const { one: single, many } = inputsOf(one) as Record<string, unknown[]>;
      const before = { single: await call(one.path, one, single), many: await call(one.path, one, many) };
      const after = { single: await call(afterPath(one), one, single), many: await call(afterPath(one), one, many) };
      assert.ok(before.many.statements >= before.single.statements + 4, `${before.many.statements} statements before, for ${many!.length} elements`);
      assert.deepEqual([after.single.statements, after.many.statements], [before.single.statements, before.single.statements]);
    });

    it(`${one.name}: more keys than PostgreSQL takes parameters`, async () => {
      const name = inputNameOf(one);
      const input = Array.from({ length: 66_000 }, (_, i) => (name === 'orders' ? { id: i + 1, customerId: i + 1 } : name === 'emails' ? `c${i + 1}@example.org` : i + 1));
      const after = await call(afterPath(one), one, input);
      // Of the keys only the first ones exist: they find what they find alone, and the others find nothing.
      const few = await call(one.path, one, input.slice(0, 100));
      const start = (value: unknown): unknown => (Array.isArray(value) ? value.slice(0, 20) : typeof value === 'string' ? value.slice(0, 100) : undefined);
      assert.deepEqual({ error: after.error, value: start(after.value) }, { error: few.error, value: start(few.value) });
    });
  }

  for (const one of inserts()) {
    for (const [title, input] of Object.entries(inputsOf(one))) {
      it(`${one.name}: same rows for ${title}`, async () => {
        const rows = async (path: string): Promise<unknown> => {
          await shop.reset();
          const result = await call(path, one, input);
          const { rows } = await shop.pg.query('SELECT * FROM order_items ORDER BY id');
          return { error: result.error, value: result.value, rows: result.error ? 'atomicity is what the title says' : rows };
        };
        assert.deepEqual(await rows(afterPath(one)), await rows(one.path));
      });
    }

    it(`${one.name}: one statement instead of one per element`, async () => {
      const input = inputsOf(one)['many'] as unknown[];
      await shop.reset();
      const before = await call(one.path, one, input);
      await shop.reset();
      const after = await call(afterPath(one), one, input);
      assert.ok(before.statements >= input.length);
      assert.equal(after.statements, before.statements - input.length + 1);
    });

    it(`${one.name}: more values than PostgreSQL takes parameters`, async () => {
      // Prisma counts parameters up to 32,767, and is slow in building such statements.
      const input = Array.from({ length: one.library === 'prisma' ? 11_000 : 22_000 }, (_, n) => ({ sku: `sku-${n}`, quantity: n % 5 }));
      const rows = async (path: string, given: unknown[]): Promise<unknown[]> => {
        await shop.reset();
        assert.equal((await call(path, one, given)).error, undefined);
        return (await shop.pg.query('SELECT order_id, sku, quantity, tags FROM order_items ORDER BY id')).rows;
      };
      const all = await rows(afterPath(one), input);
      assert.deepEqual(all.slice(0, 300), (await rows(one.path, input.slice(0, 300))).slice(0, 300));
      assert.deepEqual(new Set(all.slice(70).map((row) => (row as { sku: string }).sku)), new Set(input.map((item) => item.sku)));
      assert.equal(all.length, input.length + 70);
    });
  }

  for (const one of awaits()) {
    it(`${one.name}: the same result of the same statements`, async () => {
      await shop.reset();
      for (const input of [3, 999]) assert.deepEqual(await call(afterPath(one), one, input), await call(one.path, one, input));
    });
  }

  for (const one of columns()) {
    it(`${one.name}: the same result of fewer columns`, async () => {
      for (const input of [1, 3, 999, undefined]) {
        const [before, after] = [await call(one.path, one, input), await call(afterPath(one), one, input)];
        assert.equal(before.error, undefined);
        assert.deepEqual(after, before);
      }
    });
  }

  for (const one of unbounded()) {
    it(`${one.name}: pages of 100 rows that together are all of them`, async () => {
      await shop.reset();
      await shop.pg.query("INSERT INTO customers (email, name) SELECT n || '@example.org', 'Customer ' || n FROM generate_series(13, 250) n");
      type Row = { id: number };
      const all = (await call(one.path, one, undefined)).value as Row[];
      const pageAfter = async (after: number | undefined): Promise<Row[]> => (await call(afterPath(one), one, after)).value as Row[];
      const pages = [await pageAfter(undefined)];
      assert.equal(pages[0]!.length, 100);
      if (!titles.get(one.path)!.includes('cursor')) {
        assert.deepEqual(pages[0], all.slice(0, 100));
        return;
      }
      while (pages.at(-1)!.length > 0) pages.push(await pageAfter(pages.at(-1)!.at(-1)!.id));
      assert.deepEqual(pages.map((page) => page.length), [100, 100, all.length - 200, 0]);
      assert.deepEqual(pages.flat(), all.sort((a, b) => (one.text.includes('name: \'asc\'') ? 0 : a.id - b.id)));
    });
  }
});

/** What the rule of a case's kind finds in a text, with the shop's own modules at hand. */
function findingsIn(one: Case, text: string) {
  const program = new Program(
    { resolve: (_from, specifier) => /^\.\.\/(shop\/\w+)$/.exec(specifier)?.[1]?.replace(/^(.*)$/, 'cases/$1.ts') },
    () => ({ reactCompiler: 'off' }),
  );
  for (const file of ['cases/shop/types.ts', 'cases/shop/schema.ts', 'cases/shop/schema.prisma', 'cases/shop/tables.sql']) program.update(extractFacts(file, readFileSync(join(__dirname, file), 'utf8')));
  const facts = extractFacts(one.path, text);
  program.update(facts);
  return complete(facts, text, detect(program, one.path).detections).findings.filter((finding) => finding.rule === RULES[one.kind]);
}

function afterPath(one: Case): string {
  return one.path.replace(/\.ts$/, '.after.ts');
}

/** The inputs of a case, by the name of its second parameter. */
function inputsOf(one: Case): Record<string, unknown> {
  const inputs = INPUTS[inputNameOf(one)];
  if (!inputs) throw new Error(`${one.path}: run() has no second parameter that inputs.ts knows`);
  return inputs;
}

/** The one input for which the title of a suggestion says that the result changes. */
function changes(one: Case, input: string): boolean {
  const title = readFileSync(join(__dirname, afterPath(one)), 'utf8').split('\n')[0]!;
  // Prisma refuses a null key of a column that is never null, so that it is an error too.
  if (title.includes('errors surface')) return input === 'a key that the database refuses' || (one.library === 'prisma' && input === 'NULL keys');
  return title.includes('null keys find nothing') && input === 'NULL keys';
}

function inputNameOf(one: Case): string {
  return /export async function run\(\s*\w+: \w+(?:\.\w+)*,\s*(\w+)/.exec(one.text)?.[1] ?? '';
}

/** An error as callers tell errors apart: its class and code; texts name the statement, which has changed. */
function kindOf(error: unknown): string {
  const { name, code, cause } = error as { name: string; code?: string; cause?: unknown };
  return [name, code, cause ? kindOf(cause) : undefined].filter(Boolean).join(' ');
}
