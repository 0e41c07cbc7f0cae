import type { PoolClient } from 'pg';
import type { Order } from '../shop/types';

export async function run(client: PoolClient, orders: Order[]) {
  let text = '';
  for (const order of orders) {
    const row = (await client.query('select name from customers where id = $1', [order.customerId])).rows[0];
    text += row?.name ?? '?';
  }
  return text;
}
