import type { Confidence, Related } from '../../finding';
import type { Query } from '../../libraries/library';
import type { Hop } from '../../program/effects';
import type { LoopFact, ModuleFacts } from '../../facts/facts';
import type { PerElementQuery } from '../../patterns/per-element';
import type { LoopQuery } from '../../rewrite';
import type { Detected, FixOutcome } from '../rule';

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
  const byLoop = new Map<string, PerElementQuery[]>();
  for (const found of queries) {
    const key = `${found.loop.start}-${found.loop.end}`;
    const known = byLoop.get(key);
    if (known) known.push(found);
    else byLoop.set(key, [found]);
  }
  for (const ofLoop of byLoop.values()) {
    const ranked = ofLoop.map((found) => ({ found, confidence: confidenceOf(found) }));
    const best = CONFIDENCES.find((confidence) => ranked.some((one) => one.confidence === confidence))!;
    const [first, ...others] = ranked.filter(({ confidence }) => best === 'low' || confidence !== 'low').map(({ found }) => found);
    yield loopFinding(module, first!, others, best);
  }
}

const CONFIDENCES = ['high', 'medium', 'low'] as const;

function confidenceOf({ chain, query, unitOfWork, ownValues }: PerElementQuery): Confidence {
  // A statement for all rows would skip what the class does for each (its events, files and caches).
  if (unitOfWork || query.runsHooks) return 'low';
  return chain.length >= LONG_CHAIN || (query.verb !== 'read' && ownValues) ? 'medium' : 'high';
}

/** A finding at the line inside the loop, with the chain to the query, and the loop's other queries with theirs. */
function loopFinding(module: ModuleFacts, found: PerElementQuery, others: readonly PerElementQuery[], confidence: Confidence): Detected<LoopFindingData> {
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
export function fixesOfLoop({ site, others }: LoopFindingData, rewrite: (site: LoopQuery) => FixOutcome): FixOutcome {
  const outcomes = [site, ...others].map(rewrite);
  const fixes = outcomes.flatMap((outcome) => ('fixes' in outcome ? outcome.fixes : []));
  return fixes.length > 0 ? { fixes } : outcomes[0]!;
}

/** "and 2 more queries", where the loop runs more than the one that is named. */
export function andOthers(others: readonly LoopQuery[], noun: string): string {
  if (others.length === 0) return '';
  return `, and ${others.length === 1 ? `1 more ${noun}` : `${others.length} more ${plural(noun)}`} in the same loop`;
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

function relatedOfOther(module: ModuleFacts, { site, chain }: PerElementQuery, element: string | undefined): Related[] {
  const message = `${chain.length > 0 ? 'this call runs a query' : 'this query runs'} for each ${element ?? 'element'} too`;
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
