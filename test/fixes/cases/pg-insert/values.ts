import type { Pool } from 'pg';
import type { NewItem } from '../shop/types';

export async function run(pool: Pool, items: NewItem[]) {
  for (const item of items) {
    await pool.query('INSERT INTO order_items (order_id, sku, quantity, tags) VALUES ($1, $2, $3, $4)', [4, item.sku, item.quantity, [item.sku, 'a']]);
  }
}
