import type { PrismaClient } from '../../generated/prisma/client';
import type { NewItem } from '../shop/types';

export async function run(prisma: PrismaClient, items: NewItem[]) {
  if (items.length > 0) {
    for (const item of items) {
      const boxes = Math.ceil(item.quantity / 2);

      await prisma.orderItem.create({
        data: {
          orderId: 3,
          sku: item.sku,
          quantity: boxes,
        },
      });
    }
  }
}
