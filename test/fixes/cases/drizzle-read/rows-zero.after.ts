// suggestion: Read all customers in one query (keys are compared exactly)
import {
  eq,
  inArray,
} from 'drizzle-orm';
import { customers } from '../shop/schema';
import type { Database, Order } from '../shop/types';

export async function run(db: Database, orders: Order[]) {
  const names = [];
  const customerIds = [...new Set(orders.map((order) => order.customerId))];
  // PostgreSQL takes at most 65,535 parameters in one query.
  const customerChunks = [];
  for (let i = 0; i < customerIds.length; i += 10_000) {
    const chunk = await db.select({ id: customers.id, name: customers.name }).from(customers).where(inArray(customers.id, customerIds.slice(i, i + 10_000)));
    customerChunks.push(chunk);
  }
  const customerRows = customerChunks.flat();
  const customersById = new Map(customerRows.map((customer) => [customer.id, customer]));
  for (const order of orders) {
    const key = order.customerId;
    const customer = customersById.get(key);
    names.push(customer?.name ?? null);
  }
  return names;
}
