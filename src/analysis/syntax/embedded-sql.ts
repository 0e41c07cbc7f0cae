import type { TSESTree } from '@typescript-eslint/typescript-estree';
import type { Span } from '../finding';

/**
 * SQL found in a file: a whole `.sql` file, a `sql` template, or a query string.
 * `text` is what PostgreSQL would parse: holes of a template stand as `$1`, `$2`, ….
 */
export interface EmbeddedSql extends Span {
  text: string;
  origin: 'file' | 'template' | 'string';
  /**
   * Runs that map offsets of `text` to offsets of the file, in order: from `text` on, `length` characters stand at `source`.
   * What lies between two runs (a hole, an escape) maps to the end of the run before it.
   */
  runs: { text: number; source: number; length: number }[];
}

/** Finds SQL in a module. Never throws; half-typed code gives what is intact. */
export function extractEmbeddedSql(_tree: TSESTree.Program, _text: string): EmbeddedSql[] {
  return [];
}
