import type { Pool } from 'pg';
import type { Order } from '../shop/types';

export async function run(pool: Pool, orders: Order[]) {
  return Promise.all(
    orders.map(async (order) => {
      const result = await pool.query(
        `SELECT *
           FROM customers
          WHERE id = $1
          LIMIT 1`,
        [order.customerId],
      );
      const customer = result.rows[0];
      return { order: order.id, customer: customer ? customer.name : null };
    }),
  );
}
