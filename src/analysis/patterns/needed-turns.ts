import type { Query } from '../libraries/library';
import type { Effects, Hop } from '../program/effects';
import type { LoopFact, ModuleFacts, SiteFact, Value, ValueId } from '../facts/facts';
import { GATHERING } from '../program/repetition';
import { childrenOf } from '../facts/value-children';
import { LIST_MAKERS } from '../program/value-view';

/** A query in a loop, with the calls that lead to it. */
interface Turn {
  site: SiteFact;
  loop: LoopFact;
  query: Query;
  chain: Hop[];
}

/** Values of a query's arguments that are looked at. */
const MAX_VALUES = 200;

const ADVISORY_LOCK = /\bpg_(try_)?advisory_\w*lock/i;

/** Whether the query has its reason to run in each turn, or runs in few of them. Each is a trap of real code. */
export function isNeededEachTurn(module: ModuleFacts, effects: Effects, turn: Turn): boolean {
  const { query } = turn;
  if (query.verb === 'read') return (query.sql !== undefined && ADVISORY_LOCK.test(query.sql)) || isThereAlready(module, effects, turn);
  if (query.flushes) return isPeriodic(module, turn) || isAfterStep(module, turn);
  return (query.verb === 'update' && isClaim(turn) && decidesOnWork(module, turn)) || isOfGroup(module, turn);
}

/**
 * `UPDATE jobs SET state = 'running' WHERE id = … AND state = 'waiting'`, whose result tells whether this process got the
 * job: it writes a column that it also compares.
 */
function isClaim({ site, query, chain }: Turn): boolean {
  if ((chain.at(-1)?.site ?? site).result.length === 0) return false;
  return query.written?.keys().some((column) => query.filterColumns.includes(column)) ?? false;
}

/** Each claim is won or lost on its own, and who wins it works. A result that is only noted in lists could come from one statement for all. */
function decidesOnWork(module: ModuleFacts, { site, loop, chain }: Turn): boolean {
  const claim = chain.at(-1);
  return worksAfter(module, site, loop) || (claim !== undefined && worksAfter(claim.module, claim.site, claim.module.functions[claim.site.function]!));
}

/** After the site, something is called that does more than to note results or failures. */
function worksAfter(module: ModuleFacts, site: SiteFact, within: { start: number; end: number }): boolean {
  return module.sites.some((other) => {
    if (other.start < site.end || other.end > within.end || module.values[other.value]!.kind !== 'call') return false;
    if (module.tries.some(({ handler }) => handler && handler.start <= other.start && other.end <= handler.end)) return false;
    const callee = calleeOf(module, other);
    return callee?.kind !== 'member' || !(GATHERING.has(callee.name) || isGlobal(module, callee.of));
  });
}

function isGlobal(module: ModuleFacts, id: ValueId): boolean {
  return module.values[id]!.kind === 'global';
}

/** `for (const [status, jobs] of byStatus) … WHERE id IN (the jobs' ids)`: one statement for each group is what a batch looks like. */
function isOfGroup(module: ModuleFacts, { site, loop, query, chain }: Turn): boolean {
  if (!query.manyAtOnce || chain.length || query.verb === 'insert') return false;
  const pending = [site.value];
  const seen = new Set<ValueId>();
  for (let id = pending.pop(); id !== undefined && seen.size < MAX_VALUES; id = pending.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    if (isMadeList(module, id) && dependsOn(module, id, loop.elements)) return true;
    pending.push(...childrenOf(module.values[id]!));
  }
  return false;
}

/** A list that an array method makes, or a variable that is one. */
function isMadeList(module: ModuleFacts, id: ValueId): boolean {
  const named = module.values[id]!;
  const value = named.kind === 'variable' ? module.values[module.variables[named.variable]!.value]! : named;
  const callee = value.kind === 'call' ? module.values[value.of]! : undefined;
  return callee?.kind === 'member' && LIST_MAKERS.has(callee.name);
}

function dependsOn(module: ModuleFacts, start: ValueId, variables: readonly number[]): boolean {
  const pending = [start];
  const seen = new Set<ValueId>();
  for (let id = pending.pop(); id !== undefined && seen.size < MAX_VALUES; id = pending.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const value = module.values[id]!;
    if (value.kind !== 'variable') pending.push(...childrenOf(value));
    else if (variables.includes(value.variable)) return true;
    else pending.push(module.variables[value.variable]!.value);
  }
  return false;
}

/** `if (++n % 100 === 0) { await em.flush(); em.clear(); }`: the turns gather changes, which some of them write. */
function isPeriodic(module: ModuleFacts, { site, loop, chain }: Turn): boolean {
  if (chain.length || site.branch === undefined) return false;
  const receiver = receiverOf(module, site);
  return module.sites.some((other) => other !== site && other.start >= loop.start && other.end <= loop.end && other.branch !== site.branch
    && receiverOf(module, other) === receiver && isWithin(module, site.branch!, other.branch));
}

/** `for (const step of steps) { await step(em); await em.flush(); }`: steps of a procedure, of which the next sees what the last has written. */
function isAfterStep(module: ModuleFacts, { loop }: Turn): boolean {
  return module.sites.some((other) => {
    const callee = other.start >= loop.start && other.end <= loop.end ? calleeOf(module, other) : undefined;
    return callee?.kind === 'variable' && loop.elements.includes(callee.variable);
  });
}

/** The association of all that the loop goes through was loaded before: `await em.populate(books, ['author'])`. */
function isThereAlready(module: ModuleFacts, effects: Effects, { loop, query, chain }: Turn): boolean {
  const list = loop.iterable === undefined ? undefined : module.values[loop.iterable]!;
  if (!query.loadsAssociation || !query.remembered || chain.length || list?.kind !== 'variable') return false;
  return module.variables[list.variable]!.uses.givenTo?.some((call) => {
    const index = module.sites.findIndex(({ value, end }) => value === call && end <= loop.start);
    const before = index < 0 ? undefined : effects.site(module, index).query;
    return before?.library === query.library && before.verb === 'read' && before.takesRows === true;
  }) ?? false;
}

function calleeOf(module: ModuleFacts, { value }: SiteFact): Value | undefined {
  const call = module.values[value]!;
  return call.kind === 'call' ? module.values[call.of]! : undefined;
}

export function receiverOf(module: ModuleFacts, site: SiteFact): ValueId | undefined {
  const callee = calleeOf(module, site);
  return callee?.kind === 'member' ? callee.of : undefined;
}

/** The branch stands inside of the other one; everything stands inside of none. */
function isWithin(module: ModuleFacts, branch: number, outer: number | undefined): boolean {
  if (outer === undefined) return true;
  for (let current = branch; ;) {
    if (current === outer) return true;
    const parent = module.branches[current]!;
    if (parent === current) return false;
    current = parent;
  }
}
