import { constants, PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';

/** Share of the room for what lives on that may be in use right after a collection. Above it V8 does little but collect, and ends the process soon. */
const MOST_IN_USE = 0.75;
/** Of V8's limit, this much is for the young alone: three spaces of 16 MB. */
const YOUNG_BYTES = 48 * 1024 * 1024;

/** Length of encoded facts that are decoded at a time at most: those of some 250,000 lines. Decoded, with what is learned from them, they take some 200 MB. */
const MOST_DECODED_BYTES = 32 * 1024 * 1024;
/** Of a small heap, encoded facts of this share are decoded at a time: they take some six times as much, and twice that until it is collected. */
const DECODED_SHARE = 1 / 20;

/** What Node.js tells of a garbage collection. */
interface Collection {
  detail?: { kind?: number };
}

/** The facts of the files do not fit into the memory that Node.js may use; says what can be done. */
export class ProjectTooLargeError extends Error {
  constructor(files: number) {
    const megabytes = Math.round((getHeapStatistics().heap_size_limit - YOUNG_BYTES) / 1024 / 1024);
    super(
      `The project does not fit into the ${megabytes.toLocaleString('en-US')} MB of memory that Node.js may use here (${files.toLocaleString('en-US')} files were read). ` +
        'Leave out folders with "exclude" in the configuration, or allow more: NODE_OPTIONS=--max-old-space-size=8192 (megabytes).',
    );
  }
}

/** Notices that the heap fills up before V8 does, which would end the process without a word. */
export class MemoryWatch {
  #full = false;
  readonly #observer = new PerformanceObserver((list) => {
    // What a collection of the young alone leaves may be garbage.
    const wasWhole = list.getEntries().some((entry) => (entry as unknown as Collection).detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR);
    if (!wasWhole) return;
    const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
    this.#full = used > (limit - YOUNG_BYTES) * MOST_IN_USE;
  });

  constructor() {
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  /** Length of encoded facts that may be decoded at a time, in bytes. */
  readonly mostDecodedBytes = Math.min(MOST_DECODED_BYTES, getHeapStatistics().heap_size_limit * DECODED_SHARE);

  /** @throws {@link ProjectTooLargeError} when the last collection has left too little room to go on */
  ensureRoom(files: number): void {
    if (this.#full) throw new ProjectTooLargeError(files);
  }

  end(): void {
    this.#observer.disconnect();
  }
}
