import type { Span } from '../finding';
import type { Query } from '../libraries/library';
import type { Effects, FunctionRef, Hop, SiteEffect } from '../program/effects';
import type { ModuleFacts, SiteFact, Value, ValueId } from '../facts/facts';
import type { Meanings } from '../program/meaning';
import type { PerElementQuery } from './per-element';
import { childrenOf } from '../facts/value-children';
import { ValueIdentity } from '../program/value-identity';

/** A query that an earlier site of the same function has already asked. */
export interface RepeatedRead {
  first: SiteFact;
  site: SiteFact;
  query: Query;
  /** Calls from the site to the query, the query's own site last; empty when the site is the query. */
  chain: Hop[];
}

/** SQL that gives something else each time, or that is asked for its lock. */
const VOLATILE = /\b(now|random|gen_random_uuid|nextval|clock_timestamp|statement_timestamp|pg_(try_)?advisory\w*)\s*\(|\bfor\s+(no\s+key\s+)?(update|share)\b|\bskip\s+locked\b|\bcurrent_timestamp\b/i;
/** Options and steps that lock the rows they read. */
const LOCKING: ReadonlySet<string> = new Set(['lock', 'forUpdate', 'forShare', 'forNoKeyUpdate', 'setLock', 'lockMode', 'for', 'skipLocked']);
/** A write of these may reach other tables than the one it names. */
const NESTED_WRITERS: ReadonlySet<Query['library']> = new Set(['prisma', 'sequelize', 'typeorm', 'mikro-orm']);
/** Helpers in helpers deeper than this are not looked through. */
const MAX_DEPTH = 3;

/** Finds queries that are asked again although the answer is already there. */
export class RepeatedReads {
  readonly #identity: ValueIdentity;

  constructor(
    private readonly meanings: Meanings,
    private readonly effects: Effects,
  ) {
    this.#identity = new ValueIdentity(meanings);
  }

  /**
   * What the turns of a loop ask: each something else; all the `same`, when nothing of the query depends on the loop; the
   * same, of rows that the loop itself has `changed`; or what the client has `remembered` since the first turn.
   */
  inTurns(module: ModuleFacts, { site, loop, query, chain }: PerElementQuery): 'different' | 'same' | 'changed' | 'remembered' {
    const index = module.sites.indexOf(site);
    if (query.verb !== 'read' || this.effects.site(module, index).iteration) return 'different';
    // `team ??= await …` asks once.
    if (site.result.some((variable) => loop.carried.includes(variable))) return 'different';
    const changing = new Set([...loop.carried, ...module.loops.filter((inner) => inner.start >= loop.start && inner.end <= loop.end).flatMap((inner) => inner.carried)]);
    if (!this.#identity.fixed(module, site.value, loop, changing) && !(chain.length && this.#callIsFixed(module, site, loop, changing))) return 'different';
    if (query.remembered) return 'remembered';
    if (!this.#isPlainRead(module, index, chain)) return 'different';
    const others = module.sites.flatMap((other, i) => (other !== site && other.start >= loop.start && other.end <= loop.end && !covers(other, site) ? [i] : []));
    if (this.#nothingWritten(module, query, others)) return 'same';
    return others.some((other) => this.#writes(module, other, query)) ? 'changed' : 'different';
  }

  /** Sites that ask what an earlier site of the same function has asked, with nothing in between that could change the answer. */
  asked(module: ModuleFacts): RepeatedRead[] {
    const found: RepeatedRead[] = [];
    const reads = module.sites.flatMap((site, index) => {
      const read = this.#readOf(module, index);
      return read ? [{ site, index, ...read }] : [];
    });
    for (const [position, later] of reads.entries()) {
      const earlier = reads.slice(0, position).find((one) => one.site.function === later.site.function && one.query.label === later.query.label
        && one.chain.length === later.chain.length && dominates(module, one.site, later.site)
        && this.#sameCall(module, one.site.value, later.site.value));
      if (!earlier || !this.#isPlainRead(module, later.index, later.chain) || !this.#nothingWrittenBetween(module, earlier.site, later.site, later.query)) continue;
      found.push({ first: earlier.site, site: later.site, query: later.query, chain: later.chain });
    }
    return found;
  }

  #readOf(module: ModuleFacts, index: number): { query: Query; chain: Hop[] } | undefined {
    const effect = this.effects.site(module, index);
    if (effect.iteration) return undefined;
    if (effect.query) return effect.query.verb === 'read' && !effect.query.remembered ? { query: effect.query, chain: [] } : undefined;
    const site = module.sites[index]!;
    if (effect.callees.length !== 1 || !(site.awaited || site.use.kind === 'part' || site.use.kind === 'argument')) return undefined;
    const reached = this.effects.reached(effect.callees[0]!);
    return reached.length && reached.every(({ query }) => query.verb === 'read' && !query.remembered) ? reached[0] : undefined;
  }

  #sameCall(module: ModuleFacts, a: ValueId, b: ValueId): boolean {
    const [one, other] = [module.values[a]!, module.values[b]!];
    if (this.#identity.same(module, a, b)) return true;
    if (one.kind !== 'call' || other.kind !== 'call' || one.args.length !== other.args.length || this.meanings.of(module, one.of)?.is !== 'function') return false;
    return this.#identity.same(module, one.of, other.of) && one.args.every((id, i) => this.#identity.same(module, id, other.args[i]!));
  }

  /** A helper is called on the same thing, with the same arguments. */
  #callIsFixed(module: ModuleFacts, site: SiteFact, loop: Span, changing: ReadonlySet<number>): boolean {
    const call = module.values[site.value]!;
    if (call.kind !== 'call' || this.meanings.of(module, call.of)?.is !== 'function') return false;
    return [call.of, ...call.args].every((id) => this.#identity.fixed(module, id, loop, changing));
  }

  /** It reads without locking, and what it reads depends on its arguments alone. */
  #isPlainRead(module: ModuleFacts, index: number, chain: Hop[]): boolean {
    const effect = this.effects.site(module, index);
    if (this.#isVolatile(module, module.sites[index]!.value)) return false;
    if (chain.length === 0) return effect.query?.verb === 'read';
    return effect.callees.length === 1 && !this.#isWrapped(module, module.sites[index]!) && this.#onlyReads(effect.callees[0]!, MAX_DEPTH);
  }

  /** The function reads from the database and computes; it remembers nothing and reaches nothing else. */
  #onlyReads(ref: FunctionRef, depth: number): boolean {
    const { module } = ref;
    if (module.functions[ref.function]!.decorated) return false;
    return this.effects.sitesWithin(module, ref.function).every((index) => {
      const site = module.sites[index]!;
      const effect = this.effects.site(module, index);
      if (this.#isVolatile(module, site.value)) return false;
      if (effect.query) return effect.query.verb === 'read';
      if (effect.callees.length) return depth > 0 && !this.#isWrapped(module, site) && effect.callees.every((callee) => this.#onlyReads(callee, depth - 1));
      return (!site.awaited || this.#waitsForParts(module, site)) && !effect.external && (site.use.kind === 'dropped' || !this.#asksState(module, ref, site));
    });
  }

  /** `cache.get(id)`: the value comes from something that outlives the function and is no database. */
  #asksState(module: ModuleFacts, ref: FunctionRef, site: SiteFact): boolean {
    let value: Value | undefined = module.values[site.value];
    while (value?.kind === 'call' || value?.kind === 'member' || value?.kind === 'index') {
      if (value.kind === 'call' && this.meanings.of(module, value.of)) return false;
      value = module.values[value.of];
    }
    if (value?.kind === 'this') return true;
    return value?.kind === 'variable' && module.variables[value.variable]!.function !== ref.function && module.variables[value.variable]!.function === 0;
  }

  /** `const teamOf = cache(async (id) => …)`: the wrapper may remember the answer. */
  #isWrapped(module: ModuleFacts, site: SiteFact): boolean {
    const call = module.values[site.value];
    const callee = call?.kind === 'call' ? this.meanings.of(module, call.of) : undefined;
    return callee?.is === 'function' && callee.wrapped === true;
  }

  #nothingWrittenBetween(module: ModuleFacts, first: SiteFact, later: SiteFact, query: Query): boolean {
    const host = this.effects.hostOf(module, later);
    const between = this.effects.sitesWithin(module, host).filter((index) => {
      const site = module.sites[index]!;
      if (site === first || site === later || covers(site, later)) return false;
      return (site.end > first.end && site.start < later.start) || later.loops.some((loop) => !first.loops.includes(loop) && covers(module.loops[loop]!, site));
    });
    return this.#nothingWritten(module, query, between);
  }

  #nothingWritten(module: ModuleFacts, query: Query, sites: number[]): boolean {
    return sites.every((index) => this.#keepsAnswer(module, module.sites[index]!, this.effects.site(module, index), query));
  }

  #writes(module: ModuleFacts, index: number, query: Query): boolean {
    const effect = this.effects.site(module, index);
    const queries = effect.query ? [effect.query] : effect.callees.flatMap((callee) => this.effects.reached(callee).map((one) => one.query));
    return queries.some((one) => one.verb !== 'read' && one.tables.some((table) => query.tables.includes(table)));
  }

  /** What the site does cannot change what the query answers. */
  #keepsAnswer(module: ModuleFacts, site: SiteFact, effect: SiteEffect, query: Query): boolean {
    if (effect.query) return isHarmless(effect.query, query);
    if (effect.callees.length) {
      const reached = effect.callees.flatMap((callee) => this.effects.reached(callee));
      return reached.every((one) => isHarmless(one.query, query)) && effect.callees.every((callee) => !this.effects.leavesProgram(callee));
    }
    // Whatever is waited for may have written, be it known or not.
    return (!site.awaited || this.#waitsForParts(module, site)) && !(effect.external && site.use.kind !== 'dropped');
  }

  /** `Promise.all([…])`: what it waits for are sites of their own. */
  #waitsForParts(module: ModuleFacts, site: SiteFact): boolean {
    const call = module.values[site.value];
    const callee = call?.kind === 'call' ? this.meanings.of(module, call.of) : undefined;
    return callee?.is === 'global' && callee.path[0] === 'Promise';
  }

  #isVolatile(module: ModuleFacts, id: ValueId, depth = 0): boolean {
    const value = module.values[id]!;
    if ((value.kind === 'text' || value.kind === 'tagged') && VOLATILE.test(value.text)) return true;
    if (value.kind === 'object' && Object.keys(value.properties).some((name) => LOCKING.has(name))) return true;
    if (value.kind === 'call' && module.values[value.of]!.kind === 'member' && LOCKING.has((module.values[value.of] as Value & { kind: 'member' }).name)) return true;
    return depth < MAX_VOLATILE_DEPTH && childrenOf(value).some((child) => this.#isVolatile(module, child, depth + 1));
  }
}

/** Texts nested deeper than this in a query's arguments are not looked at. */
const MAX_VOLATILE_DEPTH = 12;

/** A read, or a write of another table that goes no further. */
function isHarmless(other: Query, query: Query): boolean {
  if (other.verb === 'read') return other.sql === undefined || !VOLATILE.test(other.sql);
  if (other.verb !== 'insert' && other.verb !== 'update' && other.verb !== 'delete') return false;
  if (NESTED_WRITERS.has(other.library) || !other.tables.length || !query.tables.length) return false;
  return other.tables.every((table) => !query.tables.includes(table));
}

/** Whenever the later site runs, the first has run before. */
function dominates(module: ModuleFacts, first: SiteFact, later: SiteFact): boolean {
  if (first.end > later.start || first.loops.some((loop, i) => later.loops[i] !== loop)) return false;
  if (first.branch === undefined) return true;
  for (let branch = later.branch; branch !== undefined;) {
    if (branch === first.branch) return true;
    const parent: number = module.branches[branch]!;
    branch = parent === branch ? undefined : parent;
  }
  return false;
}

function covers(outer: Span, inner: Span): boolean {
  return outer.start <= inner.start && outer.end >= inner.end;
}
