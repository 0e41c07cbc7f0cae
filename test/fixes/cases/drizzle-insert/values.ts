import { orderItems } from '../shop/schema';
import type { Database, NewItem } from '../shop/types';

export async function run(db: Database, items: NewItem[]) {
  const orderId = 2;
  for (const item of items) {
    await db.insert(orderItems).values({ orderId, ...item });
  }
}
