import type { Query } from '../libraries/library';
import type { Effects, Hop } from './effects';
import type { LoopFact, ModuleFacts, SiteFact } from './facts';
import type { Repetition } from './repetition';

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
    const counted = candidates.filter(({ query }) => ROW_VERBS.has(query.verb) && query.runs !== 'never' && !isBatched(query, loop));
    const chosen = counted.find(({ query }) => query.verb === 'read') ?? counted[0];
    if (!chosen || isTreeCopy(module, effects, site, chosen)) continue;
    found.push({ site, loop, ...chosen, besideSideEffect: isBesideSideEffect(module, effects, loop, site, chosen) });
  }
  return found;
}

/** A tree that is written by recursion: each row needs the key of its parent's row, so that levels cannot be one statement. */
function isTreeCopy(module: ModuleFacts, effects: Effects, site: SiteFact, { query, chain }: { query: Query; chain: Hop[] }): boolean {
  const last = chain.at(-1);
  return query.verb !== 'read' && last?.module === module && effects.hostOf(module, last.site) === effects.hostOf(module, site);
}

/** The client, or the statement itself, already takes many elements at once. */
function isBatched(query: Query, loop: LoopFact): boolean {
  if (query.verb === 'insert' && query.manyAtOnce) return true;
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
