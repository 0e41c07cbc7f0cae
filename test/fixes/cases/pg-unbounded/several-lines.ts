import type { Pool } from 'pg';

export async function run(pool: Pool) {
  const result = await pool.query(`
    select id, email
    from customers
    order by id
  `);
  return result.rows;
}
