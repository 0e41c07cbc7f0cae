import http from 'node:http';
import pg from 'pg';

// Each request n asks 1 + n % 7 queries of its own, in four ways, and says how many.
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 3 });

async function promised(n, turns) {
  for (let turn = 0; turn < turns; turn += 1) await pool.query(`SELECT ${n} AS request`);
}

function called(n, turns) {
  return new Promise((resolve, reject) => {
    const next = (turn) => (turn === turns ? resolve() : pool.query(`SELECT ${n} AS request`, (error) => (error ? reject(error) : next(turn + 1))));
    next(0);
  });
}

function held(n, turns) {
  return new Promise((resolve, reject) => {
    pool.connect((error, client, release) => {
      if (error) return reject(error);
      const next = (turn) => {
        if (turn < turns) return client.query(`SELECT ${n} AS request`, (failed) => (failed ? reject(failed) : next(turn + 1)));
        release();
        return resolve();
      };
      return next(0);
    });
  });
}

async function inTransaction(n, turns) {
  const client = await pool.connect();
  try {
    await client.query(`/* ${n} */ BEGIN`);
    for (let turn = 2; turn < turns; turn += 1) await client.query(`SELECT ${n} AS request`);
    await client.query(`/* ${n} */ COMMIT`);
  } finally {
    client.release();
  }
}

const WAYS = [promised, called, held, inTransaction];

const server = http.createServer(async (request, response) => {
  const n = Number(new URL(request.url, 'http://localhost').pathname.split('/').pop());
  const turns = 2 + (n % 7);
  await WAYS[n % WAYS.length](n, turns);
  response.statusCode = n % 10 === 0 ? 404 : 200;
  response.end(String(turns));
});

server.listen(0, '127.0.0.1', async () => {
  const { port } = server.address();
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  const get = (n) => new Promise((resolve, reject) => http.get({ port, agent, path: `/items/${n}?secret=word` }, (response) => response.resume().on('end', resolve)).on('error', reject));
  await Promise.all(Array.from({ length: 60 }, (_, n) => get(n)));
  agent.destroy();
  server.close();
  await pool.end();
});
