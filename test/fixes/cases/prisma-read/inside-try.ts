import type { Prisma } from '../../generated/prisma/client';

interface Line {
  id: number;
  customerId: number;
}

export async function run(tx: Prisma.TransactionClient, orders: Line[]) {
  const sums: string[] = [];
  try {
    for (const order of orders) {
      const orderId = order.customerId;
      const skus = (await tx.orderItem.findMany({ where: { orderId }, orderBy: { id: 'asc' } })).map((item) => item.sku).join();
      sums.push(skus);
    }
  } catch (error) {
    sums.push((error as Error).name);
  }
  return sums;
}
