import type { PrismaClient } from '../../generated/prisma/client';

export async function run(prisma: PrismaClient) {
  return prisma.customer.findMany({
    where: { name: { startsWith: 'Customer' } },
    select: { id: true, name: true }, // no addresses
  });
}
