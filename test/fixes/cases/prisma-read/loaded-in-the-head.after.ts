// safe: Read all customers in one query
import type { PrismaClient } from '../../generated/prisma/client';

export async function run(prisma: PrismaClient, ids: number[]) {
  const names: string[] = [];
  const orders = await prisma.order.findMany({ where: { id: { in: ids.slice(0, 500) } }, orderBy: { id: 'asc' } });
  const customerIds = [...new Set(orders.flatMap((order) => order.customerId ?? []))];
  const customers = await prisma.customer.findMany({ where: { id: { in: customerIds } } });
  const customersById = new Map(customers.map((customer) => [customer.id, customer]));
  for (const order of orders) {
    if (!order.customerId) continue;
    const customer = customersById.get(order.customerId) ?? null;
    names.push(customer?.name ?? '');
  }
  return names;
}
