import { count } from 'drizzle-orm';
import { customers, orders } from '../shop/schema';
import type { Database } from '../shop/types';

export async function run(db: Database, _id: number) {
  const [all] = await db.select({ n: count() }).from(customers);
  const bought = await db.$count(orders);
  return { all, bought };
}
