// suggestion: Read all order items in one query (keys are compared exactly)
import type { Pool } from 'pg';
import type { Order } from '../shop/types';

export async function run(pool: Pool, orders: Order[]) {
  const result = [];
  const orderIds = [...new Set(orders.map((order) => order.id))];
  const { rows: orderItems } = await pool.query('SELECT id, sku, order_id FROM order_items WHERE order_id = ANY($1) ORDER BY sku, id', [orderIds]);
  const orderItemsByOrderId = new Map<string, typeof orderItems>();
  for (const orderItem of orderItems) {
    const group = orderItemsByOrderId.get(String(orderItem.order_id));
    if (group) group.push(orderItem);
    else orderItemsByOrderId.set(String(orderItem.order_id), [orderItem]);
  }
  for (const order of orders) {
    const rows = orderItemsByOrderId.get(String(order.id)) ?? [];
    result.push({ ...order, items: rows });
  }
  return result;
}
