import type { ValueView } from '../program/value-view';
import { type BoundText, type Condition, conditionOfText, joined } from './builder-filter';
import { type Entity, type HandleKind, type Interpretation, pagingOf, type Query, queryOf, type Rows, type Step, type Verb } from './library';
import { criteriaOf, entityIn } from './typeorm-criteria';
import { byName } from '../names';

/** A query builder: the steps after `createQueryBuilder(…)`, or after a value of a builder's type (then it has `begun` elsewhere). */
interface Builder {
  handle: HandleKind;
  of?: Entity;
  steps: Step[];
  begun: boolean;
}

/** What ends a builder's chain and runs it. All else builds on, or gives its text. */
const FINISHERS: Record<string, Query['bound'] | 'written'> = byName({
  getOne: 'one', getOneOrFail: 'one', getRawOne: 'one', getExists: 'aggregate', getCount: 'aggregate',
  getMany: 'all', getManyAndCount: 'all', getRawMany: 'all', getRawAndEntities: 'all',
  // A stream is the cure for a result that is too large.
  stream: 'unknown', execute: 'written',
});

/** Finishers of `.relation(User, 'posts').of(user)`. */
const RELATION_FINISHERS: Record<string, { verb: Verb; bound: Query['bound'] }> = byName({
  add: { verb: 'insert', bound: 'none' }, set: { verb: 'update', bound: 'none' }, remove: { verb: 'delete', bound: 'none' }, addAndRemove: { verb: 'update', bound: 'none' },
  loadOne: { verb: 'read', bound: 'one' }, loadMany: { verb: 'read', bound: 'unknown' },
});

const WRITES: Record<string, Verb> = byName({ insert: 'insert', update: 'update', delete: 'delete', softDelete: 'update', restore: 'update' });
const CONDITIONS: ReadonlySet<string> = new Set(['where', 'andWhere', 'orWhere', 'whereInIds', 'andWhereInIds', 'orWhereInIds', 'whereExists', 'andWhereExists']);
const NARROWING: ReadonlySet<string> = new Set(['innerJoin', 'innerJoinAndSelect', 'innerJoinAndMapOne', 'innerJoinAndMapMany', 'having', 'distinctOn', ...CONDITIONS]);
const AGGREGATE = /\b(count|sum|avg|min|max|bool_or|bool_and|array_agg|json_agg|jsonb_agg|string_agg)\s*\(/i;

export function builderInterpretation(builder: Builder): Interpretation {
  const { steps } = builder;
  const last = steps.at(-1)!;
  if (!last.args) return { is: 'part' };
  if (steps.some((step) => step.name === 'relation')) return relation(builder, last);
  const finish = FINISHERS[last.name];
  if (!finish || steps.slice(0, -1).some((step) => step.name in FINISHERS)) return { is: 'part' };
  const write = steps.find((step) => step.name in WRITES);
  const calls = steps.filter((step) => step.args);
  if (write && finish === 'written') return { is: 'query', query: written(builder, write, calls) };
  const entity = entityOf(calls, 'from', builder.of);
  const gives = entity && rowsOf(last.name, entity);
  return { is: 'query', query: selected(builder, last, finish, calls, entity), ...(gives && { gives }) };
}

function rowsOf(finisher: string, of: Entity): Rows | undefined {
  switch (finisher) {
    case 'getOne':
    case 'getOneOrFail':
      return { is: 'one', of };
    case 'getMany':
      return { is: 'list', of };
    case 'getManyAndCount':
      return { is: 'parts', parts: { 0: { is: 'list', of } } };
    case 'getRawAndEntities':
      return { is: 'parts', parts: { entities: { is: 'list', of } } };
    default:
      return undefined;
  }
}

function relation({ handle, steps, of }: Builder, last: Step): Interpretation {
  const finisher = RELATION_FINISHERS[last.name];
  if (!finisher || steps.at(-2)?.name !== 'of') return { is: 'part' };
  const named = steps.find((step) => step.name === 'relation')?.args;
  const table = named && named.length > 1 ? entityIn(named[0]) : of;
  return {
    is: 'query',
    query: queryOf({
      library: 'typeorm', handle, label: `relation.${last.name}`, runs: 'at-once', tables: table ? [table.name] : [], filtered: true, ...finisher,
      manyAtOnce: (last.args?.[0]?.isList() ?? false) || (steps.at(-2)!.args?.[0]?.isList() ?? false),
    }),
  };
}

function selected({ handle, begun }: Builder, last: Step, finish: Query['bound'] | 'written', calls: Step[], entity: Entity | undefined): Query {
  const has = (...names: string[]): boolean => calls.some((step) => names.includes(step.name));
  const selects = calls.filter((step) => step.name === 'select' || step.name === 'addSelect');
  const grouped = has('groupBy');
  const aggregates = selects.length > 0 && selects.every((step) => isAggregate(step.args![0]));
  let bound = finish === 'written' ? 'all' : finish;
  if (bound === 'all') {
    if (has('take', 'limit')) bound = 'limited';
    else if (begun || grouped) bound = 'unknown';
    else if (aggregates) bound = 'aggregate';
  } else if (bound === 'one' && aggregates && !grouped) bound = 'aggregate';
  const condition = conditionOf(calls);
  return queryOf({
    library: 'typeorm', verb: 'read', handle, label: last.name, runs: 'at-once', tables: entity ? [entity.name] : [], bound,
    ...condition, filtered: begun || calls.some((step) => NARROWING.has(step.name)),
    columns: begun ? 'unknown' : selects.length === 0 ? 'all' : selects.every((step) => namesColumns(step.args![0])) ? 'some' : 'unknown',
    ...pagingOf(calls.findLast(({ name }) => name === 'skip' || name === 'offset')?.args?.[0], has('skip', 'offset'), has('orderBy', 'addOrderBy'), begun),
  });
}

function written({ handle, of }: Builder, write: Step, calls: Step[]): Query {
  const verb = WRITES[write.name]!;
  const condition = conditionOf(calls);
  const rows = calls.find((step) => step.name === 'values')?.args?.[0];
  const returning = calls.some((step) => step.name === 'returning');
  const entity = entityOf(calls, verb === 'insert' ? 'into' : 'from', (write.name === 'update' ? entityIn(write.args?.[0]) : undefined) ?? of);
  return queryOf({
    library: 'typeorm', verb, handle, label: write.name, runs: 'at-once', tables: entity ? [entity.name] : [], bound: returning ? (verb === 'insert' ? 'one' : 'all') : 'none',
    ...condition, filtered: calls.some((step) => CONDITIONS.has(step.name)), manyAtOnce: verb === 'insert' ? (rows?.isList() ?? false) : condition.manyAtOnce,
  });
}

function entityOf(calls: Step[], step: 'from' | 'into', otherwise: Entity | undefined): Entity | undefined {
  return entityIn(calls.find(({ name }) => name === step)?.args?.[0]) ?? otherwise;
}

function conditionOf(calls: Step[]): Condition {
  const conditions = calls.filter((step) => CONDITIONS.has(step.name));
  return joined(conditions.map(partOf), conditions.some((step) => step.name.startsWith('or')));
}

/** `u.id = :id`, `"u"."id" = :id` */
const BOUND: BoundText = {
  equality: /^\(?\s*(?:["\w$]+\.)?"?(\w+)"?\s*=\s*:\w+\s*\)?$/,
  list: /\bin\s*\(\s*:(\.\.\.)?\w+\s*\)|=\s*any\s*\(/i,
  search: /(\bi?like|~~?\*?)\s*(lower\s*\()?\s*:\w+/i,
};

function partOf(step: Step): Condition {
  if (/whereInIds$/i.test(step.name)) return { filterColumns: [], exact: false, manyAtOnce: true, searches: false };
  const given = step.args?.[0];
  const text = given?.text();
  return text === undefined ? criteriaOf(given) : conditionOfText(text, BOUND);
}

function isAggregate(selection: ValueView | undefined): boolean {
  const items = selection?.items();
  if (items) return items.length > 0 && items.every((item) => isAggregate(item));
  const text = selection?.text();
  return text !== undefined && AGGREGATE.test(text);
}

/** `select('u')` takes all columns of the alias; `select(['u.id', 'u.name'])` names them. */
function namesColumns(selection: ValueView | undefined): boolean {
  const items = selection?.items();
  if (items) return items.length > 0 && items.every((item) => namesColumns(item));
  return selection?.text()?.includes('.') ?? false;
}
