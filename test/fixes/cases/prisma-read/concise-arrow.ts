import type { PrismaClient } from '../../generated/prisma/client';

export async function run(prisma: PrismaClient, ids: number[]) {
  return Promise.all(ids.map((id) => prisma.customer.findFirst({ where: { id } })));
}
