import assert from 'node:assert/strict';
import { analyze, initSql } from '../analysis-host';

const HEAD = `import { Pool } from 'pg'; const pool = new Pool(); const ask = (id: number) => pool.query('SELECT 1 FROM t WHERE id = $1', [id]);\n`;

/** A class that keeps what its method asked for. */
const loader = (body: string): string => `class Loader { private kept?: unknown; private other?: unknown; private last?: number; async get(id: number) { ${body} return this.kept; } }`;

/** Each asks once. */
const ONCE = {
  'a condition': 'if (this.kept === undefined) this.kept = await ask(id);',
  'a condition with a block': 'if (!this.kept) { this.kept = await ask(id); }',
  'an early return': 'if (this.kept) return this.kept; this.kept = await ask(id);',
  'an assignment to what is missing': 'return (this.kept ??= await ask(id));',
  'a condition of several parts': 'if (this.other && !this.kept) this.kept = await ask(id);',
  'an operator': 'this.kept = this.kept ?? (await ask(id));',
};

/** Each asks once per element. */
const ASKING: Record<string, string> = {
  'for…of': `export async function f(ids: number[]) { for (const id of ids) await ask(id); }`,
  'for await': `export async function f(ids: AsyncIterable<number>) { for await (const id of ids) await ask(id); }`,
  'for…in': `export async function f(byId: Record<number, string>) { for (const id in byId) await ask(Number(id)); }`,
  'an index loop': `export async function f(ids: number[]) { for (let i = 0; i < ids.length; i++) await ask(ids[i]!); }`,
  'a worklist': `export async function f(ids: number[]) { while (ids.length > 0) { const id = ids.pop()!; await ask(id); } }`,
  'forEach': `export async function f(ids: number[]) { ids.forEach(async (id) => { await ask(id); }); }`,
  'map under Promise.all': `export const f = (ids: number[]) => Promise.all(ids.map((id) => ask(id)));`,
  'map under Promise.allSettled': `export const f = (ids: number[]) => Promise.allSettled(ids.map(async (id) => { const { rows } = await ask(id); return rows; }));`,
  'map with a reference': `export const f = (ids: number[]) => Promise.all(ids.map(ask));`,
  'flatMap': `export const f = (ids: number[]) => Promise.all(ids.flatMap((id) => [ask(id), id]));`,
  'an async filter': `export const f = async (ids: number[]) => ids.filter(async (id) => (await ask(id)).rowCount);`,
  'reduce over a promise': `export const f = (ids: number[]) => ids.reduce(async (sum, id) => (await sum) + ((await ask(id)).rowCount ?? 0), Promise.resolve(0));`,
  'Array.from with a callback': `export const f = (ids: Set<number>) => Promise.all(Array.from(ids, (id) => ask(id)));`,
  'a list of promises': `export async function f(ids: number[]) { const all = []; for (const id of ids) all.push(ask(id)); return Promise.all(all); }`,
  'p-map': `import pMap from 'p-map'; export const f = (ids: number[]) => pMap(ids, async (id) => ask(id), { concurrency: 4 });`,
  'p-limit': `import pLimit from 'p-limit'; const limit = pLimit(4); export const f = (ids: number[]) => Promise.all(ids.map((id) => limit(() => ask(id))));`,
  'async.eachSeries': `import async from 'async'; export const f = (ids: number[]) => async.eachSeries(ids, async (id: number) => { await ask(id); });`,
  'lodash': `import { map } from 'lodash'; export const f = (ids: number[]) => Promise.all(map(ids, (id) => ask(id)));`,
  'a helper of the project': `async function each<T>(list: T[], run: (one: T) => Promise<unknown>) { for (const one of list) await run(one); } export const f = (ids: number[]) => each(ids, async (id) => { await ask(id); });`,
  'a condition': `export async function f(ids: number[]) { let n = 0; for (const id of ids) { if ((await ask(id)).rowCount) n++; } return n; }`,
  'a recursion over children': `interface Node { id: number; children: Node[] } export async function walk(node: Node): Promise<void> { await ask(node.id); for (const child of node.children) await walk(child); }`,
  'a local closure': `export async function f(ids: number[]) { const one = async (id: number) => { const { rows } = await ask(id); return rows; }; const all = []; for (const id of ids) all.push(await one(id)); return all; }`,
  'a generator': `export async function* f(ids: number[]) { for (const id of ids) yield await ask(id); }`,
  'a chain of promises': `export const f = (ids: number[]) => Promise.all(ids.map((id) => ask(id).then(({ rows }) => rows[0])));`,
  'a reducer of promises': `export const f = (ids: number[]) => ids.reduce((before, id) => before.then(() => ask(id)), Promise.resolve<unknown>(null));`,
  'an async generator of the project': `async function* all(ids: number[]) { for (const id of ids) yield id; } export async function f(ids: number[]) { for await (const id of all(ids)) await ask(id); }`,
  'entries of an object': `export const f = (byId: Record<string, number>) => Promise.all(Object.entries(byId).map(async ([key, id]) => [key, await ask(id)]));`,
  'entries of a map': `export async function f(byKey: Map<string, number>) { for (const [key, id] of byKey) console.log(key, await ask(id)); }`,
  'forEach of a map': `export function f(rows: { id: number }[]) { new Map(rows.map((row) => [row.id, row])).forEach(async (row, id) => { await ask(id); }); }`,
  'keys of a map with iterator methods': `export const f = (byId: Map<number, string>) => Promise.all(byId.keys().filter((id) => id > 3).map((id) => ask(id)).toArray());`,
  'Array.fromAsync': `export const f = (ids: AsyncIterable<number>) => Array.fromAsync(ids, (id) => ask(id));`,
  'lists of promises that are joined': `export const f = (ids: number[], more: number[]) => Promise.all(ids.map((id) => ask(id)).concat(more.map(() => Promise.resolve() as never)));`,
  'lists of promises that are spread': `export const f = (ids: number[]) => Promise.all([...ids.map((id) => ask(id)), ask(1)]);`,
  'a map of promises that is kept': `export async function f(ids: number[]) { const asked = ids.map((id) => ask(id)); console.log(asked.length); const rows = await Promise.all(asked); return rows; }`,
  'lodash with a default import': `import _ from 'lodash'; export const f = (ids: number[]) => Promise.all(_.map(ids, (id) => ask(id)));`,
  'a lodash chain': `import _ from 'lodash'; export const f = (ids: number[]) => Promise.all(_(ids).uniq().map((id) => ask(id)).value());`,
  'an explicit lodash chain': `import { chain } from 'lodash'; export const f = (ids: number[]) => Promise.all(chain(ids).compact().map((id) => ask(id)).value());`,
  'a lodash function by its own module': `import each from 'lodash/each'; export const f = (ids: number[]) => each(ids, async (id) => { await ask(id); });`,
  'es-toolkit': `import { asyncMap } from './none'; import { forEachAsync } from 'es-toolkit/array'; export const f = (ids: number[]) => forEachAsync(ids, async (id: number) => { await ask(id); });`,
  'radash': `import { parallel } from 'radash'; export const f = (ids: number[]) => parallel(5, ids, async (id) => ask(id));`,
  'a remeda pipe': `import { map, pipe, unique } from 'remeda'; export const f = (ids: number[]) => Promise.all(pipe(ids, unique(), map((id) => ask(id))));`,
  'a remeda pipe with a reference': `import * as R from 'remeda'; export const f = (ids: number[]) => Promise.all(R.pipe(ids, R.map(ask)));`,
  'ramda': `import * as R from 'ramda'; export const f = (ids: number[]) => Promise.all(R.map((id: number) => ask(id), ids));`,
  'a ramda pipeline': `import { map, pipe } from 'ramda'; const all = pipe(map((id: number) => ask(id)), (asked) => Promise.all(asked)); export const f = (ids: number[]) => all(ids);`,
  'fp-ts': `import { pipe } from 'fp-ts/function'; import * as A from 'fp-ts/Array'; export const f = (ids: number[]) => pipe(ids, A.map((id) => ask(id)));`,
  'a traversal of fp-ts': `import * as TE from 'fp-ts/TaskEither'; import { pipe } from 'fp-ts/lib/function'; export const f = (ids: number[]) => pipe(ids, TE.traverseArray((id) => TE.tryCatch(() => ask(id), String)));`,
  'Effect.forEach': `import { Effect } from 'effect'; export const f = (ids: number[]) => Effect.forEach(ids, (id) => Effect.tryPromise(() => ask(id)), { concurrency: 5 });`,
  'Effect.forEach in a generator': `import { Effect } from 'effect'; export const f = (ids: number[]) => Effect.gen(function* () { yield* Effect.forEach(ids, (id) => Effect.promise(() => ask(id))); });`,
  'p-map with a reference': `import pMap from 'p-map'; export const f = (ids: number[]) => pMap(ids, ask, { concurrency: 4 });`,
  'p-queue': `import PQueue from 'p-queue'; const queue = new PQueue({ concurrency: 4 }); export async function f(ids: number[]) { for (const id of ids) queue.add(() => ask(id)); await queue.onIdle(); }`,
  'p-queue with addAll': `import PQueue from 'p-queue'; export async function f(ids: number[]) { const queue = new PQueue(); await queue.addAll(ids.map((id) => () => ask(id))); }`,
  'p-all': `import pAll from 'p-all'; export const f = (ids: number[]) => pAll(ids.map((id) => () => ask(id)), { concurrency: 2 });`,
  'p-series': `import pSeries from 'p-series'; export const f = (ids: number[]) => pSeries(ids.map((id) => async () => { await ask(id); }));`,
  'p-limit with a list that is filled': `import pLimit from 'p-limit'; export async function f(ids: number[]) { const limit = pLimit(4); const all: Promise<unknown>[] = []; for (const id of ids) all.push(limit(() => ask(id))); await Promise.all(all); }`,
  'p-limit with a reference': `import pLimit from 'p-limit'; const limit = pLimit(4); export const f = (ids: number[]) => Promise.all(ids.map((id) => limit(ask, id)));`,
  'the map of p-limit': `import pLimit from 'p-limit'; const limit = pLimit(4); export const f = (ids: number[]) => limit.map(ids, (id) => ask(id));`,
  'async.mapLimit': `import { mapLimit } from 'async'; export const f = (ids: number[]) => mapLimit(ids, 5, async (id: number) => ask(id));`,
  'async.each with a callback': `import async from 'async'; export const f = (ids: number[], done: () => void) => async.each(ids, (id: number, next: () => void) => { ask(id).then(() => next()); }, done);`,
  'async.parallel': `import async from 'async'; export const f = (ids: number[]) => async.parallel(ids.map((id) => async () => ask(id)));`,
  'Bluebird': `import Promise from 'bluebird'; export const f = (ids: number[]) => Promise.map(ids, (id) => ask(id), { concurrency: 3 });`,
  'Bluebird, in a row': `import { mapSeries } from 'bluebird'; export const f = (ids: number[]) => mapSeries(ids, (id) => ask(id));`,
  'Bluebird, by a namespace': `import * as Bluebird from 'bluebird'; export const f = (ids: number[]) => Bluebird.each(ids, ask);`,
  'Bluebird, on a promise': `import Bluebird from 'bluebird'; export const f = (ids: number[]) => Bluebird.resolve(ids).map((id) => ask(id));`,
  'RxJS mergeMap': `import { from, mergeMap } from 'rxjs'; export const f = (ids: number[]) => from(ids).pipe(mergeMap((id) => ask(id)));`,
  'RxJS concatMap after other steps': `import { from } from 'rxjs'; import { concatMap, filter } from 'rxjs/operators'; export const f = (ids: number[]) => from(ids).pipe(filter((id) => id > 1), concatMap(async (id) => { await ask(id); }));`,
  'RxJS forkJoin': `import { forkJoin, from } from 'rxjs'; export const f = (ids: number[]) => forkJoin(ids.map((id) => from(ask(id))));`,
  'a generator that is iterated elsewhere': `async function* rows(ids: number[]) { for (const id of ids) { const { rows } = await ask(id); yield* rows; } } export async function f(ids: number[]) { const all = []; for await (const row of rows(ids)) all.push(row); return all; }`,
  'a map that returns functions which are called': `export const f = async (ids: number[]) => { const jobs = ids.map((id) => () => ask(id)); for (const job of jobs) await job(); };`,
  'a list of functions that is filled': `export const f = async (ids: number[]) => { const jobs: (() => Promise<unknown>)[] = []; for (const id of ids) jobs.push(() => ask(id)); for (const job of jobs) await job(); };`,
  'an immediately called function': `export const f = async (ids: number[]) => { for (const id of ids) await (async () => { await ask(id); })(); };`,
  'an index loop that is counted down': `export async function f(ids: number[]) { for (let i = ids.length - 1; i >= 0; i--) await ask(ids[i]!); }`,
  'a length that is kept': `export async function f(ids: number[]) { for (let i = 0, n = ids.length; i < n; i++) await ask(ids[i]!); }`,
  'a lazy object of each turn': `${loader('if (!this.kept) this.kept = await ask(id);')} export async function f(ids: number[]) { for (const id of ids) { const loader = new Loader(); await loader.get(id); } }`,
  'a lazy field of each element': `${loader('if (!this.kept) this.kept = await ask(id);')} export async function f(all: Loader[]) { for (const one of all) await one.get(1); }`,
  'a lazy object that a helper makes': `${loader(`if (!this.kept) this.kept = await pool.query('SELECT 1 FROM t WHERE id = $1', [id]);`)} const get = async (id: number) => { const loader = new Loader(); return loader.get(id); }; export async function f(ids: number[]) { for (const id of ids) await get(id); }`,
  'a field that is filled anew': `${loader('this.kept = await ask(id);')} export async function f(ids: number[]) { const loader = new Loader(); for (const id of ids) await loader.get(id); }`,
  'a field of another name than the one that is asked': `${loader('if (!this.other) this.kept = await ask(id);')} export async function f(ids: number[]) { const loader = new Loader(); for (const id of ids) await loader.get(id); }`,
  'a field of the last element': `${loader('if (this.last !== id) this.kept = await ask(id); this.last = id;')} export async function f(ids: number[]) { const loader = new Loader(); for (const id of ids) await loader.get(id); }`,
  'a try of each turn': `export async function f(ids: number[], failed: (id: number) => void) { for (const id of ids) { try { await ask(id); } catch { failed(id); } } }`,
  'a loop in a handler': `export async function f(ids: number[], work: () => void) { try { work(); } catch { for (const id of ids) await ask(id); } }`,
  'one database that a helper is given': `const one = (given: Pool, id: number) => given.query('SELECT 1 FROM t WHERE id = $1', [id]); export async function f(given: Pool, ids: number[]) { for (const id of ids) await one(given, id); }`,
  'a list of builders': `import type { Kysely } from 'kysely'; export async function f(db: Kysely<any>, ids: number[]) { const queries = ids.map((id) => db.selectFrom('t').selectAll().where('id', '=', id)); for (const query of queries) await query.execute(); }`,
  'an event that is emitted for each': `export async function f(ids: number[]) { for (const [i, id] of ids.entries()) { if (i > 0) await ask(id); } }`,
};

/** Each asks as often as it must. */
const SILENT: Record<string, string> = {
  ...Object.fromEntries(Object.entries(ONCE).map(([name, body]) => [`what an object has from its first turn: ${name}`, `${loader(body)} export async function f(ids: number[]) { const loader = new Loader(); for (const id of ids) await loader.get(id); }`])),
  'what an object has from its first turn, through a helper': `${loader(`if (!this.kept) this.kept = await pool.query('SELECT 1 FROM t WHERE id = $1', [id]);`)} const loader = new Loader(); const get = (id: number) => loader.get(id); export async function f(ids: number[]) { for (const id of ids) await get(id); }`,
  'what a module has from the first turn': `let kept: unknown; async function get(id: number) { if (!kept) kept = await ask(id); return kept; } export async function f(ids: number[]) { for (const id of ids) await get(id); }`,
  'a promise that a module has from the first turn': `let kept: Promise<unknown> | undefined; const get = (id: number) => (kept ??= ask(id)); export async function f(ids: number[]) { for (const id of ids) await get(id); }`,
  'what is asked when a turn fails': `export async function f(ids: number[], work: (id: number) => void) { for (const id of ids) { try { work(id); } catch { await ask(id); } } }`,
  'a stream of events': `import { fromEvent, switchMap } from 'rxjs'; export const f = (button: EventTarget) => fromEvent(button, 'click').pipe(switchMap(() => ask(1)));`,
  'a subject': `import { Subject, mergeMap } from 'rxjs'; const asked = new Subject<number>(); export const f = () => asked.pipe(mergeMap((id) => ask(id)));`,
  'one value in a pipe': `import { of, switchMap } from 'rxjs'; export const f = (id: number) => of(id).pipe(switchMap((one) => ask(one)));`,
  'one promise in a pipe': `import { from, switchMap } from 'rxjs'; import { Repository } from 'typeorm'; export const f = (rows: Repository<object>, id: number) => from(rows.find({ where: { id } })).pipe(switchMap((all) => ask(all.length)));`,
  'a pipe of a value': `import { pipe } from 'remeda'; export const f = (id: number) => pipe(id, (one) => ask(one));`,
  'the map of an option': `import { pipe } from 'fp-ts/function'; import * as O from 'fp-ts/Option'; export const f = (id: number) => pipe(O.some(id), O.map((one) => ask(one)));`,
  'one task in a queue': `import PQueue from 'p-queue'; const queue = new PQueue({ concurrency: 4 }); export const f = (id: number) => queue.add(() => ask(id));`,
  'tasks written out': `import pAll from 'p-all'; export const f = (id: number) => pAll([() => ask(id), () => ask(id + 1)]);`,
  'parallel tasks written out': `import async from 'async'; export const f = (id: number) => async.parallel([async () => ask(id), async () => ask(id + 1)]);`,
  'Effect.map of one effect': `import { Effect } from 'effect'; export const f = (id: number) => Effect.map(Effect.succeed(id), (one) => ask(one));`,
  'the map of a result': `import { ok } from 'neverthrow'; export const f = (id: number) => ok(id).map((one) => ask(one));`,
  'an index loop that counts tries down': `export async function f(id: number) { for (let i = 3; i > 0; i--) await ask(id); }`,
  'buffers of a stream': `import { bufferCount, concatMap, from } from 'rxjs'; export const f = (ids: number[]) => from(ids).pipe(bufferCount(100), concatMap((some) => pool.query('SELECT 1 FROM t WHERE id = ANY($1)', [some])));`,
  'chunks in a pipe': `import { chunk, map, pipe } from 'remeda'; export const f = (ids: number[]) => pipe(ids, chunk(100), map((some) => pool.query('SELECT 1 FROM t WHERE id = ANY($1)', [some])));`,
  'a call before the loop': `export async function f(ids: number[]) { await ask(1); for (const id of ids) console.log(id); }`,
  'handlers that are registered in a loop': `import { app } from './app'; export function f(paths: string[]) { for (const path of paths) app.get(path, async () => { await ask(1); }); }`,
  'functions that are only made in a loop': `export function f(ids: number[]) { const loaders: Record<number, () => Promise<unknown>> = {}; for (const id of ids) loaders[id] = () => ask(id); return loaders; }`,
  'a literal number of turns': `export async function f() { for (let i = 0; i < 3; i++) await ask(i); }`,
  'the keys of a constant': `const LIMITS = { a: 1, b: 2 }; export async function f() { for (const limit of Object.values(LIMITS)) await ask(limit); }`,
  'an enum': `enum Kind { A = 1, B = 2 } export async function f() { for (const kind of Object.values(Kind)) await ask(kind as number); }`,
  'two things side by side': `export const f = (a: number, b: number) => Promise.all([a, b].map((id) => ask(id)));`,
  'chunks of a library': `import { chunk } from 'lodash'; export async function f(ids: number[]) { for (const some of chunk(ids, 100)) await pool.query('SELECT 1 FROM t WHERE id = ANY($1)', [some]); }`,
  'groups of rows': `export async function f(groups: number[][]) { for (const group of groups) await pool.query('SELECT 1 FROM t WHERE id = ANY($1)', [group.map(Number)]); }`,
  'another database each turn': `export async function f(pools: Pool[]) { for (const one of pools) await one.query('SELECT 1 FROM t WHERE id = 1'); }`,
  'the database of each element, through a helper': `const count = (one: Pool) => one.query('SELECT 1 FROM t WHERE id = 1'); export const f = (tenants: { pool: Pool }[]) => Promise.all(tenants.map((tenant) => count(tenant.pool)));`,
  'the turns of a clock': `import { setInterval } from 'node:timers/promises'; export async function f(id: number) { for await (const _ of setInterval(1000)) await ask(id); }`,
  'events as they come': `import { on } from 'node:events'; export async function f(bus: NodeJS.EventEmitter) { for await (const [id] of on(bus, 'order')) await ask(id); }`,
  'a poll': `export async function f(id: number) { while (!(await ask(id)).rowCount) await new Promise((done) => setTimeout(done, 100)); }`,
  'a parent walk': `export async function f(start: number) { let id: number | null = start; while (id) { const { rows } = await ask(id); id = rows[0]?.parent_id ?? null; } }`,
};

describe('loops', () => {
  before(initSql);

  for (const [name, code] of Object.entries(ASKING)) {
    it(`that ask per element are flagged once: ${name}`, () => {
      const { findings, failures, syntaxErrors } = analyze({ 'main.ts': HEAD + code });
      assert.deepEqual([failures, syntaxErrors], [[], []]);
      assert.deepEqual(findings.map(({ rule }) => rule), ['n-plus-one']);
    });
  }

  for (const [name, code] of Object.entries(SILENT)) {
    it(`stay silent: ${name}`, () => {
      const { findings, failures, syntaxErrors } = analyze({ 'main.ts': HEAD + code });
      assert.deepEqual([failures, syntaxErrors], [[], []]);
      assert.deepEqual(findings.map(({ message }) => message), []);
    });
  }
});
