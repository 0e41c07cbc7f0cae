import type { ValueView } from '../program/value-view';
import type { Query } from './library';
import { TABLE_FOLLOWS } from './sql-query';

/** Stands in SQL for a name that is bound. */
export const NAMELESS = 'bound_name';

/**
 * SQL whose values stand as `?` (and, where an object of values is `bound`, as `:name`), with `$1` in their places; `??`
 * and `:name:` stand for names.
 */
export function numbered(text: string, bound: boolean): string {
  const plain = text.replace(/\\\?|\?\??/g, (mark) => (mark === '\\?' ? '?' : mark === '??' ? NAMELESS : '$1'));
  return bound ? plain.replace(/(?<![:\w]):([a-z_]\w*)(:(?!:))?/gi, (_, _name, isName) => (isName ? NAMELESS : '$1')) : plain;
}

/** What the list of values gives for the `??` that name tables: `raw('DELETE FROM ?? WHERE id = ?', [table, id])`. */
export function boundTables(text: string, values: ValueView | undefined): Pick<Query, 'tablesFrom'> {
  const items = values?.items() ?? [];
  const marks = [...text.matchAll(/(?<!\\)\?\??/g)];
  const tablesFrom = marks.flatMap(({ 0: mark, index }, position) => (mark === '??' && TABLE_FOLLOWS.test(text.slice(0, index)) && items[position] ? [items[position]] : []));
  return tablesFrom.length > 0 ? { tablesFrom } : {};
}
