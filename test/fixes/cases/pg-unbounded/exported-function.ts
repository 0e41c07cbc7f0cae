import type { Pool } from 'pg';

export async function run(pool: Pool) {
  const { rows } = await pool.query('SELECT id, name FROM customers WHERE name <> $1', ['Customer 9']);
  return rows;
}
