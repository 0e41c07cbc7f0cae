import type { ValueView } from '../program/value-view';
import type { Query } from './library';

/** What the conditions of a builder tell, when they are written as column, operator and value. */
export interface Filter {
  /** There is a condition at all. */
  any: boolean;
  /** Columns compared for equality. */
  columns: string[];
  /** All conditions are equalities. */
  exact: boolean;
  /** Some condition takes a list of keys. */
  many: boolean;
  /** Some condition searches in texts for a pattern that the code does not spell. */
  searches: boolean;
}

export const NO_FILTER: Filter = { any: false, columns: [], exact: true, many: false, searches: false };

export function both(a: Filter, b: Filter): Filter {
  return { any: a.any || b.any, columns: [...a.columns, ...b.columns], exact: a.exact && b.exact, many: a.many || b.many, searches: a.searches || b.searches };
}

/** A comparison with an operator; `operator` is undefined when the code does not spell it. */
export function comparison(column: string | undefined, operator: string | undefined, value: ValueView | undefined): Filter {
  const filter: Filter = { ...NO_FILTER, any: true, exact: false };
  switch (operator?.toLowerCase()) {
    case '=':
    case '==':
      return { ...filter, exact: true, columns: column === undefined ? [] : [unqualified(column)] };
    case 'is':
    case 'is not distinct from':
      return { ...filter, exact: true };
    case 'in':
      return { ...filter, many: true };
    case 'like':
    case 'ilike':
    case '~':
    case '~*':
      return { ...filter, searches: isGiven(value) };
    default:
      return filter;
  }
}

/** A pattern that comes from somewhere else than the code. */
export function isGiven(pattern: ValueView | undefined): boolean {
  const text = pattern?.text();
  return text === undefined || text.includes('$1');
}

/** `id` of `orders.id`. */
export function unqualified(column: string): string {
  return column.slice(column.lastIndexOf('.') + 1);
}

/** `orders` of `orders as o`; undefined for a name that is made up at run time. */
export function tableName(text: string | undefined): string | undefined {
  const name = text?.trim().split(/\s+/)[0];
  return name === undefined || name === '' || name.includes('$') ? undefined : name;
}

/** A table that is named, by a variable or a text with holes, and no subquery. */
export function isName(view: ValueView): boolean {
  return view.steps() === undefined && (view.text() ?? view.path()) !== undefined;
}

/** Of what names the tables of a query, the names that the code does not spell. */
export function unspelledNames(tables: readonly (ValueView | undefined)[]): Pick<Query, 'tablesFrom'> {
  const tablesFrom = tables.filter((table) => table !== undefined && tableName(table.text()) === undefined && isName(table)) as ValueView[];
  return tablesFrom.length > 0 ? { tablesFrom } : {};
}

/** What one condition tells of its query. */
export type Condition = Pick<Query, 'filterColumns' | 'exact' | 'manyAtOnce' | 'searches'>;

/** How the texts of a library's conditions spell what is bound; group 1 of `equality` is the column. */
export interface BoundText {
  equality: RegExp;
  list: RegExp;
  search: RegExp;
}

/** A condition that is written as SQL: `u.id = :id AND u.state = :state`. */
export function conditionOfText(text: string, { equality, list, search }: BoundText): Condition {
  const columns = text.split(/\s+and\s+/i).map((part) => equality.exec(part.trim())?.[1]);
  return { filterColumns: columns.filter((column) => column !== undefined), exact: columns.every((column) => column !== undefined), manyAtOnce: list.test(text), searches: search.test(text) };
}

/** The conditions of one query; with an `OR` among them none of them holds for all its rows. */
export function joined(parts: readonly Condition[], alternatives: boolean): Condition {
  return {
    filterColumns: alternatives ? [] : parts.flatMap((part) => part.filterColumns),
    exact: parts.length > 0 && !alternatives && parts.every((part) => part.exact),
    manyAtOnce: parts.some((part) => part.manyAtOnce),
    searches: parts.some((part) => part.searches),
  };
}
