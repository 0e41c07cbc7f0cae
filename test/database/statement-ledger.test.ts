import assert from 'node:assert/strict';
import { StatementLedger, type StatementEntry, type StatementSnapshot } from '../../src/database/statement-ledger.js';

function entry(key: string, calls: number | bigint, more: Partial<StatementEntry> = {}): StatementEntry {
  return { key: `10:${key}:1`, id: key, calls: BigInt(calls), rows: BigInt(calls) * 2n, totalMs: Number(calls) * 1.5, ...more };
}

function snapshot(entries: StatementEntry[], more: Partial<StatementSnapshot> = {}): StatementSnapshot {
  return { database: '5', reset: 'monday', deallocations: 0n, entries, ...more };
}

function calls(ledger: StatementLedger): Record<string, string> {
  return Object.fromEntries(ledger.totals().map((total) => [total.id, `${total.calls}${total.atLeast ? '+' : ''}`]));
}

describe('the ledger of statements', () => {
  it('counts only what happens after the first snapshot', () => {
    const ledger = new StatementLedger(snapshot([entry('a', 100), entry('b', 5)]));
    assert.deepEqual(ledger.totals(), []);
    ledger.add(snapshot([entry('a', 103), entry('b', 5)]));
    assert.deepEqual(ledger.totals(), [{ id: 'a', calls: 3n, rows: 6n, totalMs: 4.5, atLeast: false }]);
  });

  it('counts a statement that was not there before from its first call', () => {
    const ledger = new StatementLedger(snapshot([]));
    ledger.add(snapshot([entry('new', 7)]));
    assert.deepEqual(calls(ledger), { new: '7' });
  });

  it('keeps what was counted when an entry is dropped, and adds what comes after', () => {
    const ledger = new StatementLedger(snapshot([entry('a', 10)]));
    ledger.add(snapshot([entry('a', 15)]));
    ledger.add(snapshot([], { deallocations: 3n }));
    ledger.add(snapshot([entry('a', 2)], { deallocations: 4n }));
    assert.deepEqual(calls(ledger), { a: '7' });
    assert.equal(ledger.deallocations, 4n);
  });

  it('marks a statement whose counter went back', () => {
    const ledger = new StatementLedger(snapshot([entry('a', 10)]));
    ledger.add(snapshot([entry('a', 4)]));
    assert.deepEqual(calls(ledger), { a: '4+' });
  });

  it('sees a reset of all counters even where the new count is higher than the old one', () => {
    const ledger = new StatementLedger(snapshot([entry('a', 1)]));
    ledger.add(snapshot([entry('a', 9)], { reset: 'tuesday' }));
    assert.deepEqual(calls(ledger), { a: '9+' });
    assert.equal(ledger.resets, 1);
  });

  it('sees an entry made anew by its date', () => {
    const ledger = new StatementLedger(snapshot([entry('a', 1, { since: 'noon' })]));
    ledger.add(snapshot([entry('a', 6, { since: 'one' })]));
    assert.deepEqual(calls(ledger), { a: '6+' });
  });

  it('counts a reset of the deallocation counter from zero', () => {
    const ledger = new StatementLedger(snapshot([], { deallocations: 50n }));
    ledger.add(snapshot([], { deallocations: 2n, reset: 'tuesday' }));
    assert.equal(ledger.deallocations, 2n);
  });

  it('adds up the same statement of several users', () => {
    const ledger = new StatementLedger(snapshot([entry('a', 1), { ...entry('a', 1), key: '11:a:1' }]));
    ledger.add(snapshot([entry('a', 3), { ...entry('a', 5), key: '11:a:1' }]));
    assert.deepEqual(calls(ledger), { a: '6' });
  });

  it('counts everything in a database that was dropped and created again', () => {
    const ledger = new StatementLedger(snapshot([entry('a', 4)]));
    ledger.add(snapshot([entry('a', 5)], { database: '6' }));
    assert.deepEqual(calls(ledger), { a: '5' });
  });

  it('starts afresh from the last snapshot', () => {
    const ledger = new StatementLedger(snapshot([entry('a', 1)]));
    ledger.add(snapshot([entry('a', 4)]));
    ledger.restart();
    assert.deepEqual(ledger.totals(), []);
    ledger.add(snapshot([entry('a', 5)]));
    assert.deepEqual(calls(ledger), { a: '1' });
  });

  it('is exact beyond the range of a double', () => {
    const large = 9_007_199_254_740_993n;
    const ledger = new StatementLedger(snapshot([entry('a', large)]));
    ledger.add(snapshot([entry('a', large + 1n)]));
    assert.deepEqual(calls(ledger), { a: '1' });
  });

  it('puts the statement with the most time first', () => {
    const ledger = new StatementLedger(snapshot([]));
    ledger.add(snapshot([entry('fast', 100, { totalMs: 1 }), entry('slow', 1, { totalMs: 50 })]));
    assert.deepEqual(ledger.totals().map((total) => total.id), ['slow', 'fast']);
  });

  it('sees an entry made anew by its time, where the server says nothing', () => {
    const ledger = new StatementLedger(snapshot([entry('a', 1, { totalMs: 10 }), entry('b', 1, { totalMs: 10 })]));
    ledger.add(snapshot([entry('a', 2, { totalMs: 9 }), entry('b', 1, { totalMs: 12 })]));
    assert.deepEqual(ledger.totals().map(({ id, calls, totalMs, atLeast }) => [id, calls, totalMs, atLeast]), [['b', 1n, 12, true], ['a', 2n, 9, true]]);
  });
});
