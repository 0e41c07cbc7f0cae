import type { PrismaClient } from '../../generated/prisma/client';
import type { Order } from '../shop/types';

export async function run(prisma: PrismaClient, orders: Order[]) {
  return Promise.all(
    orders.map(async ({ customerId, ...order }) => ({
      ...order,
      others: await prisma.order.findMany({ where: { customerId } }),
    })),
  );
}
