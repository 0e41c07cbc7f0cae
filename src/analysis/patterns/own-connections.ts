import type { OwnConnections } from '../libraries/library';
import { calleeName } from '../facts/callee-name';
import type { Effects, FunctionRef, Hop } from '../program/effects';
import type { FunctionFact, LoopFact, ModuleFacts, SiteFact, ValueId } from '../facts/facts';
import type { Meanings } from '../program/meaning';
import type { Repetition } from '../program/repetition';
import { RequestHandlers } from './request-handlers';
import { REQUEST_SCOPE } from '../program/server-packages';
import { handleKind } from '../program/transactions';
import { childrenOf } from '../facts/value-children';
import { View } from '../program/value-view';

/** Connections that are opened again and again. */
export interface RepeatedConnections {
  /** Where they are opened. */
  site: SiteFact;
  opened: OwnConnections;
  /** What happens again: a request, or the turn of a loop. */
  per: 'request' | { module: ModuleFacts; loop: LoopFact };
  /** Calls from what happens again to the function that opens them; empty when that is the same. */
  way: Hop[];
  /** They are closed by the function that opens them. */
  ended: boolean;
}

/** What becomes of a value in the function that makes it. */
type Fate = 'used' | 'returned' | 'kept';

/** Longer ways, and functions with more callers, belong to code whose life cycle cannot be overseen. */
const MAX_HOPS = 5;
const MAX_FUNCTIONS = 60;
/** Modules that are looked through for callers. */
const MAX_MODULES = 300;
/** Values looked at when asking whether connections are always the same. */
const MAX_VALUES = 120;
const MAX_FOLLOWED = 8;

/** Methods that put what they are given where it stays. */
const KEEPERS: ReadonlySet<string> = new Set(['set', 'push', 'unshift', 'add', 'register', 'registerInstance', 'decorate', 'provide', 'bind', 'toConstantValue', 'assign', 'defineProperty']);
const ENDS: ReadonlySet<string> = new Set(['end', '$disconnect', 'close', 'destroy', 'disconnect']);
/** Methods that give the handle itself, or another form of it. */
const SAME_HANDLE: ReadonlySet<string> = new Set(['$extends', 'initialize', 'connect', 'withSchema', 'withPlugin']);

/** Finds connections that a request, or each turn of a loop, opens for itself. */
export class OwnConnectionsSearch {
  readonly #handlers: RequestHandlers;
  #callers = new WeakMap<ModuleFacts, Map<FunctionFact, SiteFact[]>>();

  constructor(
    private readonly meanings: Meanings,
    private readonly effects: Effects,
    private readonly repetition: Repetition,
    /** Modules that import a module, directly or not. */
    private readonly importersOf: (module: ModuleFacts) => Iterable<ModuleFacts>,
  ) {
    this.#handlers = new RequestHandlers(meanings);
  }

  /** Call when any module has changed. */
  forgetAll(): void {
    this.#handlers.forgetAll();
    this.#callers = new WeakMap();
  }

  /** Sites of a function of the module that open connections, whether or not that happens again and again. */
  *opening(module: ModuleFacts): Generator<{ site: SiteFact; opened: OwnConnections; made: ValueId }> {
    for (const site of module.sites) {
      const found = this.#openedBy(module, site);
      if (found && (site.function !== 0 || site.loops.length > 0)) yield { site, ...found };
    }
  }

  repeated(module: ModuleFacts): RepeatedConnections[] {
    if (isEdge(module)) return [];
    const found: RepeatedConnections[] = [];
    for (const { site, opened, made } of this.opening(module)) {
      if (!this.#isAlwaysTheSame(module, made)) continue;
      const ended = this.#isEnded(module, site);
      if (ended && (opened.perRequestIfEnded || (opened.is === 'connection' && isLambda(module)))) continue;
      const again = this.#repetitionOf(module, site);
      if (again) found.push({ site, opened, ended, ...again });
    }
    return found;
  }

  // ── what opens connections ─────────────────────────────────────────────────────────────────────────────────────────

  /** Looks along the chain of calls that the site is. */
  #openedBy(module: ModuleFacts, site: SiteFact): { opened: OwnConnections; made: ValueId } | undefined {
    for (let id = site.value; ; ) {
      const value = module.values[id]!;
      if (value.kind === 'call' || value.kind === 'new') {
        const of = this.meanings.of(module, value.of);
        if (of?.is === 'library' && of.steps.length === 0) {
          const opened = of.library.opens?.(of.root, value.args.map((arg) => new View(this.meanings, module, arg)), value.kind === 'new');
          if (opened) return { opened, made: id };
        }
        if (value.kind === 'new') return undefined;
      } else if (value.kind !== 'member' && value.kind !== 'cast') return undefined;
      id = value.of;
    }
  }

  /**
   * What they are opened to does not depend on the request or the element: a pool for each tenant, or a database that the
   * user names, cannot be opened once for all. Nor is anything opened where the connections of another handle are taken.
   */
  #isAlwaysTheSame(module: ModuleFacts, made: ValueId): boolean {
    const value = module.values[made]!;
    const pending = value.kind === 'call' || value.kind === 'new' ? [...value.args] : [];
    const seen = new Set<ValueId>();
    for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
      if (seen.has(id)) continue;
      seen.add(id);
      const given = module.values[id]!;
      if (given.kind === 'parameter' || given.kind === 'element' || seen.size > MAX_VALUES) return false;
      if (given.kind === 'import' && REQUEST_SCOPE.test(module.imports[given.import]!.source)) return false;
      if (given.kind === 'variable' || given.kind === 'import' || given.kind === 'member') {
        if (handleKind(this.meanings.of(module, id)) === 'pool') return false;
      }
      if (given.kind !== 'variable') pending.push(...childrenOf(given));
      else if (module.variables[given.variable]!.function !== 0) pending.push(module.variables[given.variable]!.value);
    }
    return true;
  }

  #isEnded(module: ModuleFacts, { use, result }: SiteFact): boolean {
    const variables = use.kind === 'assigned' ? [use.variable, ...result] : result;
    return variables.some((variable) => module.variables[variable]?.uses.members?.some((member) => ENDS.has(member)) || module.variables[variable]?.disposed);
  }

  // ── what happens again ─────────────────────────────────────────────────────────────────────────────────────────────

  /** The nearest request handler or loop that leads to the site. */
  #repetitionOf(module: ModuleFacts, start: SiteFact): Pick<RepeatedConnections, 'per' | 'way'> | undefined {
    const seen = new Set<FunctionFact>();
    let frontier: { module: ModuleFacts; site: SiteFact; way: Hop[]; flows: boolean }[] = [{ module, site: start, way: [], flows: true }];
    for (let hops = 0; hops <= MAX_HOPS && frontier.length; hops++) {
      const next: typeof frontier = [];
      for (const { module: at, site, way, flows } of frontier) {
        const fate = flows ? this.#fate(at, site) : 'used';
        if (fate === 'kept') continue;
        if (this.#handlerAround(at, site)) return { per: 'request', way };
        const loop = this.repetition.loopAround(at, site);
        if (loop) return { per: { module: at, loop }, way };
        const host = { module: at, function: this.effects.hostOf(at, site) };
        const fact = at.functions[host.function]!;
        if (host.function === 0 || seen.has(fact) || seen.size >= MAX_FUNCTIONS) continue;
        seen.add(fact);
        for (const caller of this.#callersOf(host)) next.push({ module: caller.module, site: caller.site, way: [caller, ...way], flows: fate === 'returned' });
      }
      frontier = next;
    }
    return undefined;
  }

  #handlerAround(module: ModuleFacts, site: SiteFact): boolean {
    const host = this.effects.hostOf(module, site);
    for (let index = site.function; ; index = module.functions[index]!.inline!.parent) {
      if (this.#isHandler(module, module.functions[index]!)) return true;
      if (index === host || !module.functions[index]!.inline) return false;
    }
  }

  #isHandler(module: ModuleFacts, fact: FunctionFact): boolean {
    for (const one of this.#lookedThrough(module)) if (this.#handlers.in(one).has(fact)) return !isEdge(one);
    return false;
  }

  *#callersOf({ module, function: index }: FunctionRef): Generator<Hop> {
    const fact = module.functions[index]!;
    for (const one of this.#lookedThrough(module)) {
      for (const site of this.#callsIn(one).get(fact) ?? []) yield { module: one, site };
    }
  }

  *#lookedThrough(module: ModuleFacts): Generator<ModuleFacts> {
    yield module;
    let count = 0;
    for (const importer of this.importersOf(module)) {
      if (importer.context !== 'production') continue;
      if (++count > MAX_MODULES) return;
      yield importer;
    }
  }

  #callsIn(module: ModuleFacts): Map<FunctionFact, SiteFact[]> {
    let calls = this.#callers.get(module);
    if (calls) return calls;
    this.#callers.set(module, (calls = new Map()));
    for (const [index, site] of module.sites.entries()) {
      const called = new Set([...this.effects.site(module, index).callees, ...this.#calledInChain(module, site.value)].map((ref) => ref.module.functions[ref.function]!));
      for (const fact of called) {
        const known = calls.get(fact);
        if (known) known.push(site);
        else calls.set(fact, [site]);
      }
    }
    return calls;
  }

  /** `getDb()` of the query `getDb().select()…`. */
  *#calledInChain(module: ModuleFacts, chain: ValueId): Generator<FunctionRef> {
    for (let id = chain; ; ) {
      const value = module.values[id]!;
      if (value.kind !== 'call' && value.kind !== 'member' && value.kind !== 'cast') return;
      const of = value.kind === 'call' ? this.meanings.of(module, value.of) : undefined;
      if (of?.is === 'function' && !of.wrapped) yield of;
      id = value.of;
    }
  }

  // ── what becomes of it ─────────────────────────────────────────────────────────────────────────────────────────────

  #fate(module: ModuleFacts, site: SiteFact): Fate {
    return this.#isHandle(module, site.value) ? this.#fateOf(module, site, site.value, MAX_FOLLOWED) : 'used';
  }

  /** What the site gives is the handle, and not what the handle was asked for. */
  #isHandle(module: ModuleFacts, id: ValueId): boolean {
    const value = module.values[id]!;
    if (value.kind !== 'call') return true;
    const callee = module.values[value.of]!;
    if (callee.kind !== 'member' || SAME_HANDLE.has(callee.name)) return true;
    const of = this.meanings.of(module, callee.of);
    return of?.is !== 'library' || of.steps.length === 0 && handleKind(of) === undefined;
  }

  #fateOf(module: ModuleFacts, site: SiteFact, id: ValueId, left: number): Fate {
    if (left === 0 || this.#isOneOfSeveral(module, id)) return 'kept';
    const { use } = site;
    switch (use.kind) {
      case 'assigned':
        return this.#fateOfVariable(module, site, use.variable, left - 1);
      case 'returned':
      case 'yielded':
        // Of a callback that runs here, it is something for the call that takes the callback.
        return site.function === this.effects.hostOf(module, site) || this.#handlerAround(module, site) ? 'returned' : 'kept';
      case 'awaited': {
        if (site.result.length) return worst(site.result.map((variable) => this.#fateOfVariable(module, site, variable, left - 1)));
        const { returns } = module.functions[site.function]!;
        return returns.some((one) => isOrAwaits(module, one, id)) ? 'returned' : 'used';
      }
      case 'argument':
        return this.#fateOfGiven(module, use.call, left - 1);
      case 'part':
        return use.call === undefined ? this.#fateOfPart(module, site.function, id) : this.#fateOfGiven(module, use.call, left - 1);
      case 'dropped':
      case 'hole':
        return 'used';
    }
  }

  #fateOfVariable(module: ModuleFacts, site: SiteFact, variable: number, left: number): Fate {
    const fact = module.variables[variable];
    if (!fact || left <= 0) return 'kept';
    const { uses } = fact;
    // A variable of the module, or one of several things that it may hold: it is there from an earlier call.
    if (!this.#isLocal(module, site, fact.function) || module.values[fact.value]!.kind === 'either' || uses.whole) return 'kept';
    const fates: Fate[] = ['used'];
    if (uses.returned || this.#isCaptured(module, site, variable)) fates.push('returned');
    if (uses.passed && !uses.givenTo) fates.push(this.#fateOfPart(module, site.function, undefined, variable));
    for (const alias of uses.aliases ?? []) fates.push(this.#fateOfVariable(module, site, alias, left - 1));
    for (const call of uses.givenTo ?? []) fates.push(this.#fateOfGiven(module, call, left - 1));
    return worst(fates);
  }

  /** A wrapper keeps what it is given: its fate is that of what it makes. */
  #fateOfGiven(module: ModuleFacts, call: ValueId, left: number): Fate {
    if (KEEPERS.has(calleeName(module, call) ?? '')) return 'kept';
    const site = module.sites.find((one) => one.value === call || isInChain(module, one.value, call));
    return site && left > 0 ? this.#fateOf(module, site, call, left) : 'kept';
  }

  /** Part of an object: who gets that, if the function returns it. */
  #fateOfPart(module: ModuleFacts, index: number, id: ValueId | undefined, variable?: number): Fate {
    const isIt = (one: ValueId): boolean => {
      const value = module.values[one]!;
      return one === id || (variable !== undefined && value.kind === 'variable' && value.variable === variable);
    };
    const returned = module.functions[index]!.returns.some((one) => {
      const value = module.values[one]!;
      return value.kind === 'object' && (Object.values(value.properties).some(isIt) || value.spreads.some(isIt));
    });
    return returned ? 'returned' : 'kept';
  }

  #isOneOfSeveral(module: ModuleFacts, id: ValueId): boolean {
    return module.values.some((value) => value.kind === 'either' && value.of.includes(id));
  }

  #isLocal(module: ModuleFacts, site: SiteFact, owner: number): boolean {
    const host = this.effects.hostOf(module, site);
    for (let index = site.function; ; index = module.functions[index]!.parent) {
      if (index === owner) return owner !== 0;
      if (index === host || index === 0) return false;
    }
  }

  /** A function in it uses the variable later. */
  #isCaptured(module: ModuleFacts, site: SiteFact, variable: number): boolean {
    const host = this.effects.hostOf(module, site);
    return module.sites.some((other) => other.function !== site.function && this.effects.hostOf(module, other) !== host && rootVariable(module, other.value) === variable);
  }
}

function worst(fates: Fate[]): Fate {
  return fates.includes('kept') ? 'kept' : fates.includes('returned') ? 'returned' : 'used';
}

/** A function that is frozen between its calls: a single connection that each call opens and ends is no waste. */
function isLambda(module: ModuleFacts): boolean {
  return module.imports.some(({ source }) => source === 'aws-lambda');
}

/** `export const runtime = 'edge'`: what is open cannot outlive the request there. */
function isEdge(module: ModuleFacts): boolean {
  return module.exports.some(({ exported, value }) => {
    const named = exported === 'runtime' && value !== undefined ? module.values[value]! : undefined;
    const text = named?.kind === 'variable' ? module.values[module.variables[named.variable]!.value]! : named;
    return text?.kind === 'text' && text.text.includes('edge');
  });
}

function isOrAwaits(module: ModuleFacts, id: ValueId, wanted: ValueId): boolean {
  const value = module.values[id]!;
  return id === wanted || (value.kind === 'awaited' && value.of === wanted);
}

/** `call` is one of the calls that the chain is made of. */
function isInChain(module: ModuleFacts, chain: ValueId, call: ValueId): boolean {
  for (let id = chain; ; ) {
    if (id === call) return true;
    const value = module.values[id]!;
    if (value.kind !== 'call' && value.kind !== 'member' && value.kind !== 'cast') return false;
    id = value.of;
  }
}

/** The variable that a chain of members and calls begins with. */
export function rootVariable(module: ModuleFacts, chain: ValueId): number | undefined {
  for (let id = chain; ; ) {
    const value = module.values[id]!;
    if (value.kind === 'variable') return value.variable;
    if (value.kind !== 'call' && value.kind !== 'member' && value.kind !== 'cast' && value.kind !== 'awaited' && value.kind !== 'tagged') return undefined;
    id = value.of;
  }
}
