import { sql } from 'drizzle-orm';
import { db } from './database';

/** Rows of one turn: each turn is a short transaction of its own. */
const TURN = 5_000;

/** Deletes cancelled orders that are older than `before`, turn by turn until none is left. */
export async function dropCancelled(before: Date): Promise<number> {
  let dropped = 0;
  for (;;) {
    const { rowCount } = await db.execute(sql`
      DELETE FROM orders
      WHERE id IN (SELECT id FROM orders WHERE status = 'cancelled' AND placed_at < ${before} LIMIT ${TURN})`);
    dropped += rowCount ?? 0;
    if ((rowCount ?? 0) < TURN) return dropped;
  }
}

/** Everything that the warehouse needs to pack, for its nightly import. */
export async function packingList() {
  const { rows } = await db.execute<{ order_id: number; sku: string; quantity: number }>(sql`
    SELECT i.order_id, p.sku, i.quantity
    FROM order_items AS i
    JOIN products AS p ON p.id = i.product_id
    ORDER BY i.order_id`);
  return rows;
}
