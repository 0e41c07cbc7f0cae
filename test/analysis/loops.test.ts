import assert from 'node:assert/strict';
import { analyze, initSql } from '../analysis-host';

const HEAD = `import { Pool } from 'pg'; const pool = new Pool(); const ask = (id: number) => pool.query('SELECT 1 FROM t WHERE id = $1', [id]);\n`;

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
};

/** Each asks as often as it must. */
const SILENT: Record<string, string> = {
  'a call before the loop': `export async function f(ids: number[]) { await ask(1); for (const id of ids) console.log(id); }`,
  'handlers that are registered in a loop': `import { app } from './app'; export function f(paths: string[]) { for (const path of paths) app.get(path, async () => { await ask(1); }); }`,
  'functions that are only made in a loop': `export function f(ids: number[]) { const loaders: Record<number, () => Promise<unknown>> = {}; for (const id of ids) loaders[id] = () => ask(id); return loaders; }`,
  'a literal number of turns': `export async function f() { for (let i = 0; i < 3; i++) await ask(i); }`,
  'the keys of a constant': `const LIMITS = { a: 1, b: 2 }; export async function f() { for (const limit of Object.values(LIMITS)) await ask(limit); }`,
  'an enum': `enum Kind { A = 1, B = 2 } export async function f() { for (const kind of Object.values(Kind)) await ask(kind as number); }`,
  'two things side by side': `export const f = (a: number, b: number) => Promise.all([a, b].map((id) => ask(id)));`,
  'chunks of a library': `import { chunk } from 'lodash'; export async function f(ids: number[]) { for (const some of chunk(ids, 100)) await pool.query('SELECT 1 FROM t WHERE id = ANY($1)', [some]); }`,
  'groups of rows': `export async function f(groups: number[][]) { for (const group of groups) await pool.query('SELECT 1 FROM t WHERE id = ANY($1)', [group.map(Number)]); }`,
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
