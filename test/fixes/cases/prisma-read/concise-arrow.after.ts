// safe: Read all customers in one query
import type { PrismaClient } from '../../generated/prisma/client';

export async function run(prisma: PrismaClient, ids: number[]) {
  const uniqueIds = [...new Set(ids)];
  const customers = await prisma.customer.findMany({ where: { id: { in: uniqueIds } } });
  const customersById = new Map(
    customers.map((customer) => [customer.id, customer]),
  );
  return ids.map((id) => customersById.get(id) ?? null);
}
