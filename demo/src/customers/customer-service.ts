import type { Customer, PrismaClient } from '../../generated/prisma/client';

export interface Contact {
  name: string;
  email: string;
  city?: string;
}

/** All that other modules ask about customers. */
export class CustomerService {
  constructor(private readonly prisma: PrismaClient) {}

  /** Whom to write to, with the city of the default address. */
  async contact(id: number): Promise<Contact> {
    const customer = await this.prisma.customer.findFirstOrThrow({
      where: { id },
      select: { name: true, email: true, addresses: { where: { isDefault: true }, take: 1, select: { city: true } } },
    });
    return { name: customer.name, email: customer.email, city: customer.addresses[0]?.city };
  }

  /** Prisma itself turns the look-ups of one tick into one query. */
  async byIds(ids: readonly number[]): Promise<(Customer | null)[]> {
    return Promise.all(ids.map((id) => this.prisma.customer.findUnique({ where: { id } })));
  }

  async byEmail(email: string): Promise<Customer | null> {
    return this.prisma.customer.findUnique({ where: { email } });
  }

  async search(text: string): Promise<Customer[]> {
    return this.prisma.customer.findMany({ where: { name: { contains: text, mode: 'insensitive' } }, orderBy: { name: 'asc' }, take: 20 });
  }
}
