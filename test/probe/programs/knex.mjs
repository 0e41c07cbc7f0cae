import knex from 'knex';

async function main() {
  const db = knex({ client: 'pg', connection: process.env.DATABASE_URL, pool: { min: 0, max: 2 } });
  await db('pg_class').select('relname').limit(3); //: 1
  await db('pg_class').where({ relname: 'pg_class' }).first(); //: 1
  await Promise.all(['a', 'b'].map((name) => db('pg_class').select('oid').where('relname', name))); //: 2
  await db.raw('SELECT ?::int', [1]); //: 1
  await db.transaction(async (trx) => { //: 1
    await trx('pg_class').select('oid').limit(1); //: 1
  });
  await db.destroy();
}

main();
