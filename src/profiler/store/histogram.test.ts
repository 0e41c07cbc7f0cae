import assert from 'node:assert/strict';
import { Histogram, histogramBounds } from './histogram.js';

/** A generator of even numbers from 0 to 1, the same in each run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
}

function normal(next: () => number): number {
  return Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next());
}

const DISTRIBUTIONS: Record<string, (next: () => number) => number> = {
  even: (next) => 1 + 99 * next(),
  lognormal: (next) => Math.exp(normal(next)),
  exponential: (next) => -5 * Math.log(next()),
  'two humps, one in twenty slow': (next) => (next() < 0.95 ? 1 + next() * 0.3 : 100 + next() * 10),
  'two humps, half and half': (next) => (next() < 0.5 ? 0.2 + next() * 0.01 : 2_000 + next() * 50),
  constant: () => 3.7,
  microseconds: (next) => 0.002 + next() * 0.02,
};

describe('histogram', () => {
  for (const [name, draw] of Object.entries(DISTRIBUTIONS)) {
    it(`says percentiles within 2 %: ${name}`, () => {
      const next = random(7);
      const values = Array.from({ length: 20_000 }, () => draw(next));
      const histogram = new Histogram();
      for (const value of values) histogram.add(value);
      values.sort((a, b) => a - b);
      const shares = [0.5, 0.95, 0.99];
      const quantiles = histogram.quantiles(shares);
      for (const [index, quantile] of shares.entries()) {
        const exact = values[Math.floor(quantile * (values.length - 1))]!;
        const said = quantiles[index]!;
        assert.ok(Math.abs(said - exact) <= 0.02 * exact, `${quantile}: ${said} instead of ${exact}`);
      }
      assert.equal(histogram.count, values.length);
    });
  }

  it('holds each value in the bin that covers it, and is the same after saving', () => {
    const histogram = new Histogram();
    const values = [0, 0.0005, 0.01, 0.5, 1, 1.01, 40, 86_400_000];
    for (const value of values) histogram.add(value);
    const snapshot = histogram.snapshot();
    assert.equal(snapshot.zeros, 2);
    assert.equal(snapshot.bins.reduce((sum, [, count]) => sum + count, 0), values.length - 2);
    for (const value of values.slice(2)) {
      const within = snapshot.bins.filter(([index]) => {
        const [from, to] = histogramBounds(index);
        return value > from * 0.999_999 && value <= to * 1.000_001;
      });
      assert.ok(within.length > 0, String(value));
    }
    assert.deepEqual(Histogram.restore(JSON.parse(JSON.stringify(snapshot))).snapshot(), snapshot);
  });

  it('weighs executions of another one', () => {
    const [all, few] = [new Histogram(), new Histogram()];
    for (let index = 0; index < 10; index += 1) few.add(1);
    all.merge(few, 9);
    all.add(50, 10);
    assert.equal(all.count, 100);
    const [middle, slow] = all.quantiles([0.5, 0.95]) as [number, number];
    assert.ok(Math.abs(middle - 1) < 0.02);
    assert.ok(Math.abs(slow - 50) < 1);
  });

  it('needs bounded memory, whatever it is given', () => {
    const histogram = new Histogram();
    for (const value of [Number.MIN_VALUE, 1e-300, 1e300, Number.MAX_VALUE, 5]) histogram.add(value);
    assert.equal(histogram.snapshot().bins.length, 2);
    assert.ok(histogram.quantiles([1])[0]! <= 86_400_000 * 1.02);
  });

  it('says nothing of nothing', () => {
    assert.deepEqual(new Histogram().quantiles([0, 0.5, 1]), [0, 0, 0]);
  });
});
