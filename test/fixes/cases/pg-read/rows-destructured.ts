import type { Pool } from 'pg';
import type { Order } from '../shop/types';

export async function run(pool: Pool, orders: Order[]) {
  const result = [];
  for (const order of orders) {
    const { rows } = await pool.query('SELECT id, sku, order_id FROM order_items WHERE order_id = $1 ORDER BY sku, id', [order.id]);
    result.push({ ...order, items: rows });
  }
  return result;
}
