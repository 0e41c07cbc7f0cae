/** One statement as the table shows it. */
export interface StatementRow {
  id: string;
  text: string;
  calls: number;
  /** Milliseconds. */
  totalMs: number;
  /** Milliseconds. */
  meanMs: number;
  rows: number;
  /** Part of the time of all statements, from 0 to 1. */
  share: number;
  /** Some calls may be missing. */
  atLeast: boolean;
}

export const COLUMNS = ['statement', 'calls', 'total', 'mean', 'rows'] as const;

export type Column = (typeof COLUMNS)[number];

export interface Order {
  column: Column;
  descending: boolean;
}

/** Time first, the most first: what costs most stands on top. */
export const DEFAULT_ORDER: Order = { column: 'total', descending: true };

/** What pressing a column's header leads to. Numbers start with the largest, texts with A. */
export function nextOrder(current: Order, column: Column): Order {
  if (current.column === column) return { column, descending: !current.descending };
  return { column, descending: column !== 'statement' };
}

/** The rows that contain every word of the filter, in order. Equal rows keep a steady order. */
export function arrange(rows: readonly StatementRow[], filter: string, order: Order): StatementRow[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const kept = rows.filter((row) => {
    const text = row.text.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const direction = order.descending ? -1 : 1;
  return kept.sort((a, b) => direction * compare(a, b, order.column) || b.totalMs - a.totalMs || (a.id < b.id ? -1 : 1));
}

function compare(a: StatementRow, b: StatementRow, column: Column): number {
  switch (column) {
    case 'statement':
      return a.text.localeCompare(b.text);
    case 'calls':
      return a.calls - b.calls;
    case 'total':
      return a.totalMs - b.totalMs;
    case 'mean':
      return a.meanMs - b.meanMs;
    case 'rows':
      return a.rows - b.rows;
  }
}
