// suggestion: Read at most 100 customers (returns fewer rows)
import type { PrismaClient } from '../../generated/prisma/client';

async function customers(prisma: PrismaClient) {
  return await prisma.customer.findMany({ orderBy: { id: 'asc' }, take: 100 });
}

export const run = customers;
