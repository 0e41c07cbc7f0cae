// suggestion: Read all order items in one query (keys are compared exactly)
import { and, desc, eq, inArray } from 'drizzle-orm';
import { orderItems } from '../shop/schema';
import type { Database, Order } from '../shop/types';

const SKU = 'sku-3';

export async function run(db: Database, orders: Order[]) {
  const orderIds = [...new Set(orders.map((order) => order.id))];
  // PostgreSQL takes at most 65,535 parameters in one query.
  const orderItemChunks = [];
  for (let i = 0; i < orderIds.length; i += 10_000) {
    const chunk = await db
      .select({ id: orderItems.id, order: orderItems.orderId, sku: orderItems.sku })
      .from(orderItems)
      .where(and(inArray(orderItems.orderId, orderIds.slice(i, i + 10_000)), eq(orderItems.sku, SKU)))
      .orderBy(desc(orderItems.id));
    orderItemChunks.push(chunk);
  }
  const orderItemRows = orderItemChunks.flat();
  const orderItemsByOrder = new Map<(typeof orderItemRows)[number]['order'], typeof orderItemRows>();
  for (const orderItem of orderItemRows) {
    const group = orderItemsByOrder.get(orderItem.order);
    if (group) group.push(orderItem);
    else orderItemsByOrder.set(orderItem.order, [orderItem]);
  }
  return orders.map((order) => ({
    ...order,
    items: orderItemsByOrder.get(order.id) ?? [],
  }));
}
