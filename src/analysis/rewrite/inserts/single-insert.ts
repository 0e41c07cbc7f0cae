import type { Node } from '../code';
import type { FileStyle } from '../file-style';

/** An insert of one row, as its library's module took it apart. */
export interface SingleInsert {
  /** The row: an object for Prisma and Drizzle, the list of values for pg. */
  row: Node;
  /** Name of what is inserted: a model, a table. */
  noun: string;
  /** Rows per statement, where the library leaves the limit of parameters to the caller. */
  rowsPerStatement?: number;
  /**
   * Statements that insert the rows which an expression gives, indented by nothing. `fresh` names a new variable.
   * With `rowsPerStatement` the expression is the name of an array.
   */
  insertAll(rows: string, style: FileStyle, fresh: (...wishes: string[]) => string): string[];
  /** For each column a list of its values and no rows at all, where the types of the columns are known. */
  byColumn?(listOf: (value: Node) => string, style: FileStyle): string[];
}

/** PostgreSQL counts parameters in 16 bits: 65,535 of them at most. */
const MAX_PARAMETERS = 65_535;
/** Enough to make the round trip vanish, and few enough that 65 columns stay below the limit. */
const ROWS = 1000;
/** For rows whose columns the file does not list: up to 131 columns. */
const ROWS_OF_UNKNOWN_WIDTH = 500;

/** How many rows of a width fit into one statement, as a round number. */
export function rowsPerStatement(columns: number | undefined): number {
  if (columns === undefined) return ROWS_OF_UNKNOWN_WIDTH;
  return Math.min(ROWS, 10 ** Math.floor(Math.log10(MAX_PARAMETERS / Math.max(columns, 1))));
}

/** A `for` over chunks of an array, with one comment that says why. */
export function chunked(rows: string, size: number, chunkStatements: (chunk: string) => string[], style: FileStyle, index: string): string[] {
  const written = size >= 10_000 ? `${size / 1000}_000` : String(size);
  return [
    '// PostgreSQL takes at most 65,535 parameters in one statement.',
    `for (let ${index} = 0; ${index} < ${rows}.length; ${index} += ${written}) {`,
    ...chunkStatements(`${rows}.slice(${index}, ${index} + ${written})`).map((line) => style.indent + line),
    '}',
  ];
}
