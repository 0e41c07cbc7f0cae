import assert from 'node:assert/strict';
import { formatAverage, formatCount, formatDuration, formatElapsed, formatExact, formatNumberOf, formatShare } from '../../src/panel/number-format.js';

/** Thin and no-break spaces are hard to see in a test. */
const plain = (text: string): string => text.replace(/[\u202f\u00a0]/g, ' ');

describe('numbers for people', () => {
  it('shows durations in the unit that reads best', () => {
    const cases: [number, string][] = [
      [0, '0 ms'], [0.0004, '< 1 µs'], [0.0182, '18.2 µs'], [0.0991, '99.1 µs'], [0.0999, '0.10 ms'], [0.2125, '0.21 ms'], [9.996, '10.0 ms'], [12.34, '12.3 ms'],
      [99.96, '100 ms'], [961.7, '962 ms'], [999.7, '1.00 s'], [3912.4, '3.91 s'], [59_960, '1 min 0 s'], [200_000, '3 min 20 s'], [3_599_900, '1 h 0 min'], [7_260_000, '2 h 1 min'],
    ];
    for (const [milliseconds, text] of cases) assert.equal(plain(formatDuration(milliseconds)), text, String(milliseconds));
  });

  it('groups digits and shortens millions', () => {
    const cases: [number, string][] = [[0, '0'], [999, '999'], [1000, '1 000'], [46_113, '46 113'], [999_999, '999 999'], [3_412_000, '3.41 M'], [2.5e10, '25.0 G']];
    for (const [count, text] of cases) assert.equal(plain(formatCount(count)), text, String(count));
    assert.equal(plain(formatExact(3_412_000)), '3 412 000');
  });

  it('shows how long something has gone on in whole seconds', () => {
    const cases: [number, string][] = [[400, '0 s'], [4_000, '4 s'], [59_600, '1 min'], [320_000, '5 min 20 s'], [3_840_000, '1 h 4 min']];
    for (const [milliseconds, text] of cases) assert.equal(plain(formatElapsed(milliseconds)), text, String(milliseconds));
  });

  it('says numbers that need not be whole, and with their nouns', () => {
    assert.deepEqual([0, 0.01, 0.44, 4, 12.54, 131.8, 1_204.4, 2.5e6].map((value) => plain(formatAverage(value))), ['0', '< 0.1', '0.4', '4', '12.5', '132', '1 204', '2.50 M']);
    assert.deepEqual([plain(formatNumberOf(1, 'query', 'queries')), plain(formatNumberOf(1_200, 'query', 'queries')), plain(formatNumberOf(2, 'call'))], ['1 query', '1 200 queries', '2 calls']);
  });

  it('shows shares without a false zero', () => {
    const cases: [number, string][] = [[0, '0 %'], [0.0004, '< 0.1 %'], [0.0044, '0.4 %'], [0.02, '2 %'], [0.1444, '14 %'], [1, '100 %']];
    for (const [share, text] of cases) assert.equal(plain(formatShare(share)), text, String(share));
  });
});
