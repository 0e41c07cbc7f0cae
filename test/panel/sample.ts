import type { MessageToPanel, PanelState, PanelTimings } from '../../src/panel/messages.js';

/** 21 November 2025, 10:32 on the reader's clock. */
export const SINCE = new Date(2025, 10, 21, 10, 32).getTime();

export const CONNECTED: Extract<PanelState, { kind: 'connected' }> = {
  kind: 'connected',
  target: 'shop at localhost:5432',
  server: 'PostgreSQL 18.4',
  since: SINCE,
  paused: false,
};

const STATEMENTS: [text: string, calls: number, totalMs: number, rows: number][] = [
  ['select "id", "order_id", "product_id", "quantity", "price_cents" from "order_items" where "order_items"."order_id" = $1', 18_412, 3_912.4, 73_648],
  ['SELECT "public"."Customer"."id", "public"."Customer"."email", "public"."Customer"."name" FROM "public"."Customer" WHERE ("public"."Customer"."id" = $1 AND $2=$3) LIMIT $4 OFFSET $5', 9_204, 1_120.9, 9_204],
  ['SELECT *\nFROM orders\nWHERE status = $1\nORDER BY created_at DESC', 12, 961.7, 481_200],
  ['INSERT INTO audit_log (actor_id, action, payload, created_at) VALUES ($1, $2, $3, now())', 4_870, 402.2, 4_870],
  ['UPDATE products SET stock = stock - $1 WHERE id = $2 RETURNING stock', 2_301, 188.1, 2_301],
  ['select count(*) from "reviews" where "product_id" = $1', 1_540, 61.33, 1_540],
  ['BEGIN', 4_871, 9.1, 0],
  ['COMMIT', 4_870, 7.84, 0],
  ['SELECT set_config($1, $2, false)', 31, 0.41, 31],
  ['SELECT $1', 2, 0.0182, 2],
];

export function timings(rows = STATEMENTS, more: Partial<PanelTimings> = {}): MessageToPanel {
  return {
    type: 'timings',
    timings: {
      statements: rows.map(([, calls, totalMs, count], index) => [String(index), calls, totalMs, count, 0]),
      statementCount: rows.length,
      totalMs: rows.reduce((sum, [, , totalMs]) => sum + totalMs, 0),
      texts: rows.map(([text], index) => [String(index), text]),
      notices: [],
      ...more,
    },
  };
}

export function state(shown: PanelState): MessageToPanel {
  return { type: 'state', state: shown };
}

export { STATEMENTS };
