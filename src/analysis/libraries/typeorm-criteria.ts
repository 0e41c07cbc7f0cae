import type { ValueView } from '../program/value-view';
import { isGiven } from './builder-filter';
import { type Bound, type Entity, pagingOf, type Query } from './library';

export type Criteria = Pick<Query, 'filtered' | 'filterColumns' | 'exact' | 'manyAtOnce' | 'searches'>;

/** Keys of TypeORM's find options. An object without any of them is the criteria themselves, as in version 0.2. */
const FIND_OPTIONS: ReadonlySet<string> = new Set([
  'where', 'relations', 'select', 'order', 'take', 'skip', 'cache', 'lock', 'withDeleted', 'join', 'loadRelationIds', 'loadEagerRelations', 'relationLoadStrategy', 'comment', 'transaction',
]);

const NOTHING: Criteria = { filtered: false, filterColumns: [], exact: false, manyAtOnce: false, searches: false };

const LIST_OPERATORS: ReadonlySet<string> = new Set(['In', 'Any']);
const TEXT_OPERATORS: ReadonlySet<string> = new Set(['Like', 'ILike']);
/** Operators that are no equality. `Equal` and `IsNull` are. */
const OPERATORS: ReadonlySet<string> = new Set([
  'In', 'Any', 'Like', 'ILike', 'Not', 'LessThan', 'LessThanOrEqual', 'MoreThan', 'MoreThanOrEqual', 'Between', 'Raw', 'And', 'Or', 'ArrayContains', 'ArrayContainedBy', 'ArrayOverlap', 'JsonContains',
]);

/** The entity that a class, its name or a model is. */
export function entityIn(view: ValueView | undefined): Entity | undefined {
  const name = view?.text();
  return view?.entity() ?? (name ? { name } : undefined);
}

/** What `find`, `findOne` and `count` are told by their options, or by the criteria or key that stand in their place. */
export function findFacts(options: ValueView | undefined, bound: Bound): Partial<Query> {
  const columns = bound === 'aggregate' ? 'unknown' : 'all';
  if (!options) return { bound, columns };
  const keys = options.keys();
  if (!options.open && keys.length && !keys.some((key) => FIND_OPTIONS.has(key))) return { bound, columns, ...criteriaOf(options) };
  if (options.open && !keys.length) return { bound: bound === 'all' ? 'unknown' : bound, filtered: true, ...(options.isList() && { manyAtOnce: true }) };
  const criteria = keys.includes('where') ? criteriaOf(options.property('where')) : NOTHING;
  return {
    ...criteria,
    filtered: criteria.filtered || options.open || keys.includes('join'),
    bound: boundOf(options, keys, bound),
    columns: columns === 'all' ? (keys.includes('select') ? 'some' : options.open ? 'unknown' : 'all') : columns,
    ...pagingOf(options.property('skip'), keys.includes('skip'), keys.includes('order'), options.open),
  };
}

function boundOf(options: ValueView, keys: string[], bound: Bound): Bound {
  if (bound !== 'all') return bound;
  if (keys.includes('take')) return 'limited';
  return options.open ? 'unknown' : bound;
}

/** Criteria: an object of columns, a list of such objects (any of them), or a key or list of keys. */
export function criteriaOf(where: ValueView | undefined): Criteria {
  if (!where) return NOTHING;
  const alternatives = where.items();
  if (alternatives?.length && alternatives.every((one) => one.keys().length)) {
    const each = alternatives.map((one) => criteriaOf(one));
    return { filtered: true, filterColumns: [], exact: false, manyAtOnce: false, searches: each.some((one) => one.searches) };
  }
  const keys = where.keys();
  if (!keys.length) {
    const many = where.isList() || LIST_OPERATORS.has(where.call()?.name ?? '');
    return where.open || alternatives ? { filtered: true, filterColumns: [], exact: false, manyAtOnce: many, searches: false } : NOTHING;
  }
  const columns = keys.filter((key) => isEquality(where.property(key)));
  return {
    filtered: true, filterColumns: columns, exact: !where.open && columns.length === keys.length,
    manyAtOnce: keys.some((key) => contains(where.property(key), LIST_OPERATORS, () => true)),
    searches: keys.some((key) => contains(where.property(key), TEXT_OPERATORS, (pattern) => isGiven(pattern))),
  };
}

/** The filter of one column, or those of a relation, which is an object of columns again. */
function isEquality(filter: ValueView | undefined): boolean {
  const nested = filter?.keys() ?? [];
  if (nested.length) return nested.every((key) => isEquality(filter?.property(key)));
  return !OPERATORS.has(filter?.call()?.name ?? '');
}

function contains(filter: ValueView | undefined, operators: ReadonlySet<string>, counts: (argument: ValueView | undefined) => boolean): boolean {
  const nested = filter?.keys() ?? [];
  if (nested.length) return nested.some((key) => contains(filter?.property(key), operators, counts));
  const call = filter?.call();
  return call !== undefined && operators.has(call.name) && counts(call.args[0]);
}
