import { setImmediate } from 'node:timers/promises';
import pg from 'pg';

/** Handles jobs back to back, as workers of queues do. What repeats within one job is a loop; the jobs are none. */
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const transactions = process.argv[2] === 'transactions';

/** From a table of the same database, or, as with BullMQ, from elsewhere. */
const claim = {
  table: async () => (await pool.query('DELETE FROM job WHERE id = (SELECT id FROM job ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id')).rows[0]?.id,
  elsewhere: async () => {
    await setImmediate();
    waiting -= 1;
    return waiting > 0 ? waiting : undefined;
  },
};
let waiting = 30;

async function handle(order) {
  const client = await pool.connect();
  if (transactions) await client.query('BEGIN');
  await client.query('SELECT total FROM orders WHERE id = $1', [order]);
  const { rows } = await client.query('SELECT id FROM orders WHERE id % 100 = $1', [order % 100]);
  for (const { id } of rows) await client.query('SELECT count(*) FROM orders WHERE total = $1', [id]); // loop
  await client.query('UPDATE orders SET total = total WHERE id = $1', [order]);
  if (transactions) await client.query('COMMIT');
  client.release();
}

// The slower the queries of a run are, the longer may the program be busy in between.
await pool.query('SELECT pg_sleep(0.2)');
for (const next of Object.values(claim)) {
  for (let order = await next(); order !== undefined; order = await next()) await handle(order);
}
await pool.end();
