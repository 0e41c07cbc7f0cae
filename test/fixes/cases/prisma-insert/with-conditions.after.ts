// suggestion: Insert all order items in one statement (all or nothing)
import type { PrismaClient } from '../../generated/prisma/client';
import type { NewItem } from '../shop/types';

export async function run(prisma: PrismaClient, items: NewItem[]) {
  let position = 0;
  const newOrderItems = [];
  for (const item of items) {
    const quantity = item.quantity * 2;
    if (quantity > 1000) break;
    position += 1;
    newOrderItems.push({
      orderId: (position % 3) + 1,
      sku: item.sku,
      quantity,
    });
  }
  await prisma.orderItem.createMany({ data: newOrderItems });
  return position;
}
