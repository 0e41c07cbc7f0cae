import type { HandleKind, Interpretation, Library, Query, Step } from './library';
import { POOL_LIMITS, queryOf } from './library';
import { queryOfSql } from './sql-query';
import { queryOfTemplate, type Tags } from './sql-template';
import { byName } from '../names';

/**
 * Postgres.js. Roots: `postgres` (the factory), `sql` (a pool), `transaction`, `reserved` (a connection),
 * and `tag` (a tag whose origin is out of sight). A tagged template is lazy: it runs when awaited, and is a fragment
 * inside of another one.
 */
const HANDLES: Record<string, HandleKind> = byName({ sql: 'pool', transaction: 'transaction', reserved: 'connection', tag: 'unknown' });
/** Roots of values that have these types. */
const INSTANCES: Record<string, string> = byName({ Sql: 'sql', ISql: 'sql', TransactionSql: 'transaction', ReservedSql: 'reserved' });
const TAGS: Tags = { library: 'postgres-js', isTag: (root) => root in HANDLES };

/** They change how a query runs or what its rows look like, and give it back. */
const MODIFIERS: ReadonlySet<string> = new Set(['simple', 'values', 'raw']);
/** They bring rows in portions, however many there are. */
const STREAMS: ReadonlySet<string> = new Set(['cursor', 'forEach', 'readable', 'writable']);

function interpret(root: string, steps: Step[]): Interpretation {
  const [first, ...rest] = steps;
  if (root === 'postgres') {
    if (!first) return { is: 'part' };
    if (first.name === 'default' && !first.args) return { is: 'handle', root: 'postgres', handle: 'unknown' };
    return first.name === '' && first.args && first.template === undefined ? { is: 'handle', root: 'sql', handle: 'pool' } : { is: 'part' };
  }
  const handle = HANDLES[root];
  if (!handle) return undefined;
  if (!first) return { is: 'handle', root, handle };
  if (!first.args) return { is: 'part' };
  switch (first.name) {
    case '':
      return first.template === undefined ? { is: 'part' } : modified(queryOfTemplate(TAGS, 'sql', handle, first.template, first.args), rest);
    case 'unsafe':
      return modified(queryOfSql('postgres-js', 'sql.unsafe', handle, first.args[0], 'when-awaited'), rest);
    case 'file':
      return modified(queryOfSql('postgres-js', 'sql.file', handle, first.args[0], 'when-awaited'), rest);
    case 'reserve':
      return rest.length ? undefined : { is: 'handle', root: 'reserved', handle: 'connection' };
    case 'begin':
    case 'savepoint':
      return rest.length ? undefined : { is: 'query', query: queryOf({ library: 'postgres-js', handle, verb: 'transaction', label: `sql.${first.name}`, runs: 'at-once' }) };
    default:
      return { is: 'part' };
  }
}

/** `` sql`…`.values() `` is the same query, `` sql`…`.cursor(100) `` brings it in portions, `` sql`…`.describe() `` runs nothing. */
function modified(query: Query | undefined, steps: Step[]): Interpretation {
  if (!query) return { is: 'part' };
  let result = query;
  for (const step of steps) {
    if (!step.args) return undefined;
    if (step.name === 'execute') result = { ...result, runs: 'at-once' };
    else if (step.name === 'describe') result = { ...result, runs: 'never' };
    else if (STREAMS.has(step.name)) result = { ...result, runs: 'at-once', bound: result.bound === 'all' ? 'limited' : result.bound };
    else if (!MODIFIERS.has(step.name)) return undefined;
  }
  return { is: 'query', query: result };
}

export const postgresJs: Library = {
  id: 'postgres-js',
  imported(source, name) {
    if (source !== 'postgres') return undefined;
    if (name === '*' || name === 'default') return 'postgres';
    // `postgres.Sql`: the types are members of the default export too.
    const type = name.replace(/^default\./, '');
    return type in INSTANCES ? type : undefined;
  },
  constructed: () => undefined,
  typed: (root) => INSTANCES[root],
  interpret,
  opens: (root, _args, constructed) => (root === 'postgres' && !constructed ? { name: 'postgres()', is: 'pool', most: POOL_LIMITS['postgres-js'] } : undefined),
  takes: (root, [first, second]) => (root === 'sql' && first?.name === 'reserve' && first.args && !second ? { is: 'client', givenBackBy: ['release'], most: POOL_LIMITS['postgres-js'] } : undefined),
  callbackParameter(root, steps, argument, parameter) {
    const { name, args } = steps.at(-1) ?? {};
    // `sql.begin('read only', async (sql) => …)`: the callback is the last argument, and nothing else is a function.
    return root in HANDLES && args && steps.length === 1 && (name === 'begin' || name === 'savepoint') && argument <= 1 && parameter === 0 ? 'transaction' : undefined;
  },
};
