import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import type * as schema from './schema';

export type Database = NodePgDatabase<typeof schema>;

/** An order as the cases get it: its customer may be unknown to the database, or nobody. */
export interface Order {
  id: number;
  customerId: number;
}

export interface NewItem {
  sku: string;
  quantity: number;
}
