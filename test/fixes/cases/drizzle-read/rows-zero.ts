import {
  eq,
} from 'drizzle-orm';
import { customers } from '../shop/schema';
import type { Database, Order } from '../shop/types';

export async function run(db: Database, orders: Order[]) {
  const names = [];
  for (const order of orders) {
    const key = order.customerId;
    const rows = await db.select({ name: customers.name }).from(customers).where(eq(customers.id, key));
    const customer = rows[0];
    names.push(customer?.name ?? null);
  }
  return names;
}
