import type { ValueView } from '../program/value-view';
import { type BoundText, type Condition, conditionOfText, joined } from './builder-filter';
import { type Bound, changedElsewhere, type Entity, type HandleKind, type Interpretation, pagingOf, type Query, queryOf, type Rows, type Step, type Verb } from './library';
import { criteriaOf, entityIn } from './mikro-orm-criteria';
import { byName } from '../names';

/** A query builder: the steps after `createQueryBuilder(…)`, or after a value of a builder's type (then it has `begun` elsewhere). */
interface Builder {
  handle: HandleKind;
  of?: Entity;
  steps: Step[];
  begun: boolean;
}

/** What ends a builder's chain and runs it. */
const FINISHERS: Record<string, Bound> = byName({
  execute: 'all', getResult: 'all', getResultList: 'all', getResultAndCount: 'all', then: 'all', getSingleResult: 'one', getCount: 'aggregate',
  // A stream is the cure for a result that is too large.
  stream: 'unknown',
});
/** What makes text or a part of another query of it. */
const FRAGMENTS: ReadonlySet<string> = new Set(['getQuery', 'getKnexQuery', 'getNativeQuery', 'getFormattedQuery', 'toQuery', 'toRaw', 'getParams', 'as', 'getKnex', 'catch', 'finally']);
const WRITES: Record<string, Verb> = byName({ insert: 'insert', insertFrom: 'insert', update: 'update', delete: 'delete', truncate: 'delete' });
const CONDITIONS: ReadonlySet<string> = new Set(['where', 'andWhere', 'orWhere']);
const NARROWING: ReadonlySet<string> = new Set([...CONDITIONS, 'join', 'innerJoin', 'joinAndSelect', 'innerJoinAndSelect', 'innerJoinLateral', 'having', 'andHaving', 'distinctOn']);
const AGGREGATE = /\b(count|sum|avg|min|max|bool_or|bool_and|array_agg|json_agg|jsonb_agg|string_agg)\s*\(/i;

export function builderInterpretation(builder: Builder): Interpretation {
  const { steps } = builder;
  const last = steps.at(-1);
  if (!last) return { is: 'part' };
  const at = steps.findIndex((step) => step.args && (step.name in FINISHERS || FRAGMENTS.has(step.name)));
  if (at >= 0 && at < steps.length - 1) return undefined;
  if (!last.args) return { is: 'part' };
  const built = described(builder, at < 0 ? steps : steps.slice(0, -1), last);
  if (!built) return { is: 'part' };
  if (at < 0) return { is: 'query', query: { ...built.query, runs: 'when-awaited' }, ...(built.gives && { gives: built.gives }) };
  return FRAGMENTS.has(last.name) ? { is: 'query', query: { ...built.query, runs: 'never' } } : { is: 'query', ...built };
}

function described({ handle, of, begun }: Builder, steps: Step[], last: Step): { query: Query; gives?: Rows } | undefined {
  const calls = steps.filter((step) => step.args);
  const named = (...names: string[]): Step | undefined => calls.find((step) => names.includes(step.name));
  const entity = entityIn(named('from')?.args?.[0]) ?? of;
  const write = calls.find((step) => step.name in WRITES);
  const common = { library: 'mikro-orm' as const, handle, runs: 'at-once' as const, tables: entity?.name ? [entity.name] : [], ...conditionOf(calls) };
  if (write) {
    const verb = WRITES[write.name]!;
    const given = write.args![0];
    if (verb === 'insert') return { query: queryOf({ ...common, verb, label: write.name, manyAtOnce: write.name === 'insertFrom' || (given?.isList() ?? false) }) };
    const condition = verb === 'delete' && given ? criteriaOf(given) : undefined;
    const query = queryOf({ ...common, verb, label: write.name, filtered: begun || calls.some((step) => CONDITIONS.has(step.name)), ...condition, ...(verb === 'update' && given && { written: given }) });
    return { query: begun ? changedElsewhere(query) : query };
  }
  const selects = calls.filter((step) => step.name === 'select' || step.name === 'addSelect');
  if (!begun && !selects.length && !named('count', 'from') && !(last.name in FINISHERS) && !calls.some((step) => CONDITIONS.has(step.name))) return undefined;
  const skips = named('offset')?.args?.[0] ?? named('limit')?.args?.[1];
  const query = queryOf({
    ...common, verb: 'read', label: last.name in FINISHERS && last.name !== 'then' ? last.name : 'createQueryBuilder', bound: boundOf(calls, selects, last),
    filtered: begun || calls.some((step) => NARROWING.has(step.name)), columns: columnsOf(selects), ...pagingOf(skips, skips !== undefined, named('orderBy', 'andOrderBy') !== undefined, begun),
  });
  const gives = entity && rowsOf(last.name, entity);
  // A nested builder, or a table expression that is read instead, may narrow it down.
  const isOpen = begun || named('with', 'withRecursive') !== undefined || (named('from') !== undefined && entityIn(named('from')!.args?.[0]) === undefined);
  return { query: isOpen ? changedElsewhere(query) : query, ...(gives && { gives }) };
}

function boundOf(calls: Step[], selects: Step[], last: Step): Bound {
  const finish = FINISHERS[last.name] ?? 'all';
  if (finish !== 'all') return finish;
  if (last.name === 'execute' && last.args?.[0]?.text() === 'get') return 'one';
  const limit = calls.find((step) => step.name === 'limit');
  if (limit || (last.name === 'getResultList' && last.args!.length > 0)) return limit?.args?.[0]?.number() === 1 ? 'one' : 'limited';
  if (calls.some((step) => step.name === 'groupBy')) return 'unknown';
  if (calls.some((step) => step.name === 'count') || (selects.length > 0 && selects.every((step) => isAggregate(step.args?.[0])))) return 'aggregate';
  return 'all';
}

function rowsOf(finisher: string, of: Entity): Rows | undefined {
  switch (finisher) {
    case 'getSingleResult':
      return { is: 'one', of };
    case 'getResult':
    case 'getResultList':
      return { is: 'list', of };
    case 'getResultAndCount':
      return { is: 'parts', parts: { 0: { is: 'list', of } } };
    default:
      return undefined;
  }
}

function columnsOf(selects: Step[]): Query['columns'] {
  if (selects.length === 0) return 'unknown';
  return selects.some((step) => /(^|\.)\*$/.test(step.args?.[0]?.text() ?? '')) ? 'all' : 'some';
}

function conditionOf(calls: Step[]): Condition {
  const conditions = calls.filter((step) => CONDITIONS.has(step.name));
  return joined(conditions.map(partOf), conditions.some((step) => step.name === 'orWhere'));
}

/** `b.id = ?` */
const BOUND: BoundText = {
  equality: /^\(?\s*(?:["\w$]+\.)?"?(\w+)"?\s*=\s*\?\s*\)?$/,
  list: /\bin\s*\(\s*\?+\s*\)|=\s*any\s*\(/i,
  search: /\bi?like\s+\?/i,
};

function partOf(step: Step): Condition {
  const given = step.args?.[0];
  const text = given?.text();
  return text === undefined ? criteriaOf(given) : conditionOfText(text, BOUND);
}

/** `raw('count(*) as n')`, `'count(*)'`, and lists of such. */
function isAggregate(selection: ValueView | undefined): boolean {
  const items = selection?.items();
  if (items) return items.length > 0 && items.every((item) => isAggregate(item));
  const call = selection?.call();
  const text = selection?.text() ?? (call?.name === 'raw' ? call.args[0]?.text() : undefined);
  return text !== undefined && AGGREGATE.test(text);
}
