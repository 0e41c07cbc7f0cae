import type { SeriesPoint } from '../protocol.js';
import { SERIES_LIMIT } from './limits.js';
import { Histogram } from './histogram.js';
import type { Cost } from './measure.js';

const SECOND_MS = 1_000;

/** Seconds whose distribution is kept, so that batches that arrive late are still counted into their percentiles. */
const OPEN_SECONDS = 10;

interface Slot {
  point: SeriesPoint;
  /** Undefined once the second is over for good. */
  histogram?: Histogram;
  changed: number;
}

/** Queries per second and their latency over the time of a session. */
export class Series {
  readonly #slots: Slot[] = [];
  #thinned = false;

  static restore(points: readonly SeriesPoint[]): Series {
    const series = new Series();
    for (const point of points) series.#slots.push({ point: { ...point }, changed: 0 });
    return series;
  }

  /** Whether points were joined since the last call, so that those that were told before are void. */
  takeThinned(): boolean {
    const thinned = this.#thinned;
    this.#thinned = false;
    return thinned;
  }

  /** @param at end of the execution @param change counts the store's changes */
  add(at: number, cost: Cost, change: number): void {
    const slot = this.#slot(at);
    const { point } = slot;
    point.queries += 1;
    point.waitMs += cost.waitMs;
    if (cost.failed) point.errors += 1;
    slot.histogram?.add(cost.durationMs);
    slot.changed = change;
  }

  /** Notes what the server counted in the second of `at`. */
  count(at: number, meanMs: number, change: number): void {
    const slot = this.#slot(at);
    slot.point.meanMs = meanMs;
    slot.changed = change;
  }

  /** Points that changed after `change`, in order of time. */
  points(change = -1): SeriesPoint[] {
    return this.#slots.filter(({ changed }) => changed > change).map(({ point, histogram }) => ({ ...point, ...percentiles(point, histogram) }));
  }

  #slot(at: number): Slot {
    const second = Math.floor(at / SECOND_MS) * SECOND_MS;
    let place = this.#slots.length;
    while (place > 0 && this.#slots[place - 1]!.point.at > second) place -= 1;
    const before = this.#slots[place - 1];
    if (before !== undefined && second < before.point.at + (before.point.seconds ?? 1) * SECOND_MS) return before;
    const slot: Slot = { point: { at: second, queries: 0, errors: 0, p50Ms: null, p95Ms: null, meanMs: null, waitMs: 0 }, changed: 0 };
    if (place > this.#slots.length - OPEN_SECONDS) slot.histogram = new Histogram();
    this.#slots.splice(place, 0, slot);
    this.#close();
    if (this.#slots.length > SERIES_LIMIT) this.#thin();
    return slot;
  }

  #close(): void {
    const old = this.#slots[this.#slots.length - 1 - OPEN_SECONDS];
    if (old?.histogram === undefined) return;
    old.point = { ...old.point, ...percentiles(old.point, old.histogram) };
    delete old.histogram;
  }

  /** Joins the older half two by two. */
  #thin(): void {
    const half = this.#slots.splice(0, SERIES_LIMIT / 2);
    const joined: Slot[] = [];
    for (let index = 0; index < half.length; index += 2) {
      const [first, second] = [half[index]!, half[index + 1]];
      joined.push(second === undefined ? first : { point: join(first.point, second.point), changed: Math.max(first.changed, second.changed) });
    }
    this.#slots.unshift(...joined);
    this.#thinned = true;
  }
}

function percentiles(point: SeriesPoint, histogram: Histogram | undefined): Pick<SeriesPoint, 'p50Ms' | 'p95Ms'> {
  if (histogram === undefined) return { p50Ms: point.p50Ms, p95Ms: point.p95Ms };
  if (histogram.count === 0) return { p50Ms: null, p95Ms: null };
  const [p50Ms, p95Ms] = histogram.quantiles([0.5, 0.95]) as [number, number];
  return { p50Ms, p95Ms };
}

/** The medians' mean by number of queries, and the worse 95th percentile: what a chart of seconds would show at that width. */
function join(first: SeriesPoint, second: SeriesPoint): SeriesPoint {
  const mean = (a: number | null, b: number | null, weightA: number, weightB: number): number | null => {
    if (a === null || b === null) return a ?? b;
    return weightA + weightB === 0 ? (a + b) / 2 : (a * weightA + b * weightB) / (weightA + weightB);
  };
  return {
    at: first.at,
    seconds: (first.seconds ?? 1) + (second.seconds ?? 1),
    queries: first.queries + second.queries,
    errors: first.errors + second.errors,
    p50Ms: mean(first.p50Ms, second.p50Ms, first.queries, second.queries),
    p95Ms: first.p95Ms === null || second.p95Ms === null ? (first.p95Ms ?? second.p95Ms) : Math.max(first.p95Ms, second.p95Ms),
    meanMs: mean(first.meanMs, second.meanMs, 1, 1),
    waitMs: first.waitMs + second.waitMs,
  };
}
