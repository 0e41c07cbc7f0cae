import { withSql, type RuleSettings } from '../analysis';
import type { CachePack } from './cache-pack';
import { completeFile, type Completion, type CompletionTask } from './extraction';
import type { ExtractionPool } from './extraction-pool';
import { hashText } from './source-text';

/** From this many files on, starting threads is quicker than working through them here. */
const WORTH_THREADS = 24;

interface Waiting {
  task: CompletionTask;
  key: string;
  resolve(completion: Completion): void;
}

/** Words and rewrites detections: from the cache where the file and its detections are the same as before, otherwise in threads when there is much to do. */
export class CompletionQueue {
  #waiting: Waiting[] = [];
  #scheduled = false;
  /** How many were waiting a turn ago. */
  #waitingBefore = 0;

  /** @param pool absent when all work is to be done in this thread */
  constructor(
    readonly pool: ExtractionPool | undefined,
    readonly cache: () => CachePack<string> | undefined,
  ) {}

  /** Completes a file as it stands on the disk. Calls of the same turn, and of turns on end, are worked on together. */
  complete(task: CompletionTask): Promise<Completion> {
    const key = completionKey(task);
    const known = this.cache()?.get(task.file);
    if (known?.meta === key) {
      try {
        return Promise.resolve(JSON.parse(Buffer.from(known.bytes).toString('utf8')) as Completion);
      } catch {
        // Damaged: computed anew below.
      }
    }
    return new Promise((resolve) => {
      this.#waiting.push({ task, key, resolve });
      if (this.#scheduled) return;
      this.#scheduled = true;
      setImmediate(() => void this.#flush());
    });
  }

  async #flush(): Promise<void> {
    const waiting = this.#waiting;
    const useThreads = this.pool && this.pool.unavailable === undefined && (this.pool.running || waiting.length >= WORTH_THREADS);
    // Soon there may be enough for threads.
    if (!useThreads && waiting.length > this.#waitingBefore) {
      this.#waitingBefore = waiting.length;
      setImmediate(() => void this.#flush());
      return;
    }
    this.#scheduled = false;
    this.#waitingBefore = 0;
    this.#waiting = [];
    const tasks = waiting.map(({ task }) => task);
    const completions = useThreads ? await this.pool!.complete(tasks) : await Promise.all(tasks.map((task) => withSql(() => completeFile(task))));
    waiting.forEach(({ task, key, resolve }, index) => {
      const completion = completions[index] ?? { changed: true };
      if (!('changed' in completion) && !completion.failures.length) this.cache()?.set(task.file, key, Buffer.from(JSON.stringify(completion)));
      resolve(completion);
    });
  }
}

/** Everything that a completion depends on, besides the build of the analysis. */
function completionKey({ hash, context, detections, settings }: CompletionTask): string {
  const severities: [string, RuleSettings[string] | undefined][] = [...new Set(detections.map(({ rule }) => rule))].map((rule) => [rule, settings[rule]]);
  return hashText(JSON.stringify([hash, context, detections, severities]));
}
