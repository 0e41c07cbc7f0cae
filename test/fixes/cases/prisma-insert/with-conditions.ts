import type { PrismaClient } from '../../generated/prisma/client';
import type { NewItem } from '../shop/types';

export async function run(prisma: PrismaClient, items: NewItem[]) {
  let position = 0;
  for (const item of items) {
    const quantity = item.quantity * 2;
    if (quantity > 1000) break;
    position += 1;
    await prisma.orderItem.create({
      data: {
        orderId: (position % 3) + 1,
        sku: item.sku,
        quantity,
      },
    });
  }
  return position;
}
