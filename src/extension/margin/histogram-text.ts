import { formatCount, formatDuration } from './note-text';

/** More lines than this are a chart, not a hint: then each line takes a whole power of ten. */
const MOST_LINES = 9;
const BAR_WIDTH = 24;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** Where lines begin within each power of ten, so that their ends are round numbers. */
const FINE_STEPS = [1, 2, 5];
const COARSE_STEPS = [1];

/** Shorter durations are told apart by no clock of a program. */
const LEAST_MS = 0.01;

type Bucket = readonly [fromMs: number, toMs: number, count: number];

/** Durations as a chart of characters, one line for each range, also for empty ones between. Empty when nothing was measured. */
export function histogramText(buckets: readonly Bucket[]): string {
  const full = buckets.filter(([from, to, count]) => count > 0 && from >= 0 && to > 0);
  if (full.length === 0) return '';
  const fine = rangesOf(full, FINE_STEPS);
  const ranges = fine.length <= MOST_LINES ? fine : rangesOf(full, COARSE_STEPS);
  const largest = Math.max(...ranges.map(([, , count]) => count));
  const labels = ranges.map(([from, to]) => (from > LEAST_MS ? `${formatDuration(from)} – ${formatDuration(to)}` : `< ${formatDuration(to)}`));
  const width = Math.max(...labels.map(({ length }) => length));
  return ranges.map(([, , count], index) => `${labels[index]!.padStart(width)}  ${count === 0 ? '' : `${bar(count / largest)} ${formatCount(count)}`}`.trimEnd()).join('\n');
}

/** A bucket is a few percent wide, so it counts where its middle is. */
function rangesOf(buckets: readonly Bucket[], steps: readonly number[]): Bucket[] {
  const middles = buckets.map(([from, to]) => Math.max(LEAST_MS, Math.sqrt(Math.max(from, to / 2) * to)));
  const edges = edgesAround(Math.min(...middles), Math.max(...middles), steps);
  return edges.slice(1).map((to, index) => {
    const from = edges[index]!;
    return [from, to, buckets.reduce((sum, [, , count], bucket) => (middles[bucket]! >= from && middles[bucket]! < to ? sum + count : sum), 0)];
  });
}

function edgesAround(smallest: number, largest: number, steps: readonly number[]): number[] {
  const edges: number[] = [];
  for (let power = Math.floor(Math.log10(smallest)); ; power += 1) {
    for (const step of steps) {
      const edge = Number(`${step}e${power}`);
      if (edge <= smallest) edges.length = 0;
      edges.push(edge);
      if (edge > largest) return edges;
    }
  }
}

function bar(share: number): string {
  const eighths = Math.max(1, Math.round(share * BAR_WIDTH * 8));
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]!;
}
