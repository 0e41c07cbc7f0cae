import { Histogram } from '../../src/profiler/store/histogram';
import type { MeasuredSnapshot } from '../../src/profiler/snapshot';

/** Random numbers that are the same in each run: mulberry32. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export type Draw = (random: () => number) => number;

export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Durations as databases have them: most near `median`, some much longer. */
export function lognormal(median: number, sigma: number): Draw {
  return (random) => median * Math.exp(sigma * normal(random));
}

/** A part of the executions takes another way, such as one that misses the cache. */
export function mixed(share: number, slow: Draw, quick: Draw): Draw {
  return (random) => (random() < share ? slow(random) : quick(random));
}

export function measuredOf(draw: Draw, calls: number, random: () => number): MeasuredSnapshot {
  const histogram = new Histogram();
  let [totalMs, minMs, maxMs] = [0, Infinity, 0];
  for (let n = 0; n < calls; n++) {
    const duration = draw(random);
    histogram.add(duration);
    totalMs += duration;
    minMs = Math.min(minMs, duration);
    maxMs = Math.max(maxMs, duration);
  }
  return { calls, errors: 0, rows: calls, totalMs, minMs, maxMs, waitMs: 0, histogram: histogram.snapshot() };
}
