// suggestion: Start these 3 reads together (each takes a connection; when one fails, the others still run)
import type { Pool } from 'pg';

export async function run(pool: Pool, id: number) {
  // Who it is
  const [{ rows: [customer] }, { rows: items }, first] = await Promise.all([
    pool.query('SELECT id, name FROM customers WHERE id = $1', [id]), // may be nobody
    /*
     * and what they bought
     */
    pool.query(
      `SELECT i.sku
       FROM order_items i JOIN orders o ON o.id = i.order_id
      WHERE o.customer_id = $1
      ORDER BY i.id`,
      [id],
    ),
    // from the start
    pool.query('SELECT min(id) AS id FROM orders WHERE customer_id = $1', [id]),
  ]);
  return { customer, items, first: first.rows };
}
