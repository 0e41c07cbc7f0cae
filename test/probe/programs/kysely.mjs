import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';

async function main() {
  const db = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 2 }) }) });
  await db.selectFrom('pg_class').select('relname').limit(3).execute(); //: 1
  await db.selectFrom('pg_class').select('relname').executeTakeFirst(); //: 1
  await Promise.all(['a', 'b'].map((name) => db.selectFrom('pg_class').select('oid').where('relname', '=', name).execute())); //: 2
  await sql`SELECT 1`.execute(db); //: 1
  await db.transaction().execute(async (trx) => { //: 2
    await trx.selectFrom('pg_class').select('oid').limit(1).execute(); //: 1
  });
  await db.destroy();
}

main();
