import type { Pool } from 'pg';

export async function run(pool: Pool, id: number) {
  // Who it is
  const { rows: [customer] } = await pool.query('SELECT id, name FROM customers WHERE id = $1', [id]); // may be nobody

  /*
   * and what they bought
   */
  const { rows: items } = await pool.query(
    `SELECT i.sku
       FROM order_items i JOIN orders o ON o.id = i.order_id
      WHERE o.customer_id = $1
      ORDER BY i.id`,
    [id],
  );
  // from the start
  const first = await pool.query('SELECT min(id) AS id FROM orders WHERE customer_id = $1', [id]);
  return { customer, items, first: first.rows };
}
