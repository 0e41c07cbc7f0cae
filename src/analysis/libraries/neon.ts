import type { HandleKind, Interpretation, Library, Step } from './library';
import { POOL_LIMITS, queryOf } from './library';
import { queryOfSql } from './sql-query';
import { queryOfTemplate, type Tags } from './sql-template';
import { byName } from '../names';

/**
 * Neon's serverless driver, and Vercel's package around it. Roots: `neon` (the factory), `sql` (queries over HTTP),
 * `Pool` and `Client` (classes), `pool`, `client`, `createPool` and `createClient`. Vercel's `sql` and `db` are pools
 * that are tags too.
 */
const HANDLES: Record<string, HandleKind> = byName({ sql: 'pool', pool: 'pool', client: 'connection', transaction: 'transaction' });
const TAGS: Tags = { library: 'neon', isTag: (root) => root in HANDLES };
const FACTORIES: Record<string, string> = byName({ neon: 'sql', createPool: 'pool', createClient: 'client' });

function interpret(root: string, steps: Step[]): Interpretation {
  const [first, second] = steps;
  const made = FACTORIES[root];
  if (made !== undefined) return first?.name === '' && first.args && !second ? { is: 'handle', root: made, handle: HANDLES[made]! } : { is: 'part' };
  if (root === 'module') {
    if (!first || first.args) return { is: 'part' };
    const inner = neon.imported('@neondatabase/serverless', first.name);
    return inner === undefined ? { is: 'part' } : { is: 'handle', root: inner, handle: 'unknown' };
  }
  const handle = HANDLES[root];
  if (!handle) return undefined;
  // Vercel's clients have a `sql` of their own.
  if (!first || (first.name === 'sql' && !first.args && root !== 'sql')) return { is: 'handle', root, handle };
  if (!first.args) return { is: 'part' };
  if (second) return undefined;
  switch (first.name) {
    case '': {
      if (first.template === undefined) return root === 'sql' ? { is: 'query', query: queryOfSql('neon', 'sql', handle, first.args[0], 'when-awaited') } : undefined;
      const query = queryOfTemplate(TAGS, 'sql', handle, first.template, first.args);
      return query ? { is: 'query', query } : { is: 'part' };
    }
    case 'query':
      return { is: 'query', query: queryOfSql('neon', `${root === 'transaction' ? 'sql' : root}.query`, handle, first.args[0], root === 'sql' || root === 'transaction' ? 'when-awaited' : 'at-once') };
    case 'transaction':
      return { is: 'query', query: queryOf({ library: 'neon', handle, verb: 'transaction', label: `${root}.transaction`, runs: 'at-once' }) };
    case 'connect':
      return root === 'pool' ? { is: 'handle', root: 'client', handle: 'connection' } : { is: 'part' };
    default:
      return { is: 'part' };
  }
}

export const neon: Library = {
  id: 'neon',
  imported(source, name) {
    if (source === '@neondatabase/serverless') {
      switch (name) {
        case '*':
        case 'default':
          return 'module';
        case 'neon':
        case 'Pool':
        case 'Client':
        case 'PoolClient':
        case 'ClientBase':
        case 'NeonQueryFunction':
        case 'NeonQueryFunctionInTransaction':
          return name;
        default:
          return undefined;
      }
    }
    if (source !== '@vercel/postgres') return undefined;
    switch (name) {
      case 'sql':
      case 'db':
        return 'pool';
      case 'createPool':
      case 'createClient':
        return name;
      case 'VercelPool':
        return 'Pool';
      case 'VercelClient':
      case 'VercelPoolClient':
        return 'Client';
      default:
        return undefined;
    }
  },
  constructed: (root) => (root === 'Pool' ? 'pool' : root === 'Client' ? 'client' : undefined),
  typed: (root) => ({ Pool: 'pool', Client: 'client', PoolClient: 'client', ClientBase: 'client', NeonQueryFunction: 'sql', NeonQueryFunctionInTransaction: 'transaction' })[root],
  interpret,
  opens(root, _args, constructed) {
    // `neon(url)` sends each query over HTTP, and holds no connection.
    if (constructed ? root === 'Pool' : root === 'createPool') return { name: constructed ? 'new Pool' : 'createPool()', is: 'pool', most: POOL_LIMITS.pg, perRequestIfEnded: true };
    return (constructed ? root === 'Client' : root === 'createClient') ? { name: constructed ? 'new Client' : 'createClient()', is: 'connection', perRequestIfEnded: true } : undefined;
  },
  takes: (root, [first, second]) => (root === 'pool' && first?.name === 'connect' && first.args?.length === 0 && !second ? { is: 'client', givenBackBy: ['release', 'end'], most: POOL_LIMITS.pg } : undefined),
  callbackParameter: (root, steps, argument, parameter) => (root === 'sql' && steps.length === 1 && steps[0]!.name === 'transaction' && argument === 0 && parameter === 0 ? 'transaction' : undefined),
};
