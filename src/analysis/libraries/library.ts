import type { ValueView } from '../program/value-view';

export type LibraryId = 'pg' | 'postgres-js' | 'neon' | 'drizzle' | 'prisma' | 'kysely' | 'knex' | 'typeorm' | 'sequelize' | 'mikro-orm';

/** The libraries as their users know them. */
export const LIBRARY_NAMES: Record<LibraryId, string> = {
  pg: 'node-postgres', 'postgres-js': 'Postgres.js', neon: 'Neon', drizzle: 'Drizzle', prisma: 'Prisma', kysely: 'Kysely', knex: 'Knex', typeorm: 'TypeORM', sequelize: 'Sequelize', 'mikro-orm': 'MikroORM',
};

export type Verb = 'read' | 'insert' | 'update' | 'delete' | 'ddl' | 'transaction' | 'other';

/** How many rows a query may return. */
export type Bound = 'one' | 'limited' | 'aggregate' | 'all' | 'none' | 'unknown';

/** What a query runs on: a pool hands each query any connection; a connection and a transaction run one at a time. */
export type HandleKind = 'pool' | 'connection' | 'transaction' | 'unknown';

/** One query as its library spells it. */
export interface Query {
  library: LibraryId;
  verb: Verb;
  /** As the code names them (model, table variable or SQL name). */
  tables: string[];
  /** What the names of its tables are taken from, where the code does not spell them: a statement for each of several tables is no batch. */
  tablesFrom?: ValueView[];
  /** Columns compared for equality in the filter, as the code names them. */
  filterColumns: string[];
  filtered: boolean;
  /** All conditions of the filter are equalities: it looks for certain rows, not for a range. */
  exact: boolean;
  bound: Bound;
  handle: HandleKind;
  /** The call that the reader recognises, such as `prisma.user.findMany`. */
  label: string;
  /** SQL text, where the code spells it. */
  sql?: string;
  /** What the SQL text is taken from, where the code around it does not spell it: a caller may. */
  sqlFrom?: ValueView;
  /** A function of the program runs it, whose caller hands the SQL over: the call of that function counts as the query. */
  wrapped?: true;
  /** `at-once`: the call itself runs it; `when-awaited`: a builder or lazy promise; `never`: it only builds. */
  runs: 'at-once' | 'when-awaited' | 'never';
  /** The client merges all calls of one tick into one query (Prisma's `findUnique`). */
  batchedInTick: boolean;
  /** Each row brings a list of its own without a limit, of what has happened (`include: { views: { orderBy: { viewedAt } } }`). */
  nestsLists: boolean;
  /** The filter searches in texts (`contains`, `ILIKE '%…%'`): how many rows match is up to the user's input. */
  searches: boolean;
  /** It already takes many keys or rows at once (`IN`, `= ANY`, several rows of values). */
  manyAtOnce: boolean;
  /** The same call takes a list of rows, each with values of its own (`save`): one call can say what many do. */
  takesRows?: true;
  /** Whether its rows bring every column of the table, or only some that the code names. */
  columns: 'all' | 'some' | 'unknown';
  /** What an UPDATE sets, where the code spells it: an object of values by column. */
  written?: ValueView;
  /** Of an UPDATE in SQL: numbers of the parameters that say what it sets. */
  setParameters?: number[];
  /** It sets the fields of its row that were assigned before (`row.state = 'done'; row.save()`). */
  savesFields?: true;
  /** An insert brings rows of other tables with it, which several rows of values cannot. */
  nestsRows: boolean;
  /** The class of its rows has methods that run for each row that is written (hooks): one statement for all would leave them out. */
  runsHooks: boolean;
  /** It skips rows by counting them (`OFFSET`, `skip`). */
  offset: boolean;
  /** How many rows it skips, where the code gives the number apart from SQL text. */
  skips?: ValueView;
  /** Its rows come in an order that the code asks for. */
  ordered: 'yes' | 'no' | 'unknown';
  /** It writes whatever has changed since the last time (a unit of work): once, after all changes, is enough. */
  flushes?: true;
  /** The client keeps what it has read: asked for the same again, it answers from memory. */
  remembered?: true;
  /** It loads what a row refers to, which the query that reads the rows could have brought along. */
  loadsAssociation?: true;
}

/** A query of which `given` is known; all else has the value that keeps the rules silent. */
export function queryOf(given: Pick<Query, 'library' | 'verb' | 'handle' | 'label' | 'runs'> & Partial<Query>): Query {
  return {
    tables: [], filterColumns: [], filtered: false, exact: false, bound: 'none', batchedInTick: false, nestsLists: false, searches: false, manyAtOnce: false, columns: 'unknown', nestsRows: false, runsHooks: false, offset: false, ordered: 'unknown',
    ...given,
  };
}

/** One step from a handle: `.name`, `.name(args)`, `(args)` or a tagged template. */
export interface Step {
  /** Empty for a call of the handle itself. */
  name: string;
  /** Missing for a mere property access. */
  args?: ValueView[];
  /** Text of a tagged template, holes as `$1`, …. */
  template?: string;
}

/**
 * Name of a step in which other code worked on a builder: a limit or a filter may have come there. Interpreters never
 * see it: {@link interpretSteps} takes it out and forgets what it makes uncertain.
 */
export const ELSEWHERE = '(elsewhere)';

/** What rows are instances of: a class of the program, or a model that has only a name. Libraries hand on what they are given. */
export interface Entity {
  readonly name: string;
  /** Decorators of the methods of its class in the program, such as `BeforeDestroy`; missing for a model without a class. */
  readonly methodDecorators?: readonly string[];
  /** Paths of the associations that these rows were read together with. */
  readonly loaded?: readonly string[];
}

/**
 * Rows as objects of the program. Their entity's class tells what they can do; rows of an entity without a class have
 * the library's own `root`, if it gives rows methods.
 */
export type Rows =
  | { is: 'one'; of: Entity; root?: string }
  | { is: 'list'; of: Entity; root?: string }
  /** `{ rows, count }`, and tuples by their indexes: `[row, created]` is `{ 0: row }`. */
  | { is: 'parts'; parts: Record<string, Rows> }
  /** What the entity's class declares its member `name` to be: an association. */
  | { is: 'member'; name: string };

/** What a chain of steps from a root is. `undefined` means: nothing that this library knows. */
export type Interpretation =
  /** `of`, where the step names an entity: `dataSource.getRepository(User)`; `library`, where the handle is one of another library. */
  | { is: 'handle'; root: string; handle: HandleKind; of?: Entity; library?: LibraryId }
  /** `gives` what comes of awaiting it. */
  | { is: 'query'; query: Query; gives?: Rows }
  /** Rows that are made in memory: `User.build(…)`. */
  | { is: 'rows'; rows: Rows }
  /** What the call's argument is, such as a repository that is bound to a transaction; `constructed`: an instance of the class that it is. */
  | { is: 'argument'; argument: number; constructed: boolean }
  /** An unfinished builder, a model delegate, a fragment: more steps may make it a query. */
  | { is: 'part' }
  | undefined;

/** What has connections of its own, and is made to be made once. */
export interface OwnConnections {
  /** As the code names it: `new Pool`, `postgres()`. */
  name: string;
  /** A pool opens connections as they are asked for; a single connection is opened once. */
  is: 'pool' | 'connection';
  /** How many a pool opens at most. */
  most?: PoolLimit;
  /** It must not outlive a request, say its docs: it is made, used and ended in it. */
  perRequestIfEnded?: true;
}

/** What is taken out of a pool until it is given back. */
export interface Taken {
  is: 'client' | 'transaction';
  /** Methods that give it back. */
  givenBackBy: readonly string[];
  /** How many the pool has. */
  most: PoolLimit;
}

/** How many connections a pool has, unless it is told otherwise, and what says so. */
export interface PoolLimit {
  connections: string;
  by: string;
}

/** The limits that the libraries' documentation gives. */
export const POOL_LIMITS = {
  pg: { connections: '10', by: 'node-postgres’s default `max`' },
  'postgres-js': { connections: '10', by: 'the default `max` of Postgres.js' },
  knex: { connections: '10', by: 'Knex’s default `pool.max`' },
  sequelize: { connections: '5', by: 'Sequelize’s default `pool.max`' },
  prisma: { connections: 'two for each processor core and one more', by: 'Prisma’s default `connection_limit`' },
} satisfies Partial<Record<LibraryId, PoolLimit>>;

/**
 * How one database library spells its queries. A root names what the chain starts from, in the library's own words
 * (`client`, `pool`, `transaction`, a class such as `Pool`).
 */
export interface Library {
  id: LibraryId;
  /** Root of a name imported from a package, value or type; undefined when the package or name is not this library's. */
  imported(source: string, name: string): string | undefined;
  /** Root of `new X(…)`, where X has `root`. */
  constructed(root: string): string | undefined;
  /** Root of an instance, for a type annotation or a base class that has `root`. */
  typed(root: string): string | undefined;
  /** Functions often return a builder for their caller to go on building, and take one to add to it. */
  buildersAreShared?: true;
  /**
   * What the steps make of the root. `of` is what the root is about: the class of the program that is derived from it
   * (`class User extends Model`), the argument of its type (`Repository<User>`), or what an earlier handle was given.
   */
  interpret(root: string, steps: Step[], of?: Entity): Interpretation;
  /** Root of parameter `parameter` of a callback that is argument `argument` of the last step's call. */
  callbackParameter(root: string, steps: Step[], argument: number, parameter: number): string | undefined;
  /** What a call of something that has `root` makes, or with `constructed` its construction, when that opens connections. */
  opens?(root: string, args: ValueView[], constructed: boolean): OwnConnections | undefined;
  /** What the last step takes out of the root's pool. */
  takes?(root: string, steps: Step[]): Taken | undefined;
  /** A type that says no more than its first argument (`NonAttribute<User>`), or a list of it (`Collection<Book>`). */
  wrapper?(root: string): 'one' | 'list' | undefined;
  /** Root of an association (a member of a row) that was read together with its row. */
  loaded?(root: string): string | undefined;
}

/** What the library makes of the steps, those that other code took included. */
export function interpretSteps(library: Library, root: string, steps: Step[], of: Entity | undefined): Interpretation {
  if (!steps.some((step) => step.name === ELSEWHERE)) return library.interpret(root, steps, of);
  const interpretation = library.interpret(root, steps.filter((step) => step.name !== ELSEWHERE), of);
  return interpretation?.is === 'query' ? { ...interpretation, query: changedElsewhere(interpretation.query) } : interpretation;
}

/** Whether rows are skipped, how many, and in which order they come: from the library's words for a number of rows and an order. */
export function pagingOf(skips: ValueView | undefined, isSkipping: boolean, isOrdered: boolean, isOpen: boolean): Pick<Query, 'offset' | 'skips' | 'ordered'> {
  return { offset: isSkipping, ...(skips && { skips }), ordered: isOrdered ? 'yes' : isOpen ? 'unknown' : 'no' };
}

/** The query without the facts that steps in other code may have changed. */
export function changedElsewhere(query: Query): Query {
  return { ...query, filtered: true, exact: false, ...(query.bound === 'all' && { bound: 'unknown' }), columns: query.columns === 'all' ? 'unknown' : query.columns, ...(query.ordered === 'no' && { ordered: 'unknown' }) };
}
