// suggestion: Insert all order items in one statement (all or nothing)
import type { PrismaClient } from '../../generated/prisma/client';
import type { NewItem } from '../shop/types';

export async function run(prisma: PrismaClient, items: NewItem[]) {
  if (items.length > 0) {
    await prisma.orderItem.createMany({
      data: items.map((item) => {
        const boxes = Math.ceil(item.quantity / 2);

        return {
          orderId: 3,
          sku: item.sku,
          quantity: boxes,
        };
      }),
    });
  }
}
