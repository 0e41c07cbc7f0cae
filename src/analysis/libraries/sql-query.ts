import type { ValueView } from '../program/value-view';
import { describeSql } from '../syntax/sql';
import { type HandleKind, type LibraryId, type Query, queryOf } from './library';

/** A text that begins with a hole: what statement it is stands elsewhere. */
const BEGINS_UNKNOWN = /^[\s(]*\$\d/;

/**
 * What a library that takes SQL text runs; `source` is the text, or the value that is given for it (`{ text }` and `{ sql }`
 * are understood). Several statements count as their most telling one: a write before a read.
 */
export function queryOfSql(library: LibraryId, label: string, handle: HandleKind, source: string | ValueView | undefined, runs: Query['runs'] = 'at-once'): Query {
  const sql = typeof source === 'object' ? sqlText(source) : source;
  const unknown = queryOf({ library, label, handle, runs, verb: 'other', filtered: true, bound: 'unknown', ...(sql !== undefined && { sql }) });
  if (sql === undefined) return typeof source === 'object' ? { ...unknown, verb: verbOfBroken(beginningOf(source)), sqlFrom: source } : { ...unknown, verb: 'read' };
  const described = describeSql(sql);
  if (!Array.isArray(described)) return { ...unknown, verb: verbOfBroken(sql) };
  const statement = described.find((s) => s.verb === 'insert' || s.verb === 'update' || s.verb === 'delete') ?? described.find((s) => s.verb === 'read') ?? described[0];
  if (!statement) return unknown;
  const { verb, tables, filterColumns, filtered, exact, searches, bound, columns, offset, ordered } = statement;
  return { ...unknown, verb, tables, filterColumns, filtered, exact, searches, bound, columns, offset, ordered: ordered ? 'yes' : 'no', manyAtOnce: statement.isBatch };
}

/** The SQL that a value spells: a text, a tagged template, or an object that holds one. */
export function sqlText(source: ValueView): string | undefined {
  const sql = source.text() ?? source.property('text')?.text() ?? source.property('sql')?.text();
  return sql === undefined || BEGINS_UNKNOWN.test(sql) ? undefined : sql;
}

function beginningOf(source: ValueView): string {
  return source.beginning() ?? source.property('text')?.beginning() ?? source.property('sql')?.beginning() ?? '';
}

/** The verb of a text that PostgreSQL cannot parse, such as one with a table name in a hole. */
function verbOfBroken(sql: string): Query['verb'] {
  switch (/^(?:[\s(]|--[^\n]*\n)*(\w+)/.exec(sql)?.[1]?.toLowerCase()) {
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
