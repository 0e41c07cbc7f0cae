// suggestion: Read 100 customers per call, after a cursor (returns fewer rows)
import type { Prisma, PrismaClient } from '../../generated/prisma/client';

export const run = async (prisma: PrismaClient, after?: Prisma.CustomerWhereUniqueInput['id']) => {
  const customers = await prisma.customer.findMany({ orderBy: [{ name: 'asc' }, { id: 'asc' }], take: 100, ...(after !== undefined && { cursor: { id: after }, skip: 1 }) });
  return customers.map((customer) => ({ id: customer.id, name: customer.name }));
};
