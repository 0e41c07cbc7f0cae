// suggestion: Read 100 customers per call, after a cursor (returns fewer rows)
import type { Pool } from 'pg';

export async function run(pool: Pool, after?: number | string) {
  return (await pool.query(`SELECT * FROM customers${after === undefined ? '' : ' WHERE id > $1'} ORDER BY id LIMIT 100`, after === undefined ? [] : [after])).rows;
}
