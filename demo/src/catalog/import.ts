import { pool } from './pool';

export interface PriceChange {
  sku: string;
  priceCents: number;
}

/** Rows of one statement: large enough that round trips do not matter, small enough to hold locks only briefly. */
const CHUNK = 1_000;

/** Takes over a supplier's price file, one statement for each chunk of it. */
export async function importPrices(changes: readonly PriceChange[]): Promise<number> {
  let updated = 0;
  for (let start = 0; start < changes.length; start += CHUNK) {
    const chunk = changes.slice(start, start + CHUNK);
    const result = await pool.query(
      `UPDATE products SET price_cents = new.price_cents
       FROM unnest($1::text[], $2::int[]) AS new (sku, price_cents)
       WHERE products.sku = new.sku AND products.price_cents <> new.price_cents`,
      [chunk.map((change) => change.sku), chunk.map((change) => change.priceCents)],
    );
    updated += result.rowCount ?? 0;
  }
  return updated;
}
