import type { PrismaClient } from '../../generated/prisma/client';
import type { Order } from '../shop/types';

export async function run(prisma: PrismaClient, orders: Order[]) {
  const lines: string[] = [];
  for (const order of orders) {
    // The name is what the letter needs.
    const customer = await prisma.customer.findUnique({ where: { id: order.customerId } });
    lines.push(`${order.id}: ${customer ? customer.name : 'nobody'}`);
  }
  return lines;
}
