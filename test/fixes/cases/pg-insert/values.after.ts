// suggestion: Insert order items 1,000 rows at a time (each statement all or nothing)
import type { Pool } from 'pg';
import type { NewItem } from '../shop/types';

export async function run(pool: Pool, items: NewItem[]) {
  const newOrderItems = items.map((item) => [4, item.sku, item.quantity, [item.sku, 'a']]);
  // PostgreSQL takes at most 65,535 parameters in one statement.
  for (let i = 0; i < newOrderItems.length; i += 1000) {
    const chunk = newOrderItems.slice(i, i + 1000);
    const tuples = chunk.map((_, row) => `($${row * 4 + 1}, $${row * 4 + 2}, $${row * 4 + 3}, $${row * 4 + 4})`).join(', ');
    await pool.query(`INSERT INTO order_items (order_id, sku, quantity, tags) VALUES ${tuples}`, chunk.flat());
  }
}
