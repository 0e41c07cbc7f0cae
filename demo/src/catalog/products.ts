import { pool } from './pool';

export interface Product {
  id: number;
  sku: string;
  name: string;
  category: string;
  price_cents: number;
}

/** One page of the storefront, in the order of ids; `after` is the last id of the page before. */
export async function productPage(category: string, after = 0, size = 24): Promise<Product[]> {
  const { rows } = await pool.query<Product>(
    `SELECT id, sku, name, category, price_cents
     FROM products
     WHERE active AND category = $1 AND id > $2
     ORDER BY id
     LIMIT $3`,
    [category, after, size],
  );
  return rows;
}

export async function productBySku(sku: string): Promise<Product | undefined> {
  const { rows } = await pool.query<Product>('SELECT id, sku, name, category, price_cents FROM products WHERE sku = $1', [sku]);
  return rows[0];
}

export async function productsById(ids: readonly number[]): Promise<Map<number, Product>> {
  const { rows } = await pool.query<Product>('SELECT id, sku, name, category, price_cents FROM products WHERE id = ANY($1)', [ids]);
  return new Map(rows.map((product) => [product.id, product]));
}

/** Best sellers with their names; `limit` keeps it to what the page shows. */
export async function bestSellers(limit = 10): Promise<{ name: string; sold: number }[]> {
  const { rows } = await pool.query<{ name: string; sold: number }>(
    `SELECT p.name, sum(i.quantity)::int AS sold
     FROM order_items AS i
     JOIN products AS p ON p.id = i.product_id
     GROUP BY p.id
     ORDER BY sold DESC
     LIMIT $1`,
    [limit],
  );
  return rows;
}

/** The price list that resellers download. */
export async function priceList(): Promise<string> {
  const { rows } = await pool.query<Product>('SELECT sku, name, price_cents FROM products ORDER BY sku');
  return rows.map((product) => `${product.sku};${product.name};${(product.price_cents / 100).toFixed(2)}`).join('\n');
}
