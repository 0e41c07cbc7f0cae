import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';

/** A small server that visits itself: `GET /orders` asks once per order, `GET /total` once. */
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4 });

async function orders(): Promise<unknown[]> {
  const { rows } = await pool.query<{ id: number }>('SELECT id FROM orders ORDER BY id LIMIT 20'); // list
  for (const row of rows) await pool.query('SELECT total FROM orders WHERE id = $1', [row.id]); // each
  return rows;
}

async function total(): Promise<unknown> {
  return (await pool.query('SELECT sum(total) FROM orders')).rows[0]; // sum
}

const server = createServer(async (request, response) => {
  const answer = request.url!.startsWith('/orders') ? await orders() : await total();
  response.end(JSON.stringify(answer));
});
server.listen(0, async () => {
  const { port } = server.address() as AddressInfo;
  const visit = (path: string): Promise<void> => new Promise((resolve) => get({ port, path, agent: false }, (answer) => answer.resume().on('end', resolve)));
  for (let turn = 0; turn < 5; turn += 1) await Promise.all([visit(`/orders/${turn}`), visit('/total'), visit('/total')]);
  server.close();
  await pool.end();
});
