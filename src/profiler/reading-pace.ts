/** Milliseconds between two readings of the server while somebody looks. */
const VISIBLE_PAUSE_MS = 2_000;
/** While nobody looks, readings only keep what the server drops for lack of room. */
const HIDDEN_PAUSE_MS = 15_000;
/** Reading may take this part of the time; a server with many statements is read less often. */
const READING_SHARE = 0.01;
/** However slow the server is: what lies further back is no live picture. */
const LONGEST_PAUSE_MS = 30_000;

/**
 * How long to wait after a reading that took the server `readMs`, so that readings take at most a hundredth of the time.
 * @param shortestMs wanted instead of the pause while somebody looks
 */
export function pauseAfter(readMs: number, visible: boolean, shortestMs: number = VISIBLE_PAUSE_MS): number {
  return Math.min(LONGEST_PAUSE_MS, Math.max(visible ? shortestMs : HIDDEN_PAUSE_MS, readMs / READING_SHARE));
}
