import { siteOfStack } from '../call-site';
import { now } from '../clock';
import type { Recorder } from '../recorder';
import { currentRequest, runFor, takenSite, type Request } from '../requests';
import { ownerOf, replaceMethod, type Library } from './library';

/** Postgres.js's own query: a promise that is executed when somebody waits for it. */
interface PostgresQuery {
  tagged: boolean;
  strings: string[];
  executed: boolean;
  /** The connection's backend once the query was given to one. */
  state: object | null;
  /** Stack of the place of a tagged template, kept by the library once per template. */
  origin: string;
  string?: string;
  parameters?: unknown[];
  cursorFn?: unknown;
  forEachFn?: unknown;
  resolve(result: unknown): unknown;
  reject(error: unknown): unknown;
}

/** A query from its construction on, while the code that asks is on the stack. */
interface Asked {
  request: Request | undefined;
  /** Of a text that is no template; templates know theirs. */
  site: number | undefined;
  start: number;
  sent: number;
  probe: number;
  rows: number;
  over: boolean;
}

export const postgresJs: Library = {
  name: 'postgres',
  modules: /\/postgres\/(?:cjs\/)?src\/query(?:\.js)?$/,
  classes: ['Query'],
  watch: (exports, recorder) => {
    const { Query } = (exports ?? {}) as { Query?: { prototype: object } };
    return typeof Query?.prototype === 'object' && watchQuery(Query.prototype, recorder);
  },
  bundled: (script, recorder) => {
    if (script.includes(MARK)) watchFirst(recorder);
  },
};

/** Of one of its errors: no tool shortens texts. */
const MARK = 'UNSAFE_TRANSACTION';

/** Its class cannot be reached inside a bundle, until the first object sets a field that its class does not have: all are promises. */
function watchFirst(recorder: Recorder): void {
  Object.defineProperty(Promise.prototype, 'signature', {
    configurable: true,
    set(this: Partial<PostgresQuery> & { signature?: unknown }, value: unknown) {
      const prototype = this.strings && ownerOf(this, 'handle');
      if (prototype && recorder.guard(() => watchQuery(prototype, recorder))) {
        delete (Promise.prototype as { signature?: unknown }).signature;
        recorder.found('postgres');
        // Now its class has the field.
        this.signature = value;
      } else {
        Object.defineProperty(this, 'signature', { value, writable: true, enumerable: true, configurable: true });
      }
    },
  });
}

function watchQuery(prototype: object, recorder: Recorder): boolean {
  const asked = new WeakMap<object, Asked>();
  const sites = new WeakMap<object, number>();

  const wasReplaced = replaceMethod(prototype, 'handle', (original) => function handle(this: PostgresQuery, ...args: unknown[]) {
    if (recorder.active) {
      try {
        watchExecution(this, asked, sites, recorder);
      } catch (error) {
        recorder.faulty(error);
      }
    }
    return original.apply(this, args);
  });
  if (!wasReplaced) return false;

  // The last field that the constructor sets: a class that the library has already taken cannot be replaced, and this adds no frame to
  // the four that the library keeps of a template's place.
  Object.defineProperty(prototype, 'signature', {
    configurable: true,
    set: function signature(this: PostgresQuery, value: unknown) {
      Object.defineProperty(this, 'signature', { value, writable: true, enumerable: true, configurable: true });
      if (!recorder.active) return;
      try {
        const from = now();
        const site = takenSite() ?? (this.tagged ? undefined : recorder.sampledSite(String(this.strings[0] ?? ''), signature));
        asked.set(this, { request: currentRequest(), site, start: 0, sent: 0, probe: now() - from, rows: 0, over: false });
      } catch (error) {
        recorder.faulty(error);
      }
    },
  });
  return true;
}

function watchExecution(query: PostgresQuery, asked: WeakMap<object, Asked>, sites: WeakMap<object, number>, recorder: Recorder): void {
  const known = asked.get(query);
  if (!known || known.over) return;
  if (!query.executed) {
    const from = now();
    if (query.state === null) noteSending(query, known);
    if (known.request) {
      query.forEachFn = inRequest(query.forEachFn, known.request);
      query.cursorFn = inRequest(query.cursorFn, known.request);
    }
    known.start = known.sent = now();
    known.probe += known.start - from;
  }
  // A cursor that is iterated gets another pair for each of its parts.
  const { resolve, reject } = query;
  const isCursor = query.cursorFn !== undefined;
  query.resolve = (result) => {
    over(query, known, rowsOf(result), undefined);
    return resolve(result);
  };
  query.reject = (error) => {
    over(query, known, -1, error ?? new Error('unknown'));
    return reject(error);
  };

  function over(of: PostgresQuery, { request, site, start, sent, probe }: Asked, rows: number, error: unknown): void {
    if (known!.over) return;
    const end = now();
    known!.over = true;
    try {
      const call = recorder.begin(of.string ?? of.strings.join('?'), of.parameters, request, site ?? siteOfTemplate(of, sites, recorder), watchExecution);
      call.start = start;
      call.sent = of.state === null ? end : sent;
      call.probe = probe;
      call.connection = of.state ?? undefined;
      recorder.finish(call, end, isCursor && rows === 0 ? known!.rows : rows, error);
    } catch (fault) {
      recorder.faulty(fault);
    }
  }
}

/** The moment at which a query is given to a connection: at once, or when one is free. */
function noteSending(query: PostgresQuery, known: Asked): void {
  Object.defineProperty(query, 'state', {
    configurable: true,
    enumerable: true,
    get: () => null,
    set: (value: unknown) => {
      Object.defineProperty(query, 'state', { value, writable: true, enumerable: true, configurable: true });
      known.sent = now();
    },
  });
}

function inRequest(callback: unknown, request: Request): unknown {
  return typeof callback === 'function' ? (...args: unknown[]) => runFor(request, () => callback(...args) as unknown) : callback;
}

function siteOfTemplate({ strings, origin }: PostgresQuery, sites: WeakMap<object, number>, recorder: Recorder): number {
  const known = sites.get(strings);
  if (known !== undefined) return known;
  const site = recorder.siteOf(siteOfStack(origin));
  sites.set(strings, site);
  return site;
}

function rowsOf(result: unknown): number {
  if (!Array.isArray(result)) return 0;
  const { count } = result as { count?: number | null };
  if (count !== undefined || !result.every(Array.isArray)) return count ?? result.length;
  return result.reduce<number>((sum, one) => sum + rowsOf(one), 0);
}
