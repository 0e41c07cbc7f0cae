import type { RequestRow } from '../protocol.js';
import type { RequestSnapshot } from '../snapshot.js';
import { LABEL_LIMIT, STATEMENTS_PER_LABEL } from './limits.js';

/** Takes the requests whose label found no room any more. */
const OTHER_REQUESTS = 'other requests';

/** What one request, which is over, did in the database. */
export interface FinishedRequest {
  label: string;
  queries: number;
  databaseMs: number;
  errors: number;
  /** Missing when its end was not seen. */
  totalMs?: number;
  statements: Iterable<{ id: string; executions: number; totalMs: number }>;
}

interface StatementUse {
  requests: number;
  executions: number;
  totalMs: number;
}

interface LabelRecord extends Omit<RequestRow, 'statements' | 'share'> {
  statements: Map<string, StatementUse>;
  changed: number;
}

/** Requests by label. */
export class Requests {
  readonly #labels = new Map<string, LabelRecord>();

  add(request: FinishedRequest, change: number): void {
    const { label } = request;
    const record = this.#record(this.#labels.has(label) || this.#labels.size < LABEL_LIMIT ? label : OTHER_REQUESTS);
    record.changed = change;
    record.requests += 1;
    record.queries += request.queries;
    record.mostQueries = Math.max(record.mostQueries, request.queries);
    record.databaseMs += request.databaseMs;
    record.totalMs += request.totalMs ?? 0;
    record.errors += request.errors;
    for (const { id, executions, totalMs } of request.statements) {
      let use = record.statements.get(id);
      if (use === undefined) {
        if (record.statements.size >= STATEMENTS_PER_LABEL) continue;
        use = { requests: 0, executions: 0, totalMs: 0 };
        record.statements.set(id, use);
      }
      use.requests += 1;
      use.executions += executions;
      use.totalMs += totalMs;
    }
  }

  /** A request without queries counts where others with the same label have some; the rest says nothing about the database. */
  addEmpty(label: string, totalMs: number, change: number): void {
    const record = this.#labels.get(label);
    if (record === undefined) return;
    record.changed = change;
    record.requests += 1;
    record.totalMs += totalMs;
  }

  /** Rows that changed after `change`, the one with the most time in the database first. */
  rows(allMs: number, change = -1): RequestRow[] {
    return [...this.#labels.values()]
      .filter(({ changed }) => changed > change)
      .sort((a, b) => b.databaseMs - a.databaseMs)
      .map(({ changed: _, statements, ...record }) => ({ ...record, statements: byTime(statements), share: allMs > 0 ? record.databaseMs / allMs : 0 }));
  }

  /** The labels that executed a statement, the one with the most time first. */
  of(statement: string): { label: string; requests: number; executions: number; totalMs: number }[] {
    return [...this.#labels.values()]
      .flatMap(({ label, statements }) => {
        const use = statements.get(statement);
        return use ? [{ label, ...use }] : [];
      })
      .sort((a, b) => b.totalMs - a.totalMs);
  }

  snapshot(): RequestSnapshot[] {
    return [...this.#labels.values()].map(({ changed: _, statements, ...record }) => ({
      ...record,
      statements: [...statements].map(([id, use]) => ({ id, ...use })),
    }));
  }

  restore(requests: readonly RequestSnapshot[]): void {
    for (const { statements, ...request } of requests) {
      this.#labels.set(request.label, { ...request, statements: new Map(statements.map(({ id, ...use }) => [id, use])), changed: 0 });
    }
  }

  #record(label: string): LabelRecord {
    let record = this.#labels.get(label);
    if (record === undefined) {
      record = { label, requests: 0, queries: 0, mostQueries: 0, databaseMs: 0, totalMs: 0, errors: 0, statements: new Map(), changed: 0 };
      this.#labels.set(label, record);
    }
    return record;
  }
}

function byTime(statements: ReadonlyMap<string, StatementUse>): string[] {
  return [...statements].sort(([, a], [, b]) => b.totalMs - a.totalMs).map(([id]) => id);
}
