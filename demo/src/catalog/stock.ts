import { pool } from './pool';
import type { Product } from './products';

export interface Availability {
  product: Product;
  inStock: number;
}

interface StockRow {
  warehouse: string;
  quantity: number;
}

/** What the product cards show: how many of each are left, over all warehouses. */
export async function availability(products: Product[]): Promise<Availability[]> {
  return Promise.all(
    products.map(async (product) => {
      const { rows } = await pool.query<StockRow>(
        'SELECT warehouse, quantity FROM stock WHERE product_id = $1',
        [product.id],
      );
      return { product, inStock: rows.reduce((total, row) => total + row.quantity, 0) };
    }),
  );
}

/** Takes goods out of the fullest warehouse. Someone else may take the last ones first: try the next warehouse then. */
export async function reserve(productId: number, quantity: number): Promise<string | undefined> {
  const { rows } = await pool.query<{ warehouse: string }>(
    'SELECT warehouse FROM stock WHERE product_id = $1 AND quantity >= $2 ORDER BY quantity DESC LIMIT 3',
    [productId, quantity],
  );
  for (const { warehouse } of rows) {
    const taken = await pool.query('UPDATE stock SET quantity = quantity - $3 WHERE product_id = $1 AND warehouse = $2 AND quantity >= $3', [
      productId,
      warehouse,
      quantity,
    ]);
    if (taken.rowCount === 1) return warehouse;
  }
  return undefined;
}
