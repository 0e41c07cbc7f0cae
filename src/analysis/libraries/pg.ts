import { type HandleKind, type Interpretation, type Library, POOL_LIMITS, type Step } from './library';
import { queryOfSql } from './sql-query';
import { byName } from '../names';

/**
 * node-postgres. Roots: `module` (the package), `Pool` and `Client` (classes), `pool`, `client` and `pooled` (a client
 * taken from a pool). SQL runs when `query` is called.
 */
const HANDLES: Record<string, HandleKind> = byName({ pool: 'pool', client: 'connection', pooled: 'connection' });

/** Roots of values that have these types. */
const INSTANCES: Record<string, string> = byName({ Pool: 'pool', Client: 'client', PoolClient: 'pooled', ClientBase: 'client' });

function interpret(root: string, steps: Step[]): Interpretation {
  const [first, second] = steps;
  if (!first) return root in HANDLES ? { is: 'handle', root, handle: HANDLES[root]! } : { is: 'part' };
  if (root === 'module') {
    if (first.args) return undefined;
    if (first.name === 'default') return { is: 'handle', root: 'module', handle: 'unknown' };
    return first.name === 'Pool' || first.name === 'Client' ? { is: 'handle', root: first.name, handle: 'unknown' } : { is: 'part' };
  }
  const handle = HANDLES[root];
  if (!handle) return undefined;
  if (first.name === 'connect' && first.args && !second) return root === 'pool' ? { is: 'handle', root: 'pooled', handle: 'connection' } : { is: 'part' };
  if (first.name !== 'query' || !first.args || second) return steps.length === 1 ? { is: 'part' } : undefined;
  return { is: 'query', query: queryOfSql('pg', `${root === 'pool' ? 'pool' : 'client'}.query`, handle, first.args[0]) };
}

export const pg: Library = {
  id: 'pg',
  imported(source, name) {
    if (source === 'pg-pool') return name === 'default' || name === '*' ? 'Pool' : undefined;
    if (source !== 'pg' && source !== 'pg/native') return undefined;
    if (name === '*' || name === 'default') return 'module';
    // `pg.PoolClient`: the types are members of the default export too.
    const member = name.replace(/^default\./, '');
    return member in INSTANCES ? member : undefined;
  },
  constructed: (root) => (root === 'Pool' ? 'pool' : root === 'Client' ? 'client' : undefined),
  typed: (root) => INSTANCES[root],
  interpret,
  opens(root, _args, constructed) {
    if (!constructed) return undefined;
    if (root === 'Pool') return { name: 'new Pool', is: 'pool', most: POOL_LIMITS.pg };
    return root === 'Client' ? { name: 'new Client', is: 'connection' } : undefined;
  },
  takes(root, [first, second]) {
    // With a callback it gives a function that releases the client.
    return root === 'pool' && first?.name === 'connect' && first.args?.length === 0 && !second ? { is: 'client', givenBackBy: ['release', 'end'], most: POOL_LIMITS.pg } : undefined;
  },
  callbackParameter: () => undefined,
};
