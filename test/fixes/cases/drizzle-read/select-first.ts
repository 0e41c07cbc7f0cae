import { eq } from 'drizzle-orm';
import { customers } from '../shop/schema';
import type { Database, Order } from '../shop/types';

export async function run(db: Database, orders: Order[]) {
  const result: { id: number; name: string }[] = [];
  for (const order of orders) {
    const [customer] = await db.select().from(customers).where(eq(customers.id, order.customerId)).limit(1);
    if (!customer) continue;
    result.push({ id: order.id, name: customer.name });
  }
  return result;
}
