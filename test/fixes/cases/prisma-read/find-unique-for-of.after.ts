// suggestion: Read all customers in one query (keys are compared exactly)
import type { PrismaClient } from '../../generated/prisma/client';
import type { Order } from '../shop/types';

export async function run(prisma: PrismaClient, orders: Order[]) {
  const lines: string[] = [];
  const customerIds = [...new Set(orders.map((order) => order.customerId))];
  const customers = await prisma.customer.findMany({ where: { id: { in: customerIds } } });
  const customersById = new Map(customers.map((customer) => [customer.id, customer]));
  for (const order of orders) {
    // The name is what the letter needs.
    const customer = customersById.get(order.customerId) ?? null;
    lines.push(`${order.id}: ${customer ? customer.name : 'nobody'}`);
  }
  return lines;
}
