import type { Measured } from '../protocol.js';
import type { MeasuredSnapshot } from '../snapshot.js';
import { Histogram } from './histogram.js';

/** What is known of one execution's cost. Milliseconds. */
export interface Cost {
  durationMs: number;
  waitMs: number;
  /** Negative when unknown. */
  rows: number;
  failed: boolean;
}

/** Sums without a histogram: of executions whose call site was not taken, and of shares of them. */
export class Sums {
  calls = 0;
  errors = 0;
  rows = 0;
  totalMs = 0;
  waitMs = 0;

  add({ durationMs, waitMs, rows, failed }: Cost): void {
    this.calls += 1;
    if (failed) this.errors += 1;
    if (rows > 0) this.rows += rows;
    this.totalMs += durationMs;
    this.waitMs += waitMs;
  }

  merge(other: Sums): void {
    this.calls += other.calls;
    this.errors += other.errors;
    this.rows += other.rows;
    this.totalMs += other.totalMs;
    this.waitMs += other.waitMs;
  }

  /** A share of them, and the share of their time. */
  part(share: number, shareOfTime: number): Sums {
    const part = new Sums();
    part.calls = this.calls * share;
    part.errors = this.errors * share;
    part.rows = this.rows * share;
    part.totalMs = this.totalMs * shareOfTime;
    part.waitMs = this.waitMs * share;
    return part;
  }

  subtract({ calls, errors, rows, totalMs, waitMs }: Pick<Sums, 'calls' | 'errors' | 'rows' | 'totalMs' | 'waitMs'>): void {
    this.calls -= calls;
    this.errors -= errors;
    this.rows -= rows;
    // What is left of equal sums of fractions may be a little below nothing.
    this.totalMs = Math.max(0, this.totalMs - totalMs);
    this.waitMs = Math.max(0, this.waitMs - waitMs);
  }
}

/** Sums and the distribution of durations. */
export class Measure extends Sums {
  minMs = Infinity;
  maxMs = 0;
  histogram = new Histogram();

  static restore(snapshot: MeasuredSnapshot): Measure {
    const measure = new Measure();
    const { calls, errors, rows, totalMs, waitMs, minMs, maxMs } = snapshot;
    Object.assign(measure, { calls, errors, rows, totalMs, waitMs, maxMs, minMs: calls > 0 ? minMs : Infinity });
    measure.histogram = Histogram.restore(snapshot.histogram);
    return measure;
  }

  override add(cost: Cost): void {
    super.add(cost);
    this.minMs = Math.min(this.minMs, cost.durationMs);
    this.maxMs = Math.max(this.maxMs, cost.durationMs);
    this.histogram.add(cost.durationMs);
  }

  override merge(other: Measure): void {
    super.merge(other);
    this.minMs = Math.min(this.minMs, other.minMs);
    this.maxMs = Math.max(this.maxMs, other.maxMs);
    this.histogram.merge(other.histogram);
  }

  snapshot(): MeasuredSnapshot {
    const { calls, errors, rows, totalMs, minMs, maxMs, waitMs } = this;
    return { calls, errors, rows, totalMs, minMs: calls > 0 ? minMs : 0, maxMs, waitMs, histogram: this.histogram.snapshot() };
  }
}

/** Sums of some executions with the distribution that is known of them, which may be that of a sample. */
export function measured(sums: Sums, { minMs, maxMs, histogram }: { minMs: number; maxMs: number; histogram: Histogram }): Measured {
  const within = (value: number): number => Math.min(Math.max(value, minMs), maxMs);
  const calls = Math.round(sums.calls);
  const [p50Ms, p95Ms, p99Ms] = histogram.quantiles([0.5, 0.95, 0.99]) as [number, number, number];
  return {
    calls,
    errors: Math.round(sums.errors),
    rows: Math.round(sums.rows),
    totalMs: sums.totalMs,
    meanMs: sums.calls > 0 ? sums.totalMs / sums.calls : 0,
    minMs: histogram.count > 0 ? minMs : 0,
    maxMs,
    p50Ms: histogram.count > 0 ? within(p50Ms) : 0,
    p95Ms: histogram.count > 0 ? within(p95Ms) : 0,
    p99Ms: histogram.count > 0 ? within(p99Ms) : 0,
    waitMs: sums.waitMs,
  };
}
