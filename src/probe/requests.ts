import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { now } from './clock';
import type { Recorder } from './recorder';

/** A request that the program's HTTP server handles. */
export interface Request {
  /** 0 until it issued a query, and was told. */
  id: number;
  label: string;
  start: number;
}

/** What the code that runs just now does it for. */
export interface Context {
  request: Request | undefined;
  /** Where the program asked for the queries that run in here; a library that asks later than the program set it. */
  site?: number;
}

const LABEL_LIMIT = 300;

const contexts = new AsyncLocalStorage<Context>();
/** Asking for the context costs a little, which programs without a server save. */
let inUse = false;

export function currentContext(): Context | undefined {
  return inUse ? contexts.getStore() : undefined;
}

export function currentRequest(): Request | undefined {
  return currentContext()?.request;
}

/** Runs `work` as a part of what `context` says. */
export function runIn<T>(context: Context, work: () => T): T {
  inUse = true;
  return contexts.run(context, work);
}

/** A callback of a connection runs in the context of whoever opened the connection: `work` runs in the request's own. */
export function runFor<T>(request: Request | undefined, work: () => T): T {
  return !inUse || currentRequest() === request ? work() : contexts.run({ request }, work);
}

/** Follows requests through Node's own diagnostics channels, whatever framework handles them. */
export function watchRequests(recorder: Recorder): void {
  const running = new WeakMap<object, Request>();
  subscribe('http.server.request.start', (message) => {
    if (!recorder.active) return;
    recorder.guard(() => {
      const { request: incoming, response } = message as { request: IncomingMessage; response: ServerResponse };
      const [path = ''] = (incoming.url ?? '').split(/[?#]/, 1);
      const request: Request = { id: 0, label: `${incoming.method ?? ''} ${path}`.slice(0, LABEL_LIMIT), start: now() };
      running.set(response, request);
      inUse = true;
      contexts.enterWith({ request });
    });
  });
  subscribe('http.server.response.finish', (message) => {
    recorder.guard(() => {
      const { response } = message as { response: ServerResponse };
      const request = running.get(response);
      if (request) recorder.requestEnded(request, response.statusCode);
    });
  });
}
