import type { PoolClient } from 'pg';
import type { NewItem } from '../shop/types';

export async function run(client: PoolClient, items: NewItem[]) {
  await Promise.all(
    items.map(async (item) => {
      await client.query(`INSERT INTO order_items (order_id, sku, quantity) VALUES ($1::int, $2::text, $3::int) ON CONFLICT DO NOTHING`, [
        5,
        item.sku,
        item.quantity,
      ]);
    }),
  );
}
