import type { ValueView } from '../program/value-view';
import { both, comparison, type Filter, NO_FILTER, tableName, unspelledNames } from './builder-filter';
import { type Bound, changedElsewhere, ELSEWHERE, type HandleKind, type Interpretation, type Library, pagingOf, POOL_LIMITS, type Query, queryOf, type Step, type Verb } from './library';
import { queryOfSql, tablesInTag } from './sql-query';
import { byName } from '../names';

/**
 * Kysely. Roots: `Kysely` (class), `db`, `transaction`, `connection` (handles), `select`, `insert`, `update`, `delete`
 * (builders known by their type only) and `sql`. A builder runs when it is told to `execute`, and never by itself.
 */
const HANDLES: Record<string, HandleKind> = byName({ db: 'pool', transaction: 'transaction', connection: 'connection' });

const STARTS: Record<string, Verb> = byName({
  selectFrom: 'read', selectNoFrom: 'read', insertInto: 'insert', replaceInto: 'insert', updateTable: 'update', mergeInto: 'update', deleteFrom: 'delete',
});
const BUILDER_TYPES: Record<string, Verb> = byName({ select: 'read', insert: 'insert', update: 'update', delete: 'delete' });
const EXECUTES: ReadonlySet<string> = new Set(['execute', 'executeTakeFirst', 'executeTakeFirstOrThrow', 'stream']);
const JOIN = /^(inner|left|right|full|cross)(Join|Apply)(Lateral)?$/;
/** Steps that give the same handle with other settings. */
const SETTINGS: ReadonlySet<string> = new Set(['withSchema', 'withPlugin', 'withoutPlugins', 'withTables', '$extendTables', '$omitTables', '$pickTables']);
const AGGREGATES: ReadonlySet<string> = new Set(['count', 'countAll', 'sum', 'avg', 'min', 'max', 'agg', 'jsonAgg', 'any']);
const AGGREGATE_SQL = /\b(count|sum|avg|min|max|bool_or|bool_and|array_agg|json_agg|jsonb_agg|string_agg)\s*\(/i;

/** `` sql`name ILIKE ${pattern}` ``. */
const PATTERN_SQL = /\bi?like\s+\$\d/i;

function interpret(root: string, steps: Step[]): Interpretation {
  const [first] = steps;
  if (root === 'module') return first && !first.args && MODULE_NAMES[first.name] ? { is: 'handle', root: MODULE_NAMES[first.name]!, handle: 'unknown' } : { is: 'part' };
  if (root === 'factory') return first?.args && first.name === '' ? { is: 'handle', root: 'db', handle: 'pool' } : { is: 'part' };
  if (root === 'sql') return rawSql(steps);
  const typed = BUILDER_TYPES[root];
  if (typed) return executed(steps, (run, rest) => ofUnknownBuilder(typed, run, rest));
  const handle = HANDLES[root];
  if (!handle) return undefined;
  if (!first) return { is: 'handle', root, handle };
  if (SETTINGS.has(first.name)) return first.args && steps.length === 1 ? { is: 'handle', root, handle } : { is: 'part' };
  switch (first.name) {
    case 'transaction':
    case 'connection':
      return executed(steps, () => query(handle, { verb: first.name === 'transaction' ? 'transaction' : 'other', label: first.name }));
    case 'startTransaction':
    case 'savepoint':
      return steps.length > 1 && steps.at(-1)!.name === 'execute' && steps.at(-1)!.args ? { is: 'handle', root: 'transaction', handle: 'transaction' } : { is: 'part' };
    case 'schema':
      return executed(steps, () => query(handle, { verb: 'ddl', label: steps[1]?.name ?? 'schema' }));
    case 'executeQuery':
      return first.args && steps.length === 1 ? { is: 'query', query: queryOfSql('kysely', 'executeQuery', handle, compiledText(first.args[0])) } : undefined;
    default:
      return builder(steps, handle);
  }
}

const MODULE_NAMES: Record<string, string> = byName({ Kysely: 'Kysely', sql: 'sql' });

function query(handle: HandleKind, given: Partial<Query> & Pick<Query, 'verb' | 'label'>): Query {
  return queryOf({ library: 'kysely', handle, runs: 'at-once', ...given });
}

/** A chain that ends by executing; what is before it is a part, what is after it no query any more. */
function executed(steps: Step[], describe: (run: Step, rest: Step[]) => Query): Interpretation {
  const at = steps.findIndex((step) => step.args && EXECUTES.has(step.name));
  if (at < 0) return { is: 'part' };
  return at === steps.length - 1 ? { is: 'query', query: describe(steps[at]!, steps.slice(0, -1)) } : undefined;
}

/** `` sql`…`.execute(db) ``, `sql.raw('…').execute(db)`. */
function rawSql(steps: Step[]): Interpretation {
  const run = steps.find((step) => step.args && step.name === 'execute');
  if (!run) return { is: 'part' };
  if (run !== steps.at(-1)) return undefined;
  const [first] = steps;
  const source = first?.template ?? (first?.name === 'raw' ? first.args?.[0] : undefined);
  return { is: 'query', query: { ...queryOfSql('kysely', 'sql', run.args?.[0]?.handle() ?? 'unknown', source), ...tablesInTag(first) } };
}

/** `CompiledQuery.raw('…')`. */
function compiledText(view: ValueView | undefined): ValueView | undefined {
  const call = view?.call();
  return call?.name === 'raw' ? call.args[0] : undefined;
}

function ofUnknownBuilder(verb: Verb, run: Step, steps: Step[]): Query {
  const known = inlined(steps);
  const bound = verb === 'read' ? boundOf(run, known) : 'none';
  return query('unknown', { verb, label: run.name, bound: bound === 'all' ? 'unknown' : bound, filtered: true, manyAtOnce: verb === 'insert' });
}

function builder(given: Step[], handle: HandleKind): Interpretation {
  const start = given.findIndex((step) => step.args && step.name in STARTS);
  if (start < 0 || given.slice(0, start).some((step) => !step.args || !/^with(Recursive)?$/.test(step.name))) return { is: 'part' };
  return executed(given, (run, rest) => {
    const first = rest[start]!;
    const steps = inlined(rest.slice(start + 1));
    const ctes = rest.slice(0, start);
    const found = describe(first, steps, run, handle);
    const verb = ctes.map((step) => cteVerb(step)).find((one) => one !== 'read') ?? found.verb;
    // What a common table expression or a subquery brings is not known here.
    const names = new Set(ctes.map((step) => cteName(step)));
    const tables = found.tables.filter((table) => !names.has(table));
    const sources = [first, ...steps.filter((step) => JOIN.test(step.name))];
    const isOpen = tables.length < found.tables.length || sources.some((step) => tablesOf(step.args![0]).length === 0) || steps.some((step) => step.name === ELSEWHERE);
    const query = { ...found, verb, tables };
    return isOpen && found.verb === 'read' ? changedElsewhere(query) : query;
  });
}

function describe(first: Step, steps: Step[], run: Step, handle: HandleKind): Query {
  const named = (name: string): Step | undefined => steps.find((step) => step.name === name);
  const filter = steps.reduce((before, step) => mergeWhere(before, step), NO_FILTER);
  const joins = steps.filter((step) => JOIN.test(step.name));
  const tables = [first, ...joins].flatMap((step) => tablesOf(step.args![0]));
  const { columns: filterColumns, exact, many, searches } = filter;
  const common = { verb: STARTS[first.name]!, tables, ...unspelledNames([first, ...joins].map(({ args }) => args?.[0])), label: first.name, filterColumns, exact: filter.any && exact };
  switch (STARTS[first.name]) {
    case 'read': {
      const bound = first.name === 'selectNoFrom' ? 'one' : boundOf(run, steps);
      const columns = named('selectAll') ? 'all' : named('select') ? 'some' : 'unknown';
      return query(handle, { ...common, bound, filtered: filter.any || joins.some((step) => step.name.startsWith('inner')), manyAtOnce: many, searches, columns, ...pagingOf(named('offset')?.args?.[0], named('offset') !== undefined, named('orderBy') !== undefined, false) });
    }
    case 'insert': {
      const rows = named('values')?.args?.[0];
      return query(handle, { ...common, bound: returns(steps) ? 'one' : 'none', manyAtOnce: !rows || rows.isList() });
    }
    default: {
      const written = named('set')?.args?.at(-1);
      return query(handle, { ...common, ...(written && { written }), bound: returns(steps) ? (run.name === 'execute' ? 'all' : 'one') : 'none', filtered: filter.any, manyAtOnce: many || first.name === 'mergeInto' || named('from') !== undefined || named('using') !== undefined });
    }
  }
}

function returns(steps: Step[]): boolean {
  return steps.some((step) => step.name === 'returning' || step.name === 'returningAll');
}

/** `$if(condition, (query) => query.limit(10))` and `$call(…)` add the steps of their function. */
function inlined(steps: Step[]): Step[] {
  return steps.flatMap((step) => {
    if (step.name !== '$if' && step.name !== '$call') return step.args ? [step] : [];
    const added = chainOf(step.args?.at(-1)?.returned());
    return added.length ? inlined(added) : [{ name: ELSEWHERE, args: [] }];
  });
}

/** Steps of a written-out chain of calls, first to last. */
function chainOf(view: ValueView | undefined): Step[] {
  const call = view?.call();
  return call ? [...chainOf(call.of), { name: call.name, args: call.args }] : [];
}

/** `ancestor` of `with('ancestor(id, height)', …)`. */
function cteName(step: Step): string | undefined {
  return /^\w+/.exec(step.args?.[0]?.text() ?? '')?.[0];
}

/** What the statement of a common table expression does: `with('gone', (db) => db.deleteFrom('orders')…)`. */
function cteVerb(step: Step): Verb {
  const starts = chainOf(step.args?.[1]?.returned()).map(({ name }) => STARTS[name]);
  return starts.find((verb) => verb !== undefined) ?? 'read';
}

function boundOf(run: Step, steps: Step[]): Bound {
  if (run.name === 'executeTakeFirst' || run.name === 'executeTakeFirstOrThrow') return 'one';
  if (run.name === 'stream') return 'unknown';
  const limit = steps.find((step) => step.name === 'limit' || step.name === 'fetch' || step.name === 'top');
  if (limit) return limit.args?.[0]?.number() === 1 ? 'one' : 'limited';
  if (steps.some((step) => step.name === 'groupBy')) return 'unknown';
  const selected = steps.filter((step) => step.name === 'select');
  return selected.length > 0 && selected.every((step) => isAggregate(step.args?.[0])) ? 'aggregate' : 'all';
}

function isAggregate(selection: ValueView | undefined): boolean {
  const given = selection?.returned();
  const items = given?.items();
  return items ? items.length > 0 && items.every((item) => aggregates(item)) : aggregates(given);
}

/** `eb.fn.countAll().as('n')`, `` sql`count(*)`.as('n') ``, `fn.coalesce(fn.sum('x'), …)`. */
function aggregates(value: ValueView | undefined): boolean {
  const text = value?.text();
  if (text !== undefined) return AGGREGATE_SQL.test(text);
  const call = value?.call();
  if (!call) return false;
  if (AGGREGATES.has(call.name)) return true;
  if (call.name === 'coalesce') return aggregates(call.args[0]);
  return call.name !== 'over' && call.of !== undefined && aggregates(call.of);
}

/** `'orders as o'`, `['orders', 'customers']`; nothing for subqueries and tables made up at run time. */
function tablesOf(view: ValueView | undefined): string[] {
  const items = view?.items();
  if (items) return items.flatMap((item) => tablesOf(item));
  const name = tableName(view?.text());
  return name === undefined ? [] : [name];
}

function mergeWhere(before: Filter, step: Step): Filter {
  if (step.name === 'clearWhere') return NO_FILTER;
  if (step.name === 'whereRef') return { ...before, any: true };
  if (step.name !== 'where') return before;
  return both(before, whereOf(step.args ?? []));
}

/** `where('id', '=', id)`, `where((eb) => eb('id', '=', id))`, `where((eb) => eb.and([…]))`. */
function whereOf(args: ValueView[]): Filter {
  const [column, operator, value] = args;
  if (operator) return comparison(column?.text(), operator.text(), value);
  const call = column?.returned().call();
  if (!call) return { ...NO_FILTER, any: true, exact: false, searches: PATTERN_SQL.test(column?.returned().text() ?? '') };
  if (call.args.length === 3 && call.args[1]?.text() !== undefined) return whereOf(call.args);
  const items = call.args[0]?.items();
  if (call.name === 'and' && !items) return { ...NO_FILTER, any: true, columns: call.args[0]?.keys() ?? [] };
  const all = (items ?? []).map((item) => whereOf([item])).reduce(both, { ...NO_FILTER, any: true });
  return call.name === 'and' ? all : { ...NO_FILTER, any: true, exact: false, searches: all.searches };
}

export const kysely: Library = {
  id: 'kysely',
  imported(source, name) {
    if (source === '@vercel/postgres-kysely') return name === 'createKysely' ? 'factory' : undefined;
    if (source !== 'kysely') return undefined;
    return name === '*' || name === 'default' ? 'module' : IMPORTED.has(name) ? name : undefined;
  },
  constructed: (root) => (root === 'Kysely' ? 'db' : undefined),
  typed: (root) => TYPES[root],
  interpret,
  takes(root, steps) {
    const isBegun = root === 'db' && steps[0]?.name === 'startTransaction' && steps.at(-1)!.name === 'execute';
    return isBegun ? { is: 'transaction', givenBackBy: ['commit', 'rollback'], most: POOL_LIMITS.pg } : undefined;
  },
  callbackParameter(root, steps, argument, parameter) {
    if (!(root in HANDLES) || steps.at(-1)?.name !== 'execute' || argument !== 0 || parameter !== 0) return undefined;
    const [first] = steps;
    return first?.name === 'transaction' || first?.name === 'connection' ? first.name : undefined;
  },
};

const TYPES: Record<string, string> = byName({
  Kysely: 'db', QueryCreator: 'db', Transaction: 'transaction', ControlledTransaction: 'transaction',
  SelectQueryBuilder: 'select', InsertQueryBuilder: 'insert', UpdateQueryBuilder: 'update', DeleteQueryBuilder: 'delete',
});
const IMPORTED: ReadonlySet<string> = new Set([...Object.keys(TYPES), 'sql']);
