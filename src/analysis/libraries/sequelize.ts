import type { ValueView } from '../program/value-view';
import { type Bound, type Entity, type HandleKind, type Interpretation, type Library, pagingOf, POOL_LIMITS, type Query, queryOf, type Rows, type Step, type Verb } from './library';
import { queryOfSql } from './sql-query';
import { byName } from '../names';

/**
 * Sequelize and sequelize-typescript. Roots: `Sequelize` and `Model` (classes), `sequelize` (a connected instance),
 * `scoped` (a model with a scope that may filter), `row` (an instance of a model), `transaction`, `queryInterface`, and
 * the types of association methods (`HasManyGetAssociationsMixin`). All run when they are called.
 */
const PACKAGES: ReadonlySet<string> = new Set(['sequelize', 'sequelize-typescript', '@sequelize/core', '@sequelize/postgres']);

interface Method {
  verb: Verb;
  bound: Bound;
  /** Position of its options. */
  options: number;
  gives?: 'one' | 'list' | 'page' | 'found';
  many?: boolean;
}

const STATICS: Record<string, Method> = byName({
  findAll: { verb: 'read', bound: 'all', options: 0, gives: 'list' },
  findAndCountAll: { verb: 'read', bound: 'all', options: 0, gives: 'page' },
  findAndCount: { verb: 'read', bound: 'all', options: 0, gives: 'page' },
  findOne: { verb: 'read', bound: 'one', options: 0, gives: 'one' },
  findByPk: { verb: 'read', bound: 'one', options: 1, gives: 'one' },
  findById: { verb: 'read', bound: 'one', options: 1, gives: 'one' },
  findOrBuild: { verb: 'read', bound: 'one', options: 0, gives: 'found' },
  findOrCreate: { verb: 'insert', bound: 'one', options: 0, gives: 'found' },
  findCreateFind: { verb: 'insert', bound: 'one', options: 0, gives: 'found' },
  count: { verb: 'read', bound: 'aggregate', options: 0 },
  sum: { verb: 'read', bound: 'aggregate', options: 1 },
  min: { verb: 'read', bound: 'aggregate', options: 1 },
  max: { verb: 'read', bound: 'aggregate', options: 1 },
  aggregate: { verb: 'read', bound: 'aggregate', options: 2 },
  create: { verb: 'insert', bound: 'one', options: 1, gives: 'one' },
  bulkCreate: { verb: 'insert', bound: 'none', options: 1, gives: 'list', many: true },
  upsert: { verb: 'insert', bound: 'one', options: 1, gives: 'found' },
  update: { verb: 'update', bound: 'none', options: 1 },
  destroy: { verb: 'delete', bound: 'none', options: 0 },
  restore: { verb: 'update', bound: 'none', options: 0 },
  increment: { verb: 'update', bound: 'none', options: 1 },
  decrement: { verb: 'update', bound: 'none', options: 1 },
  truncate: { verb: 'delete', bound: 'none', options: 0, many: true },
  drop: { verb: 'ddl', bound: 'none', options: 0 },
  sync: { verb: 'ddl', bound: 'none', options: 0 },
});

const INSTANCE: Record<string, Method> = byName({
  save: { verb: 'update', bound: 'one', options: 0, gives: 'one' },
  update: { verb: 'update', bound: 'one', options: 1, gives: 'one' },
  reload: { verb: 'read', bound: 'one', options: 0, gives: 'one' },
  destroy: { verb: 'delete', bound: 'one', options: 0 },
  restore: { verb: 'update', bound: 'one', options: 0 },
  increment: { verb: 'update', bound: 'one', options: 1, gives: 'one' },
  decrement: { verb: 'update', bound: 'one', options: 1, gives: 'one' },
});

/** Methods of sequelize-typescript that take the association's name, and prefixes of Sequelize's own for one association. */
const ASSOCIATION: Record<string, { verb: Verb; bound: Bound; options: number }> = byName({
  get: { verb: 'read', bound: 'unknown', options: 0 },
  count: { verb: 'read', bound: 'aggregate', options: 0 },
  has: { verb: 'read', bound: 'aggregate', options: 1 },
  set: { verb: 'update', bound: 'none', options: 1 },
  add: { verb: 'insert', bound: 'none', options: 1 },
  create: { verb: 'insert', bound: 'one', options: 1 },
  remove: { verb: 'delete', bound: 'none', options: 1 },
});
const ASSOCIATION_METHOD = /^(get|count|has|set|add|create|remove)[A-Z]/;
/** What every instance has, and works in memory. */
const IN_MEMORY: ReadonlySet<string> = new Set(['getDataValue', 'setDataValue', 'setAttributes', 'getAttributes', 'addHook', 'removeHook', 'hasHook', 'hasHooks', 'hasOwnProperty']);
const MIXIN = /^(HasMany|HasOne|BelongsToMany|BelongsTo)(Get|Count|Has|Set|Add|Create|Remove)Associations?Mixin$/;

/** Steps that give the same model again; only `unscoped` and `schema` leave no filter behind that is written elsewhere. */
const SCOPES: ReadonlySet<string> = new Set(['scope', 'withScope', 'withInitialScope']);
const SAME_MODEL: ReadonlySet<string> = new Set(['unscoped', 'withoutScope', 'schema', 'withSchema']);

function interpret(root: string, steps: Step[], of?: Entity): Interpretation {
  const [first, second] = steps;
  if (MIXIN.test(root)) return mixin(root, first, steps.length, of);
  switch (root) {
    case 'module':
      if (!first) return { is: 'part' };
      return !first.args && (first.name === 'Model' || first.name === 'Sequelize') ? { is: 'handle', root: first.name, handle: 'unknown' } : { is: 'part' };
    case 'sequelize':
      return first ? instance(steps) : { is: 'handle', root, handle: 'pool' };
    case 'Model':
    case 'scoped':
      if (!first) return { is: 'part' };
      if (first.name === 'sequelize' && !first.args) return { is: 'handle', root: 'sequelize', handle: 'pool' };
      return first.args && !second ? model(root, first, of) : steps.length === 1 ? { is: 'part' } : undefined;
    case 'row':
      if (!first) return { is: 'part' };
      if (first.name === 'sequelize' && !first.args) return { is: 'handle', root: 'sequelize', handle: 'pool' };
      return first.args && !second ? row(first, of) : steps.length === 1 ? { is: 'part' } : undefined;
    case 'queryInterface':
      if (!first) return { is: 'handle', root, handle: 'pool' };
      if (first.name === 'sequelize' && !first.args) return { is: 'handle', root: 'sequelize', handle: 'pool' };
      return first.args && !second ? schemaChange(first) : { is: 'part' };
    case 'transaction':
      return first ? undefined : { is: 'handle', root, handle: 'transaction' };
    default:
      return first ? undefined : { is: 'part' };
  }
}

/** `sequelize.query(…)`, `sequelize.models.user`, `sequelize.define('user', …)`. */
function instance(steps: Step[]): Interpretation {
  const [first, second] = steps as [Step, Step?];
  if (!first.args) {
    if (first.name !== 'models') return steps.length === 1 ? { is: 'part' } : undefined;
    if (!second) return { is: 'part' };
    return second.args || second.name === '*' ? undefined : { is: 'handle', root: 'Model', handle: 'pool', of: { name: second.name } };
  }
  if (second) return undefined;
  const [argument, options] = first.args;
  switch (first.name) {
    case 'query':
      return { is: 'query', query: queryOfSql('sequelize', 'sequelize.query', handleOf(options), argument?.property('query') ?? argument) };
    case 'transaction':
      return { is: 'query', query: queryOf({ library: 'sequelize', verb: 'transaction', handle: 'pool', label: 'sequelize.transaction', runs: 'at-once' }) };
    case 'define':
    case 'model': {
      const name = argument?.text();
      return { is: 'handle', root: 'Model', handle: 'pool', ...(name !== undefined && { of: { name } }) };
    }
    case 'getRepository': {
      const of = argument?.entity();
      return { is: 'handle', root: 'Model', handle: 'pool', ...(of && { of }) };
    }
    case 'getQueryInterface':
      return { is: 'handle', root: 'queryInterface', handle: 'pool' };
    case 'sync':
    case 'drop':
      return { is: 'query', query: queryOf({ library: 'sequelize', verb: 'ddl', handle: 'pool', label: `sequelize.${first.name}`, runs: 'at-once' }) };
    default:
      return undefined;
  }
}

function model(root: string, step: Step, of: Entity | undefined): Interpretation {
  if (SCOPES.has(step.name)) return { is: 'handle', root: 'scoped', handle: 'pool' };
  if (SAME_MODEL.has(step.name)) return { is: 'handle', root, handle: 'pool' };
  const args = step.args!;
  if (step.name === 'build') return { is: 'rows', rows: { is: args[0]?.isList() ? 'list' : 'one', of: of ?? UNNAMED, root: 'row' } };
  if (step.name === 'bulkBuild') return { is: 'rows', rows: { is: 'list', of: of ?? UNNAMED, root: 'row' } };
  const method = STATICS[step.name];
  if (!method) return undefined;
  const options = args[method.options];
  const byKey = step.name === 'findByPk' || step.name === 'findById';
  const filter = filterOf(options?.property('where'));
  const unread = options?.open === true && !options.property('where');
  const query = queryOf({
    library: 'sequelize', verb: method.verb, tables: of?.name ? [of.name] : [], handle: handleOf(options), label: of?.name ? `${of.name}.${step.name}` : step.name, runs: 'at-once',
    filterColumns: byKey ? ['id', ...filter.columns] : filter.columns,
    filtered: byKey || filter.filtered || unread || root === 'scoped',
    exact: byKey || (filter.exact && root !== 'scoped'),
    bound: boundOf(method, options, filter),
    manyAtOnce: method.many === true || filter.many,
    searches: filter.searches,
    nestsRows: method.verb === 'insert' && options?.keys().includes('include') === true,
    ...written(step.name === 'update' ? args[0] : undefined),
    runsHooks: step.name === 'create' && runsHooks('create', options, of),
    columns: method.verb === 'read' && method.bound !== 'aggregate' ? columnsOf(options) : 'unknown',
    // A default scope may order the rows.
    ...pagingOf(options?.property('offset'), options?.keys().includes('offset') ?? false, options?.keys().includes('order') ?? false, true),
  });
  // `raw` rows are plain objects
  return { is: 'query', query, ...(method.gives && !options?.property('raw') && { gives: rowsOf(method.gives, of ?? UNNAMED) }) };
}

const UNNAMED: Entity = { name: '' };

function written(values: ValueView | undefined): Pick<Query, 'written'> {
  return values ? { written: values } : {};
}

/** Hooks of sequelize-typescript's models that run when a row is written by the method of this name. */
const HOOKS: Record<string, RegExp> = byName({
  create: /^(Before|After)(Create|Save)$/,
  save: /^(Before|After)(Create|Update|Save)$/,
  update: /^(Before|After)(Update|Save)$/,
  destroy: /^(Before|After)Destroy$/,
  restore: /^(Before|After)Restore$/,
});

function runsHooks(method: string, options: ValueView | undefined, of: Entity | undefined): boolean {
  const hooks = Object.hasOwn(HOOKS, method) ? HOOKS[method]! : undefined;
  if (!hooks || options?.keys().includes('hooks')) return false;
  return of?.methodDecorators?.some((decorator) => hooks.test(decorator)) ?? false;
}

function rowsOf(gives: NonNullable<Method['gives']>, of: Entity): Rows {
  switch (gives) {
    case 'one':
    case 'list':
      return { is: gives, of, root: 'row' };
    case 'page':
      return { is: 'parts', parts: { rows: { is: 'list', of, root: 'row' } } };
    case 'found':
      return { is: 'parts', parts: { 0: { is: 'one', of, root: 'row' } } };
  }
}

function row(step: Step, of: Entity | undefined): Interpretation {
  const args = step.args!;
  const tables = of?.name ? [of.name] : [];
  const method = INSTANCE[step.name];
  if (method) {
    const query = queryOf({ library: 'sequelize', verb: method.verb, tables, handle: handleOf(args[method.options]), label: step.name, runs: 'at-once', bound: method.bound, filtered: true, exact: true, filterColumns: ['id'], columns: method.verb === 'read' ? columnsOf(args[0]) : 'unknown', runsHooks: runsHooks(step.name, args[method.options], of), ...written(step.name === 'update' ? args[0] : undefined), ...(step.name === 'save' && { savesFields: true as const }) });
    return { is: 'query', query, ...(method.gives && { gives: rowsOf(method.gives, of ?? UNNAMED) }) };
  }
  const named = step.name.startsWith('$');
  const kind = named ? step.name.slice(1) : IN_MEMORY.has(step.name) ? undefined : ASSOCIATION_METHOD.exec(step.name)?.[1];
  if (kind === undefined || !Object.hasOwn(ASSOCIATION, kind)) return undefined;
  // A class declares its associations; a model without one gets them unseen.
  if (!named && of?.methodDecorators) return undefined;
  const name = named ? args[0]?.text() : undefined;
  const query = association(kind, step.name, named ? args.slice(1) : args, []);
  return { is: 'query', query, ...(kind === 'get' && name !== undefined && { gives: { is: 'member', name } }) };
}

/** `declare getPosts: HasManyGetAssociationsMixin<Post>`, called. */
function mixin(root: string, step: Step | undefined, length: number, of: Entity | undefined): Interpretation {
  const [, kind = '', method = ''] = MIXIN.exec(root)!;
  if (step?.name !== '' || !step.args || length > 1) return length === 0 ? { is: 'part' } : undefined;
  const many = kind.endsWith('Many');
  const query = association(method.toLowerCase(), `${method.toLowerCase()}${of?.name ?? ''}`, step.args, of?.name ? [of.name] : []);
  const gives = method === 'Get' && of ? rowsOf(many ? 'list' : 'one', of) : undefined;
  return { is: 'query', query: { ...query, ...(method === 'Get' && !many && { bound: 'one' as const }) }, ...(gives && { gives }) };
}

function association(kind: string, label: string, args: ValueView[], tables: string[]): Query {
  const { verb, bound, options } = ASSOCIATION[kind]!;
  const given = args[options];
  return queryOf({ library: 'sequelize', verb, tables, handle: handleOf(given), label, runs: 'at-once', bound, filtered: true, manyAtOnce: options > 0 && args[0]?.isList() === true });
}

function schemaChange(step: Step): Interpretation {
  const [table, second, third, fourth] = step.args!;
  const name = table?.text();
  const common = { library: 'sequelize' as const, tables: name === undefined ? [] : [name], label: `queryInterface.${step.name}`, runs: 'at-once' as const, filtered: true };
  switch (step.name) {
    case 'bulkInsert':
      return { is: 'query', query: queryOf({ ...common, verb: 'insert', handle: handleOf(third), manyAtOnce: true }) };
    case 'bulkUpdate':
      return { is: 'query', query: queryOf({ ...common, verb: 'update', handle: handleOf(fourth), ...namedFilter(third) }) };
    case 'bulkDelete':
      return { is: 'query', query: queryOf({ ...common, verb: 'delete', handle: handleOf(third), ...namedFilter(second) }) };
    default:
      return { is: 'query', query: queryOf({ ...common, verb: 'ddl', handle: handleOf(step.args!.at(-1)) }) };
  }
}

function namedFilter(where: ValueView | undefined): Pick<Query, 'filterColumns' | 'exact' | 'manyAtOnce'> {
  const { columns, exact, many } = filterOf(where);
  return { filterColumns: columns, exact, manyAtOnce: many };
}

/** A query runs on the transaction that its options name; else on any connection of the pool. */
function handleOf(options: ValueView | undefined): HandleKind {
  if (!options) return 'pool';
  if (options.keys().includes('transaction')) return 'transaction';
  return options.open ? 'unknown' : 'pool';
}

function boundOf(method: Method, options: ValueView | undefined, filter: Filter): Bound {
  if (method.bound !== 'all' || !options) return method.bound;
  if (options.keys().includes('limit')) return options.property('limit')?.number() === 1 ? 'one' : 'limited';
  if (options.open || options.keys().includes('group')) return 'unknown';
  if (filter.keys) return 'limited';
  // `attributes: [[fn('max', col('position')), 'last']]`
  return options.property('attributes')?.items()?.some((item) => item.items()?.[0]?.call()) ? 'unknown' : 'all';
}

function columnsOf(options: ValueView | undefined): Query['columns'] {
  if (options?.keys().includes('attributes')) return 'some';
  return options?.open ? 'unknown' : 'all';
}

interface Filter {
  columns: string[];
  filtered: boolean;
  exact: boolean;
  many: boolean;
  searches: boolean;
  /** It names the rows by a list of their keys. */
  keys: boolean;
}

function filterOf(where: ValueView | undefined): Filter {
  const names = where?.keys() ?? [];
  const filter: Filter = { columns: [], filtered: names.length > 0 || where?.open === true, exact: names.length > 0 && where?.open === false, many: false, searches: false, keys: false };
  for (const name of names) addCondition(filter, name, where!.property(name));
  return filter;
}

function addCondition(filter: Filter, name: string, value: ValueView | undefined): void {
  if (name === operator('and')) {
    for (const part of value?.items() ?? (value ? [value] : [])) {
      const inner = filterOf(part);
      filter.columns.push(...inner.columns);
      filter.exact &&= inner.exact;
      filter.many ||= inner.many;
      filter.searches ||= inner.searches;
      filter.keys ||= inner.keys;
    }
    return;
  }
  const operators = value?.keys().filter((key) => key.startsWith('[')) ?? [];
  if (name.startsWith('[')) filter.exact = false;
  else if (value?.isList() || operators.includes(operator('in'))) {
    filter.many = true;
    filter.keys ||= name === 'id';
  } else if (operators.length === 0 || operators.includes(operator('eq'))) filter.columns.push(name);
  else {
    filter.exact &&= operators.every((one) => one === operator('is'));
    filter.searches ||= operators.some((one) => SEARCHES.has(one) && isGiven(value?.property(one)));
  }
}

/** How the code names an operator: `[Op.in]`. */
function operator(name: string): string {
  return `[Op.${name}]`;
}

const SEARCHES: ReadonlySet<string> = new Set(['like', 'iLike', 'substring', 'startsWith', 'endsWith', 'regexp', 'iRegexp'].map(operator));

/** Not written out in the code, as a constant pattern is. */
function isGiven(pattern: ValueView | undefined): boolean {
  const text = pattern?.text();
  return text === undefined || text.includes('$1');
}

const TYPES: Record<string, string> = byName({
  Sequelize: 'sequelize', Model: 'row', ModelStatic: 'Model', ModelCtor: 'Model', ModelDefined: 'Model', Repository: 'Model', Transaction: 'transaction', QueryInterface: 'queryInterface', AbstractQueryInterface: 'queryInterface',
});

export const sequelize: Library = {
  id: 'sequelize',
  imported(source, name) {
    if (!PACKAGES.has(source)) return undefined;
    if (name === '*' || name === 'default') return 'module';
    const own = name.replace(/^(default|Sequelize)\./, '');
    return own in TYPES || own === 'NonAttribute' || MIXIN.test(own) ? own : undefined;
  },
  constructed: (root) => (root === 'Sequelize' || root === 'module' ? 'sequelize' : root === 'Model' ? 'row' : undefined),
  typed: (root) => (MIXIN.test(root) ? root : TYPES[root]),
  interpret,
  opens: (root, _args, constructed) => (constructed && (root === 'Sequelize' || root === 'module') ? { name: 'new Sequelize', is: 'pool', most: POOL_LIMITS.sequelize } : undefined),
  takes(root, [first, second]) {
    if (root !== 'sequelize' || first?.name !== 'transaction' || !first.args || second) return undefined;
    const isUnmanaged = first.args.length === 0 || (first.args.length === 1 && first.args[0]!.keys().length > 0);
    return isUnmanaged ? { is: 'transaction', givenBackBy: ['commit', 'rollback'], most: POOL_LIMITS.sequelize } : undefined;
  },
  callbackParameter(root, steps, _argument, parameter) {
    return root === 'sequelize' && steps.length === 1 && steps[0]!.name === 'transaction' && parameter === 0 ? 'transaction' : undefined;
  },
  wrapper: (root) => (root === 'NonAttribute' ? 'one' : undefined),
};
