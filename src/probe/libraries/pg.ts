import { now } from '../clock';
import type { Call, Recorder } from '../recorder';
import { currentRequest, isCurrent, runFor, takenSite, type Request } from '../requests';
import { ownerOf, replaceMethod, type Library } from './library';

/** On the driver's own objects: a map with weak keys costs each query, and each collection of garbage, more than the rest of the probe. */
const CALL = Symbol('call');
const WAITED = Symbol('waited');
const SINCE = Symbol('since');

/** What a connection works through: the driver's own `Query`, or a cursor or stream with the same methods. */
interface PgQuery {
  /** Until it is over. */
  [CALL]?: Call;
  text?: unknown;
  values?: unknown;
  name?: unknown;
  cursor?: { text?: unknown; values?: unknown };
  _results?: PgResult | PgResult[];
}

interface PgResult {
  rowCount?: number | null;
  rows?: unknown[];
}

interface PgClient {
  /** Milliseconds that the holder waited for this client; its first query tells. */
  [WAITED]?: number;
  _queryQueue?: PgQuery[];
  /** Its name before 8.17, which warns since then. */
  queryQueue?: PgQuery[];
  connection?: { parsedStatements?: Record<string, string> };
}

/** Somebody waits in the pool's queue for a client. */
interface PgPending {
  /** When that began, if the program asked for the client itself. */
  [SINCE]?: number;
}

interface PgPool {
  _pendingQueue?: PgPending[];
}

type PoolCallback = (error: unknown, client: unknown, release?: unknown) => unknown;

/** What `Pool.query` asks, until the connection that it is given takes it over. */
let fromPool: Call | undefined;

/** A class is handed over by its module and by its first object. */
const watched = new WeakSet<object>();

export const pgClient: Library = {
  name: 'pg',
  modules: /\/pg\/lib\/client(?:\.js)?$/,
  watch: (exports, recorder) => isClass(exports) && watchClient(exports.prototype, recorder),
  // Its native client has no such method, and no events of queries.
  made: (emitter, recorder) => '_handleReadyForQuery' in emitter && watchClient(ownerOf(emitter, '_pulseQueryQueue'), recorder),
};

export const pgPool: Library = {
  name: 'pg-pool',
  modules: /(?:^|\/)pg-pool(?:\/index(?:\.js)?)?$/,
  watch: (exports, recorder) => isClass(exports) && watchPool(exports.prototype, recorder),
  made: (emitter, recorder) => watchPool(ownerOf(emitter, '_acquireClient'), recorder),
};

function isClass(value: unknown): value is { prototype: object } {
  return typeof value === 'function' && typeof value.prototype === 'object';
}

function watchClient(client: object | undefined, recorder: Recorder): boolean {
  if (!client || watched.has(client) || !('_pulseQueryQueue' in client)) return false;
  watched.add(client);
  /** The query that `query` is about to put into the queue. */
  let asking: Call | undefined;
  /** Asked of the client itself, just now: a query that goes to the server in the same go did not wait. */
  let atOnce: Call | undefined;
  const watchQuery = queryWatcher(() => atOnce, recorder);

  replaceMethod(client, '_pulseQueryQueue', (original) => function _pulseQueryQueue(this: PgClient, ...args: unknown[]) {
    if (asking !== undefined) {
      try {
        const query = (this._queryQueue ?? this.queryQueue)?.at(-1);
        if (query) {
          asking.connection = this;
          query[CALL] = asking;
          watchQuery(query);
        }
      } catch (error) {
        recorder.faulty(error);
      }
      asking = undefined;
    }
    return original.apply(this, args);
  });

  return replaceMethod(client, 'query', (original) => {
    function query(this: PgClient, ...args: unknown[]): unknown {
      if (!recorder.active) return original.apply(this, args);
      const before = asking;
      try {
        asking = fromPool ?? (atOnce = ask(recorder, args[0], args[1], query, this));
        fromPool = undefined;
        if (this[WAITED]) {
          asking.waited = this[WAITED];
          this[WAITED] = 0;
        }
      } catch (error) {
        recorder.faulty(error);
      }
      try {
        return original.apply(this, args);
      } finally {
        asking = before;
        atOnce = undefined;
      }
    }
    return query;
  });
}

function ask(recorder: Recorder, config: unknown, values: unknown, above: (...args: never[]) => unknown, client?: PgClient): Call {
  let statement: unknown = config;
  let parameters = values;
  if (typeof config !== 'string') {
    const { text, values: own, cursor, name } = (config ?? {}) as PgQuery;
    statement = text ?? cursor?.text ?? client?.connection?.parsedStatements?.[String(name)] ?? `EXECUTE ${String(name)}`;
    parameters = own ?? cursor?.values ?? values;
  }
  return recorder.begin(String(statement), parameters, currentRequest(), takenSite(), above);
}

/** Apart from those who call it: a closure there would cost all queries, and only those of requests need it. */
function applyFor(request: Request | undefined, method: (...args: unknown[]) => unknown, self: unknown, args: unknown[]): unknown {
  return runFor(request, () => method.apply(self, args));
}

/** Sees when a query goes to the server, and when its answer is complete. Cursors carry their methods themselves. */
function queryWatcher(asking: () => Call | undefined, recorder: Recorder): (query: PgQuery) => void {
  const watched = new WeakSet<object>();
  let last: object | undefined;
  const replaced = new WeakMap<object, Set<string>>();

  const finish = (query: PgQuery, error?: unknown): Call | undefined => {
    const call = query[CALL];
    if (call === undefined) return undefined;
    const end = now();
    try {
      query[CALL] = undefined;
      recorder.finish(call, end, error === undefined ? rowsOf(query, call.rows) : -1, error);
    } catch (fault) {
      recorder.faulty(fault);
    }
    return call;
  };

  const methods = {
    submit: (original: (...args: unknown[]) => unknown) =>
      function submit(this: PgQuery, ...args: unknown[]): unknown {
        const call = this[CALL];
        if (call !== undefined && call !== asking()) call.sent = now();
        return original.apply(this, args);
      },
    handleReadyForQuery: (original: (...args: unknown[]) => unknown) =>
      function handleReadyForQuery(this: PgQuery, ...args: unknown[]): unknown {
        const call = finish(this);
        return call === undefined || isCurrent(call.request) ? original.apply(this, args) : applyFor(call.request, original, this, args);
      },
    handleError: (original: (...args: unknown[]) => unknown) =>
      function handleError(this: PgQuery, ...args: unknown[]): unknown {
        const call = finish(this, args[0] ?? new Error('unknown'));
        return call === undefined || isCurrent(call.request) ? original.apply(this, args) : applyFor(call.request, original, this, args);
      },
    handleDataRow: (original: (...args: unknown[]) => unknown) =>
      function handleDataRow(this: PgQuery, ...args: unknown[]): unknown {
        const call = this[CALL];
        if (call !== undefined) call.rows += 1;
        return original.apply(this, args);
      },
  };

  return (query) => {
    const prototype = Object.getPrototypeOf(query) as object;
    if (prototype === last || watched.has(prototype)) return;
    let ofPrototype = true;
    for (const [name, wrap] of Object.entries(methods)) {
      // The driver's own query counts its rows.
      if (name === 'handleDataRow' && query._results !== undefined) continue;
      const owner = ownerOf(query, name);
      if (owner === query) ofPrototype = false;
      if (!owner || replaced.get(owner)?.has(name)) continue;
      replaceMethod(owner, name, wrap);
      replaced.set(owner, (replaced.get(owner) ?? new Set()).add(name));
    }
    if (!ofPrototype) return;
    watched.add(prototype);
    last = prototype;
  };
}

function rowsOf(query: PgQuery, counted: number): number {
  const results = query._results;
  if (results === undefined) return counted;
  if (!Array.isArray(results)) return rowsOfResult(results);
  return results.reduce((sum, result) => sum + rowsOfResult(result), 0);
}

function rowsOfResult({ rowCount, rows }: PgResult): number {
  return rowCount ?? rows?.length ?? 0;
}

function watchPool(pool: object | undefined, recorder: Recorder): boolean {
  if (!pool || watched.has(pool)) return false;
  watched.add(pool);
  /** What `query` hands to the `connect` that it calls. */
  let asking: Call | undefined;
  /** When the `connect` that runs just now was called by the program. */
  let connecting: number | undefined;

  replaceMethod(pool, 'newClient', (original) => function newClient(this: PgPool, ...args: unknown[]) {
    if (connecting !== undefined && typeof args[0] === 'object' && args[0] !== null) (args[0] as PgPending)[SINCE] = connecting;
    connecting = undefined;
    return original.apply(this, args);
  });

  replaceMethod(pool, '_acquireClient', (original) => function _acquireClient(this: PgPool, ...args: unknown[]) {
    const since = (args[1] as PgPending | undefined)?.[SINCE];
    if (since !== undefined && typeof args[0] === 'object' && args[0] !== null) (args[0] as PgClient)[WAITED] = now() - since;
    return original.apply(this, args);
  });

  const connectOfProgram = (self: PgPool, original: (...args: unknown[]) => unknown, args: unknown[]): unknown => {
    const [callback] = args as [PoolCallback | undefined];
    const request = currentRequest();
    if (callback && request) args[0] = function (this: unknown, ...results: unknown[]) { return runFor(request, () => callback.apply(this, results as Parameters<PoolCallback>)); };
    const since = now();
    const queued = self._pendingQueue?.length;
    connecting = since;
    try {
      return original.apply(self, args);
    } finally {
      connecting = undefined;
      const queue = self._pendingQueue;
      if (queue && queued !== undefined && queue.length > queued) queue[queue.length - 1]![SINCE] = since;
    }
  };

  replaceMethod(pool, 'connect', (original) => function connect(this: PgPool, ...args: unknown[]) {
    const call = asking;
    asking = undefined;
    if (call !== undefined && typeof args[0] === 'function') return original.call(this, handedOver(call, args[0] as PoolCallback, recorder));
    return recorder.active ? connectOfProgram(this, original, args) : original.apply(this, args);
  });

  return replaceMethod(pool, 'query', (original) => {
    function query(this: PgPool, ...args: unknown[]): unknown {
      if (!recorder.active || typeof args[0] === 'function') return original.apply(this, args);
      const before = asking;
      try {
        asking = ask(recorder, args[0], typeof args[1] === 'function' ? undefined : args[1], query);
      } catch (error) {
        recorder.faulty(error);
      }
      try {
        return original.apply(this, args);
      } finally {
        asking = before;
      }
    }
    return query;
  });
}

/** `Pool.query` asks its connection inside this callback, in one go. */
function handedOver(call: Call, callback: PoolCallback, recorder: Recorder): PoolCallback {
  return (error, client, release) => {
    if (error) return notConnected(call, callback, error, recorder);
    fromPool = call;
    try {
      return callback(error, client, release);
    } finally {
      fromPool = undefined;
    }
  };
}

function notConnected(call: Call, callback: PoolCallback, error: unknown, recorder: Recorder): unknown {
  call.sent = now();
  recorder.guard(() => recorder.finish(call, call.sent!, -1, error));
  return runFor(call.request, () => callback(error, undefined));
}
