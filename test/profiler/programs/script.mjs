import pg from 'pg';

/** A script without requests: its loop is found all the same. */
const client = new pg.Client(process.env.DATABASE_URL);
await client.connect();
const { rows } = await client.query('SELECT id FROM orders ORDER BY id LIMIT 40');
for (const { id } of rows) await client.query('SELECT total FROM orders WHERE id = $1', [id]);
await client.query('SELECT 1 / 0').catch(() => undefined);
if (process.argv[2] === 'crash') process.kill(process.pid, 'SIGKILL');
await client.end();
