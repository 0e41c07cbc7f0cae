import type { PrismaClient } from '../../generated/prisma/client';

export const run = async (prisma: PrismaClient) => {
  const customers = await prisma.customer.findMany({ orderBy: { name: 'asc' } });
  return customers.map((customer) => ({ id: customer.id, name: customer.name }));
};
