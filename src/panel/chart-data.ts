import type { SeriesPoint } from '../profiler/protocol.js';

/** Seconds since 1970, then one list per line; null where nothing is known. */
export type ChartData = [at: number[], ...lines: (number | null)[][]];

const SECOND_MS = 1_000;

/** Where more time than this lies between the end of a point and the next one, nothing was recorded. */
const GAP_MS = 1_500;

/** The lines of both charts, with a hole wherever nothing was recorded. The server's mean is drawn only where no program is watched. */
export function chartData(points: readonly SeriesPoint[]): [rate: ChartData, latency: ChartData] {
  const at: number[] = [];
  const queries: (number | null)[] = [];
  const p50: (number | null)[] = [];
  const p95: (number | null)[] = [];
  const mean: (number | null)[] = [];
  const measured = points.some((point) => point.p95Ms !== null);
  let end = Infinity;
  for (const point of points) {
    if (point.at - end > GAP_MS) {
      at.push(end / SECOND_MS);
      for (const line of [queries, p50, p95, mean]) line.push(null);
    }
    const { seconds = 1 } = point;
    end = point.at + seconds * SECOND_MS;
    at.push(point.at / SECOND_MS);
    queries.push(point.queries / seconds);
    p50.push(point.p50Ms);
    p95.push(point.p95Ms);
    mean.push(measured ? null : point.meanMs);
  }
  return [
    [at, queries],
    [at, p50, p95, mean],
  ];
}
