import { productsById } from '../catalog/products';
import { db } from './database';
import { withRetry } from './retry';
import { orderItems, orders } from './schema';

export interface CartLine {
  productId: number;
  quantity: number;
}

/** Turns a cart into an order at today's prices. Returns the order's id. */
export async function placeOrder(customerId: number, lines: CartLine[]): Promise<number> {
  const products = await productsById(lines.map((line) => line.productId));
  const priceOf = (line: CartLine) => products.get(line.productId)?.price_cents ?? 0;
  const totalCents = lines.reduce((total, line) => total + line.quantity * priceOf(line), 0);

  return withRetry(() =>
    db.transaction(async (tx) => {
      const [order] = await tx.insert(orders).values({ customerId, status: 'pending', totalCents }).returning({ id: orders.id });
      if (!order) throw new Error('The order was not stored.');
      for (const line of lines) {
        await tx.insert(orderItems).values({
          orderId: order.id,
          productId: line.productId,
          quantity: line.quantity,
          unitPriceCents: priceOf(line),
        });
      }
      return order.id;
    }),
  );
}
