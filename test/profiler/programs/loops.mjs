import pg from 'pg';

/** Loops of a script, one after another without a pause. */
const client = new pg.Pool({ connectionString: process.env.DATABASE_URL });
// The slower the queries of a run are, the longer may the program be busy in between.
await client.query('SELECT pg_sleep(0.2)');
const { rows: orders } = await client.query('SELECT id, total FROM orders ORDER BY id LIMIT 20');
for (const { id, total } of orders) {
  await client.query('SELECT total FROM orders WHERE id = $1', [id]); // loop
  await client.query('SELECT id FROM orders WHERE total = $1', [total]); // loop
}
for (const id of Array.from({ length: 20 }, (_, n) => n)) await client.query('SELECT id + 1 FROM orders WHERE id = $1', [id]); // loop
for (let page = 0; page < 3; page += 1) {
  const { rows } = await client.query('SELECT id FROM orders ORDER BY id DESC LIMIT 10 OFFSET $1', [page * 10]);
  for (const { id } of rows) {
    const { rows: near } = await client.query('SELECT id FROM orders WHERE id BETWEEN $1 AND $1 + 7', [id]); // loop
    for (const one of near) await client.query('SELECT total - id FROM orders WHERE id = $1', [one.id]); // loop
    await client.query('UPDATE orders SET total = total WHERE id = $1', [id]); // loop
  }
}
await Promise.all(orders.map(async ({ id }) => {
  await client.query('SELECT total * 2 FROM orders WHERE id = $1', [id]); // loop
  await client.query('SELECT total * 3 FROM orders WHERE id = $1', [id]); // loop
}));
await client.end();
