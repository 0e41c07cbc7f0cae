/** A table of a connected database, and how many rows it is estimated to hold. */
export interface TableSize {
  /** `schema.table` */
  name: string;
  /** Negative when nobody has counted yet. */
  rows: number;
}

/** A whole read of so few rows is the page that a reader would be given anyway (as many as the fixes limit a read to). */
const SMALL_TABLE_ROWS = 100;

/** From here on a whole read takes a tenth of a second and tens of megabytes, whatever the rows look like. */
const LARGE_TABLE_ROWS = 100_000;

/** Estimates change with each insert; what findings say should not. */
const SIGNIFICANT_DIGITS = 2;

/** Row counts by what queries call the tables. Names of models (`auditLog`) find their tables (`audit_logs`). */
export class TableSizes {
  /** Undefined where several tables have the name, so that nobody knows which one is meant. */
  readonly #rows = new Map<string, number | undefined>();
  /** Changes exactly when an answer may. */
  readonly key: string;

  constructor(sizes: readonly TableSize[] = []) {
    const known = sizes.filter(({ rows }) => rows >= 0).map(({ name, rows }) => ({ name, rows: rounded(rows) }));
    this.key = JSON.stringify(known);
    for (const { name, rows } of known) {
      const bare = bareName(name);
      for (const one of new Set([`exact ${unquoted(name)}`, `exact ${bare}`, `loose ${loose(bare)}`])) this.#rows.set(one, this.#rows.has(one) ? undefined : rows);
    }
  }

  /** Rows of the table, to two digits; undefined when they are not known. */
  rowsOf(table: string): number | undefined {
    for (const name of [`exact ${unquoted(table)}`, `exact ${bareName(table)}`, `loose ${loose(bareName(table))}`]) if (this.#rows.has(name)) return this.#rows.get(name);
    return undefined;
  }

  /** Whether all of the tables are known to hold so few rows that reading them whole costs nothing. */
  areSmall(tables: readonly string[]): boolean {
    return tables.length > 0 && tables.every((table) => (this.rowsOf(table) ?? Infinity) <= SMALL_TABLE_ROWS);
  }

  isLarge(table: string): boolean {
    return (this.rowsOf(table) ?? 0) >= LARGE_TABLE_ROWS;
  }
}

function rounded(rows: number): number {
  return Number(rows.toPrecision(SIGNIFICANT_DIGITS));
}

function unquoted(name: string): string {
  return name.replaceAll('"', '').toLowerCase();
}

function bareName(name: string): string {
  return unquoted(name).split('.').at(-1)!;
}

/** The same for `OrderItem`, `orderItems` and `order_items`. */
function loose(name: string): string {
  return name
    .replace(/[^\p{L}\p{N}]/gu, '')
    .replace(/ies$/, 'y')
    .replace(/(?<=ss|x|z|ch|sh)es$/, '')
    .replace(/(?<!s)s$/, '');
}
