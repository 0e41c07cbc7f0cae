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
interface Context {
  request: Request | undefined;
  /** Where the program asked for what runs in here, when a library only works later, without the program on the stack. */
  origin?: Origin;
}

export interface Origin {
  /** As the recorder numbers it; 0 when this one is not sampled. */
  site: number;
  /** One query alone comes from it: what its answer sets off comes from elsewhere. */
  once: boolean;
  taken?: boolean;
}

const LABEL_LIMIT = 300;

const contexts = new AsyncLocalStorage<Context>();
/** Asking for the context costs a little, which programs that need none save. */
let inUse = false;

export function currentRequest(): Request | undefined {
  return inUse ? contexts.getStore()?.request : undefined;
}

/** The site that a library has noted for the query that is asked just now, if one has. */
export function takenSite(): number | undefined {
  const origin = inUse ? contexts.getStore()?.origin : undefined;
  if (!origin || origin.taken) return undefined;
  origin.taken = origin.once;
  return origin.site;
}

/** Runs `work`, whose queries come from `origin`. */
export function runFrom<T>(origin: Origin, request: Request | undefined, work: () => T): T {
  inUse = true;
  return contexts.run({ request, origin }, work);
}

/** Whether code that runs just now works for this request already. */
export function isCurrent(request: Request | undefined): boolean {
  return !inUse || contexts.getStore()?.request === request;
}

/** A callback of a connection runs in the context of whoever opened the connection: `work` runs in the request's own. */
export function runFor<T>(request: Request | undefined, work: () => T): T {
  return isCurrent(request) ? work() : contexts.run({ request }, work);
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
