import assert from 'node:assert/strict';
import type { RuntimeRepetition } from '../protocol.js';
import type { ContextKey } from './contexts.js';
import { STATEMENT_LIMIT } from './limits.js';
import { ELSEWHERE, OTHER_STATEMENTS, SessionStore, type Execution } from './store.js';

const START = Date.UTC(2026, 0, 1);
const place = (line: number, file = '/project/src/app.ts'): Execution['place'] & object => ({ file, line, column: 3 });
const request = (id: number, label = 'GET /orders'): ContextKey => ({ id: `request ${id}`, kind: 'request', label });

/** A store with a shorter way to say what ran. */
class Told {
  readonly store = new SessionStore();
  at = START;
  #parameters = 0;

  constructor(...statements: string[]) {
    for (const id of statements) this.declare(id);
  }

  declare(id: string, kind = 'select'): void {
    this.store.declare({ id, text: `SELECT ${id}`, kind, tables: [id] });
  }

  run(statement: string, durationMs: number, rest: Partial<Omit<Execution, 'cost'>> & { waitMs?: number; rows?: number; failed?: boolean } = {}): void {
    const { waitMs = 0, rows = 1, failed = false, ...execution } = rest;
    this.at += durationMs;
    this.#parameters += 1;
    this.store.add(1, { statement, cost: { durationMs, waitMs, rows, failed }, at: this.at, values: String(this.#parameters), ...execution });
  }

  all() {
    return this.store.changes(0, this.at);
  }

  repetitions(): Pick<RuntimeRepetition, 'kind' | 'statement' | 'requests' | 'executions' | 'most'>[] {
    return this.store.repetitions().map(({ kind, statement, requests, executions, most }) => ({ kind, statement, requests, executions, most }));
  }
}

const sorted = <T extends { lines: { key: string }[] }>(rows: T): T => ({ ...rows, lines: [...rows.lines].sort((a, b) => (a.key < b.key ? -1 : 1)) });

describe('session store', () => {
  it('adds up exactly', () => {
    const told = new Told('a', 'b');
    told.run('a', 2, { rows: 3, waitMs: 0.5, place: place(1) });
    told.run('a', 4, { rows: -1, place: place(1) });
    told.run('b', 6, { failed: true, error: { code: '23505', message: 'duplicate key' }, place: place(2) });
    const { statements, lines } = told.all();
    const a = statements.find(({ id }) => id === 'a')!;
    assert.deepEqual({ ...a.measured, p50Ms: 0, p95Ms: 0, p99Ms: 0 }, { calls: 2, errors: 0, rows: 3, totalMs: 6, meanMs: 3, minMs: 2, maxMs: 4, p50Ms: 0, p95Ms: 0, p99Ms: 0, waitMs: 0.5 });
    assert.equal(a.share, 0.5);
    assert.deepEqual(told.store.totals, { statements: 2, calls: 3, errors: 1, totalMs: 12, waitMs: 0.5 });
    assert.deepEqual(lines.map(({ key, statements }) => [key, statements]), [['/project/src/app.ts:1:3', ['a']], ['/project/src/app.ts:2:3', ['b']]]);
    assert.deepEqual(told.store.detail('b', told.at)!.errors, [{ code: '23505', message: 'duplicate key', count: 1 }]);
    assert.equal(told.store.detail('c', told.at), undefined);
  });

  it('tells only what changed', () => {
    const told = new Told('a', 'b');
    told.run('a', 10, { place: place(1) });
    told.run('b', 10, { place: place(2) });
    const first = told.store.changes(0, told.at);
    assert.deepEqual([first.full, first.statements.length, first.lines.length], [true, 2, 2]);
    const nothing = told.store.changes(first.change, told.at + 60_000);
    assert.equal(nothing.sparkSlot - first.sparkSlot, 12);
    assert.deepEqual([nothing.full, nothing.statements, nothing.lines, nothing.requests, nothing.series], [false, [], [], [], []]);
    told.run('a', 0.01, { place: place(1) });
    const second = told.store.changes(nothing.change, told.at);
    assert.deepEqual([second.statements.map(({ id }) => id), second.lines.map(({ place }) => place.line), second.series.length], [['a'], [1], 1]);
    told.run('a', 30, { place: place(1) });
    const third = told.store.changes(second.change, told.at);
    assert.deepEqual(third.statements.map(({ id, share }) => [id, Math.round(share * 100)]), [['a', 80], ['b', 20]], 'shares of others moved');
  });

  describe('executions without a call site', () => {
    it('belong to the only line of the statement', () => {
      const told = new Told('a');
      for (let index = 0; index < 100; index += 1) told.run('a', 2, index % 16 === 0 ? { place: place(1) } : {});
      const [line] = told.all().lines;
      assert.deepEqual([line!.measured.calls, line!.measured.totalMs, line!.sampled], [100, 200, false]);
    });

    it('are split by what was sampled later, and time by what the lines take', () => {
      const told = new Told('a');
      // The start of the program runs line 1; after that, line 2 runs three times as often as line 3 and takes half its time.
      for (let index = 0; index < 32; index += 1) told.run('a', 1, { place: place(1) });
      for (let index = 0; index < 1_600; index += 1) {
        const [line, ms] = index % 4 === 3 ? [3, 4] : [2, 2];
        told.run('a', ms, index % 17 === 16 ? { place: place(line) } : {});
      }
      const { lines, statements } = told.all();
      const calls = lines.map(({ measured }) => measured.calls);
      assert.ok(lines.every(({ sampled }) => sampled));
      assert.ok(Math.abs(calls[1]! - 1_200) < 60 && Math.abs(calls[2]! - 400) < 60 && calls[0]! < 60, calls.join());
      const sum = lines.reduce((total, { measured }) => total + measured.totalMs, 0);
      assert.ok(Math.abs(sum - statements[0]!.measured!.totalMs) < 1e-6, 'nothing is lost or made up');
      assert.ok(Math.abs(lines[1]!.measured.meanMs - 2) < 0.1 && Math.abs(lines[2]!.measured.meanMs - 4) < 0.2);
    });

    it('are not given to lines for executions whose call site has no line of the user', () => {
      const told = new Told('a');
      told.run('a', 1, { place: place(1) });
      for (let index = 0; index < 9; index += 1) told.run('a', 1, { place: ELSEWHERE });
      for (let index = 0; index < 90; index += 1) told.run('a', 1);
      const { lines, statements } = told.all();
      assert.deepEqual(lines.map(({ measured }) => measured.calls), [10]);
      assert.deepEqual(statements[0]!.lines, ['/project/src/app.ts:1:3']);
    });
  });

  describe('repetitions', () => {
    const cases: Record<string, { run: (told: Told) => void; found: ReturnType<Told['repetitions']> }> = {
      'five with different parameters in one request': {
        run: (told) => {
          for (let index = 0; index < 5; index += 1) told.run('a', 1, { place: place(1), context: request(1) });
        },
        found: [{ kind: 'n-plus-one', statement: 'a', requests: 1, executions: 5, most: 5 }],
      },
      'four are too few': {
        run: (told) => {
          for (let index = 0; index < 4; index += 1) told.run('a', 1, { place: place(1), context: request(1) });
        },
        found: [],
      },
      'four in each of two requests are too few': {
        run: (told) => {
          for (let index = 0; index < 8; index += 1) told.run('a', 1, { place: place(1), context: request(index % 2) });
        },
        found: [],
      },
      'equal parameters are repeated': {
        run: (told) => {
          for (let index = 0; index < 6; index += 1) told.run('a', 1, { place: place(1), context: request(1), values: 'same' });
        },
        found: [{ kind: 'repeated', statement: 'a', requests: 1, executions: 6, most: 6 }],
      },
      'from two lines they are two things': {
        run: (told) => {
          for (let index = 0; index < 8; index += 1) told.run('a', 1, { place: place(1 + (index % 2)), context: request(1) });
        },
        found: [],
      },
      'each line by its own parameters': {
        run: (told) => {
          for (let index = 0; index < 5; index += 1) told.run('a', 1, { place: place(1), context: request(1), values: 'same' });
          for (let index = 0; index < 6; index += 1) told.run('a', 1, { place: place(2), context: request(1) });
        },
        found: [
          { kind: 'n-plus-one', statement: 'a', requests: 1, executions: 6, most: 6 },
          { kind: 'repeated', statement: 'a', requests: 1, executions: 5, most: 5 },
        ],
      },
      'in a transaction': {
        run: (told) => {
          for (let index = 0; index < 7; index += 1) told.run('a', 1, { place: place(1), context: { id: 'transaction 1', kind: 'transaction' } });
        },
        found: [{ kind: 'n-plus-one', statement: 'a', requests: 1, executions: 7, most: 7 }],
      },
      'outside of everything': {
        run: (told) => {
          for (let index = 0; index < 50; index += 1) told.run('a', 1, { place: place(1) });
        },
        found: [],
      },
      'many small transactions in one request are not repeated': {
        run: (told) => {
          told.declare('begin', 'transaction');
          for (let index = 0; index < 9; index += 1) told.run('begin', 1, { place: place(1), context: request(1), values: 'none' });
        },
        found: [],
      },
      'the sums of all requests, and the most of one': {
        run: (told) => {
          for (const [id, times] of [[1, 10], [2, 20], [3, 3]] as const) {
            for (let index = 0; index < times; index += 1) told.run('a', 1, { place: place(1), context: request(id) });
            told.store.endRequest(1, `request ${id}`, 'GET /orders', 50);
          }
        },
        found: [{ kind: 'n-plus-one', statement: 'a', requests: 2, executions: 30, most: 20 }],
      },
      'call sites that were not taken follow those of the same request': {
        run: (told) => {
          for (let index = 0; index < 40; index += 1) told.run('a', 1, { place: place(2), context: request(1) });
          for (let index = 0; index < 32; index += 1) told.run('a', 1, { ...(index === 7 ? { place: place(1) } : {}), context: request(2) });
        },
        found: [
          { kind: 'n-plus-one', statement: 'a', requests: 1, executions: 40, most: 40 },
          { kind: 'n-plus-one', statement: 'a', requests: 1, executions: 32, most: 32 },
        ],
      },
      'without a line of the user nothing can be said': {
        run: (told) => {
          for (let index = 0; index < 9; index += 1) told.run('a', 1, { place: ELSEWHERE, context: request(1) });
        },
        found: [],
      },
    };
    for (const [name, { run, found }] of Object.entries(cases)) {
      it(name, () => {
        const told = new Told('a');
        run(told);
        assert.deepEqual(told.repetitions(), found);
      });
    }

    it('say what one execution each would have left over', () => {
      const told = new Told('a');
      for (let index = 0; index < 10; index += 1) told.run('a', 2, { place: place(1), context: request(1) });
      told.store.endRequest(1, 'request 1', 'GET /orders', 30);
      for (let index = 0; index < 5; index += 1) told.run('a', 4, { place: place(1), context: request(2) });
      const [{ totalMs, wastedMs, label }] = told.store.repetitions() as [RuntimeRepetition];
      assert.deepEqual([totalMs, wastedMs, label], [40, 18 + 16, 'GET /orders']);
      const [line] = told.all().lines;
      assert.deepEqual([line!.requests, line!.mostInOneRequest], [2, 10]);
    });
  });

  it('gives each kind of request its sums', () => {
    const told = new Told('a', 'b');
    for (let id = 1; id <= 3; id += 1) {
      told.run('a', 1, { context: request(id) });
      if (id > 1) told.run('b', 2, { context: request(id), failed: id === 3 });
      told.store.endRequest(1, `request ${id}`, 'GET /orders', 10);
    }
    told.store.endRequest(1, 'request 4', 'GET /orders', 5);
    told.store.endRequest(1, 'request 5', 'GET /picture.png', 5);
    const { requests } = told.all();
    assert.deepEqual(requests, [{ label: 'GET /orders', requests: 4, queries: 5, mostQueries: 2, databaseMs: 7, totalMs: 35, errors: 1, statements: ['b', 'a'], share: 1 }]);
    assert.deepEqual(told.store.detail('b', told.at)!.requests, [{ label: 'GET /orders', requests: 2, executions: 2, totalMs: 4 }]);
  });

  it('is the same after saving and restoring', () => {
    const told = new Told('a', 'b', 'c');
    for (let index = 0; index < 60; index += 1) {
      told.run('a', 1 + (index % 7), { ...(index % 3 === 0 ? {} : { place: place(1 + (index % 2)) }), context: request(index % 4), rows: index });
      told.run('b', 3, { place: index % 2 ? place(9) : ELSEWHERE, failed: index === 5, ...(index === 5 ? { error: { code: '40001', message: 'no' } } : {}) });
    }
    told.store.count(new Map([['c', { calls: 5, rows: 5, totalMs: 10, meanMs: 2, deviationMs: 1, maxMs: 4, blocksHit: 9, blocksRead: 1, atLeast: false }]]), told.at);
    const snapshot = JSON.parse(JSON.stringify(told.store.snapshot())) as ReturnType<SessionStore['snapshot']>;
    const restored = SessionStore.restore(snapshot);
    assert.deepEqual(sorted(restored.snapshot()), sorted(snapshot));
    const rows = (store: SessionStore) => {
      const { statements, lines, requests, series } = store.changes(0, told.at);
      return JSON.parse(JSON.stringify(sorted({ statements: statements.map(({ spark: _, ...row }) => row), lines, requests, series }))) as unknown;
    };
    told.store.endRequest(1, 'request 0', 'GET /orders', 0);
    for (let id = 0; id < 4; id += 1) told.store.endContext(1, `request ${id}`);
    const closed = SessionStore.restore(JSON.parse(JSON.stringify(told.store.snapshot())) as typeof snapshot);
    assert.deepEqual(rows(closed), rows(told.store));
  });

  it('keeps the slowest executions whose values are known, and saves none of them', () => {
    const told = new Told('a');
    for (const durationMs of [3, 9, 1, 7, 2, 8, 6]) told.run('a', durationMs, { place: place(durationMs % 2), parameters: { text: 'SELECT $1', values: [`value ${durationMs}`], whole: true } });
    told.run('a', 100);
    assert.deepEqual(told.store.slowest('a').map(({ durationMs, values }) => [durationMs, values]), [[9, ['value 9']], [8, ['value 8']], [7, ['value 7']], [6, ['value 6']], [3, ['value 3']]]);
    assert.deepEqual(told.store.detail('a', told.at, '/project/src/app.ts:1:3')!.slowest.map(({ durationMs }) => durationMs), [9, 7, 3]);
    assert.deepEqual(told.store.slowest('b'), []);
    const snapshot = told.store.snapshot();
    assert.ok(!JSON.stringify(snapshot).includes('value '));
    assert.deepEqual(SessionStore.restore(snapshot).detail('a', told.at)!.slowest, []);
  });

  it('goes on counting when the server begins anew', () => {
    const told = new Told('a');
    const counted = (calls: number, meanMs: number) => new Map([['a', { calls, rows: calls, totalMs: calls * meanMs, meanMs, deviationMs: 0, maxMs: meanMs, blocksHit: calls, blocksRead: 0, atLeast: false }]]);
    told.store.count(counted(10, 1), told.at);
    told.store.count(counted(20, 1), told.at);
    told.store.restartCounting();
    told.store.count(counted(20, 4), told.at);
    const [row] = told.all().statements;
    assert.deepEqual(row!.counted, { calls: 40, rows: 40, totalMs: 100, meanMs: 2.5, deviationMs: 1.5, maxMs: 4, blocksHit: 40, blocksRead: 0, atLeast: false });
    assert.equal(row!.share, 1);
    assert.deepEqual(told.store.totals, { statements: 1, calls: 40, errors: 0, totalMs: 100, waitMs: 0 });
    assert.deepEqual(SessionStore.restore(told.store.snapshot()).totals, told.store.totals);
  });

  it('folds the cheapest of too many statements into one row, and loses none of their numbers', () => {
    const told = new Told();
    told.declare('hot');
    for (let index = 0; index < 50_000; index += 1) {
      told.declare(`s${index}`);
      told.run(`s${index}`, 1, { place: place(1 + (index % 300)) });
      told.run('hot', 0.5, { place: place(1_000) });
    }
    told.run('s3', 7, { place: place(4) });
    const { statements, lines, full } = told.all();
    assert.equal(full, true);
    assert.ok(statements.length <= STATEMENT_LIMIT + 1, String(statements.length));
    assert.equal(statements.find(({ id }) => id === 'hot')!.measured!.calls, 50_000);
    const sum = (rows: { measured?: { calls: number; totalMs: number } }[]) => rows.reduce((all, { measured }) => [all[0]! + measured!.calls, all[1]! + measured!.totalMs], [0, 0]);
    assert.deepEqual(sum(statements), [100_001, 75_007]);
    assert.deepEqual(sum(lines), [100_001, 75_007]);
    const others = statements.find(({ id }) => id === OTHER_STATEMENTS)!;
    assert.equal(others.text, 'other statements');
    assert.equal(others.measured!.maxMs, 7, 'a folded statement stays folded');
    assert.equal(told.store.folded, 50_001 - (statements.length - 1));
  });

  it('cuts texts of a megabyte', () => {
    const store = new SessionStore();
    store.declare({ id: 'long', text: 'x'.repeat(1_000_000), kind: 'other', tables: [] });
    assert.equal(store.text('long')!.length, 10_000);
  });
});
