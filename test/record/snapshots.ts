import type { MeasuredSnapshot, SessionSnapshot, StatementSnapshot } from '../../src/profiler/snapshot';

/** A measured row of executions whose durations nobody looks at. */
export function measured(calls: number, totalMs: number, bins: [number, number][] = [[120, calls]]): MeasuredSnapshot {
  return { calls, errors: 0, rows: calls, totalMs, minMs: totalMs / calls, maxMs: totalMs / calls, waitMs: 0, histogram: { zeros: 0, bins } };
}

export function statement(id: string, text: string, others: Partial<StatementSnapshot> = {}): StatementSnapshot {
  return { id, text, kind: 'select', tables: ['orders'], measured: measured(10, 12.5), errors: [], sites: [], ...others };
}

/** A session of a shop in the folder `/shop`. */
export function session(others: Partial<SessionSnapshot> = {}): SessionSnapshot {
  return {
    version: 1,
    id: 'a1b2',
    name: 'Checkout, before',
    startedAt: Date.UTC(2026, 10, 21, 19, 31, 12),
    recordedMs: 60_000,
    target: 'shop at localhost:5432',
    server: 'PostgreSQL 18.4',
    statements: [
      statement('s2', 'SELECT * FROM orders WHERE id = $1', {
        sites: [{ place: { file: '/shop/src/orders.ts', line: 12, column: 20, function: 'orderOf' }, measured: measured(10, 12.5), later: 0 }],
      }),
      statement('s1', 'INSERT INTO orders\n  (total) VALUES ($1)', {
        kind: 'insert',
        errors: [{ code: '22P02', message: 'invalid input syntax for type integer: "4711-secret"', count: 2 }],
        counted: { calls: 10, rows: 10, totalMs: 9.123456789, meanMs: 0.9, deviationMs: 0.1, maxMs: 2, blocksHit: 950, blocksRead: 50, atLeast: false },
      }),
    ],
    lines: [{ key: '/shop/src/orders.ts:12:20', requests: 2, mostInOneRequest: 8 }],
    requests: [{ label: 'GET /orders/:id', requests: 2, queries: 20, mostQueries: 12, databaseMs: 25, totalMs: 40, errors: 0, statements: [{ id: 's2', requests: 2, executions: 10, totalMs: 12.5 }] }],
    repetitions: [{ kind: 'n-plus-one', statement: 's2', place: { file: '/shop/src/orders.ts', line: 12, column: 20 }, label: 'GET /orders/:id', requests: 2, executions: 10, most: 8, totalMs: 12.5, wastedMs: 10 }],
    series: [{ at: 1_764_000_000_000, queries: 20, errors: 0, p50Ms: 1.2, p95Ms: 2.5, meanMs: null, waitMs: 0 }],
    programs: [{ pid: 4711, command: '/shop/src/server.ts --database=postgres://shop:geheim@localhost/shop', node: 'v20.20.2', libraries: ['pg 8.23.1'], startedAt: 1_764_000_000_000, queries: 20, dropped: 0, overheadUs: 1.5 }],
    tables: [{ name: 'public.orders', rows: 60_000, bytes: 8_000_000 }],
    notices: [{ text: 'Something limits the picture.', code: 'some-code' }],
    ...others,
  };
}
