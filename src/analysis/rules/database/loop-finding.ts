import type { Confidence, Related } from '../../finding';
import type { Query } from '../../libraries/library';
import type { Hop } from '../../program/effects';
import type { LoopFact, ModuleFacts } from '../../facts/facts';
import type { PerElementQuery } from '../../patterns/per-element';
import type { Program } from '../../program/program';
import { batchedInsert, batchedRead, type LoopQuery } from '../../rewrite';
import type { Detected, FixOutcome, SourceFile } from '../rule';

/** What the rules about loops say and rewrite with: all queries of one loop that the rule is about. */
export interface LoopFindingData {
  /** The first in the text, which the finding points at. */
  site: LoopQuery;
  /** The loop's other queries. */
  others: LoopQuery[];
  /** What one element is called in the code, such as `order`. */
  element: string;
  /** What the loop goes through, as the code names it. */
  list?: string;
  /** The helper through which the query is reached. */
  through?: { name: string; file: string };
  /** A transaction or a single connection: its queries run one after another, whatever the code says. */
  oneAtATime: boolean;
}

/** From here on a reader may see the helper as a unit of work of its own, and not as a query. */
export const LONG_CHAIN = 3;

/** Queries that run once per element, one finding for each loop: who mends a loop mends all of it. */
export function* loopFindings(module: ModuleFacts, queries: Iterable<PerElementQuery>): Generator<Detected<LoopFindingData>> {
  for (const ofLoop of byLoop(queries)) yield loopFinding(module, ofLoop);
}

/**
 * Findings of a module's loops that ask for other rows each turn (`reads`), and of those that write (`writes`). A loop that does both is one
 * finding, where its reads are as sure as its writes; `together` is whether one rule may speak for the other.
 */
export function* loopsThat(does: 'reads' | 'writes', module: ModuleFacts, program: Program, together: boolean): Generator<Detected<LoopFindingData>> {
  const all = program.queriesPerElement(module).filter(({ besideSideEffect }) => !besideSideEffect);
  const writes = all.filter(({ query }) => query.verb !== 'read');
  if (does === 'writes' && !together) {
    yield* loopFindings(module, writes);
    return;
  }
  const reads = all.filter((found) => found.query.verb === 'read' && program.inTurns(module, found) === 'different');
  for (const ofLoop of byLoop(together ? [...reads, ...writes] : reads)) {
    const reading = ofLoop.filter(({ query }) => query.verb === 'read');
    const writing = ofLoop.filter(({ query }) => query.verb !== 'read');
    // Where the surest of all is a read, the reads speak for the writes.
    const isOne = reading.length > 0 && surest(reading) === surest(ofLoop);
    if (does === 'writes') {
      if (!isOne) yield loopFinding(module, writing);
    } else if (reading.length > 0) yield loopFinding(module, isOne ? ofLoop : reading);
  }
}

function byLoop(queries: Iterable<PerElementQuery>): Iterable<PerElementQuery[]> {
  const loops = new Map<string, PerElementQuery[]>();
  for (const found of queries) {
    const key = `${found.loop.start}-${found.loop.end}`;
    const known = loops.get(key);
    if (known) known.push(found);
    else loops.set(key, [found]);
  }
  return loops.values();
}

const CONFIDENCES = ['high', 'medium', 'low'] as const;

function surest(queries: readonly PerElementQuery[]): Confidence {
  return CONFIDENCES.find((confidence) => queries.some((one) => confidenceOf(one) === confidence))!;
}

/**
 * Updates with values of their own are `low`: of 27 in repositories that were read by hand, engineers would argue about 21. Who has a chunk of
 * rows at hand has what `UPDATE … FROM` a list of values takes.
 */
function confidenceOf(found: PerElementQuery): Confidence {
  const { chain, query, ownValues, inChunk } = found;
  if (isWorkOfItsOwn(found) || chain.length >= LONG_CHAIN) return 'low';
  return query.verb === 'read' || !ownValues ? 'high' : inChunk ? 'medium' : 'low';
}

/** A statement for all rows would skip what is done for each (by the helper, or by the class: its events, files and caches). */
function isWorkOfItsOwn({ unitOfWork, query }: PerElementQuery): boolean {
  return unitOfWork || query.runsHooks;
}

/** A finding at the surest query of a loop, with the chain to it, and the loop's other queries with theirs. */
function loopFinding(module: ModuleFacts, ofLoop: readonly PerElementQuery[]): Detected<LoopFindingData> {
  const confidence = surest(ofLoop);
  const found = ofLoop.find((one) => confidenceOf(one) === confidence)!;
  const others = ofLoop.filter((one) => one !== found && (confidence === 'low' || !isWorkOfItsOwn(one)));
  const { site, loop, query, chain } = found;
  const element = elementName(module, loop);
  const list = listName(module, loop);
  const through = helperOf(chain);
  return {
    start: site.start,
    end: site.end,
    confidence,
    related: [...relatedOf(chain), ...others.flatMap((other) => relatedOfOther(module, other, element))],
    data: {
      site: loopQuery(module, found),
      others: others.map((other) => loopQuery(module, other)),
      element: element ?? 'element',
      ...(list !== undefined && { list }),
      ...(through && { through }),
      oneAtATime: query.handle === 'transaction' || query.handle === 'connection',
    },
  };
}

function loopQuery(module: ModuleFacts, { site, loop, query, chain }: PerElementQuery): LoopQuery {
  return {
    library: query.library,
    verb: query.verb as LoopQuery['verb'],
    query: { start: site.start, end: site.end },
    loop: { start: loop.start, end: loop.end },
    loopKind: loop.kind,
    ...(loop.method !== undefined && { method: loop.method }),
    fanOut: loop.fanOut,
    handle: query.handle,
    ...(query.sql !== undefined && { sql: query.sql }),
    tables: query.tables,
    label: query.label,
    ...(loop.elements.length === 1 && { element: module.variables[loop.elements[0]!]!.name }),
    direct: chain.length === 0 && !query.wrapped,
    ...(query.flushes && { flushes: true }),
    ...(query.loadsAssociation && { loadsAssociation: true }),
  };
}

/** Fixes of all queries of the loop; the first one's refusal when there is none. */
export function fixesOfLoop({ site, others }: LoopFindingData, source: SourceFile): FixOutcome {
  const outcomes = [site, ...others].map((one) => (one.verb === 'read' ? batchedRead(one, source) : batchedInsert(one, source)));
  const fixes = outcomes.flatMap((outcome) => ('fixes' in outcome ? outcome.fixes : []));
  return fixes.length > 0 ? { fixes } : outcomes[0]!;
}

/** ", and 2 more queries and 1 write in the same loop", where the loop runs more than the one that is named. */
export function andOthers({ site, others }: LoopFindingData): string {
  const [reads, writes] = [others.filter(({ verb }) => verb === 'read').length, others.filter(({ verb }) => verb !== 'read').length];
  const counted = (count: number, noun: string): string[] => (count === 0 ? [] : [`${count} ${count === 1 ? noun : plural(noun)}`]);
  const isWrite = site.verb !== 'read';
  const parts = [...counted(reads, isWrite ? 'query' : 'more query'), ...counted(writes, isWrite ? 'more write' : 'write')];
  return parts.length === 0 ? '' : `, and ${parts.join(' and ')} in the same loop`;
}

/** `customer.findFirst`, in words: "`customer.findFirst`", or the table that an SQL text reads. */
export function queryName(query: Pick<Query, 'label' | 'tables'>): string {
  const table = query.tables[0];
  return table === undefined || query.label.includes(table) ? `\`${query.label}\`` : `\`${query.label}\` on \`${table}\``;
}

/** "orders" of "order": names in code are regular, so that an s is right nearly always. */
export function plural(name: string): string {
  if (name === 'element') return 'elements';
  if (/(s|x|z|ch|sh)$/.test(name)) return `${name}es`;
  return /[^aeiou]y$/.test(name) ? `${name.slice(0, -1)}ies` : `${name}s`;
}

/** The function of the program through which a query is reached. */
export function helperOf([first]: Hop[]): { name: string; file: string } | undefined {
  const name = first && helperName(first);
  return name === undefined ? undefined : { name, file: fileName(first!.module.file) };
}

/** The calls of a chain as related places. */
export function relatedOf(chain: Hop[]): Related[] {
  return chain.map(({ module, site }, index) => ({
    file: module.file,
    start: site.start,
    end: site.end,
    message: index === chain.length - 1 ? 'the query runs here' : `${calledBy({ module, site })} makes this call`,
  }));
}

function relatedOfOther(module: ModuleFacts, { site, query, chain }: PerElementQuery, element: string | undefined): Related[] {
  const what = query.verb === 'read' ? 'query' : 'write';
  const message = `${chain.length > 0 ? `this call runs a ${what}` : `this ${what} runs`} for each ${element ?? 'element'} too`;
  return [{ file: module.file, start: site.start, end: site.end, message }, ...relatedOf(chain)];
}

function calledBy(hop: Hop): string {
  const name = helperName(hop);
  return name === undefined ? 'the callback' : `\`${name}\``;
}

/** Name of the function around a hop's site. */
export function helperName(hop: Hop): string | undefined {
  let fact = hop.module.functions[hop.site.function];
  while (fact?.inline && fact.name === undefined) fact = hop.module.functions[fact.inline.parent];
  return fact?.name;
}

function elementName(module: ModuleFacts, loop: LoopFact): string | undefined {
  const [first] = loop.elements;
  if (loop.kind === 'for' || loop.kind === 'while' || loop.kind === 'do-while') {
    const list = listName(module, loop);
    return list && singular(list);
  }
  if (loop.elements.length !== 1 || first === undefined) {
    const list = listName(module, loop);
    return list && singular(list);
  }
  const { name } = module.variables[first]!;
  return name.length > 2 ? name : (singular(listName(module, loop) ?? '') ?? name);
}

function listName(module: ModuleFacts, loop: LoopFact): string | undefined {
  if (loop.iterable === undefined) return undefined;
  let value = module.values[loop.iterable]!;
  for (;;) {
    switch (value.kind) {
      case 'variable':
        return module.variables[value.variable]!.name;
      case 'member':
        return value.name;
      case 'call': {
        // `orders.filter(…)` still goes through orders
        const callee = module.values[value.of]!;
        if (callee.kind !== 'member') return undefined;
        value = module.values[callee.of]!;
        if (value.kind === 'global') return undefined;
        break;
      }
      case 'either':
        value = module.values[value.of[0]!]!;
        break;
      default:
        return undefined;
    }
  }
}

function singular(list: string): string | undefined {
  if (/ies$/.test(list)) return `${list.slice(0, -3)}y`;
  if (/(sses|xes|ches|shes)$/.test(list)) return list.slice(0, -2);
  return /[^s]s$/.test(list) ? list.slice(0, -1) : undefined;
}

/** Last part of a path. */
export function fileName(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}
