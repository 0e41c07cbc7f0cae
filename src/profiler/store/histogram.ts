import { DDSketch } from '@datadog/sketches-js';
import type { HistogramSnapshot } from '../snapshot.js';

/** Of a percentile. Half of what is promised, because bins of two histograms are added up into a third. */
export const RELATIVE_ACCURACY = 0.01;

/** Durations below a microsecond are noise of the clock; they count as zero, so that they need no bins. */
const SHORTEST_MS = 0.001;

/** A day. Nothing that takes longer is a query, and without an end broken numbers would fill the memory with bins. */
const LONGEST_MS = 86_400_000;

/** Bins that are made room for at once. There are thousands of histograms, and most hold a few executions. */
const BINS_AT_ONCE = 16;

/** The library's own mapping of bins to durations, shared by all histograms. */
const { mapping } = new DDSketch({ relativeAccuracy: RELATIVE_ACCURACY });

/** Which durations the bin of a snapshot holds, in milliseconds: above the first, up to the second. */
export function histogramBounds(index: number): [fromMs: number, toMs: number] {
  const middle = mapping.value(index);
  return [middle / (1 + RELATIVE_ACCURACY), middle / (1 - RELATIVE_ACCURACY)];
}

/** Executions by duration: exact numbers in bins that are 2 % wide. */
export class Histogram {
  readonly #sketch = new DDSketch({ relativeAccuracy: RELATIVE_ACCURACY });

  constructor() {
    this.#sketch.mapping = mapping;
    this.#sketch.store.chunkSize = BINS_AT_ONCE;
  }

  static restore({ zeros, bins }: HistogramSnapshot): Histogram {
    const histogram = new Histogram();
    if (zeros > 0) histogram.add(0, zeros);
    for (const [index, count] of bins) if (count > 0) histogram.add(mapping.value(index), count);
    return histogram;
  }

  get count(): number {
    return this.#sketch.count;
  }

  add(durationMs: number, times = 1): void {
    this.#sketch.accept(durationMs < SHORTEST_MS ? 0 : Math.min(durationMs, LONGEST_MS), times);
  }

  /** Adds another one's executions, each as often as `weight` says. Bins are the same in all histograms. */
  merge(other: Histogram, weight = 1): void {
    const { store, zeroCount } = other.#sketch;
    const sketch = this.#sketch;
    if (zeroCount > 0) this.add(0, zeroCount * weight);
    if (store.count === 0) return;
    if (sketch.store.count === 0) {
      sketch.store.copy(store);
      sketch.store.bins = store.bins.map((count) => count * weight);
      sketch.store.count = store.count * weight;
    } else {
      store.bins.forEach((count, place) => {
        if (count > 0) sketch.store.add(place + store.offset, count * weight);
      });
    }
    sketch.count += store.count * weight;
  }

  /**
   * The durations that these shares (0 to 1, ascending) of the executions do not exceed, within 1 %; the library's own definition, for
   * several of them at once. 0 without executions.
   */
  quantiles(shares: readonly number[]): number[] {
    const { count, store, zeroCount } = this.#sketch;
    let place = -1;
    let passed = zeroCount;
    return shares.map((share) => {
      const rank = share * (count - 1);
      if (rank < zeroCount || count === 0) return 0;
      while (passed <= rank && place < store.bins.length - 1) {
        place += 1;
        passed += store.bins[place]!;
      }
      return mapping.value(place + store.offset);
    });
  }

  snapshot(): HistogramSnapshot {
    const { store, zeroCount } = this.#sketch;
    const bins: [number, number][] = [];
    store.bins.forEach((count, place) => {
      if (count > 0) bins.push([place + store.offset, count]);
    });
    return { zeros: zeroCount, bins };
  }
}
