// suggestion: Read all orders in one query (keys are compared exactly; null keys find nothing)
import type { PrismaClient } from '../../generated/prisma/client';
import type { Order } from '../shop/types';

export async function run(prisma: PrismaClient, orders: Order[]) {
  const customerIds = [...new Set(
    orders.flatMap(({ customerId }) => customerId ?? []),
  )];
  const orderRows = await prisma.order.findMany({ where: { customerId: { in: customerIds } } });
  const ordersByCustomerId = new Map<(typeof orderRows)[number]['customerId'], typeof orderRows>();
  for (const order of orderRows) {
    const group = ordersByCustomerId.get(order.customerId);
    if (group) group.push(order);
    else ordersByCustomerId.set(order.customerId, [order]);
  }
  return orders.map(({ customerId, ...order }) => ({
    ...order,
    others: ordersByCustomerId.get(customerId) ?? [],
  }));
}
