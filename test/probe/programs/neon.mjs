import { Client, neon, neonConfig, Pool } from '@neondatabase/serverless';
import ws from 'ws';

neonConfig.webSocketConstructor = ws;
neonConfig.wsProxy = () => `${process.env.NEON_SERVER}/`;
neonConfig.useSecureWebSocket = false;
neonConfig.pipelineConnect = false;
neonConfig.fetchEndpoint = () => `http://${process.env.NEON_SERVER}/sql`;

async function overWebSockets() {
  const client = new Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  await client.query('SELECT $1::int AS id', [1]); //: 1
  await client.end();
  const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 2 });
  await Promise.all([2, 3, 4].map((id) => pool.query('SELECT $1::int AS id', [id]))); //: 3
  await pool.query('SELECT nonsense').catch(() => undefined); //: 1
  await pool.end();
}

async function overHttp() {
  const sql = neon('postgresql://user:password@host.example/database');
  for (const id of [5, 6]) await sql`SELECT ${id}::int AS id`; //: 2
  await sql.query('SELECT $1::int AS id', [7]); //: 1
  const [rows, others] = await sql.transaction([
    sql`SELECT generate_series(1, 3)`, //: 1
    sql`SELECT 8`, //: 1
  ]);
  if (rows.length !== 3 || others.length !== 1) throw new Error('rows are missing');
  await sql`SELECT nonsense`.catch(() => undefined); //: 1
}

async function main() {
  await overWebSockets();
  await overHttp();
}

main();
