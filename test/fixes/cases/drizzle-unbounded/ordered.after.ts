// suggestion: Read at most 100 customers (returns fewer rows)
import { asc } from 'drizzle-orm';
import { customers } from '../shop/schema';
import type { Database } from '../shop/types';

export async function run(db: Database) {
  const rows = await db.select().from(customers).orderBy(asc(customers.id)).limit(100);
  return rows;
}
