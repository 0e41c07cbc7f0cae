import type { Pool } from 'pg';

export async function run(pool: Pool) {
  return (await pool.query('SELECT * FROM customers')).rows;
}
