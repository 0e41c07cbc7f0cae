import type { LineRow, Measured, RequestRow, StatementRow } from '../profiler/protocol.js';
import { formatAverage, formatCount, formatDuration, formatShare } from './number-format.js';
import { shortPlace } from './places.js';
import type { SessionStore } from './session-store.js';
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
  spark?: readonly number[];
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

/** Rows that did not change keep theirs, so that an update costs what changed. */
const made = new WeakMap<object, TableRow>();

export function tableRows(store: SessionStore, grouping: Grouping): TableRow[] {
  switch (grouping) {
    case 'statements':
      return Array.from(store.statements.values(), (row) => remembered(row, statementRow));
    case 'lines':
      return Array.from(store.lines.values(), (row) => remembered(row, lineRow));
    case 'requests':
      return Array.from(store.requests.values(), (row) => remembered(row, requestRow));
  }
}

function remembered<T extends object>(row: T, make: (row: T) => TableRow): TableRow {
  let known = made.get(row);
  if (known === undefined) made.set(row, (known = make(row)));
  return known;
}

function statementRow({ id, text, measured, counted, share, spark }: StatementRow): TableRow {
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
    spark,
    atLeast: measured === undefined && counted?.atLeast === true,
  };
}

function lineRow({ key, place, measured, share, mostInOneRequest }: LineRow): TableRow {
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

function requestRow({ label, requests, queries, mostQueries, databaseMs, errors, share }: RequestRow): TableRow {
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
  const direction = order.descending ? -1 : 1;
  const tie = (a: TableRow, b: TableRow): number => (b.values.total ?? 0) - (a.values.total ?? 0) || (a.key < b.key ? -1 : 1);
  if (order.column === 'title') {
    const { compare } = new Intl.Collator();
    return kept.sort((a, b) => direction * compare(a.title, b.title) || tie(a, b));
  }
  // Looked up once per row and not once per comparison, of which thousands of rows need sixty thousand.
  const { column: sorted } = order;
  const values = Float64Array.from(kept, (row) => {
    const value = row.values[sorted];
    return value === undefined ? Infinity : direction * value;
  });
  const places = Uint32Array.from(kept, (_row, place) => place);
  places.sort((a, b) => (values[a] === values[b] ? tie(kept[a]!, kept[b]!) : values[a]! - values[b]!));
  return Array.from(places, (place) => kept[place]!);
}

/** The same rows in the order that `before` had, new ones last: rows must not move away from a hand that is about to press one. */
export function keepOrder(rows: readonly TableRow[], before: readonly TableRow[]): TableRow[] {
  const places = new Map(before.map(({ key }, index) => [key, index]));
  const place = ({ key }: TableRow): number => places.get(key) ?? places.size;
  return [...rows].sort((a, b) => place(a) - place(b));
}
