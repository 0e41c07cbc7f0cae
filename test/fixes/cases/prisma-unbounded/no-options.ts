import type { PrismaClient } from '../../generated/prisma/client';

async function customers(prisma: PrismaClient) {
  return await prisma.customer.findMany();
}

export const run = customers;
