import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Completion, CompletionTask, ExtractionTask, Scanned } from './extraction';
import type { EncodedExtraction, Summary } from './facts-encoding';

export type WorkerRequest =
  | { id: number; kind: 'extract'; tasks: ExtractionTask[] }
  | { id: number; kind: 'complete'; tasks: CompletionTask[] };

/** What a worker made of one file; the facts of all files of a batch lie one after another in `bytes`. */
export type ExtractedFile = ({ hash: string; byteOrderMark: boolean; summary: Summary; length: number } & Scanned) | { problem: string } | { gone: true };

export type WorkerResponse =
  | { id: number; kind: 'extract'; results: ExtractedFile[]; bytes: Uint8Array }
  | { id: number; kind: 'complete'; results: Completion[] };

/** Files per message: enough to make its overhead vanish, few enough that workers finish together. */
const BATCH = 16;
const COMPLETION_BATCH = 4;
/** Messages that wait at a worker, so that it never waits for the main thread. */
const IN_FLIGHT = 2;
/** A batch that takes longer hangs in some file; 16 large files take about two seconds. */
const BATCH_TIMEOUT_MS = 60_000;
/** Idle workers hold some 150 MB each, so they are let go. */
const IDLE_MS = 5_000;

/** Why work was not done, when that was wanted. */
const STOPPED = 'stopped';

interface Job {
  request: WorkerRequest;
  done(response: WorkerResponse): void;
  failed(reason: string): void;
}

interface Thread {
  worker: Worker;
  jobs: Map<number, Job>;
  timer?: NodeJS.Timeout;
}

/** Threads that parse. They read the files themselves, so that only names go in and only facts come out. */
export class ExtractionPool {
  readonly #threads = new Set<Thread>();
  readonly #queue: Job[] = [];
  #nextId = 1;
  #idle: NodeJS.Timeout | undefined;
  #closed = false;
  /** Some thread has answered: from then on a thread that fails is the fault of what it was given. */
  #proven = false;
  /** Why threads cannot be had here. */
  #unavailable: string | undefined;

  /** @param size number of threads at most; they start when there is work */
  constructor(readonly size: number) {}

  /** Whether threads are running, so that giving them more work costs no start. */
  get running(): boolean {
    return this.#threads.size > 0;
  }

  /** Why no thread can be started on this machine, once it was tried. */
  get unavailable(): string | undefined {
    return this.#unavailable;
  }

  /** Starts all threads, for work that is to come soon: loading the parser takes each of them a third of a second. */
  start(): void {
    while (!this.#closed && this.#unavailable === undefined && this.#threads.size < this.size) this.#start();
    this.#dispatch();
  }

  /**
   * Extracts files; `onResult` is called in any order. Returns those that are left because no thread can be had.
   * Rejects only when `signal` is aborted.
   */
  async extract(
    tasks: readonly ExtractionTask[],
    onResult: (task: ExtractionTask, result: EncodedExtraction) => void,
    signal?: AbortSignal,
  ): Promise<ExtractionTask[]> {
    const left: ExtractionTask[] = [];
    const abort = (): void => this.#stop();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      const batches = chunks(tasks, Math.max(1, Math.min(BATCH, Math.ceil(tasks.length / this.size / IN_FLIGHT))));
      await Promise.all(batches.map((batch) => this.#extractBatch(batch, onResult, left, signal)));
    } finally {
      signal?.removeEventListener('abort', abort);
    }
    signal?.throwIfAborted();
    return left;
  }

  /** Completes detections, in the order of the tasks. */
  async complete(tasks: readonly CompletionTask[]): Promise<Completion[]> {
    const answers = await Promise.all(chunks(tasks, COMPLETION_BATCH).map(async (batch): Promise<Completion[]> => {
      try {
        const response = await this.#run({ id: this.#nextId++, kind: 'complete', tasks: batch });
        if (response.kind === 'complete') return response.results;
      } catch {
        // The worker died; what it was given is answered as it stands, below.
      }
      return batch.map(() => ({ changed: true }));
    }));
    return answers.flat();
  }

  /** Ends all threads for good. */
  close(): void {
    this.#closed = true;
    this.#stop();
  }

  /** Ends all threads and drops what they were given; new work starts new ones. */
  #stop(): void {
    clearTimeout(this.#idle);
    for (const job of this.#queue.splice(0)) job.failed(STOPPED);
    for (const thread of [...this.#threads]) this.#end(thread, STOPPED);
  }

  async #extractBatch(
    tasks: ExtractionTask[],
    onResult: (task: ExtractionTask, result: EncodedExtraction) => void,
    left: ExtractionTask[],
    signal?: AbortSignal,
  ): Promise<void> {
    let response: WorkerResponse;
    try {
      response = await this.#run({ id: this.#nextId++, kind: 'extract', tasks });
    } catch (error) {
      if (this.#closed || signal?.aborted) return;
      // One file of the batch brought the thread down: alone, only that one fails.
      if (this.#unavailable !== undefined) left.push(...tasks);
      else if (tasks.length > 1) await Promise.all(tasks.map((task) => this.#extractBatch([task], onResult, left, signal)));
      else onResult(tasks[0]!, { problem: `not analysed: ${(error as Error).message}` });
      return;
    }
    if (response.kind !== 'extract') return;
    let at = 0;
    response.results.forEach((result, index) => {
      const task = tasks[index]!;
      if ('length' in result) {
        const bytes = response.bytes.subarray(at, (at += result.length));
        const { length: _length, ...rest } = result;
        onResult(task, { ...rest, bytes });
      } else onResult(task, result);
    });
  }

  #run(request: WorkerRequest): Promise<WorkerResponse> {
    if (this.#closed) return Promise.reject(new Error(STOPPED));
    if (this.#unavailable !== undefined) return Promise.reject(new Error(this.#unavailable));
    return new Promise((resolve, reject) => {
      this.#queue.push({ request, done: resolve, failed: (reason) => reject(new Error(reason)) });
      this.#dispatch();
    });
  }

  #dispatch(): void {
    clearTimeout(this.#idle);
    while (this.#queue.length) {
      const thread = this.#leastBusy();
      if (!thread) return;
      const job = this.#queue.shift()!;
      if (thread.jobs.size === 0) thread.worker.ref();
      thread.jobs.set(job.request.id, job);
      thread.worker.postMessage(job.request);
      this.#watch(thread);
    }
    if ([...this.#threads].every(({ jobs }) => jobs.size === 0)) {
      this.#idle = setTimeout(() => {
        for (const thread of [...this.#threads]) this.#end(thread, STOPPED);
      }, IDLE_MS).unref();
    }
  }

  #leastBusy(): Thread | undefined {
    let best: Thread | undefined;
    for (const thread of this.#threads) if (!best || thread.jobs.size < best.jobs.size) best = thread;
    if (best?.jobs.size === 0) return best;
    if (this.#threads.size < this.size) return this.#start();
    return best && best.jobs.size < IN_FLIGHT ? best : undefined;
  }

  #start(): Thread {
    const thread: Thread = { worker: startWorker(), jobs: new Map() };
    this.#threads.add(thread);
    thread.worker.unref();
    thread.worker.on('message', (response: WorkerResponse) => {
      this.#proven = true;
      const job = thread.jobs.get(response.id);
      thread.jobs.delete(response.id);
      this.#watch(thread);
      if (thread.jobs.size === 0) thread.worker.unref();
      job?.done(response);
      this.#dispatch();
    });
    thread.worker.on('error', (error) => this.#end(thread, `the parser failed: ${error.message}`));
    thread.worker.on('exit', () => this.#end(thread, 'the parser stopped'));
    return thread;
  }

  /** Restarts the clock of the batch that a thread works on. */
  #watch(thread: Thread): void {
    clearTimeout(thread.timer);
    if (thread.jobs.size) thread.timer = setTimeout(() => this.#end(thread, 'the parser did not come to an end'), BATCH_TIMEOUT_MS).unref();
  }

  #end(thread: Thread, reason: string): void {
    if (!this.#threads.delete(thread)) return;
    clearTimeout(thread.timer);
    void thread.worker.terminate();
    if (!this.#proven && reason !== STOPPED) this.#unavailable ??= reason;
    const lost = [...thread.jobs.values(), ...(this.#unavailable === undefined ? [] : this.#queue.splice(0))];
    thread.jobs.clear();
    for (const job of lost) job.failed(reason);
    if (!this.#closed) this.#dispatch();
  }
}

/** Trees die young: room for the trees of many files halves the garbage collector's pauses, against 32 MB. */
const YOUNG_GENERATION_MB = 96;
/** The trees of a single file of the largest size that is parsed take less than half of it; nothing else stays in a thread. */
const OLD_GENERATION_MB = 1_024;

/** In a build the worker lies beside the bundle; in the sources it is TypeScript, which tsx loads. */
function startWorker(): Worker {
  const bundle = join(__dirname, 'worker.js');
  if (existsSync(bundle)) return new Worker(bundle, { resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB, maxOldGenerationSizeMb: OLD_GENERATION_MB } });
  const tsx = createRequire(__filename).resolve('tsx/cjs');
  const sources = join(__dirname, 'extraction-worker.ts');
  return new Worker(`require(${JSON.stringify(tsx)}); require(${JSON.stringify(sources)});`, { eval: true });
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const result: T[][] = [];
  for (let at = 0; at < items.length; at += size) result.push(items.slice(at, at + size));
  return result;
}
