// suggestion: Read at most 100 customers (returns fewer rows)
import type { Pool } from 'pg';

export async function run(pool: Pool) {
  const result = await pool.query(`
    select id, email
    from customers
    order by id
    limit 100
  `);
  return result.rows;
}
