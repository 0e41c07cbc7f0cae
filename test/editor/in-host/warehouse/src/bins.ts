import { Pool } from 'pg';

const pool = new Pool();

export async function locations(skus: string[]) {
  const found = [];
  for (const sku of skus) {
    const { rows } = await pool.query('SELECT aisle, shelf FROM bins WHERE sku = $1', [sku]);
    found.push(rows[0]);
  }
  return found;
}
