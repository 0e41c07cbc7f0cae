import assert from 'node:assert/strict';
import { addCounters, deviationMs, NOTHING, SnapshotLedger, type CounterEntry, type Counters, type CounterSnapshot, type StatementDelta } from '../../src/database/server/counters.js';

function entry(key: string, calls: number, more: Partial<CounterEntry> = {}): CounterEntry {
  return { key: `10:${key}:1`, id: key, calls, rows: calls * 2, totalMs: calls * 1.5, squaresMs: 0, maxMs: 1.5, blocksHit: calls * 3, blocksRead: 0, ...more };
}

function snapshot(entries: CounterEntry[], more: Partial<CounterSnapshot> = {}): CounterSnapshot {
  return { database: '5', reset: 'monday', deallocations: 0, entries, ...more };
}

function calls(deltas: StatementDelta[]): Record<string, string> {
  return Object.fromEntries(deltas.map(({ id, calls: count, atLeast }) => [id, `${count}${atLeast ? '+' : ''}`]));
}

/** What the server keeps of executions that took so long. */
function counters(...durations: number[]): Counters {
  const totalMs = durations.reduce((sum, ms) => sum + ms, 0);
  const mean = totalMs / durations.length;
  const squaresMs = durations.reduce((sum, ms) => sum + (ms - mean) ** 2, 0);
  return { calls: durations.length, rows: 0, totalMs, squaresMs, maxMs: Math.max(...durations), blocksHit: 0, blocksRead: 0 };
}

function assertClose(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= 1e-6 * Math.max(1, Math.abs(expected)), `${actual} is not ${expected}`);
}

describe('the difference of two readings', () => {
  it('is what happened after the first one alone', () => {
    const ledger = new SnapshotLedger(snapshot([entry('a', 100), entry('b', 5)]));
    assert.deepEqual(ledger.add(snapshot([entry('a', 103), entry('b', 5)])), [
      { id: 'a', calls: 3, rows: 6, totalMs: 4.5, squaresMs: 0, maxMs: 1.5, blocksHit: 9, blocksRead: 0, atLeast: false },
    ]);
    assert.deepEqual(ledger.add(snapshot([entry('a', 103), entry('b', 5)])), []);
  });

  it('counts a statement that was not there before from its first call', () => {
    const ledger = new SnapshotLedger(snapshot([]));
    assert.deepEqual(calls(ledger.add(snapshot([entry('new', 7)]))), { new: '7' });
  });

  it('has the deviation of the interval', () => {
    const before = [3, 900, 12, 4.5, 0.001];
    const during = [8, 8.25, 9, 7.5];
    const ledger = new SnapshotLedger(snapshot([entry('a', 5, counters(...before))]));
    const [delta] = ledger.add(snapshot([entry('a', 9, counters(...before, ...during))]));
    assertClose(deviationMs(delta!), deviationMs(counters(...during)));
    const sum = { ...NOTHING };
    for (const part of [[1, 2], [300], [4, 5, 6]]) addCounters(sum, counters(...part));
    assertClose(deviationMs(sum), deviationMs(counters(1, 2, 300, 4, 5, 6)));
    assert.equal(deviationMs(NOTHING), 0);
  });

  it('adds up the roles that ran a statement', () => {
    const ledger = new SnapshotLedger(snapshot([]));
    assert.deepEqual(calls(ledger.add(snapshot([entry('a', 2), entry('a', 3, { key: '11:a:1' })]))), { a: '5' });
  });

  it('marks an entry that was dropped and made anew', () => {
    const ledger = new SnapshotLedger(snapshot([entry('a', 10)]));
    assert.deepEqual(calls(ledger.add(snapshot([entry('a', 15)]))), { a: '5' });
    assert.deepEqual(ledger.add(snapshot([], { deallocations: 3 })), []);
    assert.deepEqual(calls(ledger.add(snapshot([entry('a', 2)], { deallocations: 4 }))), { a: '2+' });
    assert.equal(ledger.deallocations, 4);
  });

  it('marks a statement whose counter went back', () => {
    const ledger = new SnapshotLedger(snapshot([entry('a', 10), entry('b', 2)]));
    assert.deepEqual(calls(ledger.add(snapshot([entry('a', 4), entry('b', 2, { totalMs: 1 })]))), { a: '4+', b: '2+' });
  });

  it('sees a reset of all counters even where the new count is higher than the old one', () => {
    const ledger = new SnapshotLedger(snapshot([entry('a', 1)]));
    assert.deepEqual(calls(ledger.add(snapshot([entry('a', 9)], { reset: 'tuesday' }))), { a: '9+' });
    assert.equal(ledger.resets, 1);
  });

  it('sees an entry made anew by its date', () => {
    const ledger = new SnapshotLedger(snapshot([entry('a', 1, { since: 'noon' })]));
    assert.deepEqual(calls(ledger.add(snapshot([entry('a', 6, { since: 'one' })]))), { a: '6+' });
  });

  it('counts a reset of the deallocation counter from zero', () => {
    const ledger = new SnapshotLedger(snapshot([], { deallocations: 50 }));
    ledger.add(snapshot([], { deallocations: 2, reset: 'tuesday' }));
    assert.equal(ledger.deallocations, 2);
  });

  it('takes a database that was created anew for another one', () => {
    const ledger = new SnapshotLedger(snapshot([entry('a', 10)]));
    assert.deepEqual(calls(ledger.add(snapshot([entry('a', 3)], { database: '6', reset: 'tuesday' }))), { a: '3' });
    assert.equal(ledger.resets, 0);
  });

  it('forgets what limited the picture with a new beginning', () => {
    const ledger = new SnapshotLedger(snapshot([entry('a', 10)]));
    ledger.add(snapshot([entry('a', 10)], { reset: 'tuesday', deallocations: 1 }));
    ledger.restart();
    assert.deepEqual([ledger.resets, ledger.deallocations], [0, 0]);
  });
});
