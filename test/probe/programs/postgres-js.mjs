import postgres from 'postgres';

async function main() {
  const sql = postgres(process.env.DATABASE_URL, { max: 2, fetch_types: false });

  async function one(id) {
    const [row] = await sql`SELECT ${id}::int AS id`; //: 3
    return row;
  }

  await one(1);
  await one(2);
  await one(1);
  await Promise.all([3, 4].map((id) => sql`SELECT name FROM (VALUES (${id}::int)) AS t (name)`)); //: 2
  await sql.unsafe('SELECT 5'); //: 1
  await sql.begin(async (tx) => { //: 1
    await tx`SELECT 6`; //: 1
    await tx.unsafe('SELECT $1::int', [7]); //: 1
  });
  for await (const rows of sql`SELECT * FROM generate_series(1, 10) AS n`.cursor(4)) void rows; //: 1
  await sql`SELECT * FROM generate_series(1, 10) AS n`.forEach(() => undefined); //: 1
  await sql`SELECT nonsense`.catch(() => undefined); //: 1
  await sql.end();
}

main();
