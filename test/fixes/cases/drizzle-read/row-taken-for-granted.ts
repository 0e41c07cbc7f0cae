import { eq } from 'drizzle-orm';
import { pgTable, serial, text } from 'drizzle-orm/pg-core';
import type { Database } from '../shop/types';

const people = pgTable('customers', {
  id: serial('id').primaryKey(),
  email: text('email').notNull().unique(),
});

export async function run(db: Database, emails: string[]) {
  const ids = await Promise.all(
    emails.map(async (email) => {
      const [person] = await db.select().from(people).where(eq(people.email, email));
      return person.id;
    }),
  );
  return ids;
}
