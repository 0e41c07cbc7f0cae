import type { MessageToPanel } from '../../src/panel/messages.js';
import type { ActivityRow, Comparison, LineRow, Measured, Place, RequestRow, RuntimeRepetition, SavedSession, SeriesPoint, SessionUpdate, StatementDetail, StatementRow } from '../../src/profiler/protocol.js';

/** Slots of five seconds since 1970. */
const SPARK_SLOT = 352_723_200;

/** 21 November 2025, 10:32 on the reader's clock. */
export const SINCE = new Date(2025, 10, 21, 10, 32).getTime();
export const FOLDER = '/home/ada/shop';

export function place(file: string, line: number, name?: string): Place {
  return { file: `${FOLDER}/${file}`, line, column: 18, ...(name === undefined ? {} : { function: name }) };
}

export function measured(calls: number, totalMs: number, rows: number, more: Partial<Measured> = {}): Measured {
  const meanMs = totalMs / Math.max(1, calls);
  return { calls, errors: 0, rows, totalMs, meanMs, minMs: meanMs * 0.4, maxMs: meanMs * 9, p50Ms: meanMs * 0.8, p95Ms: meanMs * 2.6, p99Ms: meanMs * 5, waitMs: 0, ...more };
}

const ORDERS = place('src/orders/list.ts', 42, 'listOrders');
const CUSTOMER = place('src/orders/customer.ts', 17, 'loadCustomer');
const AUDIT = place('src/audit/write.ts', 9, 'writeAudit');
const STOCK = place('src/products/stock.ts', 61, 'reserve');

const TEXTS: [text: string, kind: string, tables: string[], calls: number, totalMs: number, rows: number, place: Place | undefined, errors?: number][] = [
  ['select "id", "order_id", "product_id", "quantity", "price_cents" from "order_items" where "order_items"."order_id" = $1', 'select', ['order_items'], 18_412, 3_912.4, 73_648, ORDERS],
  ['SELECT "public"."Customer"."id", "public"."Customer"."email", "public"."Customer"."name" FROM "public"."Customer" WHERE ("public"."Customer"."id" = $1 AND $2=$3) LIMIT $4 OFFSET $5', 'select', ['customer'], 9_204, 1_120.9, 9_204, CUSTOMER],
  ['SELECT *\nFROM orders\nWHERE status = $1\nORDER BY created_at DESC', 'select', ['orders'], 12, 961.7, 481_200, place('src/reports/open.ts', 88)],
  ['INSERT INTO audit_log (actor_id, action, payload, created_at) VALUES ($1, $2, $3, now())', 'insert', ['audit_log'], 4_870, 402.2, 4_870, AUDIT],
  ['UPDATE products SET stock = stock - $1 WHERE id = $2 RETURNING stock', 'update', ['products'], 2_301, 188.1, 2_298, STOCK, 3],
  ['select count(*) from "reviews" where "product_id" = $1', 'select', ['reviews'], 1_540, 61.33, 1_540, place('src/products/page.ts', 30, 'productPage')],
  ['BEGIN', 'transaction', [], 4_871, 9.1, 0, undefined],
  ['COMMIT', 'transaction', [], 4_870, 7.84, 0, undefined],
  ['SELECT set_config($1, $2, false)', 'select', [], 31, 0.41, 31, undefined],
  ['SELECT $1', 'select', [], 2, 0.0182, 2, undefined],
];

const TOTAL_MS = TEXTS.reduce((sum, [, , , , totalMs]) => sum + totalMs, 0);

export function keyOfPlace({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}

/** Ten statements of a shop, the most costly first. The fourth and seventh are counted by the server as well, the ninth by it alone. */
export const STATEMENTS: StatementRow[] = TEXTS.map(([text, kind, tables, calls, totalMs, rows, at, errors = 0], index) => {
  const counted = { calls: calls + 3, rows, totalMs: totalMs * 0.7, meanMs: (totalMs * 0.7) / calls, deviationMs: (totalMs * 0.4) / calls, maxMs: (totalMs * 6) / calls, blocksHit: calls * 4, blocksRead: 12, atLeast: index === 8 };
  return {
    id: `s${index}`,
    text,
    kind,
    tables,
    ...(index === 8 ? {} : { measured: measured(calls, totalMs, rows, { errors }) }),
    ...(index < 4 || index === 6 || index === 8 ? { counted } : {}),
    share: totalMs / TOTAL_MS,
    spark: Array.from({ length: 24 }, (_, slot) => Math.round((calls / 24) * (1 + Math.sin(slot / 2 + index)))),
    sparkSlot: SPARK_SLOT,
    lines: at === undefined ? [] : [keyOfPlace(at)],
  };
});

export const LINES: LineRow[] = STATEMENTS.flatMap((row, index) => {
  const at = TEXTS[index]![6];
  if (at === undefined || row.measured === undefined) return [];
  return [{ key: keyOfPlace(at), place: at, measured: row.measured, statements: [row.id], share: row.share, requests: 211 - index * 20, mostInOneRequest: [50, 50, 1, 12, 4, 8][index] ?? 1, sampled: index === 0 }];
});

export const REQUESTS: RequestRow[] = [
  { label: 'GET /orders', requests: 211, queries: 27_816, mostQueries: 101, databaseMs: 5_133.3, totalMs: 7_820, errors: 0, statements: ['s0', 's1'], share: 0.77 },
  { label: 'GET /reports/open', requests: 12, queries: 12, mostQueries: 1, databaseMs: 961.7, totalMs: 1_604, errors: 0, statements: ['s2'], share: 0.144 },
  { label: 'POST /orders/:id/items', requests: 2_301, queries: 12_042, mostQueries: 9, databaseMs: 607, totalMs: 3_410, errors: 3, statements: ['s3', 's4', 's6', 's7'], share: 0.09 },
];

export const REPETITIONS: RuntimeRepetition[] = [
  { kind: 'n-plus-one', statement: 's0', place: ORDERS, label: 'GET /orders', requests: 211, executions: 18_412, most: 50, totalMs: 3_912.4, wastedMs: 3_867.5 },
  { kind: 'n-plus-one', statement: 's1', place: CUSTOMER, label: 'GET /orders', requests: 190, executions: 9_204, most: 50, totalMs: 1_120.9, wastedMs: 1_097.8 },
  { kind: 'repeated', statement: 's5', place: place('src/products/page.ts', 30, 'productPage'), label: 'GET /products/:id', requests: 96, executions: 1_540, most: 16, totalMs: 61.33, wastedMs: 57.5 },
  { kind: 'n-plus-one', statement: 's3', place: AUDIT, requests: 40, executions: 480, most: 12, totalMs: 39.6, wastedMs: 36.3 },
];

export const ACTIVITY: ActivityRow[] = [
  { pid: 4713, state: 'active', user: 'shop', application: 'worker', text: 'UPDATE orders SET status = $1 WHERE id = $2', runningMs: 48_200, wait: 'Lock: transactionid', blockedBy: [4711], mayCancel: true },
  { pid: 4711, state: 'idle in transaction', user: 'shop', application: 'psql', text: 'UPDATE orders SET status = $1 WHERE id = $2', runningMs: 61_900, blockedBy: [], mayCancel: true },
  { pid: 4702, state: 'active', user: 'report', application: '', text: 'SELECT date_trunc($1, created_at), sum(total_cents) FROM orders GROUP BY 1', statement: 's2', runningMs: 2_310, blockedBy: [], mayCancel: false },
];

/** One point a second: a quiet start, a burst, and a pause of a minute after the first three minutes. */
export function series(seconds = 240): SeriesPoint[] {
  return Array.from({ length: seconds }, (_, second) => {
    const burst = second > 60 && second < 130 ? 3 : 1;
    const wave = 1 + 0.5 * Math.sin(second / 9) + 0.25 * Math.sin(second / 2.3);
    const p50Ms = 0.18 + 0.05 * wave;
    return {
      at: SINCE + second * 1000 + (second >= 180 ? 60_000 : 0),
      queries: Math.round(70 * burst * wave),
      errors: 0,
      p50Ms,
      p95Ms: p50Ms * (2.5 + burst * wave),
      meanMs: p50Ms * 1.2,
      waitMs: 0,
    };
  });
}

const CONNECTED: SessionUpdate['connection'] = { kind: 'connected', target: 'shop at localhost:5432', server: 'PostgreSQL 18.4' };

/** A session of five minutes in full, unless said otherwise. */
export function sessionUpdate({ session, ...more }: Omit<Partial<SessionUpdate>, 'session'> & { session?: Partial<SessionUpdate['session']> } = {}): SessionUpdate {
  const statements = more.statements ?? STATEMENTS;
  return {
    full: true,
    session: { id: 'one', name: 'Checkout, before', state: 'recording', startedAt: SINCE, recordedMs: 300_000, target: 'shop at localhost:5432', ...session },
    connection: CONNECTED,
    ageMs: 400,
    sparkSlot: SPARK_SLOT,
    statements,
    totals: {
      statements: statements.length,
      calls: statements.reduce((sum, row) => sum + (row.measured ?? row.counted)!.calls, 0),
      errors: 3,
      totalMs: TOTAL_MS,
      waitMs: 41.2,
    },
    lines: LINES,
    requests: REQUESTS,
    repetitions: REPETITIONS,
    activity: ACTIVITY,
    series: series(),
    programs: [
      { pid: 8121, command: 'tsx watch src/server.ts', node: 'v22.23.3', libraries: ['pg', 'drizzle-orm'], startedAt: SINCE + 4_000, queries: 41_212, dropped: 0, overheadUs: 1.8 },
      { pid: 8190, command: 'node dist/worker.js', node: 'v20.20.2', libraries: ['postgres'], startedAt: SINCE + 9_000, endedAt: SINCE + 200_000, queries: 4_901, dropped: 120, overheadUs: 2.4 },
    ],
    targets: [
      { name: 'p95', target: 'p95 of each statement ≤ 50 ms', met: false, result: '1 of 10 statements is slower; the slowest takes 208 ms' },
      { name: 'connections', target: 'At most 80 % of the connections in use', met: true, result: 'At most 12 of 100 were in use' },
      { name: 'cache', target: 'At least 95 % of blocks found in shared buffers', met: undefined, result: 'The server was not asked long enough.' },
    ],
    notices: [{ text: 'pg_stat_statements holds 5 000 statements and forgets the rarest. Raise its limit and restart the server:', code: "ALTER SYSTEM SET pg_stat_statements.max = '20000';" }],
    ...more,
  };
}

/** A recording session that has seen nothing yet. */
export function emptyUpdate(more: Parameters<typeof sessionUpdate>[0] = {}): SessionUpdate {
  return sessionUpdate({
    statements: [],
    lines: [],
    requests: [],
    repetitions: [],
    activity: [],
    series: [],
    programs: [],
    targets: [],
    notices: [],
    totals: { statements: 0, calls: 0, errors: 0, totalMs: 0, waitMs: 0 },
    ...more,
    session: { recordedMs: 4_000, ...more.session },
  });
}

export function update(data: SessionUpdate = sessionUpdate()): MessageToPanel {
  return { type: 'update', update: data };
}

export const SAVED: SavedSession[] = [
  { file: `${FOLDER}/.roundtrip/2025-11-20.json`, name: 'Checkout, last week', startedAt: SINCE - 86_400_000, recordedMs: 412_000, calls: 51_204, target: 'shop at localhost:5432' },
  { file: `${FOLDER}/.roundtrip/2025-11-19.json`, name: 'Import', startedAt: SINCE - 172_800_000, recordedMs: 61_000, calls: 9_120 },
];

export const FOUND = [
  { id: '7', name: 'shop at localhost:5432', source: 'DATABASE_URL in .env' },
  { id: '8', name: 'shop_test at localhost:5433', source: 'docker-compose.yml' },
];

export function start(more: Partial<Extract<MessageToPanel, { type: 'start' }>> = {}): MessageToPanel {
  return { type: 'start', found: FOUND, restricted: false, sessions: SAVED, folders: [FOLDER], ...more };
}

export function statementDetail(more: Partial<StatementDetail> = {}): StatementDetail {
  return {
    row: STATEMENTS[0]!,
    formatted: 'select\n  "id",\n  "order_id",\n  "product_id",\n  "quantity",\n  "price_cents"\nfrom\n  "order_items"\nwhere\n  "order_items"."order_id" = $1',
    histogram: [
      [0.08, 0.1, 410],
      [0.1, 0.13, 2_204],
      [0.13, 0.17, 6_120],
      [0.17, 0.22, 5_031],
      [0.22, 0.29, 2_411],
      [0.29, 0.38, 1_120],
      [0.38, 0.5, 602],
      [0.5, 0.66, 301],
      [0.66, 0.87, 121],
      [0.87, 1.14, 60],
      [1.14, 1.5, 21],
      [3.4, 4.5, 8],
      [7.7, 10.1, 3],
    ],
    lines: LINES.slice(0, 2),
    requests: [
      { label: 'GET /orders', requests: 211, executions: 17_900, totalMs: 3_810 },
      { label: 'GET /orders/:id', requests: 512, executions: 512, totalMs: 102.4 },
    ],
    errors: [{ code: '57014', message: 'canceling statement due to statement timeout', count: 2 }],
    slowest: [],
    networkMs: 0.06,
    ...more,
  };
}

export function detail(more: Partial<StatementDetail> = {}): MessageToPanel {
  const full = statementDetail(more);
  return {
    type: 'detail',
    statement: full.row.id,
    detail: full,
    findings: [
      { rule: 'n-plus-one', message: 'One query per order: 1 + N round trips for N orders.', place: ORDERS, hasFix: true },
      { rule: 'over-fetch', message: 'The column “payload” is read and never used.', place: CUSTOMER, hasFix: false },
    ],
  };
}

export const COMPARISON: Comparison = {
  before: SAVED[0]!,
  after: { ...SAVED[1]!, name: 'Checkout, batched' },
  totals: { before: { calls: 46_113, totalMs: 6_664, repetitions: 4 }, after: { calls: 9_312, totalMs: 1_912, repetitions: 1 } },
  summary: [
    'The same requests run 80 % fewer queries and spend 71 % less time in the database.',
    '3 of 4 N+1s are gone; the one at src/audit/write.ts:9 is left.',
    '1 statement became slower, by more than noise.',
  ],
  statements: [
    { id: 's0', text: STATEMENTS[0]!.text, kind: 'gone', before: { calls: 18_412, totalMs: 3_912.4, p95Ms: 0.55 }, significant: true },
    { id: 's20', text: 'select "id", "order_id", "product_id" from "order_items" where "order_items"."order_id" = any($1)', kind: 'new', after: { calls: 211, totalMs: 118.2, p95Ms: 1.9 }, significant: true },
    { id: 's2', text: STATEMENTS[2]!.text, kind: 'slower', before: { calls: 12, totalMs: 961.7, p95Ms: 88 }, after: { calls: 12, totalMs: 1_340, p95Ms: 142 }, significant: true },
    { id: 's1', text: STATEMENTS[1]!.text, kind: 'less', before: { calls: 9_204, totalMs: 1_120.9, p95Ms: 0.31 }, after: { calls: 211, totalMs: 25.7, p95Ms: 0.3 }, significant: true },
    { id: 's4', text: STATEMENTS[4]!.text, kind: 'faster', before: { calls: 2_301, totalMs: 188.1, p95Ms: 0.2 }, after: { calls: 2_312, totalMs: 180.3, p95Ms: 0.19 }, significant: false },
    { id: 's6', text: 'BEGIN', kind: 'same', before: { calls: 4_871, totalMs: 9.1 }, after: { calls: 4_871, totalMs: 9.1 }, significant: false },
  ],
  lines: [{ id: keyOfPlace(ORDERS), text: '', place: ORDERS, kind: 'less', before: { calls: 18_412, totalMs: 3_912.4, p95Ms: 0.55 }, after: { calls: 211, totalMs: 118.2, p95Ms: 1.9 }, significant: true }],
  repetitionsGone: REPETITIONS.slice(0, 3),
  repetitionsNew: [],
};

/** Texts that act where they are not shown as text. */
export const HOSTILE = '<img src=x onerror="window.hacked = true"><script>window.hacked = true</script></code></td> [click](command:evil) \u001b[31mred\u001b[0m \u202egnp.exe\u202c';
/** The same as a person sees it. */
export const HOSTILE_SHOWN =
  '<img src=x onerror="window.hacked = true"><script>window.hacked = true</script></code></td> [click](command:evil) \u241b[31mred\u241b[0m ‹U+202E›gnp.exe‹U+202C›';
