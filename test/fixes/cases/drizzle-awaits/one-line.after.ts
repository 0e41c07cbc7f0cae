// suggestion: Start these 2 reads together (each takes a connection; when one fails, the others still run)
import { count } from 'drizzle-orm';
import { customers, orders } from '../shop/schema';
import type { Database } from '../shop/types';

export async function run(db: Database, _id: number) {
  const [[all], bought] = await Promise.all([
    db.select({ n: count() }).from(customers),
    db.$count(orders),
  ]);
  return { all, bought };
}
