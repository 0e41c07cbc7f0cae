import { eq, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { integer, pgTable, serial, text } from 'drizzle-orm/pg-core';
import pg from 'pg';

const users = pgTable('users', { id: serial('id').primaryKey(), name: text('name'), org: integer('org') });

async function main() {
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 2 });
  const db = drizzle(pool, { schema: { users } });
  await db.execute(sql`CREATE SCHEMA IF NOT EXISTS drizzle_test`); //: 1
  await db.execute(sql`CREATE TABLE IF NOT EXISTS users (id serial PRIMARY KEY, name text, org int)`); //: 1
  await db.insert(users).values({ name: 'Ada', org: 1 }); //: 1
  await db.select().from(users).where(eq(users.id, 1)); //: 1
  await db
    .select({ name: users.name })
    .from(users) //: 1
    .where(eq(users.org, 1))
    .limit(1);
  await db.update(users).set({ name: 'Grace' }).where(eq(users.id, 2)); //: 1
  await db.delete(users).where(eq(users.id, 99)); //: 1
  await db.query.users.findFirst(); //: 1
  await db.query.users.findMany({ limit: 2 }); //: 1
  await db.$count(users); //: 1
  await Promise.all([1, 2, 3].map((id) => db.select().from(users).where(eq(users.id, id)))); //: 3
  const prepared = db.select().from(users).prepare('all_users');
  await prepared.execute(); //: 1
  await db.select().from(users).limit(1).execute(); //: 1
  await db.transaction(async (tx) => { //: 2
    await tx.select().from(users).limit(1); //: 1
    await tx.insert(users).values({ name: 'Alan', org: 2 }).returning(); //: 1
  });
  await db.select().from(users).then(() => pool.query('SELECT 1')); //: 2
  await db.execute(sql`SELECT nonsense`).catch(() => undefined); //: 1
  await pool.end();
}

main();
