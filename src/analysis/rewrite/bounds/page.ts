import type { Edit } from '../edits';

/** How a query without a limit gets one. */
export interface Page {
  /** Name of what is read. */
  noun: string;
  /** Edits that add an order by the unique `id` and a limit. */
  limited: Edit[];
  /**
   * Edits that besides let the rows begin after the row with the `id` that a variable holds (undefined: at the start),
   * and the variable's type. Undefined where the rows already have another order.
   */
  after?(name: string): { edits: Edit[]; type: string } | undefined;
}
