import type { ValueView } from '../program/value-view';
import { type Bound, type Entity, type HandleKind, type Interpretation, type Library, type Query, queryOf, type Rows, type Step, type Verb } from './library';
import { builderInterpretation } from './mikro-orm-builder';
import { criteriaOf, entityIn, isByKey, optionFacts, populated } from './mikro-orm-criteria';
import { boundTables, numbered } from './placeholders';
import { queryOfSql, tablesInHoles } from './sql-query';
import { byName } from '../names';

/**
 * MikroORM. A root is a class or function of the package (`EntityManager`, `wrap`), or what it makes, with the handle's
 * kind: `manager unknown`, `repository unknown`, `collection unknown`, `reference unknown`. An entity manager takes part
 * in the transaction that is going on around it, so that its kind is known inside of `transactional` only. `persist` and
 * `remove` only note what `flush` writes.
 */
type Thing = 'orm' | 'manager' | 'repository' | 'connection' | 'builder' | 'row' | 'wrapped' | 'collection' | 'reference' | 'loaded-collection' | 'loaded-reference' | 'context';

const PACKAGES: ReadonlySet<string> = new Set(['core', 'postgresql', 'knex', 'sql'].map((name) => `@mikro-orm/${name}`));

/** What a class makes when it is constructed, extended or used as a type. */
const INSTANCES: Record<string, Thing> = byName({
  MikroORM: 'orm',
  EntityManager: 'manager', SqlEntityManager: 'manager', PostgreSqlEntityManager: 'manager',
  EntityRepository: 'repository', SqlEntityRepository: 'repository', PostgreSqlEntityRepository: 'repository',
  AbstractSqlConnection: 'connection', PostgreSqlConnection: 'connection',
  QueryBuilder: 'builder', SelectQueryBuilder: 'builder', InsertQueryBuilder: 'builder', UpdateQueryBuilder: 'builder', DeleteQueryBuilder: 'builder', CountQueryBuilder: 'builder',
  BaseEntity: 'row', WrappedEntity: 'wrapped', IWrappedEntity: 'wrapped',
  Collection: 'collection', LoadedCollection: 'loaded-collection',
  Reference: 'reference', Ref: 'reference', IdentifiedReference: 'reference', LoadedReference: 'loaded-reference',
  RequestContext: 'context',
});
/** Types that say no more than their first argument. */
const TRANSPARENT: ReadonlySet<string> = new Set(['Loaded', 'Rel', 'Opt', 'Hidden', 'RequiredEntity']);
const FUNCTIONS: ReadonlySet<string> = new Set(['wrap', 'helper', 'ref', 'reference']);

interface Method {
  verb: Verb;
  bound: Bound;
  /** A condition and options, options alone (which may hold the condition), rows to write, or what only is there once. */
  takes?: 'criteria' | 'options' | 'rows';
  gives?: 'one' | 'list' | 'counted' | 'page';
}

/** Methods of entity managers, with the entity's class before their own arguments, and of repositories. */
const METHODS: Record<string, Method> = byName({
  find: { verb: 'read', bound: 'all', takes: 'criteria', gives: 'list' },
  findAll: { verb: 'read', bound: 'all', takes: 'options', gives: 'list' },
  findAndCount: { verb: 'read', bound: 'all', takes: 'criteria', gives: 'counted' },
  findByCursor: { verb: 'read', bound: 'all', takes: 'criteria', gives: 'page' },
  findOne: { verb: 'read', bound: 'one', takes: 'criteria', gives: 'one' },
  findOneOrFail: { verb: 'read', bound: 'one', takes: 'criteria', gives: 'one' },
  count: { verb: 'read', bound: 'aggregate', takes: 'criteria' },
  countBy: { verb: 'read', bound: 'aggregate' },
  // A stream is the cure for a result that is too large.
  stream: { verb: 'read', bound: 'unknown', takes: 'options' },
  insert: { verb: 'insert', bound: 'none', takes: 'rows' },
  insertMany: { verb: 'insert', bound: 'none', takes: 'rows' },
  upsert: { verb: 'insert', bound: 'one', takes: 'rows', gives: 'one' },
  upsertMany: { verb: 'insert', bound: 'none', takes: 'rows', gives: 'list' },
  nativeUpdate: { verb: 'update', bound: 'none', takes: 'criteria' },
  nativeDelete: { verb: 'delete', bound: 'none', takes: 'criteria' },
});
/** Methods that take rows themselves, of whatever class. */
const ROW_TAKERS: Record<string, Pick<Query, 'verb' | 'bound'> & { writes: boolean }> = byName({
  persistAndFlush: { verb: 'update', bound: 'none', writes: true },
  removeAndFlush: { verb: 'delete', bound: 'none', writes: true },
  populate: { verb: 'read', bound: 'unknown', writes: false },
  refresh: { verb: 'read', bound: 'one', writes: false },
  refreshOrFail: { verb: 'read', bound: 'one', writes: false },
});
/** What gives the manager or repository again: it has noted something, or is another one like it. */
const SAME: ReadonlySet<string> = new Set(['persist', 'persistLater', 'remove', 'removeLater', 'fork', 'getContext', 'getEntityManager']);
const MAKERS: ReadonlySet<string> = new Set(['create', 'getReference', 'merge', 'map', 'assign']);
const TRANSACTIONS: ReadonlySet<string> = new Set(['transactional', 'begin', 'commit', 'rollback']);
const SCHEMA_CHANGES: ReadonlySet<string> = new Set(['up', 'down', 'create', 'update', 'drop', 'refresh', 'createSchema', 'updateSchema', 'dropSchema', 'refreshDatabase', 'ensureDatabase', 'clearDatabase', 'clear', 'execute']);

/** Methods of a collection, a reference or a wrapped row that read it; `lazy` ones do so where it is not there yet. */
const LOADERS: Record<string, { of: Thing[]; bound: Bound; lazy?: true; gives?: 'one' | 'list' | 'self' }> = byName({
  init: { of: ['collection', 'loaded-collection', 'wrapped', 'row'], bound: 'unknown', gives: 'self' },
  load: { of: ['collection', 'reference'], bound: 'unknown', lazy: true, gives: 'one' },
  loadItems: { of: ['collection'], bound: 'unknown', lazy: true, gives: 'list' },
  loadCount: { of: ['collection'], bound: 'aggregate', lazy: true },
  matching: { of: ['collection', 'loaded-collection'], bound: 'unknown', gives: 'list' },
  loadOrFail: { of: ['reference'], bound: 'one', lazy: true, gives: 'one' },
  loadProperty: { of: ['reference'], bound: 'one', lazy: true },
  populate: { of: ['wrapped', 'row'], bound: 'unknown' },
});
/** What is in memory already: rows of a collection, the row behind a reference. */
const ITEMS: ReadonlySet<string> = new Set(['getItems', 'slice', 'filter', 'getSnapshot']);
const ITEM: ReadonlySet<string> = new Set(['*', 'find', 'unwrap', 'getEntity', 'get', '$', 'toReference']);

function rootOf(thing: Thing, handle: HandleKind): string {
  return `${thing} ${handle}`;
}

function handleOf(thing: Thing, handle: HandleKind, of?: Entity): Interpretation {
  return { is: 'handle', root: rootOf(thing, handle), handle, ...(of && { of }) };
}

function interpret(root: string, steps: Step[], of?: Entity): Interpretation {
  const [first, ...rest] = steps;
  const [thing, handle] = root.split(' ') as [Thing, HandleKind | undefined];
  if (handle === undefined) return first ? ofPackage(root, first, rest) : { is: 'part' };
  if (!first) return { is: 'handle', root, handle };
  switch (thing) {
    case 'orm':
      return ofOrm(handle, first, steps);
    case 'builder':
      return builderInterpretation({ handle, steps, begun: true, ...(of && { of }) });
    case 'connection':
      return rest.length ? undefined : ofConnection(handle, first);
    case 'context':
      return first.name === 'em' ? handleOf('manager', 'unknown') : { is: 'part' };
    case 'manager':
    case 'repository':
      if (first.name === 'createQueryBuilder' || first.name === 'qb') return first.args && builder(thing, handle, of, first, rest);
      if (rest.length) return undefined;
      return first.args ? called(thing, handle, of, first.name, first.args) : first.name === 'em' ? handleOf('manager', handle) : { is: 'part' };
    default:
      return rest.length ? undefined : ofRelation(thing, handle, first, of);
  }
}

/** `MikroORM.init({ … })`, `wrap(author)`, `ref(Author, id)`, `RequestContext.getEntityManager()`. */
function ofPackage(root: string, first: Step, rest: Step[]): Interpretation {
  if (root === 'module') return first.args || rest.length ? undefined : { is: 'handle', root: first.name, handle: 'unknown' };
  if (rest.length || !first.args) return undefined;
  if (root === 'MikroORM') return first.name === 'init' || first.name === 'initSync' ? handleOf('orm', 'pool') : undefined;
  if (root === 'RequestContext') return first.name === 'getEntityManager' ? handleOf('manager', 'unknown') : first.name === 'currentRequestContext' ? handleOf('context', 'unknown') : { is: 'part' };
  if (root === 'Reference') return handleOf('reference', 'unknown', entityIn(first.args[0]));
  if (!FUNCTIONS.has(root) || first.name !== '') return undefined;
  return handleOf(root === 'wrap' || root === 'helper' ? 'wrapped' : 'reference', 'unknown', first.args[0]?.entity());
}

/** `orm.em`, `orm.schema.updateSchema()`, `orm.getMigrator().up()`. */
function ofOrm(handle: HandleKind, first: Step, steps: Step[]): Interpretation {
  if (first.name === 'em' && !first.args) return handleOf('manager', 'unknown');
  if (!/^(schema|migrator|getSchemaGenerator|getMigrator)$/.test(first.name)) return { is: 'part' };
  const last = steps.at(-1)!;
  return last !== first && last.args && SCHEMA_CHANGES.has(last.name) ? { is: 'query', query: query(handle, { verb: 'ddl', label: `${first.name}.${last.name}` }) } : { is: 'part' };
}

function query(handle: HandleKind, given: Partial<Query> & Pick<Query, 'verb' | 'label'>): Query {
  return queryOf({ library: 'mikro-orm', handle, runs: 'at-once', ...given });
}

function labelOf(thing: Thing, name: string): string {
  return thing === 'manager' ? `em.${name}` : name;
}

/** `em.getConnection().execute('…', [id])`; `?` stands for a value. */
function ofConnection(handle: HandleKind, first: Step): Interpretation {
  if (!first.args) return { is: 'part' };
  if (first.name === 'execute') return executed(handle, 'execute', first.args);
  if (first.name === 'getKnex' || first.name === 'getClient') return otherClient(first.name === 'getKnex' ? 'knex' : 'kysely', handle);
  return TRANSACTIONS.has(first.name) ? { is: 'query', query: query(handle, { verb: 'transaction', label: first.name }) } : { is: 'part' };
}

function executed(handle: HandleKind, label: string, [text, values]: ValueView[]): Interpretation {
  const sql = text?.text();
  if (sql === undefined) return { is: 'query', query: queryOfSql('mikro-orm', label, handle, text) };
  return { is: 'query', query: { ...queryOfSql('mikro-orm', label, handle, numbered(sql, values !== undefined)), ...tablesInHoles(sql, text!.holes()), ...boundTables(sql, values) } };
}

/** The query builder that MikroORM itself is built on. */
function otherClient(library: 'knex' | 'kysely', handle: HandleKind): Interpretation {
  return { is: 'handle', library, root: handle === 'transaction' ? 'transaction' : 'db', handle };
}

function called(thing: 'manager' | 'repository', handle: HandleKind, of: Entity | undefined, name: string, args: ValueView[]): Interpretation {
  if (name === 'getRepository' || name === 'repo') return thing === 'manager' ? repositoryOf(args[0], handle) : undefined;
  if (SAME.has(name)) return name === 'getEntityManager' || name.startsWith('persist') || name.startsWith('remove') ? handleOf('manager', handle) : handleOf(thing, handle, of);
  if (name === 'getConnection' || name === 'getDriver') return handleOf('connection', handle);
  if (name === 'getKnex' || name === 'getKysely') return otherClient(name === 'getKnex' ? 'knex' : 'kysely', handle);
  if (TRANSACTIONS.has(name)) return { is: 'query', query: query(handle, { verb: 'transaction', label: labelOf(thing, name) }) };
  if (name === 'execute') return thing === 'manager' ? executed(handle, labelOf(thing, name), args) : undefined;
  if (name === 'flush') return { is: 'query', query: query(handle, { verb: 'update', label: labelOf(thing, name), flushes: true, takesRows: true }) };
  if (name === 'lock') return { is: 'query', query: query(handle, { verb: 'other', label: labelOf(thing, name) }) };
  if (Object.hasOwn(ROW_TAKERS, name)) return { is: 'query', query: query(handle, ofRows(thing, name, args)) };
  const entity = thing === 'manager' ? entityIn(args[0]) : of;
  const own = thing === 'manager' ? args.slice(1) : args;
  if (MAKERS.has(name)) return entity && name !== 'assign' ? { is: 'rows', rows: { is: own[0]?.isList() ? 'list' : 'one', of: entity } } : { is: 'part' };
  const method = METHODS[name];
  if (!method) return { is: 'part' };
  const found = query(handle, { label: labelOf(thing, name), tables: entity ? [entity.name] : [], ...factsOf(name, method, own) });
  const gives = entity && rowsOf(method, populated(entity, populateOf(method, own)));
  return { is: 'query', query: found, ...(gives && { gives }) };
}

/** A repository of the class's own (`@Entity({ repository: () => Authors })`), or a plain one. */
function repositoryOf(view: ValueView | undefined, handle: HandleKind): Interpretation {
  const decoration = view?.decorations().find((one) => one.call()?.name === 'Entity');
  const own = decoration?.call()?.args[0]?.property('repository')?.returned().entity();
  return own ? { is: 'rows', rows: { is: 'one', of: own } } : handleOf('repository', handle, entityIn(view));
}

/** `persistAndFlush` and the like take a row or a list of them, and so does `populate`. */
function ofRows(thing: Thing, name: string, [rows]: ValueView[]): Partial<Query> & Pick<Query, 'verb' | 'label'> {
  const { writes, ...facts } = ROW_TAKERS[name]!;
  const entity = rows?.entity();
  return { ...facts, label: labelOf(thing, name), tables: entity ? [entity.name] : [], filtered: true, manyAtOnce: rows?.isList() ?? false, ...(writes && { takesRows: true, flushes: true }), ...(name === 'populate' && { takesRows: true }) };
}

function factsOf(name: string, { verb, bound, takes }: Method, [first, second]: ValueView[]): Partial<Query> & Pick<Query, 'verb'> {
  switch (takes) {
    case 'options': {
      const where = first?.property('where');
      return { verb, ...criteriaOf(where), ...(first?.open && !where && { filtered: true }), ...optionFacts(first, bound) };
    }
    case 'criteria': {
      const criteria = criteriaOf(first);
      if (verb !== 'read') return { verb, bound, ...criteria, ...(verb === 'update' && second && { written: second }) };
      return { verb, ...criteria, ...optionFacts(second, bound), ...(bound === 'one' && isByKey(criteria) && { remembered: true }) };
    }
    case 'rows':
      return { verb, bound, takesRows: true, manyAtOnce: name.endsWith('Many') || (first?.isList() ?? false) };
    case undefined:
      return { verb, bound };
  }
}

/** In old versions the associations stand in the place of the options. */
function populateOf({ takes }: Method, [first, second]: ValueView[]): ValueView | undefined {
  const options = takes === 'options' ? first : second;
  return options?.items() ? options : (options?.property('populate') ?? (options?.open ? options : undefined));
}

function rowsOf({ gives }: Method, of: Entity): Rows | undefined {
  switch (gives) {
    case 'one':
    case 'list':
      return { is: gives, of };
    case 'counted':
      return { is: 'parts', parts: { 0: { is: 'list', of } } };
    case 'page':
      return { is: 'parts', parts: { items: { is: 'list', of } } };
    case undefined:
      return undefined;
  }
}

function builder(thing: Thing, handle: HandleKind, of: Entity | undefined, first: Step, rest: Step[]): Interpretation {
  const entity = thing === 'repository' ? of : entityIn(first.args?.[0]);
  return builderInterpretation({ handle, steps: rest, begun: false, ...(entity && { of: entity }) });
}

/** `author.books.loadItems()`, `book.author.load()`, `wrap(author).init()`, `for (const book of author.books)`. */
function ofRelation(thing: Thing, handle: HandleKind, { name, args }: Step, of: Entity | undefined): Interpretation {
  const loader = args && LOADERS[name];
  if (loader?.of.includes(thing)) {
    const isList = thing === 'collection' || thing === 'loaded-collection';
    const bound = loader.bound === 'unknown' && !isList ? 'one' : loader.bound;
    const batched = loader.lazy && args![0]?.property('dataloader') !== undefined;
    const found = query(handle, { verb: 'read', label: name, tables: of?.name ? [of.name] : [], bound, filtered: true, exact: true, batchedInTick: batched === true, loadsAssociation: true, ...(loader.lazy && { remembered: true }) });
    const gives = of && loader.gives && (loader.gives === 'self' ? undefined : { is: loader.gives, of });
    return { is: 'query', query: found, ...(gives && { gives }) };
  }
  if (of && ITEM.has(name)) return { is: 'rows', rows: { is: name === '$' && thing.endsWith('collection') ? 'list' : 'one', of } };
  if (of && ITEMS.has(name)) return { is: 'rows', rows: { is: 'list', of } };
  return { is: 'part' };
}

function instanceOf(root: string): string | undefined {
  return Object.hasOwn(INSTANCES, root) ? rootOf(INSTANCES[root]!, 'unknown') : undefined;
}

export const mikroOrm: Library = {
  id: 'mikro-orm',
  imported(source, name) {
    if (!PACKAGES.has(source)) return undefined;
    if (name === '*' || name === 'default') return 'module';
    return Object.hasOwn(INSTANCES, name) || FUNCTIONS.has(name) || TRANSPARENT.has(name) ? name : undefined;
  },
  constructed: instanceOf,
  typed: instanceOf,
  buildersAreShared: true,
  interpret,
  callbackParameter(root, steps, argument, parameter) {
    const [thing] = root.split(' ');
    return (thing === 'manager' || thing === 'connection') && steps.at(-1)?.name === 'transactional' && argument === 0 && parameter === 0 ? rootOf(thing, 'transaction') : undefined;
  },
  wrapper: (root) => (TRANSPARENT.has(root) ? 'one' : undefined),
  loaded(root) {
    const [thing, handle] = root.split(' ');
    return thing === 'collection' || thing === 'reference' ? `loaded-${thing} ${handle}` : undefined;
  },
};
