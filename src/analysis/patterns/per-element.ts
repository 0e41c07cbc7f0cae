import type { Query } from '../libraries/library';
import type { Effects, Hop, ReachedQuery } from '../program/effects';
import type { LoopFact, ModuleFacts, SiteFact } from '../facts/facts';
import { isNeededEachTurn } from './needed-turns';
import type { Repetition } from '../program/repetition';

/** A query that runs once per element of a loop. */
export interface PerElementQuery {
  site: SiteFact;
  loop: LoopFact;
  query: Query;
  /** Calls from the site to the query, the query's own site last; empty when the site is the query. */
  chain: Hop[];
  /**
   * The loop also waits for something outside of the program and the database for each element, which costs more than
   * the query and often belongs to it (a mark that the e-mail was sent).
   */
  besideSideEffect: boolean;
  /** The helper in between is a unit of work: it reads, decides and writes for one element. See {@link isUnitOfWork}. */
  unitOfWork: boolean;
  /** Each element gets values of its own, or nested rows: one statement cannot say it with a mere list of keys or rows. */
  ownValues: boolean;
}

const ROW_VERBS: ReadonlySet<Query['verb']> = new Set(['read', 'insert', 'update', 'delete']);

/** All sites of a module that run a query once per element: one entry per site, for its most telling query. */
export function queriesPerElement(module: ModuleFacts, effects: Effects, repetition: Repetition): PerElementQuery[] {
  const found: PerElementQuery[] = [];
  for (const [index, site] of module.sites.entries()) {
    const effect = effects.site(module, index);
    if (!effect.query && !effect.callees.length) continue;
    const loop = effect.iteration && repetition.repeats(module, effect.iteration, site) ? effect.iteration : repetition.loopAround(module, site);
    if (!loop) continue;
    const candidates = effect.query
      ? [{ query: effect.query, chain: [] }]
      : effect.callees.flatMap((callee) => effects.reached(callee));
    const counted = candidates.filter(({ query, chain }) => ROW_VERBS.has(query.verb) && query.runs !== 'never' && !isBatched(query, loop) && effects.isHandedOn([{ module, site }, ...chain], query));
    const chosen = counted.find(({ query }) => query.verb === 'read') ?? counted[0];
    if (!chosen || isTreeCopy(module, effects, site, chosen) || isOnOtherTable(module, repetition, loop, site, chosen) || isNeededEachTurn(module, effects, { site, loop, ...chosen })) continue;
    found.push({
      site, loop, ...chosen, besideSideEffect: isBesideSideEffect(module, effects, loop, site, chosen),
      ownValues: hasOwnValues(module, repetition, loop, chosen),
      unitOfWork: hasOwnTransaction(module, effects, loop, site) || (chosen.query.flushes && hasOwnManager(module, loop, site)) || (!effect.query && isUnitOfWork(module, effects, repetition, index, candidates)),
    });
  }
  return found;
}

/** A helper that writes and runs at least this many queries does a whole task for its element; a find-or-create is still one step. */
const UNIT_OF_WORK = 4;

/** Hops within which a query is the helper's own work: itself and what it calls; deeper ones belong to authorisation, logs and the like. */
const OWN_WORK = 2;

/**
 * A helper that reads, decides and writes for one element ("cancel this order") is no lookup in disguise: to batch it is to
 * design it anew. So is one that also asks a service outside, that goes through a list of its own, or that writes in a
 * transaction of its own. A function that calls itself is a walk through a tree, whose levels can be read together.
 */
function isUnitOfWork(module: ModuleFacts, effects: Effects, repetition: Repetition, index: number, reached: readonly ReachedQuery[]): boolean {
  const host = effects.hostOf(module, module.sites[index]!);
  const near = reached.filter(({ chain }) => chain.length <= OWN_WORK);
  const queries = new Set(near.map(({ chain }) => chain.at(-1)!.site));
  const { callees } = effects.site(module, index);
  if (callees.some((callee) => callee.module === module && callee.function === host)) return false;
  if (callees.some((callee) => effects.leavesProgram(callee, 1))) return true;
  if (near.some(({ query, chain }) => chain.some((hop) => (query.verb !== 'read' && hop.site.loops.length > 0) || repetition.loopAround(hop.module, hop.site)))) return true;
  const writes = near.some(({ query }) => query.verb !== 'read' && ROW_VERBS.has(query.verb));
  return writes && (queries.size >= UNIT_OF_WORK || near.some(({ query }) => query.verb === 'transaction'));
}

/** The loop opens a transaction for each element: what fails for one of them is undone for this one only. */
function hasOwnTransaction(module: ModuleFacts, effects: Effects, loop: LoopFact, site: SiteFact): boolean {
  for (let { inline } = module.functions[site.function]!; inline && inline.span.start > loop.start && inline.span.end <= loop.end; { inline } = module.functions[inline.parent]!) {
    const { call } = inline;
    const opened = module.sites.findIndex(({ value }) => value === call);
    if (opened >= 0 && effects.site(module, opened).query?.verb === 'transaction') return true;
  }
  return false;
}

/** `const em = orm.em.fork()` in the loop: what a turn has changed is kept apart from all others, on purpose. */
function hasOwnManager(module: ModuleFacts, loop: LoopFact, site: SiteFact): boolean {
  const call = module.values[site.value]!;
  let value = call.kind === 'call' ? module.values[call.of]! : call;
  while (value.kind === 'member' || value.kind === 'call') value = module.values[value.of]!;
  if (value.kind !== 'variable') return false;
  const { start } = module.variables[value.variable]!;
  return start >= loop.start && start <= loop.end && !loop.elements.includes(value.variable);
}

/** A tree that is written by recursion: each row needs the key of its parent's row, so that levels cannot be one statement. */
function isTreeCopy(module: ModuleFacts, effects: Effects, site: SiteFact, { query, chain }: { query: Query; chain: Hop[] }): boolean {
  const last = chain.at(-1);
  return query.verb !== 'read' && last?.module === module && effects.hostOf(module, last.site) === effects.hostOf(module, site);
}

/**
 * Each turn asks another table: several tables are no rows of one statement. In a helper, the name is what the call hands it;
 * of a list of statements made before, what their own loop went through.
 */
function isOnOtherTable(module: ModuleFacts, repetition: Repetition, loop: LoopFact, site: SiteFact, { query, chain }: { query: Query; chain: Hop[] }): boolean {
  if (!query.tablesFrom || chain.length > 1) return false;
  const [helper] = chain;
  const call = module.values[site.value]!;
  const handed = helper ? query.tablesFrom.flatMap((table) => table.parameters()).filter((origin) => origin.module === helper.module && origin.function === helper.site.function) : [];
  const given = call.kind === 'call' ? handed.map(({ index }) => call.args[index]).filter((id) => id !== undefined) : [];
  const { variables } = repetition.dependencies(module, helper ? given : query.tablesFrom.flatMap((table) => table.origins(module)));
  const isAround = (other: LoopFact): boolean => other.start <= site.start && other.end >= site.end;
  return module.loops.some((other) => (other === loop || !isAround(other)) && other.elements.some((element) => variables.has(element)));
}

/** In a helper the values are its own: they come from its parameters. What is not known counts as different. */
function hasOwnValues(module: ModuleFacts, repetition: Repetition, loop: LoopFact, { query, chain }: { query: Query; chain: Hop[] }): boolean {
  if (query.verb === 'insert') return query.nestsRows;
  if (query.verb !== 'update' || query.takesRows) return false;
  if (!query.written) return true;
  const home = chain.at(-1)?.module ?? module;
  const origins = query.written.origins(home);
  if (!origins.length) return true;
  const { variables } = repetition.dependencies(home, origins);
  return chain.length > 0 ? [...variables].some((variable) => home.values[home.variables[variable]!.value]?.kind === 'parameter') : loop.elements.some((element) => variables.has(element));
}

/** The client, or the statement itself, already takes many elements at once. */
function isBatched(query: Query, loop: LoopFact): boolean {
  if ((query.verb === 'insert' || query.takesRows) && query.manyAtOnce) return true;
  return query.batchedInTick && loop.kind === 'callback' && !loop.method?.startsWith('reduce');
}

/**
 * A read that stands in the loop itself can always be brought forward; one inside a helper is part of its work. A write
 * belongs to a side effect that came before it.
 */
function isBesideSideEffect(module: ModuleFacts, effects: Effects, loop: LoopFact, site: SiteFact, { query, chain }: { query: Query; chain: Hop[] }): boolean {
  if (query.verb !== 'read') return waitsOutside(module, effects, loop, (other) => other.start <= site.start);
  return chain.length > 0 && waitsOutside(module, effects, loop, (other) => other !== site);
}

/** For each element the loop waits for something outside: an e-mail, an upload, another service. */
function waitsOutside(module: ModuleFacts, effects: Effects, loop: LoopFact, counts: (site: SiteFact) => boolean): boolean {
  return module.sites.some((site, index) => {
    if (!site.awaited || !counts(site) || site.start < loop.start || site.end > loop.end) return false;
    const effect = effects.site(module, index);
    return !effect.query && (effect.external || effect.callees.some((callee) => effects.leavesProgram(callee)));
  });
}
