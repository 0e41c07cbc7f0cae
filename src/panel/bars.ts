import type { StatementDetail } from '../profiler/protocol.js';

/** Puts the counts into bars of equal width on a logarithmic axis. */
export function spread(histogram: StatementDetail['histogram'], count: number): { from: number; to: number; bars: number[] } {
  const filled = histogram.filter(([, , executions]) => executions > 0);
  const smallest = Math.min(...filled.map(([low, high]) => (low > 0 ? low : high / 2)).filter((value) => value > 0), 1e6);
  const largest = Math.max(...filled.map(([, high]) => high), smallest * 1.01);
  // One duration alone is a bar in the middle, not a wall.
  const margin = largest / smallest < 2 ? 1.5 : 1;
  const from = smallest / margin;
  const to = largest * margin;
  const bars = new Array<number>(count).fill(0);
  for (const [low, high, executions] of filled) {
    const middle = Math.sqrt(Math.max(low, from) * Math.max(high, from));
    const bar = Math.floor((Math.log(middle / from) / Math.log(to / from)) * count);
    bars[Math.max(0, Math.min(count - 1, bar))]! += executions;
  }
  return { from, to, bars };
}
