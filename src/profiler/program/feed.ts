import { WIRE_VALUE_LIMIT, WIRE_VALUES_LIMIT, type Batch, type Hello, type WireQuery } from '../../probe/wire.js';
import type { Place } from '../protocol.js';
import { BURST_PAUSE_MS, BURST_PAUSE_QUERIES, LONGEST_BURST_PAUSE_MS, type ContextKey } from '../store/contexts.js';
import { ELSEWHERE, OTHER_STATEMENTS, type SessionStore, type StatementIdentity } from '../store/store.js';
import { requestLabel } from '../store/request-label.js';
import { callSite } from './call-site.js';
import type { SourceMaps } from './source-maps.js';

/** Ids remembered of each sort for one program; it takes some bytes each. A probe that makes up more is broken or attacks. */
const IDS_LIMIT = 500_000;
/** Requests that have begun and not ended. Those that never end are forgotten. */
const OPEN_REQUESTS = 10_000;

/**
 * Batches arrive within seconds, so a program whose newest execution ended this much earlier, or later than now, has a clock that was
 * set meanwhile: its times are moved to now.
 */
const CLOCK_BEHIND_MS = 60_000;
const CLOCK_AHEAD_MS = 2_000;

export interface FeedOptions {
  /** Number of the program in the store. */
  program: number;
  hello: Hello;
  /** The store that records now. */
  store: () => SessionStore;
  identify: (text: string) => StatementIdentity;
  maps: SourceMaps;
}

/** Turns the batches of one program, or thread, into executions in the store. */
export class ProgramFeed {
  readonly #options: FeedOptions;
  readonly #texts = new Map<number, StatementIdentity>();
  readonly #sites = new Map<number, Place>();
  readonly #errors = new Map<number, { code: string; message: string }>();
  readonly #requests = new Map<number, { label: string; start: number }>();
  /** Requests that ended in the last batch: what they left running may still come. */
  #ended: Batch['ended'] & object = [];
  #sawRequests = false;
  #burst = 0;
  #lastEnd = -Infinity;
  /** Milliseconds of the longest query of the burst. */
  #longest = 0;
  /** Milliseconds between the program's moments and ours. */
  #shift = 0;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** @param receivedAt in milliseconds since 1970 */
  take(batch: Required<Batch>, receivedAt: number): void {
    this.settle();
    const { hello, identify, maps, store } = this.#options;
    for (const [id, text] of batch.texts) {
      const identity = identify(text);
      store().declare(identity);
      remember(this.#texts, id, identity);
    }
    for (const [id, frames] of batch.sites) {
      const place = callSite(frames, hello.cwd, maps);
      remember(this.#sites, id, place ?? ELSEWHERE);
    }
    for (const [id, code, message] of batch.errors) remember(this.#errors, id, { code, message });
    for (const [id, label, start] of batch.requests) {
      this.#sawRequests = true;
      if (this.#requests.size >= OPEN_REQUESTS) this.#requests.delete(this.#requests.keys().next().value!);
      this.#requests.set(id, { label: requestLabel(label), start });
    }
    this.#synchronize(batch.queries, receivedAt);
    const values = new Map(batch.values);
    batch.queries.forEach((query, index) => this.#execute(query, values.get(index)));
    this.#ended = batch.ended;
  }

  /** Ends the requests of the last batch. */
  settle(): void {
    const { program, store } = this.#options;
    for (const [id, end] of this.#ended) {
      const request = this.#requests.get(id);
      if (request === undefined) continue;
      this.#requests.delete(id);
      store().endRequest(program, `request ${id}`, request.label, Math.max(0, end - request.start));
    }
    this.#ended = [];
  }

  #execute([text, site, start, duration, wait, rows, error, request, transaction, parameters]: WireQuery, values: string[] | undefined): void {
    const { hello, program, store } = this.#options;
    const durationMs = Math.max(0, duration);
    const waitMs = Math.max(0, wait);
    const end = start + waitMs + durationMs;
    const place = this.#sites.get(site);
    const identity = this.#texts.get(text);
    const context = this.#contextOf(request, transaction, start, end, durationMs);
    const failure = error === 0 ? undefined : (this.#errors.get(error) ?? { code: '', message: 'unknown error' });
    store().add(program, {
      statement: identity?.id ?? OTHER_STATEMENTS,
      ...(place ? { place } : {}),
      cost: { durationMs, waitMs, rows, failed: error !== 0 },
      at: hello.timeOrigin + this.#shift + end,
      ...(failure ? { error: failure } : {}),
      ...(context ? { context } : {}),
      values: `${text}:${parameters}`,
      ...(identity && values ? { parameters: { text: identity.text, values, whole: isWhole(values) } } : {}),
    });
  }

  /** What the execution belongs to, or undefined outside of everything in a program that answers requests. */
  #contextOf(request: number, transaction: number, start: number, end: number, durationMs: number): ContextKey | undefined {
    const known = this.#requests.get(request);
    if (known) return { id: `request ${request}`, kind: 'request', label: known.label };
    if (transaction !== 0) return { id: `transaction ${transaction}`, kind: 'transaction' };
    if (this.#sawRequests) return undefined;
    const pause = Math.min(LONGEST_BURST_PAUSE_MS, Math.max(BURST_PAUSE_MS, BURST_PAUSE_QUERIES * this.#longest));
    if (start > this.#lastEnd + pause) {
      this.#options.store().endContext(this.#options.program, `burst ${this.#burst}`);
      this.#burst += 1;
      this.#longest = 0;
    }
    this.#longest = Math.max(this.#longest, durationMs);
    this.#lastEnd = Math.max(this.#lastEnd, end);
    return { id: `burst ${this.#burst}`, kind: 'burst' };
  }

  #synchronize(queries: readonly WireQuery[], receivedAt: number): void {
    if (queries.length === 0) return;
    let latest = -Infinity;
    for (const [, , start, duration, wait] of queries) latest = Math.max(latest, start + Math.max(0, wait) + Math.max(0, duration));
    const moment = this.#options.hello.timeOrigin + latest;
    const apart = receivedAt - (moment + this.#shift);
    if (apart > CLOCK_BEHIND_MS || apart < -CLOCK_AHEAD_MS) this.#shift = receivedAt - moment;
  }
}

function remember<T>(known: Map<number, T>, id: number, value: T): void {
  if (id !== 0 && (known.size < IDS_LIMIT || known.has(id))) known.set(id, value);
}

function isWhole(values: readonly string[]): boolean {
  return values.length < WIRE_VALUES_LIMIT && values.every(({ length }) => length < WIRE_VALUE_LIMIT);
}
