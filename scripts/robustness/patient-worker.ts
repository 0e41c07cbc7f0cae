import { createRequire } from 'node:module';
import path from 'node:path';
import { Worker } from 'node:worker_threads';

export type Answer = { findings: string[]; failures: string[] } | { crashed: string };

/** A thread that checks one text at a time, and is thrown away when one takes too long or brings it down. */
export class PatientWorker {
  #worker: Worker | undefined;

  /** Resolves when the next text can be checked at once. */
  async started(): Promise<void> {
    this.#worker ??= await start();
  }

  async check(file: string, text: string, limit: number): Promise<Answer | 'timeout'> {
    const worker = (this.#worker ??= await start());
    const answer = await new Promise<Answer | 'timeout'>((resolve) => {
      const timer = setTimeout(() => resolve('timeout'), limit);
      worker.removeAllListeners();
      worker.on('message', (message: Answer) => {
        clearTimeout(timer);
        resolve(message);
      });
      const crashed = (reason: string): void => {
        clearTimeout(timer);
        this.#worker = undefined;
        resolve({ crashed: reason });
      };
      worker.on('error', (error) => crashed(error.message));
      worker.on('exit', (code) => crashed(`the thread ended with ${code}`));
      worker.postMessage({ file, text });
    });
    if (answer === 'timeout') this.close();
    return answer;
  }

  close(): void {
    this.#worker?.removeAllListeners();
    void this.#worker?.terminate();
    this.#worker = undefined;
  }
}

function start(): Promise<Worker> {
  const tsx = createRequire(__filename).resolve('tsx/cjs');
  const worker = new Worker(`require(${JSON.stringify(tsx)}); require(${JSON.stringify(path.join(__dirname, 'checking-thread.ts'))});`, { eval: true });
  return new Promise((resolve, reject) => {
    worker.once('message', () => resolve(worker));
    worker.once('error', reject);
  });
}
