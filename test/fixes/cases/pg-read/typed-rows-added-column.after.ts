// suggestion: Read all order items in one query (keys are compared exactly)
import type { Pool } from 'pg';
import type { Order } from '../shop/types';

interface ItemRow {
  sku: string;
  quantity: number;
}

export async function run(pool: Pool, orders: Order[]) {
  const orderIds = [...new Set(orders.map((order) => order.id))];
  const { rows: orderItems } = await pool.query<ItemRow & { order_id: unknown }>('SELECT order_id, sku, quantity FROM order_items WHERE order_id = ANY($1)', [orderIds]);
  const orderItemsByOrderId = new Map<string, typeof orderItems>();
  for (const orderItem of orderItems) {
    const group = orderItemsByOrderId.get(String(orderItem.order_id));
    if (group) group.push(orderItem);
    else orderItemsByOrderId.set(String(orderItem.order_id), [orderItem]);
  }
  return orders.map((order) => {
    const rows = orderItemsByOrderId.get(String(order.id)) ?? [];
    return { order, total: rows.reduce((sum, row) => sum + row.quantity, 0) };
  });
}
