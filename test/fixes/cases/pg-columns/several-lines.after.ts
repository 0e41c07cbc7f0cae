// safe: Select the one column in use
// uses id
import type { Pool } from 'pg';

export async function run(pool: Pool, group: number) {
  const found = await pool.query<{ id: number; title: string }>(
    `SELECT id
       FROM articles
      WHERE "group" = $1 AND title <> '*'
      ORDER BY id`,
    [group],
  );
  return { ids: found.rows.map(({ id }) => id), total: found.rowCount };
}
