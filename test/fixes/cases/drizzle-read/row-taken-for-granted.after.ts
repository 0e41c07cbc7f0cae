// suggestion: Read all people in one query (keys are compared exactly)
import { eq, inArray } from 'drizzle-orm';
import { pgTable, serial, text } from 'drizzle-orm/pg-core';
import type { Database } from '../shop/types';

const people = pgTable('customers', {
  id: serial('id').primaryKey(),
  email: text('email').notNull().unique(),
});

export async function run(db: Database, emails: string[]) {
  const uniqueEmails = [...new Set(emails)];
  // PostgreSQL takes at most 65,535 parameters in one query.
  const personChunks = [];
  for (let i = 0; i < uniqueEmails.length; i += 10_000) {
    const chunk = await db.select().from(people).where(inArray(people.email, uniqueEmails.slice(i, i + 10_000)));
    personChunks.push(chunk);
  }
  const personRows = personChunks.flat();
  const peopleByEmail = new Map(personRows.map((person) => [person.email, person]));
  const ids = emails.map((email) => {
    const person = peopleByEmail.get(email)!;
    return person.id;
  });
  return ids;
}
