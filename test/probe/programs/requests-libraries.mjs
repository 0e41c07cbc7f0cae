import http from 'node:http';
import { sql as raw } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import knex from 'knex';
import pg from 'pg';
import postgres from 'postgres';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 2 });
const sql = postgres(process.env.DATABASE_URL, { max: 2, fetch_types: false });
const orm = drizzle(pool);
const builder = knex({ client: 'pg', connection: process.env.DATABASE_URL, pool: { min: 0, max: 2 } });

const WAYS = [
  (n) => sql.unsafe(`SELECT ${n} AS request`),
  (n) => sql`SELECT ${sql.unsafe(String(n))} AS request`,
  (n) => orm.execute(raw.raw(`SELECT ${n} AS request`)),
  (n) => builder.raw(`SELECT ${n} AS request`),
];

const server = http.createServer(async (request, response) => {
  const n = Number(new URL(request.url, 'http://localhost').pathname.split('/').pop());
  const turns = 2 + (n % 7);
  for (let turn = 0; turn < turns; turn += 1) await WAYS[n % WAYS.length](n);
  response.statusCode = n % 10 === 0 ? 404 : 200;
  response.end(String(turns));
});

server.listen(0, '127.0.0.1', async () => {
  const { port } = server.address();
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  const get = (n) => new Promise((resolve, reject) => http.get({ port, agent, path: `/items/${n}#part` }, (response) => response.resume().on('end', resolve)).on('error', reject));
  await Promise.all(Array.from({ length: 60 }, (_, n) => get(n)));
  agent.destroy();
  server.close();
  await Promise.all([pool.end(), sql.end(), builder.destroy()]);
});
