import type { PrismaClient } from '../../generated/prisma/client';

export async function run(prisma: PrismaClient, emails: string[]) {
  const names = new Map<string, string>();
  for (const email of emails) {
    const customer = await prisma.customer.findUnique({ where: { email }, select: { name: true } });
    names.set(email, customer?.name ?? 'unknown');
  }
  return names;
}
