/** Counters of pg_stat_statements. Cumulative in an entry, of an interval in a {@link StatementDelta}. */
export interface Counters {
  calls: number;
  rows: number;
  /** Execution time in milliseconds. */
  totalMs: number;
  /** Sum of the squared deviations from the mean, in square milliseconds. */
  squaresMs: number;
  /** The longest execution in milliseconds. */
  maxMs: number;
  blocksHit: number;
  blocksRead: number;
}

/** One entry of pg_stat_statements as read at one moment, counted since it was made. */
export interface CounterEntry extends Counters {
  /** User, statement and level: what makes an entry one and the same in two readings. */
  key: string;
  /** The statement's queryid as text: it has 64 bits. */
  id: string;
  /** When the entry was made, where the server says so (extension 1.11 and newer). */
  since?: string;
}

/** All entries of one database at one moment. */
export interface CounterSnapshot {
  /** Tells a database from another of the same name that was created after it was dropped. */
  database: string;
  entries: readonly CounterEntry[];
  /** When all counters were last reset, where the server says so (extension 1.9 and newer). */
  reset?: string;
  /** How often entries were dropped for lack of room, where the server says so. */
  deallocations?: number;
}

/** What one statement did between two snapshots, all users together. */
export interface StatementDelta extends Counters {
  id: string;
  /** Counters went back meanwhile, so that some calls may be missing. */
  atLeast: boolean;
}

/** Entries that went away and are known again when they come back. Beyond this the oldest are taken for new ones. */
const REMEMBERED_GONE = 50_000;

/**
 * Finds what happened between snapshots. Counters may be reset, and entries dropped for lack of room and made again. Pure: no clock,
 * no database.
 */
export class SnapshotLedger {
  #last: Omit<CounterSnapshot, 'entries'>;
  #entries: Map<string, CounterEntry>;
  readonly #gone = new Set<string>();
  #deallocations = 0;
  #resets = 0;

  constructor({ entries, ...first }: CounterSnapshot) {
    this.#last = first;
    this.#entries = byKey(entries);
  }

  /** How often entries were dropped for lack of room since the beginning. */
  get deallocations(): number {
    return this.#deallocations;
  }

  /** How often all counters were reset since the beginning. */
  get resets(): number {
    return this.#resets;
  }

  /** Takes the next snapshot, and returns what was called since the one before. */
  add({ entries, ...next }: CounterSnapshot): StatementDelta[] {
    const last = this.#last;
    const sameDatabase = next.database === last.database;
    const reset = sameDatabase && next.reset !== last.reset;
    if (reset) this.#resets += 1;
    if (next.deallocations !== undefined && last.deallocations !== undefined) {
      // A reset takes this counter back to zero as well.
      this.#deallocations += next.deallocations >= last.deallocations ? next.deallocations - last.deallocations : next.deallocations;
    }
    if (!sameDatabase) {
      this.#entries.clear();
      this.#gone.clear();
    }
    const deltas = new Map<string, StatementDelta>();
    for (const entry of entries) {
      const before = this.#entries.get(entry.key);
      if (before === undefined) addDelta(deltas, entry, entry, this.#gone.delete(entry.key));
      else if (reset || startedAgain(before, entry)) addDelta(deltas, entry, entry, true);
      else if (entry.calls > before.calls) addDelta(deltas, entry, difference(before, entry), false);
    }
    const current = byKey(entries);
    for (const key of this.#entries.keys()) if (!current.has(key)) this.#forget(key);
    this.#entries = current;
    this.#last = next;
    return [...deltas.values()];
  }

  /** The last snapshot is the new beginning. */
  restart(): void {
    this.#deallocations = 0;
    this.#resets = 0;
  }

  #forget(key: string): void {
    this.#gone.add(key);
    if (this.#gone.size > REMEMBERED_GONE) this.#gone.delete(this.#gone.values().next().value!);
  }
}

function addDelta(deltas: Map<string, StatementDelta>, { id }: CounterEntry, counters: Counters, atLeast: boolean): void {
  if (counters.calls <= 0) return;
  const delta = deltas.get(id) ?? { id, ...NOTHING, atLeast: false };
  addCounters(delta, counters);
  delta.atLeast ||= atLeast;
  deltas.set(id, delta);
}

function byKey(entries: readonly CounterEntry[]): Map<string, CounterEntry> {
  return new Map(entries.map((entry) => [entry.key, entry]));
}

export const NOTHING: Readonly<Counters> = { calls: 0, rows: 0, totalMs: 0, squaresMs: 0, maxMs: 0, blocksHit: 0, blocksRead: 0 };

/** Adds `more` to `sum`, in place. Squares are added by the formula of Chan, Golub and LeVeque, which keeps their precision. */
export function addCounters(sum: Counters, more: Counters): void {
  if (more.calls <= 0) return;
  const distance = sum.calls > 0 ? more.totalMs / more.calls - sum.totalMs / sum.calls : 0;
  sum.squaresMs += more.squaresMs + (distance ** 2 * sum.calls * more.calls) / (sum.calls + more.calls);
  sum.calls += more.calls;
  sum.rows += more.rows;
  sum.totalMs += more.totalMs;
  sum.maxMs = Math.max(sum.maxMs, more.maxMs);
  sum.blocksHit += more.blocksHit;
  sum.blocksRead += more.blocksRead;
}

/** Standard deviation in milliseconds, as pg_stat_statements defines it: of the population. */
export function deviationMs({ calls, squaresMs }: Counters): number {
  return calls > 0 ? Math.sqrt(Math.max(0, squaresMs) / calls) : 0;
}

/** What was added to `before` to make it `after`: {@link addCounters} the other way round. The maximum cannot be taken apart. */
function difference(before: Counters, after: Counters): Counters {
  const calls = after.calls - before.calls;
  const totalMs = after.totalMs - before.totalMs;
  const distance = before.calls > 0 ? totalMs / calls - before.totalMs / before.calls : 0;
  return {
    calls,
    totalMs,
    rows: after.rows - before.rows,
    squaresMs: Math.max(0, after.squaresMs - before.squaresMs - (distance ** 2 * before.calls * calls) / after.calls),
    maxMs: after.maxMs,
    blocksHit: after.blocksHit - before.blocksHit,
    blocksRead: after.blocksRead - before.blocksRead,
  };
}

/** Counters only grow, and time passes in calls alone: anything else is an entry made anew. Servers before 14 do not say more. */
function startedAgain(before: CounterEntry, entry: CounterEntry): boolean {
  return (
    before.since !== entry.since ||
    entry.calls < before.calls ||
    entry.rows < before.rows ||
    entry.totalMs < before.totalMs ||
    (entry.calls === before.calls && entry.totalMs !== before.totalMs)
  );
}
