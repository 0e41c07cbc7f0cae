import type { Pool } from 'pg';

interface Product {
  id: string;
  sku: string;
}

export async function run(pool: Pool, ids: number[], note = 'note 2') {
  const skus: string[] = [];
  for (const id of new Set(ids)) {
    const { rows: [product] } = await pool.query<Product>('SELECT p.* FROM products AS p WHERE p.id = $2::bigint AND p.note IS DISTINCT FROM $1', [note, id]);
    skus.push(product ? product.sku : '-');
  }
  return skus;
}
