import pg from 'pg';

const { Client, Pool } = pg;

async function one(client, id) {
  const { rows } = await client.query('SELECT id FROM items WHERE id = $1', [id]); //: 2
  return rows[0];
}

function later(client) {
  return new Promise((resolve, reject) => {
    client.query({ text: 'SELECT id FROM items', rowMode: 'array' }, (error, result) => { //: 1
      if (error) reject(error);
      else resolve(result.rows.length);
    });
  });
}

async function main() {
  const client = new Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  await client.query('CREATE TEMP TABLE items (id int)'); //: 1
  await client.query('INSERT INTO items SELECT generate_series(1, 5)'); //: 1
  await one(client, 1);
  await one(client, 2);
  await later(client);
  await client.query({ name: 'named', text: 'SELECT count(*) FROM items' }); //: 1
  await client.query(new pg.Query('SELECT 1')); //: 1
  await client.query('BEGIN'); //: 1
  await client.query('COMMIT'); //: 1
  await client.end();

  const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 2 });
  await pool.query('SELECT 2'); //: 1
  await Promise.all([3, 4, 5].map((value) => pool.query('SELECT $1::int', [value]))); //: 3
  const held = await pool.connect();
  await held.query('SELECT 6'); //: 1
  held.release();
  await new Promise((resolve) => pool.query('SELECT 7', resolve)); //: 1
  await pool.query('SELECT nonsense').catch(() => undefined); //: 1
  await pool.end();
}

main();
