import { callSite } from '../call-site';
import { now } from '../clock';
import type { Call, Recorder } from '../recorder';
import { currentRequest, type Request } from '../requests';
import { replaceMethod, type Library } from './library';
import { pgClient, pgPool } from './pg';

type Callable = (...args: unknown[]) => unknown;

/** A query over HTTP: it is sent when somebody waits for it. */
interface NeonQuery {
  execute: Callable;
  queryData: { query?: string; params?: unknown[]; toParameterizedQuery?(): { query: string; params: unknown[] } };
}

/** What `neon(…)` gives: a tag for templates, with methods. */
type NeonSql = Callable & { query: Callable; transaction: Callable };

interface Exports {
  Client?: { prototype: object };
  Pool?: { prototype: object };
  NeonQueryPromise?: { prototype: object };
  neon?: Callable;
}

interface Made {
  site: number;
  request: Request | undefined;
}

/** Where each query was made: when it is sent, the program is no longer on the stack. */
const made = new WeakMap<object, Made>();

/** Its `Client` and `Pool` are pg's, bundled, over a WebSocket; `neon(…)` asks over HTTP. */
export const neon: Library = {
  name: '@neondatabase/serverless',
  modules: /(?:^|\/)@neondatabase\/serverless(?:\/index(?:\.m?js)?)?$/,
  classes: ['Client', 'Pool', 'NeonQueryPromise', 'neon'],
  watch: (exports, recorder) => {
    const { Client, Pool, NeonQueryPromise } = (exports ?? {}) as Exports;
    if (!Client || !Pool) return false;
    pgClient.made!(Client.prototype, recorder);
    pgPool.made!(Pool.prototype, recorder);
    for (const name of ['then', 'catch', 'finally']) if (NeonQueryPromise) watchSending(NeonQueryPromise.prototype, name, recorder);
    return true;
  },
  replace: (exports, recorder) => {
    const { neon: original } = (exports ?? {}) as Exports;
    if (typeof original !== 'function') return undefined;
    const value = new Proxy(original, { apply: (target, self, args) => watchedSql(Reflect.apply(target, self, args) as NeonSql, recorder) });
    return Object.defineProperties({}, { ...Object.getOwnPropertyDescriptors(exports as object), neon: { value, enumerable: true } });
  },
};

function watchedSql(sql: NeonSql, recorder: Recorder): NeonSql {
  const noteMade = (query: unknown, above: (...args: never[]) => unknown): unknown => {
    if (recorder.active && typeof query === 'object' && query !== null) recorder.guard(() => made.set(query, { site: recorder.siteOf(callSite(above)), request: currentRequest() }));
    return query;
  };
  replaceMethod(sql, 'query', (original) => function query(this: unknown, ...args: unknown[]) {
    return noteMade(original.apply(this, args), query);
  });
  replaceMethod(sql, 'transaction', (original) => function transaction(this: unknown, ...args: unknown[]) {
    const result = original.apply(this, args) as Promise<unknown[]>;
    if (recorder.active && Array.isArray(args[0])) recorder.guard(() => noteBatch(args[0] as NeonQuery[], result, recorder));
    return result;
  });
  return new Proxy(sql, {
    apply: function apply(target, self, args: unknown[]) {
      return noteMade(Reflect.apply(target, self, args), apply);
    },
  });
}

function watchSending(prototype: object, name: string, recorder: Recorder): void {
  replaceMethod(prototype, name, (original) => function (this: NeonQuery, ...args: unknown[]) {
    if (!recorder.active) return original.apply(this, args);
    const { execute } = this;
    this.execute = (...sent) => {
      const call = recorder.guard(() => begun(this, recorder));
      const result = execute(...sent) as Promise<unknown>;
      if (call) noteEnd(result, (rows, error) => recorder.finish(call, now(), rows, error), recorder);
      return result;
    };
    try {
      return original.apply(this, args);
    } finally {
      this.execute = execute;
    }
  });
}

function begun(query: NeonQuery, recorder: Recorder): Call {
  const { queryData } = query;
  const { query: text = '', params } = queryData.toParameterizedQuery?.() ?? queryData;
  const origin = made.get(query);
  return recorder.begin(text, params, origin ? origin.request : currentRequest(), origin?.site, begun);
}

/** One round trip for all of them, of which each is given the same share. */
function noteBatch(queries: readonly NeonQuery[], result: Promise<unknown[]>, recorder: Recorder): void {
  const calls = queries.map((query) => begun(query, recorder));
  const start = now();
  const finish = (rowsOfEach: (index: number) => number, error?: unknown): void => {
    const share = (now() - start) / calls.length;
    for (const [index, call] of calls.entries()) {
      call.start = start + index * share;
      recorder.finish(call, call.start + share, rowsOfEach(index), error);
    }
  };
  result.then((all) => recorder.guard(() => finish((index) => rowsOf(all[index]))), (error) => recorder.guard(() => finish(() => -1, error)));
}

function noteEnd(result: Promise<unknown>, finish: (rows: number, error?: unknown) => void, recorder: Recorder): void {
  result.then((value) => recorder.guard(() => finish(rowsOf(value))), (error: unknown) => recorder.guard(() => finish(-1, error ?? new Error('unknown'))));
}

/** Rows alone, or with what the server said of them. */
function rowsOf(result: unknown): number {
  if (Array.isArray(result)) return result.length;
  const { rowCount, rows } = (result ?? {}) as { rowCount?: number | null; rows?: unknown[] };
  return rowCount ?? rows?.length ?? 0;
}
