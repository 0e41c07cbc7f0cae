import type { SeriesPoint } from '../profiler/protocol.js';

/** Seconds since 1970, then one list per line; null where nothing is known. */
export type ChartData = [at: number[], ...lines: (number | null)[][]];

/** Points come each second. Where more time lies between two of them, nothing was recorded. */
const GAP_MS = 2_500;

/** The lines of both charts, with a hole wherever nothing was recorded. The server's mean is drawn only where no program is watched. */
export function chartData(points: readonly SeriesPoint[]): [rate: ChartData, latency: ChartData] {
  const at: number[] = [];
  const queries: (number | null)[] = [];
  const p50: (number | null)[] = [];
  const p95: (number | null)[] = [];
  const mean: (number | null)[] = [];
  const measured = points.some((point) => point.p95Ms !== null);
  let before = -Infinity;
  for (const point of points) {
    // A clock that was set back would fold the line over itself.
    if (point.at <= before) continue;
    if (before !== -Infinity && point.at - before > GAP_MS) {
      at.push((before + 1) / 1000);
      for (const line of [queries, p50, p95, mean]) line.push(null);
    }
    before = point.at;
    at.push(point.at / 1000);
    queries.push(point.queries);
    p50.push(point.p50Ms);
    p95.push(point.p95Ms);
    mean.push(measured ? null : point.meanMs);
  }
  return [
    [at, queries],
    [at, p50, p95, mean],
  ];
}
