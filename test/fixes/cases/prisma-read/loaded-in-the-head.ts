import type { PrismaClient } from '../../generated/prisma/client';

export async function run(prisma: PrismaClient, ids: number[]) {
  const names: string[] = [];
  for (const order of await prisma.order.findMany({ where: { id: { in: ids.slice(0, 500) } }, orderBy: { id: 'asc' } })) {
    if (!order.customerId) continue;
    const customer = await prisma.customer.findUnique({ where: { id: order.customerId } });
    names.push(customer?.name ?? '');
  }
  return names;
}
