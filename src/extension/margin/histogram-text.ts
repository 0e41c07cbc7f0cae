import { formatCount, formatDuration } from './note-text';

/** More lines than this are a chart, not a hint. */
const MOST_LINES = 10;
const BAR_WIDTH = 24;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

type Bucket = readonly [fromMs: number, toMs: number, count: number];

/** Durations as a chart of characters, one line for each range. Empty when nothing was measured. */
export function histogramText(buckets: readonly Bucket[]): string {
  const merged = mergeBuckets(buckets.filter(([, , count]) => count > 0).sort((a, b) => a[0] - b[0]));
  const largest = Math.max(...merged.map(([, , count]) => count));
  const ranges = merged.map(([from, to]) => `${formatDuration(from)} – ${formatDuration(to)}`);
  const width = Math.max(...ranges.map(({ length }) => length));
  return merged.map(([, , count], index) => `${ranges[index]!.padStart(width)}  ${bar(count / largest)} ${formatCount(count)}`).join('\n');
}

/** Ranges as wide as each other on a logarithmic scale, as durations are told apart. */
function mergeBuckets(buckets: readonly Bucket[]): Bucket[] {
  if (buckets.length <= MOST_LINES) return [...buckets];
  const perLine = Math.ceil(buckets.length / MOST_LINES);
  const merged: Bucket[] = [];
  for (let first = 0; first < buckets.length; first += perLine) {
    const group = buckets.slice(first, first + perLine);
    merged.push([group[0]![0], group.at(-1)![1], group.reduce((sum, [, , count]) => sum + count, 0)]);
  }
  return merged;
}

function bar(share: number): string {
  const eighths = Math.max(1, Math.round(share * BAR_WIDTH * 8));
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]!;
}
