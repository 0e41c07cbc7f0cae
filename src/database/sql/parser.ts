import type { ParseResult } from '@pgsql/types';
import { parseSql } from '../../analysis/syntax/sql-engine.js';

export { fingerprintSql as fingerprint, loadSqlEngine as loadSqlParser, normalizeSql as normalize } from '../../analysis/syntax/sql-engine.js';

/** The parse tree of a text, or undefined when it is no SQL, has no statement, or is nested too deeply. Never throws. */
export function parseTree(text: string): ParseResult | undefined {
  const tree = parseSql(text);
  return !('error' in tree) && tree.stmts?.some(({ stmt }) => stmt) ? tree : undefined;
}
