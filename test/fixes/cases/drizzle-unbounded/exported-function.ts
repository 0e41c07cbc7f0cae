import { eq, ne } from 'drizzle-orm';
import { customers } from '../shop/schema';
import type { Database } from '../shop/types';

export async function run(db: Database) {
  return db
    .select()
    .from(customers)
    .where(ne(customers.name, 'Customer 7'));
}

export const isFirst = eq(customers.id, 1);
