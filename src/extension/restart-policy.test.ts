import assert from 'node:assert/strict';
import { RestartPolicy, WINDOW_MS } from './restart-policy';

describe('restarts of the language server', () => {
  it('waits longer after each crash, and gives up at the fifth', () => {
    const policy = new RestartPolicy();
    assert.deepEqual([0, 1, 2, 3, 4].map((second) => policy.crashed(second * 1_000)), [1_000, 2_000, 4_000, 8_000, undefined]);
  });

  it('forgets crashes of long ago', () => {
    const policy = new RestartPolicy();
    for (let i = 0; i < 5; i++) policy.crashed(0);
    assert.equal(policy.crashed(WINDOW_MS), 1_000);
  });
});
