import type { PrismaClient } from '../../generated/prisma/client';
import type { Order } from '../shop/types';

export async function run(prisma: PrismaClient, orders: (Omit<Order, 'customerId'> & { customerId: number | null })[]) {
    const found: (string | undefined)[] = [];
    for (const [i, order] of orders.entries()) {
        const customer = order.customerId !== null ? await prisma.customer.findUnique({
            where: {
                id: order.customerId,
            },
        }) : null;
        found[i] = customer?.name; // 🙂
    }
    return found;
}
