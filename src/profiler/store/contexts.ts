import { N_PLUS_ONE_LEAST, type RuntimeRepetition } from '../protocol.js';
import { OPEN_CONTEXTS, REPETITION_LIMIT, STATEMENTS_PER_CONTEXT } from './limits.js';
import type { Cost } from './measure.js';
import type { LineRecord, StatementRecord } from './records.js';
import type { FinishedRequest } from './requests.js';

/**
 * Queries outside of requests and transactions, in scripts and tests, belong together while the program is never without a query for
 * longer than this: a loop that awaits its queries pauses for a few milliseconds of its own work, people and timers for longer.
 */
export const BURST_PAUSE_MS = 50;
/** Where a query takes long, because the machine is busy, the work between queries does too: so many times the longest query of the burst. */
export const BURST_PAUSE_QUERIES = 4;
/** No pause within a burst is longer than this, however long its queries take. */
export const LONGEST_BURST_PAUSE_MS = 1_000;

/** Of a loop's executions at least this share follows the one before directly, whatever else runs at the same time. */
const CONTIGUOUS_SHARE = 0.5;

/** What groups queries for the count of repetitions. */
export interface ContextKey {
  /** Unique within the program. */
  id: string;
  kind: 'request' | 'transaction' | 'burst';
  label?: string;
}

/** One execution as its context sees it. */
export interface ContextExecution {
  statement: StatementRecord;
  /** Undefined when its call site was not taken. */
  line?: LineRecord;
  cost: Cost;
  /** Tells its text and parameters apart from others of the statement. */
  values: string;
  /** When it ended. */
  at: number;
}

/** Whether executions repeat the first one, or differ from it. */
interface Values {
  executions: number;
  first: string;
  differs: boolean;
}

/** Executions of one statement in one context. */
interface Group extends Values {
  statement: StatementRecord;
  totalMs: number;
  rows: number;
  /** Executions right after another one of the statement, with nothing of the program in between. */
  contiguous: number;
  /** Of those whose call site was taken. */
  sites: Map<LineRecord, Values>;
}

interface Context extends ContextKey {
  /** By the statement's id, in the order of their first executions. */
  groups: Map<string, Group>;
  queries: number;
  databaseMs: number;
  errors: number;
  lastAt: number;
}

/** What one context did at one line with one statement. */
interface Outcome {
  line: LineRecord;
  statement: StatementRecord;
  executions: number;
  totalMs: number;
  kind: RuntimeRepetition['kind'];
}

export type LineUses = ReadonlyMap<LineRecord, { requests: number; most: number }>;

/** Requests, transactions and bursts: which statement each of them executed how often from which line. */
export class Contexts {
  /** By program and id, the one that was used last at the end. */
  readonly #open = new Map<string, Context>();
  readonly #finished = new Map<string, RuntimeRepetition>();
  /** The statement that each program executed last. */
  readonly #last = new Map<number, StatementRecord>();
  readonly #onLine: (line: LineRecord) => void;
  readonly #onRequest: (request: FinishedRequest) => void;

  /** @param onLine told of lines whose use has changed @param onRequest told of requests that are over */
  constructor(onLine: (line: LineRecord) => void, onRequest: (request: FinishedRequest) => void) {
    this.#onLine = onLine;
    this.#onRequest = onRequest;
  }

  add(program: number, key: ContextKey, { statement, line, cost, values, at }: ContextExecution): void {
    const isContiguous = this.#last.get(program) === statement;
    this.#last.set(program, statement);
    const context = this.#use(`${program}/${key.id}`, key);
    context.lastAt = Math.max(context.lastAt, at);
    context.queries += 1;
    context.databaseMs += cost.durationMs;
    if (cost.failed) context.errors += 1;
    let group = context.groups.get(statement.id);
    if (group === undefined) {
      if (context.groups.size >= STATEMENTS_PER_CONTEXT) return;
      group = { statement, totalMs: 0, rows: 0, contiguous: 0, sites: new Map(), executions: 0, first: values, differs: false };
      context.groups.set(statement.id, group);
    }
    group.totalMs += cost.durationMs;
    group.rows += Math.max(0, cost.rows);
    if (isContiguous) group.contiguous += 1;
    count(group, values);
    if (line === undefined) return;
    const site = group.sites.get(line) ?? { executions: 0, first: values, differs: false };
    count(site, values);
    group.sites.set(line, site);
  }

  /** Ends a context: what it did is final. @returns false when it is unknown, as one without queries is */
  close(program: number, id: string, totalMs?: number): boolean {
    const name = `${program}/${id}`;
    const context = this.#open.get(name);
    if (context === undefined) return false;
    this.#finish(name, context, totalMs);
    return true;
  }

  closeProgram(program: number): void {
    this.#last.delete(program);
    for (const [name, context] of this.#open) if (name.startsWith(`${program}/`)) this.#finish(name, context);
  }

  /** Ends transactions and bursts that have been silent since `before`. Requests say when they end. */
  closeSilent(before: number): void {
    for (const [name, context] of this.#open) if (context.kind !== 'request' && context.lastAt < before) this.#finish(name, context);
  }

  /** Forgets a statement that went into the row of the others. */
  forget(id: string): void {
    for (const { groups } of this.#open.values()) groups.delete(id);
    for (const [key, { statement }] of this.#finished) if (statement === id) this.#finished.delete(key);
  }

  /** All of them, of open contexts too, the most costly first. */
  repetitions(): RuntimeRepetition[] {
    const all = new Map<string, RuntimeRepetition>();
    for (const [key, repetition] of this.#finished) all.set(key, { ...repetition });
    for (const context of this.#open.values()) addRepetitions(all, context, outcomesOf(context));
    return [...all.values()].sort((a, b) => b.wastedMs - a.wastedMs || b.executions - a.executions);
  }

  /** What open contexts add to the uses of lines. */
  openUses(): LineUses {
    const uses = new Map<LineRecord, { requests: number; most: number }>();
    for (const context of this.#open.values()) {
      for (const [line, executions] of usesOf(outcomesOf(context))) {
        const use = uses.get(line) ?? { requests: 0, most: 0 };
        use.requests += context.kind === 'burst' ? 0 : 1;
        use.most = Math.max(use.most, executions);
        uses.set(line, use);
      }
    }
    return uses;
  }

  restore(repetitions: readonly RuntimeRepetition[]): void {
    for (const repetition of repetitions) {
      const { file, line, column } = repetition.place;
      this.#finished.set(repetitionKey(repetition.statement, `${file}:${line}:${column}`, repetition.kind), { ...repetition });
    }
  }

  #use(name: string, key: ContextKey): Context {
    const known = this.#open.get(name);
    if (known === undefined && this.#open.size >= OPEN_CONTEXTS) {
      const [oldest] = this.#open;
      if (oldest) this.#finish(...oldest);
    }
    const context = known ?? { ...key, groups: new Map(), queries: 0, databaseMs: 0, errors: 0, lastAt: 0 };
    this.#open.delete(name);
    this.#open.set(name, context);
    return context;
  }

  #finish(name: string, context: Context, totalMs?: number): void {
    this.#open.delete(name);
    const outcomes = outcomesOf(context);
    for (const [line, executions] of usesOf(outcomes)) {
      line.requests += context.kind === 'burst' ? 0 : 1;
      line.mostInOneRequest = Math.max(line.mostInOneRequest, executions);
      this.#onLine(line);
    }
    addRepetitions(this.#finished, context, outcomes);
    if (this.#finished.size > REPETITION_LIMIT) this.#dropCheapest();
    if (context.label === undefined || context.kind !== 'request') return;
    const { label, queries, databaseMs, errors, groups } = context;
    const statements = [...groups.values()].map(({ statement: { id }, executions, totalMs }) => ({ id, executions, totalMs }));
    this.#onRequest({ label, queries, databaseMs, errors, ...(totalMs === undefined ? {} : { totalMs }), statements });
  }

  #dropCheapest(): void {
    const cheapest = [...this.#finished].sort(([, a], [, b]) => a.wastedMs - b.wastedMs).slice(0, REPETITION_LIMIT / 10);
    for (const [key] of cheapest) this.#finished.delete(key);
  }
}

function count(values: Values, next: string): void {
  values.executions += 1;
  values.differs ||= next !== values.first;
}

/**
 * Which line issued what. Executions without a call site belong to the lines seen in the same context; else to the statement's
 * lines as its other executions do.
 */
function outcomesOf({ groups }: Context): Outcome[] {
  const outcomes: Outcome[] = [];
  for (const group of groups.values()) {
    const { statement, executions, totalMs, sites } = group;
    for (const [line, share] of sharesOf(group)) {
      const own = Math.round(executions * share);
      const seen = sites.get(line);
      // One seen execution cannot differ from itself: the whole group has to say it then.
      const { differs } = seen !== undefined && seen.executions > 1 ? seen : group;
      if (own > 0 && line.key !== '') outcomes.push({ line, statement, executions: own, totalMs: totalMs * share, kind: differs ? 'n-plus-one' : 'repeated' });
    }
  }
  return outcomes;
}

function sharesOf({ statement, sites }: Group): [LineRecord, number][] {
  if (sites.size === 0) return [...statement.sites.values()].map((site) => [site.line, statement.shareOf(site)]);
  let all = 0;
  for (const { executions } of sites.values()) all += executions;
  return [...sites].map(([line, { executions }]) => [line, executions / all]);
}

function usesOf(outcomes: readonly Outcome[]): Map<LineRecord, number> {
  const uses = new Map<LineRecord, number>();
  for (const { line, executions } of outcomes) uses.set(line, (uses.get(line) ?? 0) + executions);
  return uses;
}

/**
 * In a request or a transaction whatever repeats is a loop. Jobs that a worker handles back to back repeat too, each with all of its
 * statements: a loop runs one statement again and again, or goes through rows that a statement before it brought, which ran far less often.
 */
function isLoop({ kind, groups }: Context, id: string): boolean {
  const group = groups.get(id);
  if (kind !== 'burst' || group === undefined || group.contiguous >= CONTIGUOUS_SHARE * group.executions) return true;
  for (const before of groups.values()) {
    if (before === group) return false;
    if (before.rows >= group.executions && group.executions >= N_PLUS_ONE_LEAST * before.executions) return true;
  }
  return false;
}

function addRepetitions(into: Map<string, RuntimeRepetition>, context: Context, outcomes: readonly Outcome[]): void {
  const { label } = context;
  for (const { line, statement, executions, totalMs, kind } of outcomes) {
    // BEGIN and COMMIT only repeat what stands between them.
    if (executions < N_PLUS_ONE_LEAST || statement.kind === 'transaction' || !isLoop(context, statement.id)) continue;
    const key = repetitionKey(statement.id, line.key, kind);
    const known = into.get(key);
    const wastedMs = (totalMs / executions) * (executions - 1);
    if (known === undefined) {
      const labelled = label === undefined ? {} : { label };
      into.set(key, { kind, statement: statement.id, place: line.place, ...labelled, requests: 1, executions, most: executions, totalMs, wastedMs });
      continue;
    }
    known.requests += 1;
    known.executions += executions;
    known.most = Math.max(known.most, executions);
    known.totalMs += totalMs;
    known.wastedMs += wastedMs;
    if (known.label === undefined && label !== undefined) known.label = label;
  }
}

function repetitionKey(statement: string, line: string, kind: string): string {
  return `${kind} ${statement} ${line}`;
}
