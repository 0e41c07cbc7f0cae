// suggestion: Read all customers in one query (keys are compared exactly)
import type { PrismaClient } from '../../generated/prisma/client';

export async function run(prisma: PrismaClient, emails: string[]) {
  const names = new Map<string, string>();
  const uniqueEmails = [...new Set(emails)];
  const customers = await prisma.customer.findMany({ where: { email: { in: uniqueEmails } }, select: { email: true, name: true } });
  const customersByEmail = new Map(customers.map((customer) => [customer.email, customer]));
  for (const email of emails) {
    const customer = customersByEmail.get(email) ?? null;
    names.set(email, customer?.name ?? 'unknown');
  }
  return names;
}
