// safe: Select the 2 columns in use
// uses group, title
import type { Pool } from 'pg';

export async function run(pool: Pool, group: number) {
  const { rows } = await pool.query('SELECT "group", title FROM articles WHERE id > $1 ORDER BY body, id', [group]);
  return rows.map((row) => `${row.group}: ${row.title}`);
}
