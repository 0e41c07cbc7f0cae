import type { Progress as State } from '../workspace';

/** Quick checks show no progress at all. */
const QUIET_MS = 500;
const INTERVAL_MS = 100;

/** One line that says how far the work has come; on a terminal only. */
export class Progress {
  readonly #started = performance.now();
  #last = 0;
  #visible = false;

  constructor(readonly stream: NodeJS.WriteStream) {}

  show(what: string, { done, total }: State): void {
    const now = performance.now();
    if (!this.stream.isTTY || now - this.#started < QUIET_MS || (now - this.#last < INTERVAL_MS && done < total)) return;
    this.#last = now;
    this.#visible = true;
    const numbers = done > 0 ? ` ${done.toLocaleString('en-US')} of ${total.toLocaleString('en-US')}` : '';
    this.stream.write(`\r\u001B[K${what}${numbers}…`);
  }

  clear(): void {
    if (this.#visible) this.stream.write('\r\u001B[K');
    this.#visible = false;
  }
}
