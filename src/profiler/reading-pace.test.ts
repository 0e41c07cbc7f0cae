import assert from 'node:assert/strict';
import { pauseAfter } from './reading-pace.js';

describe('the pause between two readings of the server', () => {
  it('is as short as wanted while readings are quick', () => {
    assert.equal(pauseAfter(0, true), 2_000);
    assert.equal(pauseAfter(20, true), 2_000);
    assert.equal(pauseAfter(20, false), 15_000);
    assert.equal(pauseAfter(0.05, true, 10), 10);
  });

  it('grows so that readings take a hundredth of the time', () => {
    for (const readMs of [21, 75, 180, 299]) {
      const pause = pauseAfter(readMs, true);
      assert.ok(readMs / (readMs + pause) <= 0.01, `${readMs} ms of ${pause} ms`);
    }
    assert.equal(pauseAfter(150, false), 15_000);
    assert.equal(pauseAfter(200, false), 20_000);
  });

  it('is half a minute at most, however slow the server is', () => {
    assert.equal(pauseAfter(60_000, true), 30_000);
    assert.equal(pauseAfter(Infinity, false), 30_000);
  });
});
