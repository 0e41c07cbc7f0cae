/** More crashes than this within the window are no accident: restarting again would only burn the machine. */
export const RESTARTS = 4;
export const WINDOW_MS = 5 * 60_000;
const FIRST_PAUSE_MS = 1_000;

/** Decides what follows a crash of the server. */
export class RestartPolicy {
  #crashes: number[] = [];

  /** @returns milliseconds to wait before the restart, twice as long each time; undefined when it is to stay down */
  crashed(now: number): number | undefined {
    this.#crashes = this.#crashes.filter((at) => now - at < WINDOW_MS);
    if (this.#crashes.length >= RESTARTS) return undefined;
    this.#crashes.push(now);
    return FIRST_PAUSE_MS * 2 ** (this.#crashes.length - 1);
  }
}
