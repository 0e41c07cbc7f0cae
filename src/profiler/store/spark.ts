import { SPARK_SLOTS } from '../protocol.js';

/** Milliseconds of one slot: all slots together show the last two minutes. */
export const SPARK_SLOT_MS = 5_000;

/** Number of the slot of time that `at` falls into, since 1970. */
export function sparkSlotOf(at: number): number {
  return Math.floor(at / SPARK_SLOT_MS);
}

/** Executions in the newest slots of time. */
export class Spark {
  readonly #counts = new Uint32Array(SPARK_SLOTS);
  /** Number of the newest slot since 1970. */
  #newest = 0;

  add(at: number): void {
    const slot = sparkSlotOf(at);
    this.#advance(slot);
    if (slot > this.#newest - SPARK_SLOTS) this.#counts[slot % SPARK_SLOTS]! += 1;
  }

  merge(other: Spark): void {
    this.#advance(other.#newest);
    for (let slot = other.#newest - SPARK_SLOTS + 1; slot <= other.#newest; slot += 1) {
      if (slot > this.#newest - SPARK_SLOTS && slot >= 0) this.#counts[slot % SPARK_SLOTS]! += other.#counts[slot % SPARK_SLOTS]!;
    }
  }

  /** The slots that end with that of `now`, the newest last. */
  slots(now: number): number[] {
    const newest = sparkSlotOf(now);
    return Array.from({ length: SPARK_SLOTS }, (_, index) => {
      const slot = newest - SPARK_SLOTS + 1 + index;
      return slot > this.#newest - SPARK_SLOTS && slot <= this.#newest && slot >= 0 ? this.#counts[slot % SPARK_SLOTS]! : 0;
    });
  }

  #advance(slot: number): void {
    if (slot <= this.#newest) return;
    for (let next = Math.max(this.#newest + 1, slot - SPARK_SLOTS + 1); next <= slot; next += 1) this.#counts[next % SPARK_SLOTS] = 0;
    this.#newest = slot;
  }
}
