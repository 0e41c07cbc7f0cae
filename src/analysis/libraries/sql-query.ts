import { describeSql } from '../syntax/sql';
import { type HandleKind, type LibraryId, type Query, queryOf } from './library';

/** What a library that takes SQL text runs. Several statements count as their most telling one: a write before a read. */
export function queryOfSql(library: LibraryId, label: string, handle: HandleKind, sql: string | undefined, runs: Query['runs'] = 'at-once'): Query {
  const unknown = queryOf({ library, label, handle, runs, verb: 'other', filtered: true, bound: 'unknown', ...(sql !== undefined && { sql }) });
  if (sql === undefined) return { ...unknown, verb: 'read' };
  const described = describeSql(sql);
  if (!Array.isArray(described)) return { ...unknown, verb: verbOfBroken(sql) };
  const statement = described.find((s) => s.verb === 'insert' || s.verb === 'update' || s.verb === 'delete') ?? described.find((s) => s.verb === 'read') ?? described[0];
  if (!statement) return unknown;
  const { verb, tables, filterColumns, filtered, bound, columns, offset } = statement;
  return { ...unknown, verb, tables, filterColumns, filtered, bound, columns, offset, manyAtOnce: statement.isBatch };
}

/** The verb of a text that PostgreSQL cannot parse, such as one with a table name in a hole. */
function verbOfBroken(sql: string): Query['verb'] {
  switch (/^\s*(\w+)/.exec(sql)?.[1]?.toLowerCase()) {
    case 'select':
    case 'with':
      return 'read';
    case 'insert':
      return 'insert';
    case 'update':
      return 'update';
    case 'delete':
      return 'delete';
    default:
      return 'other';
  }
}
