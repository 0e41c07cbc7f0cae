import type { ValueView } from '../program/value-view';
import { isGiven } from './builder-filter';
import { type Bound, type Entity, pagingOf, type Query } from './library';

export type Criteria = Pick<Query, 'filtered' | 'filterColumns' | 'exact' | 'manyAtOnce' | 'searches'>;

const NOTHING: Criteria = { filtered: false, filterColumns: [], exact: false, manyAtOnce: false, searches: false };
const KEY = 'id';

const EQUALITIES: ReadonlySet<string> = new Set(['$eq']);
const LISTS: ReadonlySet<string> = new Set(['$in', '$contained', '$overlap']);
const SEARCHES: ReadonlySet<string> = new Set(['$like', '$ilike', '$re', '$fulltext']);

/** The entity that a class, a schema or a name is. */
export function entityIn(view: ValueView | undefined): Entity | undefined {
  const known = view?.entity();
  if (known) return known;
  // A schema or a class of elsewhere, and not a variable that holds some entity's name
  const last = view?.path()?.at(-1);
  const name = view?.text() ?? (last && /^[A-Z]/.test(last) ? last : undefined);
  return name ? { name } : undefined;
}

/** The condition of a query: an object of properties, or a key, or a list of keys. */
export function criteriaOf(where: ValueView | undefined): Criteria {
  if (!where) return NOTHING;
  const keys = where.keys();
  if (keys.length) return keys.map((key) => conditionOf(key, where.property(key))).reduce(both, { ...NOTHING, filtered: true, exact: !where.open });
  const items = where.items();
  // `[{ id }, { name }]`: any of them
  if (items?.length && items.every((item) => item.keys().length)) return { ...NOTHING, filtered: true, searches: items.some((item) => criteriaOf(item).searches) };
  if (items || where.isList()) return { ...NOTHING, filtered: true, manyAtOnce: true };
  if (isKey(where)) return { ...NOTHING, filtered: true, exact: true, filterColumns: [KEY] };
  return where.open ? { ...NOTHING, filtered: true } : NOTHING;
}

function both(a: Criteria, b: Criteria): Criteria {
  return { filtered: true, filterColumns: [...a.filterColumns, ...b.filterColumns], exact: a.exact && b.exact, manyAtOnce: a.manyAtOnce || b.manyAtOnce, searches: a.searches || b.searches };
}

function conditionOf(name: string, value: ValueView | undefined): Criteria {
  const condition: Criteria = { ...NOTHING, filtered: true };
  if (name === '$and') return (value?.items() ?? []).map(criteriaOf).reduce(both, { ...condition, exact: value?.items() !== undefined });
  if (name === '$or') return { ...condition, searches: value?.items()?.some((item) => criteriaOf(item).searches) ?? false };
  if (name.startsWith('$')) return condition;
  if (value?.isList()) return { ...condition, manyAtOnce: true };
  const inner = value?.keys() ?? [];
  const operators = inner.filter((key) => key.startsWith('$'));
  if (!operators.length) {
    // `{ author: { name } }` compares a column of the other table
    const exact = inner.every((key) => conditionOf(key, value?.property(key)).exact);
    return { ...condition, exact, filterColumns: exact ? [name] : [], searches: inner.some((key) => conditionOf(key, value?.property(key)).searches) };
  }
  const exact = operators.every((operator) => EQUALITIES.has(operator));
  return {
    ...condition, exact, filterColumns: exact ? [name] : [],
    manyAtOnce: operators.some((operator) => LISTS.has(operator)),
    searches: operators.some((operator) => SEARCHES.has(operator) && isGiven(value?.property(operator))),
  };
}

/** A key that stands alone in the place of the condition: a literal, `id`, `order.customerId`, `String(id)`. */
function isKey(where: ValueView): boolean {
  return where.number() !== undefined || where.text() !== undefined || /(^|[a-z_])(id|uuid|key|pk)$/i.test(where.path()?.at(-1) ?? '');
}

/** It names one row by nothing but its key, which the identity map is asked for first. */
export function isByKey({ exact, filterColumns }: Criteria): boolean {
  return exact && filterColumns.length === 1 && filterColumns[0] === KEY;
}

/** What the options of a read say: limits, columns, whether all that they say can be seen. */
export function optionFacts(options: ValueView | undefined, bound: Bound): Pick<Query, 'bound' | 'columns' | 'offset' | 'skips' | 'ordered'> {
  const keys = options?.keys() ?? [];
  const isOpen = options?.open === true;
  return {
    bound: bound !== 'all' ? bound : ['limit', 'first', 'last'].some((key) => keys.includes(key)) ? (options?.property('limit')?.number() === 1 ? 'one' : 'limited') : isOpen || keys.includes('groupBy') ? 'unknown' : bound,
    columns: bound === 'aggregate' || isOpen ? 'unknown' : keys.includes('fields') ? 'some' : 'all',
    ...pagingOf(options?.property('offset'), keys.includes('offset'), keys.includes('orderBy'), isOpen),
  };
}

/** Everything that a row refers to. */
const EVERYTHING = '*';

/** The rows' entity, with the associations that come with them: `populate: ['books', 'books.tags']`. */
export function populated(entity: Entity, populate: ValueView | undefined): Entity {
  if (!populate) return entity;
  const names = populate.items()?.map((item) => item.text());
  return { ...entity, loaded: names?.every((name) => name !== undefined) ? names : [EVERYTHING] };
}
