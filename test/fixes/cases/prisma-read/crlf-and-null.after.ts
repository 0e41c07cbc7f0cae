// suggestion: Read all customers in one query (keys are compared exactly)
import type { PrismaClient } from '../../generated/prisma/client';
import type { Order } from '../shop/types';

export async function run(prisma: PrismaClient, orders: (Omit<Order, 'customerId'> & { customerId: number | null })[]) {
    const found: (string | undefined)[] = [];
    const customerIds = [...new Set(Array.from(orders.entries()).flatMap(([, order]) => order.customerId ?? []))];
    const customers = await prisma.customer.findMany({
        where: {
            id: { in: customerIds },
        },
    });
    const customersById = new Map(customers.map((customer) => [customer.id, customer]));
    for (const [i, order] of orders.entries()) {
        const customer = order.customerId !== null ? customersById.get(order.customerId) ?? null : null;
        found[i] = customer?.name; // 🙂
    }
    return found;
}
