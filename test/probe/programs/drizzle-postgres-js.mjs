import { eq } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/postgres-js';
import { pgTable, text } from 'drizzle-orm/pg-core';
import postgres from 'postgres';

const catalog = pgTable('pg_class', { name: text('relname') });

async function main() {
  const client = postgres(process.env.DATABASE_URL, { max: 2, fetch_types: false });
  const db = drizzle(client, { schema: { catalog } });
  await db.select().from(catalog).where(eq(catalog.name, 'pg_class')); //: 1
  await db.query.catalog.findFirst(); //: 1
  await Promise.all(['a', 'b'].map((name) => db.select().from(catalog).where(eq(catalog.name, name)))); //: 2
  await db.transaction(async (tx) => { //: 1
    await tx.select().from(catalog).limit(1); //: 1
  });
  await client.end();
}

main();
