// safe: Read all products in one query
import type { Pool } from 'pg';

interface Product {
  id: string;
  sku: string;
}

export async function run(pool: Pool, ids: number[], note = 'note 2') {
  const skus: string[] = [];
  const allIds = new Set(ids);
  const uniqueIds = [...allIds];
  const { rows: products } = await pool.query<Product>('SELECT p.* FROM products AS p WHERE p.id = ANY($2::bigint[]) AND p.note IS DISTINCT FROM $1', [note, uniqueIds]);
  const productsById = new Map(products.map((product) => [String(product.id), product]));
  for (const id of allIds) {
    const product = productsById.get(String(id));
    skus.push(product ? product.sku : '-');
  }
  return skus;
}
