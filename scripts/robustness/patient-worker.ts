import { createRequire } from 'node:module';
import path from 'node:path';
import { Worker } from 'node:worker_threads';

export type Answer = { findings: string[]; failures: string[] } | { crashed: string };

/** A thread that checks one text at a time, and is thrown away when one takes too long or brings it down. */
export class PatientWorker {
  #worker: Worker | undefined;
  #answered: (answer: Answer | 'timeout') => void = () => {};

  /** Resolves when the next text can be checked at once. */
  async started(): Promise<void> {
    if (this.#worker) return;
    const tsx = createRequire(__filename).resolve('tsx/cjs');
    const worker = new Worker(`require(${JSON.stringify(tsx)}); require(${JSON.stringify(path.join(__dirname, 'checking-thread.ts'))});`, { eval: true });
    await new Promise<void>((resolve, reject) => {
      worker.once('message', () => resolve());
      worker.once('error', reject);
    });
    worker.on('message', (answer: Answer) => this.#answered(answer));
    const crashed = (reason: string): void => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#answered({ crashed: reason });
    };
    worker.on('error', (error) => crashed(error.message));
    worker.on('exit', (code) => crashed(`the thread ended with ${code}`));
    this.#worker = worker;
  }

  async check(file: string, text: string, limit: number): Promise<Answer | 'timeout'> {
    await this.started();
    const answer = await new Promise<Answer | 'timeout'>((resolve) => {
      const timer = setTimeout(() => resolve('timeout'), limit);
      this.#answered = (given) => {
        clearTimeout(timer);
        resolve(given);
      };
      this.#worker!.postMessage({ file, text });
    });
    if (answer === 'timeout') this.close();
    return answer;
  }

  close(): void {
    const worker = this.#worker;
    this.#worker = undefined;
    void worker?.terminate();
  }
}
