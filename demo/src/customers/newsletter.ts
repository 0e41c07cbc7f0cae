import type { Customer } from '../../generated/prisma/client';
import { prisma } from './client';

const PAGE = 500;

/** All subscribers, page by page behind the last id seen: memory stays small however many there are. */
export async function* subscribers(): AsyncGenerator<Customer[]> {
  let after = 0;
  for (;;) {
    const page = await prisma.customer.findMany({ where: { newsletter: true, id: { gt: after } }, orderBy: { id: 'asc' }, take: PAGE });
    const last = page.at(-1);
    if (!last) return;
    yield page;
    after = last.id;
  }
}

/** Customers who have their birthday today, for the voucher mail. */
export async function birthdayCustomers(today: Date): Promise<Customer[]> {
  const customers = await prisma.customer.findMany();
  return customers.filter(({ birthday }) => birthday?.getUTCMonth() === today.getUTCMonth() && birthday.getUTCDate() === today.getUTCDate());
}
