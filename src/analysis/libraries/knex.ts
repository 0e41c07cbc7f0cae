import type { ValueView } from '../program/value-view';
import { both, comparison, type Filter, isGiven, NO_FILTER, tableName, unqualified, unspelledNames } from './builder-filter';
import { changedElsewhere, type HandleKind, type Interpretation, type Library, pagingOf, POOL_LIMITS, type Query, queryOf, type Step, type Verb } from './library';
import { boundTables, NAMELESS, numbered } from './placeholders';
import { queryOfSql, tablesInHoles } from './sql-query';
import { byName } from '../names';

/**
 * Knex. Roots: `factory` (the package), `db`, `transaction` (handles), `provider` (makes transactions), `builder` (a
 * builder known by its type only). Builders are thenable and change in place: they run when awaited.
 */
const HANDLES: Record<string, HandleKind> = byName({ db: 'pool', transaction: 'transaction' });

/** Steps that make a builder out of a handle. */
const STARTS: ReadonlySet<string> = new Set([
  '', 'queryBuilder', 'select', 'column', 'columns', 'from', 'into', 'table', 'with', 'withRecursive', 'withMaterialized', 'withNotMaterialized', 'withSchema', 'distinct', 'distinctOn',
  'first', 'pluck', 'count', 'countDistinct', 'sum', 'sumDistinct', 'avg', 'avgDistinct', 'min', 'max', 'insert', 'upsert', 'update', 'del', 'delete', 'truncate', 'where', 'whereIn', 'union', 'unionAll', 'join',
]);
/** Other steps of a builder; an unknown step (a plugin's `paginate`) may do anything. */
const BUILDS = /^(clone|as|returning|onConflict|ignore|merge|values|increment|decrement|set|limit|offset|orderBy|orderByRaw|groupBy|groupByRaw|union|unionAll|intersect|except|forUpdate|forShare|forNoKeyUpdate|forKeyShare|skipLocked|noWait|transacting|connection|timeout|debug|options|on|comment|hintComment|rank|denseRank|rowNumber|partitionBy|clear\w*|using|queryContext|jsonExtract|jsonSet|jsonInsert|jsonRemove|fromRaw|fromJS|only|(and|or)?(where|having)\w*|(inner|left|leftOuter|right|rightOuter|full|fullOuter|outer|cross)?join(Raw)?)$/i;
const VERBS: Record<string, Verb> = byName({ insert: 'insert', upsert: 'insert', update: 'update', increment: 'update', decrement: 'update', del: 'delete', delete: 'delete', truncate: 'ddl' });
const AGGREGATES: ReadonlySet<string> = new Set(['count', 'countDistinct', 'sum', 'sumDistinct', 'avg', 'avgDistinct', 'min', 'max']);
const AGGREGATE_SQL = /\b(count|sum|avg|min|max|bool_or|bool_and|array_agg|json_agg|jsonb_agg|string_agg)\s*\(/i;
/** Steps that run a builder and end it. */
const RUNS: ReadonlySet<string> = new Set(['then', 'catch', 'finally', 'asCallback', 'stream', 'pipe']);
/** Steps that make text or a part of another query of it. */
const FRAGMENTS: ReadonlySet<string> = new Set(['toSQL', 'toString', 'toQuery', 'as', 'wrap']);

function interpret(root: string, steps: Step[]): Interpretation {
  const [first] = steps;
  if (root === 'factory') {
    if (!first) return { is: 'part' };
    if (!first.args) return /^(default|knex|Knex)$/.test(first.name) && steps.length === 1 ? { is: 'handle', root, handle: 'unknown' } : { is: 'part' };
    return first.name === '' || first.name === 'initialize' || first.name === 'knex' ? { is: 'handle', root: 'db', handle: 'pool' } : undefined;
  }
  if (root === 'provider') return first?.name === '' && first.args ? { is: 'handle', root: 'transaction', handle: 'transaction' } : { is: 'part' };
  if (root === 'builder') return first ? ofUnknownBuilder(steps) : { is: 'part' };
  const handle = HANDLES[root];
  if (!handle) return undefined;
  if (!first) return { is: 'handle', root, handle };
  if (!first.args) return first.name === 'schema' ? schema(steps, handle) : { is: 'part' };
  switch (first.name) {
    case 'withUserParams':
      return { is: 'handle', root, handle };
    case 'transaction':
    case 'savepoint':
      if (!takesCallback(first)) return { is: 'handle', root: 'transaction', handle: 'transaction' };
      return steps.length === 1 ? { is: 'query', query: query(handle, { verb: 'transaction', label: first.name, runs: 'at-once' }) } : undefined;
    case 'transactionProvider':
      return { is: 'handle', root: 'provider', handle: 'unknown' };
    case 'raw':
      return raw(steps, handle);
    case 'batchInsert':
      return ended(steps.slice(1), () => query(handle, { verb: 'insert', label: 'batchInsert', tables: tablesOf(first.args![0]), manyAtOnce: true }));
    default:
      return STARTS.has(first.name) ? ended(steps, (built) => describe(built, handle)) : { is: 'part' };
  }
}

function query(handle: HandleKind, given: Partial<Query> & Pick<Query, 'verb' | 'label'>): Query {
  return queryOf({ library: 'knex', handle, runs: 'when-awaited', ...given });
}

/** `transaction(async (trx) => …)` runs a transaction; `transaction()` and `transaction({ isolationLevel })` give one. */
function takesCallback(step: Step): boolean {
  const [callback] = step.args ?? [];
  return callback !== undefined && !callback.isNothing() && callback.keys().length === 0;
}

/** `schema.createTable(…)`. */
function schema(steps: Step[], handle: HandleKind): Interpretation {
  const method = steps.find((step) => step.args);
  return method ? ended(steps.slice(1), () => query(handle, { verb: 'ddl', label: method.name })) : { is: 'part' };
}

/** A builder's query, by how its chain ends. */
function ended(steps: Step[], describe: (built: Step[]) => Query): Interpretation {
  const at = steps.findIndex((step) => step.args && (RUNS.has(step.name) || FRAGMENTS.has(step.name)));
  if (at < 0) return steps.at(-1) && !steps.at(-1)!.args ? undefined : { is: 'query', query: describe(steps) };
  if (at < steps.length - 1) return undefined;
  const { name } = steps[at]!;
  const built = describe(steps.slice(0, at));
  if (FRAGMENTS.has(name)) return { is: 'query', query: { ...built, runs: 'never' } };
  return { is: 'query', query: { ...built, runs: 'at-once', ...((name === 'stream' || name === 'pipe') && built.bound === 'all' && { bound: 'unknown' }) } };
}

/** `raw('… WHERE id = ?', [id])`: `?` and `:name` stand for values, `??` and `:name:` for names. */
function raw(steps: Step[], handle: HandleKind): Interpretation {
  const [first, ...rest] = steps;
  return ended(rest, () => {
    const [source, values] = first!.args!;
    const text = source?.text();
    const found = queryOfSql('knex', 'raw', handle, text === undefined ? source : numbered(text, values !== undefined), 'when-awaited');
    const spelled = text !== undefined && { sql: text, ...tablesInHoles(text, source!.holes()), ...boundTables(text, values) };
    return { ...found, tables: found.tables.filter((table) => table !== NAMELESS), ...spelled, ...(transactionOf(rest) && { handle: transactionOf(rest)! }) };
  });
}

/** `.transacting(trx)` moves a query from the pool to a transaction. */
function transactionOf(steps: Step[]): HandleKind | undefined {
  const step = steps.find(({ name }) => name === 'transacting');
  return step && (step.args?.[0]?.handle() ?? 'transaction');
}

function ofUnknownBuilder(steps: Step[]): Interpretation {
  return ended(steps, (built) => ({ ...changedElsewhere(describe(built, 'unknown')), handle: transactionOf(built) ?? 'unknown' }));
}

function describe(given: Step[], pool: HandleKind): Query {
  const steps = given.filter((step) => step.args);
  const named = (name: string): Step | undefined => steps.find((step) => step.name === name);
  const writing = steps.find((step) => step.name in VERBS);
  const verb = writing ? VERBS[writing.name]! : 'read';
  const filter = steps.reduce((before, step) => both(before, whereOf(step)), NO_FILTER);
  const joins = steps.filter((step) => /join$/i.test(step.name));
  const sources = steps.filter(({ name }) => name === '' || name === 'from' || name === 'into' || name === 'table');
  const ctes = steps.filter(({ name }) => /^with(Recursive|Materialized|NotMaterialized)?$/.test(name));
  const names = new Set(ctes.map((step) => tableName(step.args![0]?.text())));
  const handle = transactionOf(steps) ?? pool;
  const { columns: filterColumns, exact, many, searches } = filter;
  const tables = [...sources, ...joins];
  const common = { verb, filterColumns, exact: filter.any && exact, searches, tables: tables.flatMap((step) => tablesOf(step.args![0])).filter((table) => !names.has(table)), ...unspelledNames(tables.map(({ args }) => args?.[0])), filtered: filter.any };
  const returning = named('returning') !== undefined;
  if (verb === 'insert') {
    const rows = writing!.args![0];
    return query(handle, { ...common, label: writing!.name, bound: returning ? 'one' : 'none', manyAtOnce: !rows || rows.isList() || isBuilt(rows) });
  }
  const written = verb === 'update' ? writing!.args!.at(-1) : undefined;
  if (verb !== 'read') return query(handle, { ...common, ...(written && { written }), label: writing!.name, bound: returning ? 'all' : 'none', manyAtOnce: many });
  const narrowing = filter.any || joins.some(({ name }) => /^(inner)?join$/i.test(name));
  const found = query(handle, { ...common, label: label(steps), bound: boundOf(steps), filtered: narrowing, manyAtOnce: many, columns: columnsOf(steps), ...pagingOf(named('offset')?.args?.[0], named('offset') !== undefined, steps.some(({ name }) => name.startsWith('orderBy')), false) });
  // What a common table expression, a subquery or a plugin's step brings is not known here.
  const isOpen = ctes.length > 0 || [...sources, ...joins].some((step) => tablesOf(step.args![0]).length === 0) || !steps.every(({ name }) => STARTS.has(name) || BUILDS.test(name));
  const changing = ctes.map((step) => cteVerb(step)).find((one) => one !== 'read');
  return isOpen ? { ...changedElsewhere(found), verb: changing ?? verb } : found;
}

/** What the statement of a common table expression does: `with('gone', (query) => query.from('orders').del())`. */
function cteVerb(step: Step): Verb {
  for (let call = step.args?.at(-1)?.returned().call(); call; call = call.of?.call()) if (VERBS[call.name]) return VERBS[call.name]!;
  return 'read';
}

function label(steps: Step[]): string {
  return steps.find(({ name }) => name === 'first' || name === 'pluck' || AGGREGATES.has(name))?.name ?? 'select';
}

function boundOf(steps: Step[]): Query['bound'] {
  if (steps.some(({ name }) => name === 'first')) return 'one';
  const limit = steps.find(({ name }) => name === 'limit');
  if (limit) return limit.args![0]?.number() === 1 ? 'one' : 'limited';
  if (steps.some(({ name }) => name === 'groupBy' || name === 'groupByRaw')) return 'unknown';
  if (steps.some(({ name }) => AGGREGATES.has(name))) return 'aggregate';
  const selected = selections(steps);
  if (selected.length && selected.every((one) => isAggregate(one))) return 'aggregate';
  return steps.some(({ name }) => name === '' || name === 'from' || name === 'table') ? 'all' : 'unknown';
}

function columnsOf(steps: Step[]): Query['columns'] {
  if (steps.some(({ name }) => name === 'pluck' || name === 'distinct' || AGGREGATES.has(name))) return 'some';
  const selected = selections(steps);
  return selected.length === 0 || selected.some((one) => /(^|\.)\*$/.test(one.text() ?? '')) ? 'all' : 'some';
}

/** What `select`, `first` and `columns` name, lists taken apart. */
function selections(steps: Step[]): ValueView[] {
  return steps.filter(({ name }) => name === 'select' || name === 'first' || name === 'columns' || name === 'column').flatMap((step) => step.args!.flatMap((one) => one.items() ?? [one]));
}

/** `db.raw('count(*) as n')`. */
function isAggregate(selected: ValueView): boolean {
  const call = selected.call();
  return call?.name === 'raw' ? AGGREGATE_SQL.test(call.args[0]?.text() ?? '') : call !== undefined && AGGREGATES.has(call.name);
}

/** `'orders as o'`, `{ o: 'orders' }`, `TABLES.orders`; nothing for subqueries. */
function tablesOf(view: ValueView | undefined): string[] {
  if (!view || view.steps()) return [];
  const text = view.text();
  if (text !== undefined) {
    const name = tableName(text);
    return name === undefined ? [] : [name];
  }
  const keys = view.keys();
  if (keys.length) return keys.flatMap((key) => tablesOf(view.property(key)));
  const last = view.path()?.at(-1);
  return last === undefined ? [] : [last];
}

/** A chain of calls that reads: `insert(db.select('id').from('orders'))`. */
function isBuilt(rows: ValueView): boolean {
  const call = rows.call();
  return call?.of !== undefined && (call.name === 'select' || call.name === 'from' || call.name.startsWith('where'));
}

/** The condition that one step adds. */
function whereOf({ name, args = [] }: Step): Filter {
  const kind = /^(and|or)?where(.*)$/i.exec(name);
  if (!kind) return NO_FILTER;
  const filter = conditionOf(kind[2]!.toLowerCase(), args);
  return kind[1]?.toLowerCase() === 'or' ? { ...filter, columns: [], exact: false } : filter;
}

function conditionOf(kind: string, args: ValueView[]): Filter {
  const [column, operator, value] = args;
  const other: Filter = { ...NO_FILTER, any: true, exact: false };
  switch (kind) {
    case '':
      if (value) return comparison(column?.text(), operator?.text(), value);
      return operator ? comparison(column?.text(), '=', operator) : whereObject(column);
    case 'null':
      return { ...other, exact: true };
    case 'in':
      return { ...other, many: true };
    case 'like':
    case 'ilike':
      return { ...other, searches: isGiven(operator) };
    case 'raw':
      return { ...other, many: /\bany\s*\(|\bin\s*\(/i.test(column?.text() ?? ''), searches: /\bi?like\s+(\?|:|\$)/i.test(column?.text() ?? '') };
    default:
      return other;
  }
}

/** `where({ id })`; a variable is an object of equalities too, a function or a raw text may be anything. */
function whereObject(conditions: ValueView | undefined): Filter {
  const columns = (conditions?.keys() ?? []).map(unqualified);
  return { ...NO_FILTER, any: true, columns, exact: columns.length > 0 || conditions?.path() !== undefined };
}

export const knex: Library = {
  id: 'knex',
  imported(source, name) {
    if (source !== 'knex') return undefined;
    // Types hang on the namespace `Knex`, or on the package in old versions.
    const last = name.slice(name.lastIndexOf('.') + 1);
    if (last === '' || last === '*' || last === 'default' || last === 'knex' || last === 'Knex') return 'factory';
    return last in TYPES ? last : undefined;
  },
  constructed: () => undefined,
  typed: (root) => (root === 'factory' ? 'db' : TYPES[root]),
  buildersAreShared: true,
  interpret,
  opens: (root, args, constructed) => (root === 'factory' && !constructed && args.length > 0 ? { name: 'knex()', is: 'pool', most: POOL_LIMITS.knex } : undefined),
  takes(root, [first, second]) {
    const isUnmanaged = root === 'db' && first?.name === 'transaction' && first.args && !second && !takesCallback(first);
    return isUnmanaged ? { is: 'transaction', givenBackBy: ['commit', 'rollback'], most: POOL_LIMITS.knex } : undefined;
  },
  callbackParameter(root, steps, argument, parameter) {
    const { name = '' } = steps.at(-1) ?? {};
    return root in HANDLES && (name === 'transaction' || name === 'savepoint') && steps.length === 1 && argument === 0 && parameter === 0 ? 'transaction' : undefined;
  },
};

const TYPES: Record<string, string> = byName({ Transaction: 'transaction', TransactionProvider: 'provider', QueryBuilder: 'builder', QueryInterface: 'builder' });
