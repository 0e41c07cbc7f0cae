import type { Prisma } from '../../generated/prisma/client';
import type { NewItem } from '../shop/types';

export async function run(tx: Prisma.TransactionClient, items: NewItem[]) {
  const order = await tx.order.create({ data: { status: 'new' } });
  for (const item of items) {
    await tx.orderItem.create({
      data: {
        orderId: order.id,
        sku: item.sku, // as printed on the box
        quantity: item.quantity,
      },
    });
  }
  return order.status;
}
