import type { LineRow, SavedSession } from '../protocol.js';
import type { SessionSnapshot, StatementSnapshot } from '../snapshot.js';
import { SessionStore } from '../store/store.js';
import { binsOf, countOf, merged, type Bins } from './histogram-tests.js';
import { callsOf } from './session-text.js';

/** A session with the file it was read from, or `''` for the one that is open. */
export interface ComparedSession {
  file: string;
  snapshot: SessionSnapshot;
}

/** What one statement or line cost in one session. */
export interface Cost {
  calls: number;
  totalMs: number;
  /** Distribution of the durations; without a probe there is none. */
  bins?: Bins;
  /** Mean and standard deviation that the server counted. */
  deviation?: { meanMs: number; deviationMs: number };
}

export function costOfStatement({ measured, counted }: StatementSnapshot): Cost {
  if (measured) return { calls: measured.calls, totalMs: measured.totalMs, bins: binsOf(measured.histogram) };
  return { calls: counted?.calls ?? 0, totalMs: counted?.totalMs ?? 0, ...(counted && { deviation: counted }) };
}

/** The lines of a session with their distributions, each statement in it by all of its executions there. */
export function linesOf(snapshot: SessionSnapshot): { row: LineRow; cost: Cost }[] {
  const sites = new Map<string, Bins[]>();
  for (const statement of snapshot.statements) {
    for (const { place, measured } of statement.sites) {
      const key = `${place.file}:${place.line}:${place.column}`;
      const bins = binsOf(measured.histogram);
      if (countOf(bins) > 0) sites.set(key, [...(sites.get(key) ?? []), bins]);
    }
  }
  return SessionStore.restore(snapshot)
    .lines()
    .map((row) => {
      const bins = merged(sites.get(row.key) ?? []);
      return { row, cost: { calls: row.measured.calls, totalMs: row.measured.totalMs, ...(bins.length && { bins }) } };
    });
}

export function headOf({ file, snapshot }: ComparedSession): SavedSession {
  const { name, startedAt, recordedMs, target } = snapshot;
  return { file, name, startedAt, recordedMs, calls: callsOf(snapshot), ...(target !== undefined && { target }) };
}
