import type { ValueView } from '../program/value-view';
import { isGiven, isName } from './builder-filter';
import { type HandleKind, type Interpretation, type Library, pagingOf, POOL_LIMITS, type Query, queryOf, type Step } from './library';
import { queryOfSql } from './sql-query';
import { byName } from '../names';

/**
 * Drizzle ORM on PostgreSQL. Roots: `drizzle` (the factory), `PgDatabase` and `PgTransaction` (types), `db`,
 * `transaction`. Builders are thenable: they run when awaited.
 */
const HANDLES: Record<string, HandleKind> = byName({ db: 'pool', transaction: 'transaction' });

const STARTS: ReadonlySet<string> = new Set(['select', 'selectDistinct', 'selectDistinctOn', 'insert', 'update', 'delete', 'query', 'execute', 'with', '$with', 'transaction', '$count', '_query', 'refreshMaterializedView']);
const AGGREGATES: ReadonlySet<string> = new Set(['count', 'countDistinct', 'sum', 'sumDistinct', 'avg', 'avgDistinct', 'min', 'max']);
const AGGREGATE_SQL = /\b(count|sum|avg|min|max|bool_or|bool_and|array_agg|json_agg|jsonb_agg|string_agg)\s*\(/i;
/** Steps that end a builder chain without turning it into something else. */
const FINISHERS: ReadonlySet<string> = new Set(['execute', 'prepare', 'all', 'get', 'run', 'then', 'catch', 'finally', 'as', 'toSQL', 'getSQL']);

function interpret(root: string, steps: Step[]): Interpretation {
  const [first] = steps;
  if (root === 'drizzle') {
    if (first?.name === '' && first.args) return { is: 'handle', root: 'db', handle: 'pool' };
    // `drizzle.mock()` makes a handle too
    return first ? undefined : { is: 'part' };
  }
  if (root === 'withReplicas') return first?.args ? { is: 'handle', root: 'db', handle: 'pool' } : { is: 'part' };
  const handle = HANDLES[root];
  if (!handle) return undefined;
  if (!first) return { is: 'handle', root, handle };
  if (first.name === '$primary' || first.name === '$replicas' || first.name === '*') return { is: 'handle', root, handle };
  if (!STARTS.has(first.name)) return { is: 'part' };
  if (first.name === 'with' && first.args) return interpret(root, steps.slice(1));
  if (first.name === 'query' || first.name === '_query') return relational(steps, handle);
  if (first.name === 'transaction') return first.args && steps.length === 1 ? { is: 'query', query: query(handle, { verb: 'transaction', label: 'transaction', runs: 'at-once' }) } : undefined;
  if (first.name === '$count') return first.args && steps.length === 1 ? { is: 'query', query: query(handle, { verb: 'read', bound: 'aggregate', label: '$count', ...tableOf(first.args[0]) }) } : undefined;
  if (first.name === 'execute') return first.args && steps.length === 1 ? { is: 'query', query: queryOfSql('drizzle', 'execute', handle, first.args[0], 'when-awaited') } : undefined;
  return first.args ? builder(first, steps, handle) : { is: 'part' };
}

function query(handle: HandleKind, given: Partial<Query> & Pick<Query, 'verb' | 'label'>): Query {
  return queryOf({ library: 'drizzle', handle, runs: 'when-awaited', ...given });
}

/** `db.query.users.findMany({ where, limit })` */
function relational(steps: Step[], handle: HandleKind): Interpretation {
  const [, table, method] = steps;
  if (!table || table.args) return steps.length === 1 ? { is: 'part' } : undefined;
  if (!method) return { is: 'part' };
  if ((method.name !== 'findMany' && method.name !== 'findFirst') || !method.args || steps.length > 3) {
    return steps.length > 3 && steps.slice(3).every((step) => FINISHERS.has(step.name)) ? prepared(steps, relational(steps.slice(0, 3), handle)) : undefined;
  }
  const [options] = method.args;
  const where = options?.property('where')?.returned();
  const limited = options?.property('limit') ?? (options?.keys().includes('limit') ? options : undefined);
  const bound = method.name === 'findFirst' ? 'one' : limited ? 'limited' : options?.open ? 'unknown' : 'all';
  return {
    is: 'query',
    query: query(handle, { verb: 'read', bound, tables: [table.name], label: `query.${table.name}.${method.name}`, filtered: where !== undefined || bound === 'unknown', filterColumns: equalities(where), exact: isExact(where), manyAtOnce: usesList(where), searches: searchesText(where), columns: options?.property('columns') ? 'some' : options?.open ? 'unknown' : 'all', ...pagingOf(options?.property('offset'), options?.keys().includes('offset') ?? false, options?.keys().includes('orderBy') ?? false, options?.open ?? false) }),
  };
}

function builder(first: Step, steps: Step[], handle: HandleKind): Interpretation {
  const known = steps.slice(1).filter((step) => step.args);
  const step = (name: string): Step | undefined => known.find((one) => one.name === name);
  const finisher = steps.slice(1).find((one) => FINISHERS.has(one.name));
  if (finisher && finisher !== steps.at(-1)) return undefined;
  if (finisher && ['then', 'catch', 'finally'].includes(finisher.name)) return undefined;
  // `.as('alias')` and `.toSQL()` make fragments
  const runs: Query['runs'] = finisher ? (finisher.name === 'execute' || finisher.name === 'all' || finisher.name === 'get' || finisher.name === 'run' ? 'at-once' : 'never') : 'when-awaited';
  const where = step('where')?.args?.[0];
  const filtered = step('where') !== undefined;
  const common = { filtered, filterColumns: equalities(where), exact: isExact(where), runs };
  if (first.name.startsWith('select')) {
    const from = step('from');
    if (!from) return { is: 'part' };
    const limit = step('limit');
    const grouped = step('groupBy') !== undefined;
    const bound = limit ? (limit.args?.[0]?.number() === 1 ? 'one' : 'limited') : !grouped && isAggregate(first.args?.[0]) ? 'aggregate' : grouped ? 'unknown' : 'all';
    const narrowing = filtered || step('innerJoin') !== undefined;
    return { is: 'query', query: query(handle, { ...common, filtered: narrowing, verb: 'read', bound, ...tableOf(from.args?.[0]), label: 'select', manyAtOnce: usesList(where), searches: searchesText(where), columns: first.args?.length ? 'some' : 'all', ...pagingOf(step('offset')?.args?.[0], step('offset') !== undefined, step('orderBy') !== undefined, false) }) };
  }
  const table = tableOf(first.args?.[0]);
  if (first.name === 'insert') {
    const values = step('values');
    if (!values && !step('select')) return { is: 'part' };
    const rows = values?.args?.[0];
    const many = !values || rows?.items() !== undefined || rows?.call()?.name === 'map';
    return { is: 'query', query: query(handle, { ...common, verb: 'insert', ...table, label: 'insert', bound: step('returning') ? 'one' : 'none', manyAtOnce: many }) };
  }
  if (first.name === 'update') return step('set') ? { is: 'query', query: query(handle, { ...common, verb: 'update', ...table, label: 'update', manyAtOnce: usesList(where), ...writtenBy(step('set')) }) } : { is: 'part' };
  if (first.name === 'delete') return { is: 'query', query: query(handle, { ...common, verb: 'delete', ...table, label: 'delete', manyAtOnce: usesList(where) }) };
  if (first.name === 'refreshMaterializedView') return { is: 'query', query: query(handle, { ...common, verb: 'ddl', label: 'refreshMaterializedView' }) };
  return { is: 'part' };
}

function writtenBy(set: Step | undefined): Pick<Query, 'written'> {
  const written = set?.args?.[0];
  return written ? { written } : {};
}

function prepared(steps: Step[], inner: Interpretation): Interpretation {
  if (inner?.is !== 'query') return undefined;
  const last = steps.at(-1)!.name;
  if (last === 'then' || last === 'catch' || last === 'finally') return undefined;
  return { is: 'query', query: { ...inner.query, runs: last === 'execute' ? 'at-once' : 'never' } };
}

/** A table that is a variable of the code: it may be another one each time. */
function tableOf(view: ValueView | undefined): Pick<Query, 'tables' | 'tablesFrom'> {
  return { tables: namesOf(view), ...(view && isName(view) && { tablesFrom: [view] }) };
}

function namesOf(view: ValueView | undefined): string[] {
  const path = view?.path();
  return path?.length ? [path.at(-1)!] : [];
}

/** Columns of `eq(t.column, …)`, alone or joined by `and(…)`. */
function equalities(where: ValueView | undefined): string[] {
  const call = where?.call();
  if (call?.name === 'eq') {
    const column = call.args[0]?.path()?.at(-1);
    return column === undefined ? [] : [column];
  }
  return call?.name === 'and' ? call.args.flatMap((one) => equalities(one)) : [];
}

function isExact(where: ValueView | undefined): boolean {
  const call = where?.call();
  return call?.name === 'eq' || call?.name === 'isNull' || (call?.name === 'and' && call.args.every((one) => isExact(one)));
}

function usesList(where: ValueView | undefined): boolean {
  const call = where?.call();
  return call?.name === 'inArray' || (call?.name === 'and' && call.args.some((one) => usesList(one)));
}

function searchesText(where: ValueView | undefined): boolean {
  const call = where?.call();
  return ((call?.name === 'like' || call?.name === 'ilike') && isGiven(call.args[1])) || ((call?.name === 'and' || call?.name === 'or') && call.args.some((one) => searchesText(one)));
}

function isAggregate(selection: ValueView | undefined): boolean {
  const keys = selection?.keys() ?? [];
  return keys.length > 0 && keys.every((key) => aggregates(selection?.property(key)));
}

/** `count()`, `` sql`count(*)`.mapWith(Number) ``, `coalesce(sum(x), 0)`. */
function aggregates(value: ValueView | undefined): boolean {
  const text = value?.text();
  if (text !== undefined) return AGGREGATE_SQL.test(text);
  const call = value?.call();
  return call !== undefined && (AGGREGATES.has(call.name) || ((call.name === 'mapWith' || call.name === 'as') && aggregates(call.of)));
}

export const drizzle: Library = {
  id: 'drizzle',
  imported(source, name) {
    if (!source.startsWith('drizzle-orm')) return undefined;
    if (name === 'drizzle' || name === 'withReplicas') return name;
    if (/^(Pg|NodePg|PostgresJs|Neon(Http)?|Vercel|PgRemote|Pglite|AwsDataApiPg|BunSQL|Xata)[A-Za-z]*Database$/.test(name) || name === 'PgDatabase') return 'PgDatabase';
    return /Transaction$/.test(name) ? 'PgTransaction' : undefined;
  },
  constructed: () => undefined,
  typed: (root) => (root === 'PgDatabase' ? 'db' : root === 'PgTransaction' ? 'transaction' : undefined),
  interpret,
  opens(root, [first], constructed) {
    if (root !== 'drizzle' || constructed) return undefined;
    // `drizzle(pool)` and `drizzle({ client: pool })` take the connections of what they are given.
    const opens = first?.text() !== undefined || first?.path()?.[0] === 'process' || first?.keys().includes('connection');
    return opens ? { name: 'drizzle()', is: 'pool', most: POOL_LIMITS.pg } : undefined;
  },
  callbackParameter(root, steps, argument, parameter) {
    return root in HANDLES && steps.at(-1)?.name === 'transaction' && argument === 0 && parameter === 0 ? 'transaction' : undefined;
  },
};
