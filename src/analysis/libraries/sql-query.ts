import type { ValueView } from '../program/value-view';
import { describeSql } from '../syntax/sql';
import { type HandleKind, type LibraryId, type Query, queryOf, type Step } from './library';

/** A text that begins with a hole: what statement it is stands elsewhere. */
const BEGINS_UNKNOWN = /^[\s(]*\$\d/;
/** What names a table, a hole in it; a comparison (`IS DISTINCT FROM $1`) and a function's keyword (`substring(name FROM $1)`) name none. */
const TABLE_NAME = /(?<!\bdistinct\s+|\b(?:extract|substring|trim|overlay)\s*\([^()]*)\b(?:from|join|into|update|table)\s+(?:only\s+|if\s+exists\s+)?("?[\w$]*\$\d[\w$."]*|"?\w+"?\."?[\w$]*\$\d[\w$"]*)/gi;
/** The last words of a text behind which a table is named. */
export const TABLE_FOLLOWS = /\b(?:from|join|into|update|table)\s+"?$/i;

/**
 * What a library that takes SQL text runs; `source` is the text, or the value that is given for it (`{ text }` and `{ sql }`
 * are understood). Several statements count as their most telling one: a write before a read.
 */
export function queryOfSql(library: LibraryId, label: string, handle: HandleKind, source: string | ValueView | undefined, runs: Query['runs'] = 'at-once'): Query {
  const sql = typeof source === 'object' ? sqlText(source) : source;
  const unknown = queryOf({ library, label, handle, runs, verb: 'other', filtered: true, bound: 'unknown', ...(sql !== undefined && { sql }) });
  if (sql === undefined) {
    if (typeof source !== 'object') return { ...unknown, verb: 'read' };
    // `pool.query(knex('orders').where({ id }).toString())`
    const built = source.built();
    if (built) return { ...built, library, label, handle, runs };
    const beginning = beginningOf(source);
    return { ...unknown, verb: verbOfBroken(beginning), sqlFrom: source, ...(TABLE_FOLLOWS.test(beginning) && { tablesFrom: [source] }) };
  }
  return { ...describedSql(sql, unknown), ...(typeof source === 'object' && tablesInHoles(sql, textView(source).holes())) };
}

/** What a text takes the names of its tables from; `$1` stands for the first of the holes. */
export function tablesInHoles(text: string, holes: readonly ValueView[]): Pick<Query, 'tablesFrom'> {
  if (holes.length === 0) return {};
  const numbers = [...text.matchAll(TABLE_NAME)].flatMap(([, name]) => [...name!.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)));
  const tablesFrom = numbers.map((number) => holes[number - 1]).filter((hole) => hole !== undefined);
  return tablesFrom.length > 0 ? { tablesFrom } : {};
}

/** As {@link tablesInHoles}, of a step that may be a tagged template. */
export function tablesInTag(step: Step | undefined): Pick<Query, 'tablesFrom'> {
  return step?.template === undefined ? {} : tablesInHoles(step.template, step.args ?? []);
}

function describedSql(sql: string, unknown: Query): Query {
  const described = describeSql(sql);
  if (!Array.isArray(described)) return { ...unknown, verb: verbOfBroken(sql) };
  const statement = described.find((s) => s.verb === 'insert' || s.verb === 'update' || s.verb === 'delete') ?? described.find((s) => s.verb === 'read') ?? described[0];
  if (!statement) return unknown;
  const { verb, tables, filterColumns, filtered, exact, searches, bound, columns, offset, ordered, sets } = statement;
  return { ...unknown, verb, tables, filterColumns, filtered, exact, searches, bound, columns, offset, ordered: ordered ? 'yes' : 'no', manyAtOnce: statement.isBatch, ...(sets && { setParameters: sets }) };
}

/** The text itself of what may be an object that holds one. */
function textView(source: ValueView): ValueView {
  return source.property('text') ?? source.property('sql') ?? source;
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
