import type { Related } from '../../finding';
import type { Query } from '../../libraries/library';
import type { Hop } from '../../program/effects';
import type { LoopFact, ModuleFacts } from '../../program/facts';
import type { PerElementQuery } from '../../program/per-element';
import type { LoopQuery } from '../../rewrite';
import type { Detected } from '../rule';

/** What the rules about loops say and rewrite with. */
export interface LoopFindingData {
  site: LoopQuery;
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
const LONG_CHAIN = 3;

/** Turns a query per element into a finding at the line inside the loop, with the chain to the query. */
export function loopFinding(module: ModuleFacts, found: PerElementQuery): Detected<LoopFindingData> {
  const { site, loop, query, chain } = found;
  const element = elementName(module, loop);
  const list = listName(module, loop);
  const helper = chain[0] && helperName(chain[0]);
  return {
    start: site.start,
    end: site.end,
    ...(chain.length >= LONG_CHAIN && { confidence: 'medium' as const }),
    related: relatedOf(chain),
    data: {
      site: {
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
        direct: chain.length === 0,
      },
      element: element ?? 'element',
      ...(list !== undefined && { list }),
      ...(helper && { through: { name: helper, file: fileName(chain[0]!.module.file) } }),
      oneAtATime: query.handle === 'transaction' || query.handle === 'connection',
    },
  };
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

function relatedOf(chain: Hop[]): Related[] {
  return chain.map(({ module, site }, index) => ({
    file: module.file,
    start: site.start,
    end: site.end,
    message: index === chain.length - 1 ? 'the query runs here' : `${calledBy({ module, site })} makes this call`,
  }));
}

function calledBy(hop: Hop): string {
  const name = helperName(hop);
  return name === undefined ? 'the callback' : `\`${name}\``;
}

function helperName(hop: Hop): string | undefined {
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

function fileName(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}
