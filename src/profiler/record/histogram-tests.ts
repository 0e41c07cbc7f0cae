import { histogramBounds, RELATIVE_ACCURACY } from '../store/histogram.js';
import type { HistogramSnapshot } from '../snapshot.js';

/** Executions by bin, in ascending order. Those too short to be measured are in a bin below all others. */
export type Bins = readonly [index: number, count: number][];

/** How much longer the durations of a bin are than those of the bin before, as a logarithm. */
const LOG_STEP = Math.log((1 + RELATIVE_ACCURACY) / (1 - RELATIVE_ACCURACY));

/** About a microsecond, which is what "too short to be measured" means. */
const SHORTEST_INDEX = Math.floor(Math.log(0.001) / LOG_STEP);

export function binsOf({ zeros, bins }: HistogramSnapshot): Bins {
  return zeros > 0 ? [[SHORTEST_INDEX, zeros], ...bins] : bins;
}

export function countOf(bins: Bins): number {
  return bins.reduce((sum, [, count]) => sum + count, 0);
}

/** Several distributions as one. */
export function merged(all: readonly Bins[]): Bins {
  const counts = new Map<number, number>();
  for (const bins of all) for (const [index, count] of bins) counts.set(index, (counts.get(index) ?? 0) + count);
  return [...counts].sort(([a], [b]) => a - b);
}

/** The same executions, each longer by a factor whose logarithm is given. */
export function stretched(bins: Bins, log: number): Bins {
  const steps = Math.round(log / LOG_STEP);
  return steps === 0 ? bins : bins.map(([index, count]) => [index + steps, count]);
}

/** Mean of the logarithms of the durations: what a typical execution takes, whatever a few outliers do. */
export function meanLog(bins: Bins): number {
  return (bins.reduce((sum, [index, count]) => sum + index * count, 0) / countOf(bins)) * LOG_STEP;
}

/** The duration that the share `quantile` of executions do not exceed, in milliseconds within 1 %. */
export function quantileOf(bins: Bins, quantile: number): number {
  const [from, to] = histogramBounds(quantileIndex(bins, quantile));
  return (from + to) / 2;
}

/**
 * Mann–Whitney's test of whether executions of the second tend to take longer (positive) or shorter (negative) than those of the first:
 * how many standard deviations the rank sum is off, with the correction for ties.
 */
export function shiftScore(before: Bins, after: Bins): number {
  const [n, m] = [countOf(before), countOf(after)];
  const all = n + m;
  const counts = new Map<number, [number, number]>();
  for (const [index, count] of before) counts.set(index, [count, 0]);
  for (const [index, count] of after) counts.set(index, [counts.get(index)?.[0] ?? 0, count]);
  let below = 0;
  let rankSum = 0;
  let ties = 0;
  for (const [, [ofBefore, ofAfter]] of [...counts].sort(([a], [b]) => a - b)) {
    const tied = ofBefore + ofAfter;
    rankSum += ofAfter * (below + (tied + 1) / 2);
    ties += tied ** 3 - tied;
    below += tied;
  }
  const expected = (m * (all + 1)) / 2;
  const variance = ((n * m) / 12) * (all + 1 - ties / (all * (all - 1)));
  return variance > 0 ? (rankSum - expected) / Math.sqrt(variance) : 0;
}

/**
 * Whether the second has more (positive) or fewer slow executions: those above the 95th percentile of both together, as a difference
 * of two shares in standard deviations. Sees what a few executions do, which leave the ranks of the others as they are.
 */
export function tailScore(before: Bins, after: Bins): number {
  const [n, m] = [countOf(before), countOf(after)];
  const limit = quantileIndex(merged([before, after]), 0.95);
  const above = (bins: Bins): number => bins.reduce((sum, [index, count]) => sum + (index > limit ? count : 0), 0);
  const [ofBefore, ofAfter] = [above(before), above(after)];
  const share = (ofBefore + ofAfter) / (n + m);
  const deviation = Math.sqrt(share * (1 - share) * (1 / n + 1 / m));
  return deviation > 0 ? (ofAfter / m - ofBefore / n) / deviation : 0;
}

function quantileIndex(bins: Bins, quantile: number): number {
  const wanted = quantile * (countOf(bins) - 1);
  let below = 0;
  for (const [index, count] of bins) {
    below += count;
    if (below > wanted) return index;
  }
  return bins.at(-1)?.[0] ?? SHORTEST_INDEX;
}
