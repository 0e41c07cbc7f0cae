// suggestion: Read all order items in one query (errors surface before the first iteration)
import type { Prisma } from '../../generated/prisma/client';

interface Line {
  id: number;
  customerId: number;
}

export async function run(tx: Prisma.TransactionClient, orders: Line[]) {
  const sums: string[] = [];
  try {
    const customerIds = [...new Set(orders.map((order) => order.customerId))];
    // Prisma takes at most 32,767 parameters in one ordered query.
    const orderItemChunks = [];
    for (let i = 0; i < customerIds.length; i += 10_000) {
      const chunk = await tx.orderItem.findMany({ where: { orderId: { in: customerIds.slice(i, i + 10_000) } }, orderBy: { id: 'asc' } });
      orderItemChunks.push(chunk);
    }
    const orderItems = orderItemChunks.flat();
    const orderItemsByOrderId = new Map<(typeof orderItems)[number]['orderId'], typeof orderItems>();
    for (const orderItem of orderItems) {
      const group = orderItemsByOrderId.get(orderItem.orderId);
      if (group) group.push(orderItem);
      else orderItemsByOrderId.set(orderItem.orderId, [orderItem]);
    }
    for (const order of orders) {
      const orderId = order.customerId;
      const skus = (orderItemsByOrderId.get(orderId) ?? []).map((item) => item.sku).join();
      sums.push(skus);
    }
  } catch (error) {
    sums.push((error as Error).name);
  }
  return sums;
}
