import type { ValueView } from '../program/value-view';
import { type Bound, type Entity, type HandleKind, type Interpretation, type Library, POOL_LIMITS, type Query, queryOf, type Rows, type Step, type Verb } from './library';
import { queryOfSql } from './sql-query';
import { builderInterpretation } from './typeorm-builder';
import { criteriaOf, entityIn, findFacts } from './typeorm-criteria';
import { byName } from '../names';

/**
 * TypeORM. A root is a class or function of the package (`DataSource`, `getRepository`), or what it makes, with the
 * handle's kind: `source pool`, `manager transaction`, `repository pool`, `runner connection`, `row pool`. Queries run
 * when their method is called.
 */
type Thing = 'source' | 'manager' | 'repository' | 'runner' | 'builder' | 'event' | 'row' | 'abstract';

function rootOf(thing: Thing, handle: HandleKind): string {
  return `${thing} ${handle}`;
}

function handleOf(thing: Thing, handle: HandleKind, of?: Entity): Interpretation {
  return { is: 'handle', root: rootOf(thing, handle), handle, ...(of && { of }) };
}

/** What a class makes when it is constructed, extended or used as a type. */
const INSTANCES: Record<string, [Thing, HandleKind]> = byName({
  DataSource: ['source', 'pool'],
  Connection: ['source', 'pool'],
  EntityManager: ['manager', 'unknown'],
  Repository: ['repository', 'pool'],
  TreeRepository: ['repository', 'pool'],
  AbstractRepository: ['abstract', 'pool'],
  BaseEntity: ['row', 'pool'],
  QueryRunner: ['runner', 'connection'],
  SelectQueryBuilder: ['builder', 'unknown'],
  InsertQueryBuilder: ['builder', 'unknown'],
  UpdateQueryBuilder: ['builder', 'unknown'],
  DeleteQueryBuilder: ['builder', 'unknown'],
  SoftDeleteQueryBuilder: ['builder', 'unknown'],
  InsertEvent: ['event', 'transaction'],
  UpdateEvent: ['event', 'transaction'],
  RemoveEvent: ['event', 'transaction'],
  SoftRemoveEvent: ['event', 'transaction'],
  RecoverEvent: ['event', 'transaction'],
});

/** Functions of the package that give a handle. `repository` and `custom` take the entity or class as their first argument. */
const FUNCTIONS: Record<string, Thing | 'custom'> = byName({
  getConnection: 'source', createConnection: 'source', getManager: 'manager',
  getRepository: 'repository', getTreeRepository: 'repository', getCustomRepository: 'custom',
});

interface Method {
  verb: Verb;
  bound: Bound;
  /** It takes criteria (a `where` by itself), find options, or rows to write; else none of them. */
  takes?: 'criteria' | 'options' | 'rows';
  /** Position of what it takes, where it is not the first argument. */
  at?: number;
  /** What awaiting it gives; `saved` is one row or as many as were given. */
  gives?: 'one' | 'list' | 'counted' | 'saved';
}

const METHODS: Record<string, Method> = byName({
  find: { verb: 'read', bound: 'all', takes: 'options', gives: 'list' },
  findBy: { verb: 'read', bound: 'all', takes: 'criteria', gives: 'list' },
  findAndCount: { verb: 'read', bound: 'all', takes: 'options', gives: 'counted' },
  findAndCountBy: { verb: 'read', bound: 'all', takes: 'criteria', gives: 'counted' },
  findByIds: { verb: 'read', bound: 'limited', takes: 'criteria', gives: 'list' },
  findOne: { verb: 'read', bound: 'one', takes: 'options', gives: 'one' },
  findOneBy: { verb: 'read', bound: 'one', takes: 'criteria', gives: 'one' },
  findOneOrFail: { verb: 'read', bound: 'one', takes: 'options', gives: 'one' },
  findOneByOrFail: { verb: 'read', bound: 'one', takes: 'criteria', gives: 'one' },
  findOneById: { verb: 'read', bound: 'one', takes: 'criteria', gives: 'one' },
  count: { verb: 'read', bound: 'aggregate', takes: 'options' },
  countBy: { verb: 'read', bound: 'aggregate', takes: 'criteria' },
  exist: { verb: 'read', bound: 'aggregate', takes: 'options' },
  exists: { verb: 'read', bound: 'aggregate', takes: 'options' },
  existsBy: { verb: 'read', bound: 'aggregate', takes: 'criteria' },
  sum: { verb: 'read', bound: 'aggregate', takes: 'criteria', at: 1 },
  average: { verb: 'read', bound: 'aggregate', takes: 'criteria', at: 1 },
  minimum: { verb: 'read', bound: 'aggregate', takes: 'criteria', at: 1 },
  maximum: { verb: 'read', bound: 'aggregate', takes: 'criteria', at: 1 },
  preload: { verb: 'read', bound: 'one', gives: 'one' },
  findTrees: { verb: 'read', bound: 'all', gives: 'list' },
  findRoots: { verb: 'read', bound: 'unknown', gives: 'list' },
  findDescendants: { verb: 'read', bound: 'unknown', gives: 'list' },
  findDescendantsTree: { verb: 'read', bound: 'unknown', gives: 'one' },
  countDescendants: { verb: 'read', bound: 'aggregate' },
  findAncestors: { verb: 'read', bound: 'unknown', gives: 'list' },
  findAncestorsTree: { verb: 'read', bound: 'unknown', gives: 'one' },
  countAncestors: { verb: 'read', bound: 'aggregate' },
  save: { verb: 'update', bound: 'one', takes: 'rows', gives: 'saved' },
  insert: { verb: 'insert', bound: 'none', takes: 'rows' },
  upsert: { verb: 'insert', bound: 'none', takes: 'rows' },
  remove: { verb: 'delete', bound: 'one', takes: 'rows', gives: 'saved' },
  softRemove: { verb: 'update', bound: 'one', takes: 'rows', gives: 'saved' },
  recover: { verb: 'update', bound: 'one', takes: 'rows', gives: 'saved' },
  update: { verb: 'update', bound: 'none', takes: 'criteria' },
  delete: { verb: 'delete', bound: 'none', takes: 'criteria' },
  softDelete: { verb: 'update', bound: 'none', takes: 'criteria' },
  restore: { verb: 'update', bound: 'none', takes: 'criteria' },
  increment: { verb: 'update', bound: 'none', takes: 'criteria' },
  decrement: { verb: 'update', bound: 'none', takes: 'criteria' },
  clear: { verb: 'delete', bound: 'none' },
});

/** Methods of a row of a class that extends `BaseEntity`. */
const ROW_METHODS: Record<string, Method> = byName({
  save: METHODS['save']!, remove: METHODS['remove']!, softRemove: METHODS['softRemove']!, recover: METHODS['recover']!,
  reload: { verb: 'read', bound: 'one' },
});

/** Methods of a manager that take rows without their entity's class before them, too. */
const CLASS_IS_OPTIONAL: ReadonlySet<string> = new Set(['save', 'remove', 'softRemove', 'recover']);
const SAVE_OPTIONS: ReadonlySet<string> = new Set(['reload', 'transaction', 'chunk', 'listeners', 'data']);
const MAKERS: ReadonlySet<string> = new Set(['create']);

function interpret(root: string, steps: Step[], of?: Entity): Interpretation {
  const [first, ...rest] = steps;
  const [thing, handle] = root.split(' ') as [Thing, HandleKind | undefined];
  if (handle === undefined) return first ? ofPackage(root, first, rest, of) : { is: 'part' };
  if (!first) return { is: 'handle', root, handle };
  if (thing === 'builder') return builderInterpretation({ handle, steps, begun: true, ...(of && { of }) });
  if (first.name === 'createQueryBuilder' || first.name === 'createQueryBuilderFor') return first.args && builder(thing, handle, of, first, rest);
  if (rest.length) return undefined;
  return first.args ? called(thing, handle, of, first.name, first.args) : property(thing, handle, of, first.name);
}

/** `getRepository(User)`, `typeorm.getManager()`, `User.find()`. */
function ofPackage(root: string, first: Step, rest: Step[], of: Entity | undefined): Interpretation {
  if (root === 'module') {
    if (first.args || rest.length) return undefined;
    return { is: 'handle', root: first.name === 'default' ? root : first.name, handle: 'unknown' };
  }
  if (root === 'BaseEntity') {
    const repository = rootOf('repository', 'pool');
    if (first.name !== 'getRepository' || !first.args) return interpret(repository, [first, ...rest], of);
    return rest.length ? interpret(repository, rest, of) : handleOf('repository', 'pool', of);
  }
  if (first.name !== '' || !first.args) return undefined;
  if (root === 'createQueryBuilder') return builder('source', 'pool', undefined, first, rest);
  const made = FUNCTIONS[root];
  if (!made || rest.length) return undefined;
  if (made === 'custom') return { is: 'argument', argument: 0, constructed: true };
  return handleOf(made, 'pool', made === 'repository' ? entityIn(first.args[0]) : undefined);
}

/** What hangs on a handle: `dataSource.manager`, `queryRunner.manager`, `event.connection`. */
function property(thing: Thing, handle: HandleKind, of: Entity | undefined, name: string): Interpretation {
  if (thing === 'row') return { is: 'part' };
  switch (name) {
    case 'manager':
      return handleOf('manager', thing === 'runner' ? 'transaction' : handle);
    case 'connection':
    case 'dataSource':
      return handleOf('source', 'pool');
    case 'queryRunner':
      return thing === 'manager' || thing === 'event' ? handleOf('runner', 'connection') : { is: 'part' };
    case 'repository':
    case 'treeRepository':
      return thing === 'abstract' ? handleOf('repository', handle, of) : { is: 'part' };
    default:
      return { is: 'part' };
  }
}

function called(thing: Thing, handle: HandleKind, of: Entity | undefined, name: string, args: ValueView[]): Interpretation {
  const opens = thing === 'source' || thing === 'manager';
  switch (name) {
    case 'getRepository':
    case 'getTreeRepository':
    case 'getRepositoryFor':
      return opens || thing === 'abstract' ? handleOf('repository', handle, entityIn(args[0])) : undefined;
    case 'getCustomRepository':
      return opens ? { is: 'argument', argument: 0, constructed: true } : undefined;
    case 'withRepository':
      return thing === 'manager' ? { is: 'argument', argument: 0, constructed: false } : undefined;
    case 'extend':
      return thing === 'repository' ? handleOf(thing, handle, of) : undefined;
    case 'initialize':
    case 'connect':
      return thing === 'source' ? handleOf(thing, handle) : { is: 'part' };
    case 'createEntityManager':
      return thing === 'source' ? handleOf('manager', handle) : undefined;
    case 'createQueryRunner':
      return thing === 'source' ? handleOf('runner', 'connection') : undefined;
    case 'query':
      return opens || thing === 'repository' || thing === 'runner' ? { is: 'query', query: queryOfSql('typeorm', labelOf(thing, name), handle, args[0]) } : undefined;
    case 'transaction':
    case 'startTransaction':
    case 'commitTransaction':
    case 'rollbackTransaction':
      return opens || thing === 'runner' ? { is: 'query', query: queryOf({ library: 'typeorm', verb: 'transaction', handle, label: labelOf(thing, name), runs: 'at-once' }) } : undefined;
    default:
      return method(thing, handle, of, name, args);
  }
}

function builder(thing: Thing, handle: HandleKind, of: Entity | undefined, first: Step, rest: Step[]): Interpretation {
  const own = (thing === 'repository' || thing === 'row' || thing === 'abstract') && first.name !== 'createQueryBuilderFor';
  const entity = own ? of : entityIn(first.args?.[0]);
  return rest.length ? builderInterpretation({ handle, steps: rest, begun: false, ...(entity && { of: entity }) }) : { is: 'part' };
}

function method(thing: Thing, handle: HandleKind, of: Entity | undefined, name: string, given: ValueView[]): Interpretation {
  if (thing !== 'repository' && thing !== 'manager' && thing !== 'row') return { is: 'part' };
  const args = thing === 'manager' && beginsWithClass(name, given) ? given.slice(1) : given;
  const entity = thing === 'manager' ? entityIn(given[0]) : of;
  if (MAKERS.has(name) && thing !== 'row') return entity ? { is: 'rows', rows: { is: args[0]?.isList() ? 'list' : 'one', of: entity } } : { is: 'part' };
  const known = (thing === 'row' ? ROW_METHODS : METHODS)[name];
  if (!known) return { is: 'part' };
  const query = queryOf({ library: 'typeorm', handle, label: labelOf(thing, name), runs: 'at-once', tables: entity ? [entity.name] : [], ...factsOf(name, known, args) });
  const gives = entity && thing !== 'row' ? rowsOf(known, entity, query) : undefined;
  return { is: 'query', query, ...(gives && { gives }) };
}

/** `manager.save(User, rows)`, and not `manager.save(rows, { reload: false })`. */
function beginsWithClass(name: string, [, second]: ValueView[]): boolean {
  if (!CLASS_IS_OPTIONAL.has(name)) return true;
  const keys = second?.keys() ?? [];
  return second !== undefined && !(keys.length && keys.every((key) => SAVE_OPTIONS.has(key)));
}

function factsOf(name: string, { verb, bound, takes, at = 0 }: Method, args: ValueView[]): Partial<Query> & { verb: Verb } {
  const argument = args[at];
  switch (takes) {
    case 'options':
      return { verb, ...findFacts(argument, bound) };
    case 'criteria': {
      const criteria = criteriaOf(argument);
      return { verb, ...criteria, bound, columns: verb === 'read' && bound !== 'aggregate' ? 'all' : 'unknown', manyAtOnce: criteria.manyAtOnce || name === 'findByIds' };
    }
    case 'rows': {
      const isNew = name === 'save' && (argument?.isMadeBy(MAKERS) === true || (argument?.open === false && !argument.keys().includes('id')));
      return { verb: isNew ? 'insert' : verb, bound, manyAtOnce: argument?.isList() ?? false, takesRows: true };
    }
    case undefined:
      return { verb, bound, columns: verb === 'read' && bound !== 'aggregate' ? 'all' : 'unknown' };
  }
}

function rowsOf({ gives }: Method, of: Entity, query: Query): Rows | undefined {
  switch (gives) {
    case 'one':
    case 'list':
      return { is: gives, of };
    case 'counted':
      return { is: 'parts', parts: { 0: { is: 'list', of } } };
    case 'saved':
      return { is: query.manyAtOnce ? 'list' : 'one', of };
    case undefined:
      return undefined;
  }
}

const PREFIXES: Partial<Record<Thing, string>> = { source: 'dataSource.', manager: 'manager.', runner: 'queryRunner.' };

function labelOf(thing: Thing, name: string): string {
  return `${PREFIXES[thing] ?? ''}${name}`;
}

function instanceOf(root: string): string | undefined {
  const instance = INSTANCES[root];
  return instance && rootOf(...instance);
}

export const typeorm: Library = {
  id: 'typeorm',
  imported(source, name) {
    if (source !== 'typeorm' && !source.startsWith('typeorm/')) return undefined;
    if (name === '*' || name === 'default') return 'module';
    return name in INSTANCES || name in FUNCTIONS || name === 'createQueryBuilder' ? name : undefined;
  },
  constructed: instanceOf,
  typed: instanceOf,
  interpret,
  opens(root, _args, constructed) {
    return (constructed ? root === 'DataSource' : root === 'createConnection') ? { name: constructed ? 'new DataSource' : 'createConnection()', is: 'pool', most: POOL_LIMITS.pg } : undefined;
  },
  takes(root, [first, second]) {
    return root === rootOf('source', 'pool') && first?.name === 'createQueryRunner' && first.args && !second ? { is: 'client', givenBackBy: ['release'], most: POOL_LIMITS.pg } : undefined;
  },
  callbackParameter(root, steps, argument, parameter) {
    const [thing] = root.split(' ');
    return (thing === 'source' || thing === 'manager') && steps.at(-1)?.name === 'transaction' && argument <= 1 && parameter === 0 ? rootOf('manager', 'transaction') : undefined;
  },
};
