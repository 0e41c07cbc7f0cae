// suggestion: Read all customers in one query (keys are compared exactly)
import type { Pool } from 'pg';
import type { Order } from '../shop/types';

export async function run(pool: Pool, orders: Order[]) {
  const customerIds = [...new Set(orders.map((order) => order.customerId))];
  const { rows: customers } = await pool.query(
    `SELECT *
           FROM customers
          WHERE id = ANY($1)`,
    [customerIds],
  );
  const customersById = new Map(
    customers.map((customer) => [String(customer.id), customer]),
  );
  return orders.map((order) => {
    const customer = customersById.get(String(order.customerId));
    return { order: order.id, customer: customer ? customer.name : null };
  });
}
