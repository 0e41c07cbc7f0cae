/** One entry of pg_stat_statements as read at one moment. Counters are cumulative since the entry was made. */
export interface StatementEntry {
  /** User, statement and level: what makes an entry one and the same in two snapshots. */
  key: string;
  /** The statement's queryid as text: it has 64 bits. */
  id: string;
  calls: bigint;
  rows: bigint;
  /** Execution time in milliseconds. */
  totalMs: number;
  /** When the entry was made, where the server says so (extension 1.11 and newer). */
  since?: string;
}

/** All entries of one database at one moment. */
export interface StatementSnapshot {
  /** Tells a database from another of the same name that was created after it was dropped. */
  database: string;
  entries: readonly StatementEntry[];
  /** When all counters were last reset, where the server says so (extension 1.9 and newer). */
  reset?: string;
  /** How often entries were dropped for lack of room, where the server says so. */
  deallocations?: bigint;
}

/** What one statement did since the ledger was opened, all users together. */
export interface StatementTotal {
  id: string;
  calls: bigint;
  rows: bigint;
  /** Milliseconds. */
  totalMs: number;
  /** Counters went back meanwhile, so that some calls may be missing. */
  atLeast: boolean;
}

/**
 * Adds up what happens between snapshots. Counters may be reset, and entries dropped for lack of room and made again; what was
 * counted until then stays counted. Pure: no clock, no database.
 */
export class StatementLedger {
  #previous: StatementSnapshot;
  #entries: Map<string, StatementEntry>;
  readonly #totals = new Map<string, StatementTotal>();
  #deallocations = 0n;
  #resets = 0;

  constructor(first: StatementSnapshot) {
    this.#previous = first;
    this.#entries = byKey(first);
  }

  /** How often entries were dropped for lack of room since the ledger was opened. */
  get deallocations(): bigint {
    return this.#deallocations;
  }

  /** How often all counters were reset since the ledger was opened. */
  get resets(): number {
    return this.#resets;
  }

  add(next: StatementSnapshot): void {
    const previous = this.#previous;
    const sameDatabase = next.database === previous.database;
    const reset = sameDatabase && next.reset !== previous.reset;
    if (reset) this.#resets += 1;
    if (next.deallocations !== undefined && previous.deallocations !== undefined) {
      // A reset takes this counter back to zero as well.
      this.#deallocations += next.deallocations >= previous.deallocations ? next.deallocations - previous.deallocations : next.deallocations;
    }
    for (const entry of next.entries) {
      const before = sameDatabase ? this.#entries.get(entry.key) : undefined;
      if (before === undefined) {
        this.#count(entry, entry.calls, entry.rows, entry.totalMs, false);
      } else if (reset || startedAgain(before, entry)) {
        this.#count(entry, entry.calls, entry.rows, entry.totalMs, true);
      } else {
        this.#count(entry, entry.calls - before.calls, entry.rows - before.rows, entry.totalMs - before.totalMs, false);
      }
    }
    this.#previous = next;
    this.#entries = byKey(next);
  }

  /** Forgets everything counted; the last snapshot is the new beginning. */
  restart(): void {
    this.#totals.clear();
    this.#deallocations = 0n;
    this.#resets = 0;
  }

  /** Every statement that was called since the beginning, the one with the most time first. */
  totals(): StatementTotal[] {
    return [...this.#totals.values()].sort((a, b) => b.totalMs - a.totalMs || (a.id < b.id ? -1 : 1));
  }

  #count(entry: StatementEntry, calls: bigint, rows: bigint, totalMs: number, atLeast: boolean): void {
    if (calls <= 0n) return;
    const total = this.#totals.get(entry.id);
    if (total === undefined) {
      this.#totals.set(entry.id, { id: entry.id, calls, rows, totalMs, atLeast });
      return;
    }
    total.calls += calls;
    total.rows += rows;
    total.totalMs += totalMs;
    total.atLeast ||= atLeast;
  }
}

/** Counters only grow, and time passes in calls alone: anything else is an entry made anew. Servers before 14 do not say more. */
function startedAgain(before: StatementEntry, entry: StatementEntry): boolean {
  return (
    before.since !== entry.since ||
    entry.calls < before.calls ||
    entry.rows < before.rows ||
    entry.totalMs < before.totalMs ||
    (entry.calls === before.calls && entry.totalMs !== before.totalMs)
  );
}

function byKey(snapshot: StatementSnapshot): Map<string, StatementEntry> {
  return new Map(snapshot.entries.map((entry) => [entry.key, entry]));
}
