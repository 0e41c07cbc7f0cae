// suggestion: Read all customers in one query (keys are compared exactly)
import type { PoolClient } from 'pg';
import type { Order } from '../shop/types';

export async function run(client: PoolClient, orders: Order[]) {
  let text = '';
  const customerIds = [...new Set(orders.map((order) => order.customerId))];
  const { rows: customers } = await client.query('select id, name from customers where id = ANY($1)', [customerIds]);
  const customersById = new Map(customers.map((customer) => [String(customer.id), customer]));
  for (const order of orders) {
    const row = customersById.get(String(order.customerId));
    text += row?.name ?? '?';
  }
  return text;
}
