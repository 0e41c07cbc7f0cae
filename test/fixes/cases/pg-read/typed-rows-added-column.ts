import type { Pool } from 'pg';
import type { Order } from '../shop/types';

interface ItemRow {
  sku: string;
  quantity: number;
}

export async function run(pool: Pool, orders: Order[]) {
  return Promise.all(
    orders.map(async (order) => {
      const { rows } = await pool.query<ItemRow>('SELECT sku, quantity FROM order_items WHERE order_id = $1', [order.id]);
      return { order, total: rows.reduce((sum, row) => sum + row.quantity, 0) };
    }),
  );
}
