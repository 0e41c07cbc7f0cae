import type { Taken } from '../libraries/library';
import { calleeName } from '../facts/callee-name';
import type { ExitFact, ModuleFacts, SiteFact, TryFact, ValueId, VariableFact } from '../facts/facts';
import type { Meanings } from '../program/meaning';
import { rootVariable } from './own-connections';
import { View } from '../program/value-view';

/** Something that is taken out of a pool, and not given back on every way out of its function. */
export interface Unreturned {
  /** Where it is taken. */
  site: SiteFact;
  taken: Taken;
  /** What the code calls it. */
  name: string;
  /** `never`: nothing gives it back. Else the place that leaves the function without. */
  when: { kind: 'never' } | { kind: 'throws'; at: SiteFact } | { kind: 'leaves'; at: ExitFact };
  /** Where it is given back, when nothing goes wrong. */
  givenBack?: SiteFact;
}

/** Functions of the program that hand out what they take: `getClient()`. */
const MAX_HOPS = 2;

/** What a client is asked that lives as long as its process: it listens. */
const LISTENS: ReadonlySet<string> = new Set(['on', 'once', 'addListener']);
/** Calls whose promise is never rejected. */
const HARMLESS: ReadonlySet<string> = new Set(['catch', 'allSettled']);

/** Clients and transactions of a module that stay taken, be it only when something fails. */
export function unreturned(module: ModuleFacts, meanings: Meanings): Unreturned[] {
  return new Search(module, meanings).all();
}

class Search {
  constructor(
    private readonly module: ModuleFacts,
    private readonly meanings: Meanings,
  ) {}

  all(): Unreturned[] {
    return this.module.sites.flatMap((site) => {
      const taken = this.#isPossible(site) ? this.#taken(this.module, site.value, 0) : undefined;
      const found = taken && this.#unreturned(site, taken);
      return found ? [found] : [];
    });
  }

  #isPossible(site: SiteFact): boolean {
    return site.function !== 0 && this.module.values[site.value]!.kind === 'call' && (site.result.length === 1 || site.use.kind === 'assigned');
  }

  #taken(module: ModuleFacts, id: ValueId, hops: number): Taken | undefined {
    const call = module.values[id]!;
    if (call.kind === 'awaited') return this.#taken(module, call.of, hops);
    if (call.kind !== 'call') return undefined;
    const callee = module.values[call.of]!;
    const of = callee.kind === 'member' ? this.meanings.of(module, callee.of) : undefined;
    if (callee.kind === 'member' && of?.is === 'library') {
      return of.library.takes?.(of.root, [...of.steps, { name: callee.name, args: call.args.map((arg) => new View(this.meanings, module, arg)) }]);
    }
    const made = this.meanings.of(module, call.of);
    if (made?.is !== 'function' || made.wrapped || hops >= MAX_HOPS) return undefined;
    const { returns } = made.module.functions[made.function]!;
    return returns.length === 1 ? this.#taken(made.module, returns[0]!, hops + 1) : undefined;
  }

  #unreturned(site: SiteFact, taken: Taken): Unreturned | undefined {
    const variable = site.use.kind === 'assigned' ? site.use.variable : site.result[0]!;
    const fact = this.module.variables[variable];
    if (!fact || !this.#isItsOwn(site, fact)) return undefined;
    const { uses } = fact;
    const gives = uses.members?.some((member) => taken.givenBackBy.includes(member));
    const common = { site, taken, name: fact.name };
    if (!gives) return this.#isHandedOn(fact) || this.#isKept(site, variable) ? undefined : { ...common, when: { kind: 'never' } };

    const back = this.module.sites.filter((one) => rootVariable(this.module, one.value) === variable && this.#givesBack(one, taken));
    if (!back.length || back.some((one) => one.function !== site.function)) return undefined;
    const sure = this.module.tries.filter((one) => one.function === site.function && one.finalizer && back.some((release) => isInside(release, one.finalizer!)));
    if (sure.length) return undefined;
    const given = back.find((one) => one.start > site.end);
    if (!given) return undefined;
    const path = new Path(this.module, site, back);
    const waits = this.module.sites.filter((one) => one.function === site.function && one.awaited && one.start > site.end).sort((a, b) => a.start - b.start);
    const thrown = waits.find((one) => !this.#isHarmless(one) && !back.includes(one) && path.leaksWhenThrown(one));
    if (thrown) return { ...common, when: { kind: 'throws', at: thrown }, givenBack: given };
    const used = waits.find((one) => rootVariable(this.module, one.value) === variable);
    const left = used && this.module.functions[site.function]!.exits?.find((exit) => exit.start > used.end && path.leaksWhenLeft(exit));
    return left && { ...common, when: { kind: 'leaves', at: left }, givenBack: given };
  }

  /** The variable holds nothing else, is no one else's, and nobody else gets it to keep. */
  #isItsOwn(site: SiteFact, fact: VariableFact): boolean {
    const value = this.module.values[fact.value]!;
    const made = value.kind === 'awaited' ? value.of : fact.value;
    return made === site.value && fact.function === site.function && !fact.disposed && !fact.uses.returned && !fact.uses.aliases && !fact.uses.whole
      && !fact.uses.members?.some((member) => LISTENS.has(member));
  }

  /** Some other function gets it, which may give it back; a query that runs on it does not. */
  #isHandedOn({ uses }: VariableFact): boolean {
    if (!uses.passed && !uses.iterated) return false;
    return !uses.givenTo?.length || uses.givenTo.some((call) => this.meanings.of(this.module, call)?.is !== 'library');
  }

  /** A function that runs later uses it: it is held on purpose. */
  #isKept(site: SiteFact, variable: number): boolean {
    return this.module.sites.some((one) => {
      const { inline } = this.module.functions[one.function]!;
      return one.function !== site.function && (!inline || inline.deferred) && rootVariable(this.module, one.value) === variable;
    });
  }

  #givesBack(site: SiteFact, { givenBackBy }: Taken): boolean {
    for (let id = site.value; ; ) {
      const value = this.module.values[id]!;
      if (value.kind === 'call' && givenBackBy.includes(calleeName(this.module, id) ?? '')) return true;
      if (value.kind !== 'call' && value.kind !== 'member' && value.kind !== 'cast') return false;
      id = value.of;
    }
  }

  #isHarmless(site: SiteFact): boolean {
    return HARMLESS.has(calleeName(this.module, site.value) ?? '');
  }
}

/** Ways out of the function that takes something, from where it is taken on. */
class Path {
  readonly #tries: TryFact[];
  readonly #exits: ExitFact[];

  constructor(
    private readonly module: ModuleFacts,
    private readonly taken: SiteFact,
    private readonly back: readonly SiteFact[],
  ) {
    this.#tries = module.tries.filter((one) => one.function === taken.function);
    this.#exits = module.functions[taken.function]!.exits ?? [];
  }

  /** Nothing that runs after a site throws gives back what was taken. */
  leaksWhenThrown(site: SiteFact): boolean {
    return !this.#isHandler(site) && !this.#isBehind(site) && this.#isOnTheWay(site) && this.#escapes(site);
  }

  leaksWhenLeft(exit: ExitFact): boolean {
    if (this.#isHandler(exit) || this.#isBehind(exit) || !this.#isOnTheWay(exit)) return false;
    if (exit.throws) return this.#escapes(exit);
    // What the `return` itself waits for may give it back.
    return !this.back.some((one) => isInside(one, exit));
  }

  /** It has been given back on the way to this place. */
  #isBehind(place: { start: number; end: number; branch?: number }): boolean {
    return this.back.some((one) => one.end <= place.start && this.#isAround(one.branch, place.branch));
  }

  /** The place runs after the thing was taken, and not instead of it. */
  #isOnTheWay(place: { start: number; branch?: number }): boolean {
    return place.start > this.taken.end && this.#isAround(this.taken.branch, place.branch) && this.back.some((one) => one.start > place.start);
  }

  /** Failures in handlers and finalizers are failures of the cleaning up. */
  #isHandler(place: { start: number; end: number }): boolean {
    return this.#tries.some(({ handler, finalizer }) => (handler && isInside(place, handler)) || (finalizer && isInside(place, finalizer)));
  }

  /** What is thrown here gets past all that gives it back. */
  #escapes(place: { start: number; end: number }): boolean {
    const around = this.#tries.filter(({ block, handler }) => handler && isInside(place, block)).sort((a, b) => b.start - a.start);
    const inner = around[0];
    if (!inner) return true;
    if (this.back.some((one) => isInside(one, inner.handler!))) return false;
    if (this.#exits.some((exit) => isInside(exit, inner.handler!))) return true;
    return !this.back.some((one) => one.start >= inner.end);
  }

  /** The branch is that of the inner place, or around it. */
  #isAround(branch: number | undefined, inner: number | undefined): boolean {
    if (branch === undefined) return true;
    for (let at = inner; at !== undefined; ) {
      if (at === branch) return true;
      const outer = this.module.branches[at];
      at = outer === at ? undefined : outer;
    }
    return false;
  }
}

function isInside(inner: { start: number; end: number }, outer: { start: number; end: number }): boolean {
  return inner.start >= outer.start && inner.end <= outer.end;
}
