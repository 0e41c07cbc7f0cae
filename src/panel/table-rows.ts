import type { LineRow, Measured, RequestRow, StatementRow } from '../profiler/protocol.js';
import { formatAverage, formatCount, formatDuration, formatShare } from './number-format.js';
import { shortPlace } from './places.js';
import { oneLine } from './visible-text.js';

/** What a row of the table stands for. */
export const GROUPINGS = ['statements', 'lines', 'requests'] as const;
export type Grouping = (typeof GROUPINGS)[number];

export type ColumnId = 'title' | 'calls' | 'total' | 'mean' | 'p95' | 'perCall' | 'most' | 'errors' | 'share';

export interface Column {
  id: ColumnId;
  /** In the header. */
  title: string;
  /** In sentences, and as the header's tooltip. */
  name: string;
  format(value: number): string;
}

export interface TableRow {
  key: string;
  title: string;
  /** Said after the title, and quieter. */
  note?: string;
  /** Lower case, for the filter. */
  search: string;
  /** Part of the time of all, from 0 to 1. */
  share: number;
  values: Partial<Record<ColumnId, number>>;
  /** Executions per slot of time, and the number of the last one. */
  spark?: { slot: number; counts: readonly number[] };
  /** Some calls may be missing. */
  atLeast: boolean;
}

export interface Order {
  column: ColumnId;
  descending: boolean;
}

const column = (id: ColumnId, title: string, name: string, format: (value: number) => string): Column => ({ id, title, name, format });

const CALLS = column('calls', 'Calls', 'calls', formatCount);
const TOTAL = column('total', 'Total', 'total time', formatDuration);
const MEAN = column('mean', 'Mean', 'mean time', formatDuration);
const P95 = column('p95', 'p95', '95th percentile: 95 % of the executions took at most this long', formatDuration);
const PER_CALL = column('perCall', 'Rows/call', 'rows per call', formatAverage);
const ERRORS = column('errors', 'Errors', 'errors', formatCount);
const SHARE = column('share', 'Share', 'share of all time', formatShare);

/** The columns of each grouping, the most telling first: a narrow view shows the first few. */
export const COLUMNS: Record<Grouping, readonly Column[]> = {
  statements: [column('title', 'Statement', 'statement', String), CALLS, TOTAL, P95, PER_CALL, MEAN, ERRORS, SHARE],
  lines: [column('title', 'Line', 'line', String), CALLS, TOTAL, P95, column('most', 'Most', 'most executions in one request', formatCount), MEAN, PER_CALL, ERRORS, SHARE],
  requests: [
    column('title', 'Request', 'request', String),
    column('calls', 'Requests', 'requests', formatCount),
    column('total', 'Database', 'time in the database', formatDuration),
    column('mean', 'Each', 'time in the database per request', formatDuration),
    column('perCall', 'Queries', 'queries per request', formatAverage),
    column('most', 'Most', 'most queries in one request', formatCount),
    ERRORS,
    SHARE,
  ],
};

/** Time first, the most first: what costs most stands on top. */
export const DEFAULT_ORDER: Order = { column: 'total', descending: true };

/** What pressing a column's header leads to. Numbers start with the largest, texts with A. */
export function nextOrder(current: Order, pressed: ColumnId): Order {
  if (current.column === pressed) return { column: pressed, descending: !current.descending };
  return { column: pressed, descending: pressed !== 'title' };
}

/** The rows of one grouping in the order that a person asked for. An update costs what it changed. */
export class TableRows<T> {
  readonly #make: (row: T) => TableRow;
  readonly #keyOf: (row: T) => string;
  readonly #rows = new Map<string, TableRow>();
  /** Told, and not in their place yet. */
  readonly #news = new Map<string, T>();
  #arranged: readonly TableRow[] = [];
  #asked = '';

  constructor(keyOf: (row: T) => string, make: (row: T) => TableRow) {
    this.#keyOf = keyOf;
    this.#make = make;
  }

  clear(): void {
    this.#rows.clear();
    this.#news.clear();
    this.#arranged = [];
  }

  /** Takes rows that are new or changed. */
  take(rows: readonly T[]): void {
    for (const row of rows) this.#news.set(this.#keyOf(row), row);
  }

  /** The rows that contain every word of the filter, in order; the same list where nothing changed. */
  arranged(filter: string, order: Order): readonly TableRow[] {
    const asked = JSON.stringify([filter, order]);
    if (this.#news.size === 0 && asked === this.#asked) return this.#arranged;
    const news = [...this.#news.values()].map((row) => this.#make(row));
    for (const row of news) this.#rows.set(row.key, row);
    if (asked !== this.#asked || news.length > this.#rows.size / 2) this.#arranged = arrange([...this.#rows.values()], filter, order);
    else this.#arranged = merge(this.#arranged.filter(({ key }) => !this.#news.has(key)), arrange(news, filter, order), comparison(order));
    this.#asked = asked;
    this.#news.clear();
    return this.#arranged;
  }
}

/** Two lists that are in order, as one. */
function merge(some: readonly TableRow[], others: readonly TableRow[], compare: (a: TableRow, b: TableRow) => number): TableRow[] {
  const merged: TableRow[] = [];
  let next = 0;
  for (const row of some) {
    while (next < others.length && compare(others[next]!, row) < 0) merged.push(others[next++]!);
    merged.push(row);
  }
  return merged.concat(others.slice(next));
}

export function statementRow({ id, text, measured, counted, share, spark, sparkSlot }: StatementRow): TableRow {
  const numbers = measured ?? counted;
  return {
    key: id,
    title: oneLine(text),
    search: text.toLowerCase(),
    share,
    values: {
      ...(numbers === undefined ? {} : { calls: numbers.calls, total: numbers.totalMs, mean: numbers.meanMs, perCall: perCall(numbers) }),
      ...(measured === undefined ? {} : { p95: measured.p95Ms, errors: measured.errors }),
      share,
    },
    spark: { slot: sparkSlot, counts: spark },
    atLeast: measured === undefined && counted?.atLeast === true,
  };
}

export function lineRow({ key, place, measured, share, mostInOneRequest }: LineRow): TableRow {
  return {
    key,
    title: shortPlace(place),
    ...(place.function === undefined ? {} : { note: place.function }),
    search: `${place.file}:${place.line} ${place.function ?? ''}`.toLowerCase(),
    share,
    values: {
      calls: measured.calls,
      total: measured.totalMs,
      mean: measured.meanMs,
      p95: measured.p95Ms,
      perCall: perCall(measured),
      errors: measured.errors,
      most: mostInOneRequest,
      share,
    },
    atLeast: false,
  };
}

export function requestRow({ label, requests, queries, mostQueries, databaseMs, errors, share }: RequestRow): TableRow {
  return {
    key: label,
    title: oneLine(label),
    search: label.toLowerCase(),
    share,
    values: { calls: requests, total: databaseMs, mean: databaseMs / Math.max(1, requests), perCall: queries / Math.max(1, requests), most: mostQueries, errors, share },
    atLeast: false,
  };
}

function perCall({ rows, calls }: Pick<Measured, 'rows' | 'calls'>): number {
  return rows / Math.max(1, calls);
}

/** The rows that contain every word of the filter, in order. Equal rows keep a steady order; those without the value come last. */
export function arrange(rows: readonly TableRow[], filter: string, order: Order): TableRow[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const kept = words.length === 0 ? [...rows] : rows.filter(({ search }) => words.every((word) => search.includes(word)));
  return kept.sort(comparison(order));
}

const { compare: compareTexts } = new Intl.Collator();

function comparison({ column, descending }: Order): (a: TableRow, b: TableRow) => number {
  const direction = descending ? -1 : 1;
  const tie = (a: TableRow, b: TableRow): number => (b.values.total ?? 0) - (a.values.total ?? 0) || (a.key < b.key ? -1 : 1);
  if (column === 'title') return (a, b) => direction * compareTexts(a.title, b.title) || tie(a, b);
  return (a, b) => {
    const one = a.values[column];
    const other = b.values[column];
    if (one === other) return tie(a, b);
    if (one === undefined) return 1;
    return other === undefined ? -1 : direction * (one - other);
  };
}

/** The same rows in the order that `before` had, new ones last: rows must not move away from a hand that is about to press one. */
export function keepOrder(rows: readonly TableRow[], before: readonly TableRow[]): TableRow[] {
  const left = new Map(rows.map((row) => [row.key, row]));
  const kept: TableRow[] = [];
  for (const { key } of before) {
    const row = left.get(key);
    if (row === undefined) continue;
    kept.push(row);
    left.delete(key);
  }
  return [...kept, ...left.values()];
}
