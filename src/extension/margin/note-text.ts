import type { LineRow, Measured, RuntimeRepetition } from '../../profiler/protocol';
import type { AnchoredRow } from './anchors';

export type NoteKind = 'quiet' | 'hot' | 'repeated' | 'stale';

/** What stands behind a line of code. Numbers and words of ours alone: nothing of it comes from a program or a server. */
export interface Note {
  kind: NoteKind;
  text: string;
}

/** A line with this share of the session's time is one of the hottest: there are ten of them at most. */
export const HOT_SHARE = 0.1;

/** @param rows of one line, the one with the most time first; at least one */
export function noteOf(rows: readonly AnchoredRow[], repetitions: readonly RuntimeRepetition[]): Note {
  const text = noteText(rows.map(({ row }) => row), repetitions);
  if (rows.every(({ stale }) => stale)) return { kind: 'stale', text: `${text} · before the last change` };
  if (repetitions.length > 0) return { kind: 'repeated', text };
  return { kind: rows.reduce((sum, { row }) => sum + row.share, 0) >= HOT_SHARE ? 'hot' : 'quiet', text };
}

/** `12 × · p95 9 ms · 41 rows`; of several calls in one line, the 95th percentile of all is at most the largest of theirs. */
export function noteText(rows: readonly LineRow[], repetitions: readonly RuntimeRepetition[]): string {
  const sum = (of: (measured: Measured) => number): number => rows.reduce((total, { measured }) => total + of(measured), 0);
  const p95 = formatDuration(Math.max(...rows.map(({ measured }) => measured.p95Ms)));
  const count = sum(({ calls }) => calls);
  const calls = `${rows.some(({ sampled }) => sampled) ? '≈ ' : ''}${formatCount(count)} ×`;
  const errors = sum((measured) => measured.errors);
  const [repetition] = repetitions;
  return [
    ...(repetition === undefined ? [] : [repetition.kind === 'n-plus-one' ? 'N+1' : 'repeated']),
    calls,
    ...(repetition === undefined || repetition.most >= count ? [] : [`up to ${formatCount(repetition.most)} at a time`]),
    rows.length > 1 ? `p95 ≤ ${p95}` : `p95 ${p95}`,
    counted(sum(({ rows: count }) => count), 'row'),
    ...(errors > 0 ? [counted(errors, 'error')] : []),
  ].join(' · ');
}

export function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `12,345`; from ten thousand on shortened, since a note is read at a glance: `41.2 k`, `3.4 M`. */
export function formatCount(count: number): string {
  if (count >= 999_950) return `${(count / 1e6).toFixed(1)} M`;
  return count >= 10_000 ? `${(count / 1e3).toFixed(1)} k` : Math.round(count).toLocaleString('en');
}

/** Two digits that matter: `0.04 ms`, `9 ms`, `1.9 s`, `3 min 20 s`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0 ms';
  if (ms < 0.005) return '< 0.01 ms';
  if (ms < 0.095) return `${ms.toFixed(2)} ms`;
  if (ms < 9.95) return `${Number(ms.toFixed(1))} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  const seconds = ms / 1_000;
  if (seconds < 59.5) return `${Number(seconds.toFixed(seconds < 9.95 ? 1 : 0))} s`;
  return `${Math.floor(Math.round(seconds) / 60)} min ${Math.round(seconds) % 60} s`;
}
