import type { Node } from '../code';
import type { Edit } from '../edits';
import type { ResultForm } from '../result-use';

/** A query that reads by one key, as its library's module took it apart. */
export interface KeyedQuery {
  /** The value that the key column is compared with. */
  key: Node;
  /** Parts of the query that may hold calls or names of the turn: the key and what builds the comparison. */
  varying: readonly Node[];
  /** A call inside the query that only describes it. */
  isDescription(call: Node): boolean;
  /** Property of a row that holds the key. */
  column: string;
  /** No two rows have the same key. */
  unique: boolean;
  result: ResultForm;
  /** What the library gives for a missing row. */
  missing: 'null' | 'undefined';
  /** A null key finds the rows without a value instead of none. */
  nullFindsNull?: boolean;
  /** The key column had to be added to what is selected. */
  columnAdded: boolean;
  /** Rows may hold the key in another form than the caller (a string for a bigint): both are compared as strings. */
  asText: boolean;
  /** Type of a row as written for the library, if the file says it. */
  untypedRows: boolean;
  /** Why a long list of keys must be cut, as a comment says it; undefined when the library or one array parameter takes any. */
  limit?: string;
  /** Name of what is read: a model, a table. */
  noun: string;
  /** Edits that turn the query into one for many keys, given as an expression. */
  widened(keys: string): Edit[];
  /** Edits of imports that the widened query needs. */
  imports(): Edit[];
}
