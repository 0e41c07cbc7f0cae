// suggestion: Insert order items 500 rows at a time (each statement all or nothing)
import { orderItems } from '../shop/schema';
import type { Database, NewItem } from '../shop/types';

export async function run(db: Database, items: NewItem[]) {
  const orderId = 2;
  const newOrderItems = items.map((item) => ({ orderId, ...item }));
  // PostgreSQL takes at most 65,535 parameters in one statement.
  for (let i = 0; i < newOrderItems.length; i += 500) {
    await db.insert(orderItems).values(newOrderItems.slice(i, i + 500));
  }
}
