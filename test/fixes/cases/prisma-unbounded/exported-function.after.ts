// suggestion: Read 100 customers per call, after a cursor (returns fewer rows)
import type { Prisma, PrismaClient } from '../../generated/prisma/client';

export async function run(prisma: PrismaClient, after?: Prisma.CustomerWhereUniqueInput['id']) {
  return prisma.customer.findMany({
    where: { name: { startsWith: 'Customer' } },
    select: { id: true, name: true }, // no addresses
    orderBy: { id: 'asc' },
    take: 100,
    ...(after !== undefined && { cursor: { id: after }, skip: 1 }),
  });
}
