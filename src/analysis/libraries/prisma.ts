import type { ValueView } from '../program/value-view';
import { type Bound, type Interpretation, type Library, pagingOf, POOL_LIMITS, type Query, queryOf, type Step, type Verb } from './library';
import { queryOfSql, tablesInTag } from './sql-query';
import { byName } from '../names';

/**
 * Prisma Client. Roots: `PrismaClient` (class), `client`, `transaction`. A model's method runs when its promise is
 * awaited; `findUnique` calls of one tick become one query (Prisma's data loader; `findFirst` and `findMany` do not).
 */
const METHODS: Record<string, { verb: Verb; bound: Bound; loaded?: boolean; many?: boolean }> = byName({
  findUnique: { verb: 'read', bound: 'one', loaded: true },
  findUniqueOrThrow: { verb: 'read', bound: 'one', loaded: true },
  findFirst: { verb: 'read', bound: 'one' },
  findFirstOrThrow: { verb: 'read', bound: 'one' },
  findMany: { verb: 'read', bound: 'all' },
  count: { verb: 'read', bound: 'aggregate' },
  aggregate: { verb: 'read', bound: 'aggregate' },
  groupBy: { verb: 'read', bound: 'unknown' },
  create: { verb: 'insert', bound: 'one' },
  createMany: { verb: 'insert', bound: 'none', many: true },
  createManyAndReturn: { verb: 'insert', bound: 'all', many: true },
  update: { verb: 'update', bound: 'one' },
  updateMany: { verb: 'update', bound: 'none' },
  updateManyAndReturn: { verb: 'update', bound: 'all' },
  upsert: { verb: 'update', bound: 'one' },
  delete: { verb: 'delete', bound: 'one' },
  deleteMany: { verb: 'delete', bound: 'none' },
});

const RAW: ReadonlySet<string> = new Set(['$queryRaw', '$executeRaw', '$queryRawUnsafe', '$executeRawUnsafe', '$queryRawTyped']);

function interpret(root: string, steps: Step[]): Interpretation {
  const [first, second] = steps;
  if (root !== 'client' && root !== 'transaction') return first ? undefined : { is: 'part' };
  const handle = root === 'client' ? 'pool' : 'transaction';
  if (!first) return { is: 'handle', root, handle };
  if (first.name === '$extends' && first.args) return { is: 'handle', root, handle };
  if (first.name === '$transaction' && first.args && steps.length === 1) return { is: 'query', query: transaction(handle) };
  if (RAW.has(first.name)) return raw(first, second, steps.length, handle);
  if (first.name.startsWith('$')) return { is: 'part' };
  if (first.args) return undefined;
  if (!second) return { is: 'part' };
  const method = METHODS[second.name];
  if (!method || !second.args || steps.length > 2) return steps.length === 2 ? { is: 'part' } : undefined;
  return { is: 'query', query: modelQuery(first.name, second, method, handle) };
}

function transaction(handle: Query['handle']): Query {
  return queryOf({ library: 'prisma', verb: 'transaction', handle, label: '$transaction', runs: 'at-once' });
}

/**
 * `` $queryRaw`…` `` (a tagged template is a step of its own), `$queryRaw(Prisma.sql`…`)`, `$queryRawUnsafe('…')`. The text of
 * `$queryRawTyped(getOrders(id))` is in a file of its own, and nearly always a SELECT.
 */
function raw(first: Step, second: Step | undefined, length: number, handle: Query['handle']): Interpretation {
  if (length > (first.args ? 1 : 2) || (!first.args && second?.template === undefined)) return first.args || second ? undefined : { is: 'part' };
  const source = first.name === '$queryRawTyped' ? undefined : first.args ? first.args[0] : second?.template;
  return { is: 'query', query: { ...queryOfSql('prisma', first.name, handle, source, 'when-awaited'), ...tablesInTag(second) } };
}

function modelQuery(model: string, step: Step, method: (typeof METHODS)[string], handle: Query['handle']): Query {
  const [options] = step.args!;
  const where = options?.property('where');
  const whereKeys = where?.keys() ?? [];
  const filtered = where ? whereKeys.length > 0 || where.open : Boolean(options?.open && !options.keys().length);
  const filterColumns = whereKeys.filter((key) => isEquality(where?.property(key)));
  let { bound } = method;
  if (bound === 'all') {
    if (options && (options.property('take') ?? options.keys().includes('take'))) bound = 'limited';
    else if (options?.open || (where?.open && whereKeys.length === 0)) bound = 'unknown';
    else if (where && boundedByKeys(where)) bound = 'limited';
  }
  return queryOf({
    library: 'prisma', verb: method.verb, tables: [model], filterColumns, filtered, exact: whereKeys.length > 0 && filterColumns.length === whereKeys.length, bound, handle,
    label: `${model}.${step.name}`, runs: 'when-awaited', batchedInTick: method.loaded === true, manyAtOnce: method.many === true || whereKeys.some((key) => where?.property(key)?.property('in')),
    nestsLists: nestsLists(options), searches: whereKeys.some((key) => searchesText(where?.property(key))),
    ...writtenBy(options, method.verb), nestsRows: method.verb === 'insert' && nestsRows(options?.property('data')), columns: columnsOf(options), ...pagingOf(options?.property('skip'), options?.keys().includes('skip') ?? false, options?.keys().includes('orderBy') ?? false, options?.open ?? false),
  });
}

function writtenBy(options: ValueView | undefined, verb: Verb): Pick<Query, 'written'> {
  const written = verb === 'update' ? (options?.property('data') ?? options?.property('update')) : undefined;
  return written ? { written } : {};
}

/** `data: { lines: { create: [...] } }`: rows of another table, which `createMany` does not take. */
function nestsRows(data: ValueView | undefined): boolean {
  return Boolean(data?.keys().some((key) => data.property(key)?.keys().some((verb) => verb === 'create' || verb === 'createMany' || verb === 'connectOrCreate')));
}

function columnsOf(options: ValueView | undefined): Query['columns'] {
  if (options?.property('select') ?? options?.property('omit')) return 'some';
  return options?.open ? 'unknown' : 'all';
}

/** `createdAt`, `viewed_at`, `timestamp`: rows that are listed by such a column are what has happened, and there are more of them each day. */
const TIME_COLUMN = /(?:[a-z]At|_at|_on|[dD]ate|[tT]ime(?:stamp)?)$/;

/** `include: { views: { orderBy: { viewedAt: 'desc' } } }`: other lists (the fields of a form, the members of a team) are parts of their row. */
function nestsLists(options: ValueView | undefined): boolean {
  return ['include', 'select'].some((part) => {
    const relations = options?.property(part);
    return relations?.keys().some((name) => {
      const list = relations.property(name);
      return list?.property('orderBy')?.keys().some((column) => TIME_COLUMN.test(column)) && !list.keys().includes('take');
    });
  });
}

function searchesText(filter: ValueView | undefined): boolean {
  const keys = filter?.keys() ?? [];
  return (keys.includes('contains') && filter?.property('contains')?.text() === undefined) || keys.includes('search');
}

/** `{ id: { in: ids } }` returns at most as many rows as there are ids. */
function boundedByKeys(where: ValueView): boolean {
  return Boolean(where.property('id')?.property('in'));
}

function isEquality(filter: ValueView | undefined): boolean {
  if (!filter) return false;
  const keys = filter.keys();
  return keys.length === 0 || keys.includes('equals');
}

const CLIENT_TYPES: Record<string, string> = byName({
  PrismaClient: 'client',
  'Prisma.TransactionClient': 'transaction',
  'Prisma.DefaultPrismaClient': 'client',
  DefaultPrismaClient: 'client',
  TransactionClient: 'transaction',
});

export const prisma: Library = {
  id: 'prisma',
  imported(source, name) {
    // Prisma 7 generates its client into the project: the name tells, wherever it is imported from.
    const known = source === '@prisma/client' || source.startsWith('@prisma/client/') || /prisma|generated/.test(source);
    if (name === 'PrismaClient' && (known || source.startsWith('.'))) return 'PrismaClient';
    return known && name in CLIENT_TYPES ? name : undefined;
  },
  constructed: (root) => (root === 'PrismaClient' ? 'client' : undefined),
  typed: (root) => CLIENT_TYPES[root],
  interpret,
  opens: (root, _args, constructed) => (root === 'PrismaClient' && constructed ? { name: 'new PrismaClient', is: 'pool', most: POOL_LIMITS.prisma } : undefined),
  callbackParameter(root, steps, argument, parameter) {
    const last = steps.at(-1);
    return (root === 'client' || root === 'transaction') && last?.name === '$transaction' && argument === 0 && parameter === 0 ? 'transaction' : undefined;
  },
};
