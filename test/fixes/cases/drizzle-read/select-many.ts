import { and, desc, eq } from 'drizzle-orm';
import { orderItems } from '../shop/schema';
import type { Database, Order } from '../shop/types';

const SKU = 'sku-3';

export async function run(db: Database, orders: Order[]) {
  return await Promise.all(
    orders.map(async (order) => ({
      ...order,
      items: await db
        .select({ id: orderItems.id, order: orderItems.orderId, sku: orderItems.sku })
        .from(orderItems)
        .where(and(eq(orderItems.orderId, order.id), eq(orderItems.sku, SKU)))
        .orderBy(desc(orderItems.id)),
    })),
  );
}
