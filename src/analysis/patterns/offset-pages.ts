import type { Query } from '../libraries/library';
import type { Effects, Hop } from '../program/effects';
import type { LoopFact, ModuleFacts, SiteFact, Value, ValueId } from '../facts/facts';
import { named } from '../names';
import type { Meanings } from '../program/meaning';
import { argumentsOf } from '../program/repetition';
import { View } from '../program/value-view';

/** A query that is asked for page after page, and skips the pages before by counting their rows. */
export interface OffsetPages {
  site: SiteFact;
  query: Query;
  /** Calls from the site to the query, the query's own site last; empty when the site is the query. */
  chain: Hop[];
}

/** Pages up to this number are not deep: what is read again is less than what another query would cost. */
const FEW_PAGES = 10;
/** The same for a loop that counts rows, and not pages. */
const FEW_ROWS = 10_000;
/** Values looked at when asking what an offset is computed from. */
const MAX_VALUES = 100;
/** Helpers between the loop and its query. */
const MAX_CHAIN = 3;

/** Reads of a module whose offset grows from turn to turn of a loop, or from call to call of a function that calls itself. */
export function offsetPages(module: ModuleFacts, effects: Effects, meanings: Meanings): OffsetPages[] {
  return new Pages(module, effects, meanings).all();
}

/** What an offset is computed from: variables, and parameters of functions, perhaps members of these. */
interface Sources {
  variables: Set<number>;
  parameters: { function: number; index: number; member?: string }[];
}

class Pages {
  constructor(
    private readonly module: ModuleFacts,
    private readonly effects: Effects,
    private readonly meanings: Meanings,
  ) {}

  all(): OffsetPages[] {
    const found: OffsetPages[] = [];
    for (const [index, site] of this.module.sites.entries()) {
      const effect = this.effects.site(this.module, index);
      const loops = this.effects.loopsAround(this.module, site);
      const reached = effect.query ? [{ query: effect.query, chain: [] }] : loops.length > 0 ? effect.callees.flatMap((callee) => this.effects.reached(callee)) : [];
      const paged = reached.find(({ query, chain }) => query.verb === 'read' && query.offset && query.runs !== 'never' && chain.length <= MAX_CHAIN && this.#isDeepened(site, loops, query, chain));
      if (paged) found.push({ site, ...paged });
    }
    return found;
  }

  #isDeepened(site: SiteFact, loops: readonly LoopFact[], query: Query, chain: Hop[]): boolean {
    const offset = this.#offsetAt(site, query, chain);
    if (!offset) return false;
    const { variables, parameters } = sourcesOf(this.module, offset);
    if (loops.some((loop) => this.#pages(loop) && [...variables].some((variable) => loop.carried.includes(variable) && this.#grows(variable)))) return true;
    return chain.length === 0 && parameters.some((parameter) => this.#isPassedOn(site, parameter));
  }

  /** The values of this module that the offset is made of: those of the query itself, or what the helpers on the way to it are given. */
  #offsetAt(site: SiteFact, query: Query, chain: Hop[]): ValueId[] | undefined {
    const hops: Hop[] = [{ module: this.module, site }, ...chain];
    const last = hops.at(-1)!;
    let offset = query.skips ? query.skips.origins(last.module) : query.sql === undefined ? [] : argumentsOf(last.module, last.site.value);
    for (let at = hops.length - 1; at > 0; at--) {
      const { module, site: inner } = hops[at]!;
      const caller = hops[at - 1]!;
      const host = this.effects.hostOf(module, inner);
      const callee = this.effects.site(caller.module, caller.module.sites.indexOf(caller.site)).callees.find((one) => one.module === module && one.function === host);
      const call = callee?.call === undefined ? undefined : caller.module.values[callee.call];
      if (call?.kind !== 'call') return undefined;
      offset = sourcesOf(module, offset).parameters.filter((parameter) => parameter.function === host).flatMap(({ index, member }) => given(caller.module, call.args[index], member));
    }
    return offset.length > 0 ? offset : undefined;
  }

  /** Turns of the loop are pages, and they may be many. */
  #pages(loop: LoopFact): boolean {
    if (loop.leavesAtOnce || loop.kind === 'callback' || loop.kind === 'for-of' || loop.kind === 'for-in' || loop.kind === 'for-await') return false;
    // It goes through a list, and takes parts of it.
    if (loop.kind === 'for' && loop.iterable !== undefined) return false;
    const limits = loop.condition.filter((variable) => !loop.carried.includes(variable)).map((variable) => new View(this.meanings, this.module, this.module.variables[variable]!.value).number());
    const most = Math.min(loop.turns ?? Infinity, ...limits.map((limit) => limit ?? Infinity));
    return most > (loop.strided ? FEW_ROWS : FEW_PAGES);
  }

  /** `page++`, `offset += size`, `offset = offset + size`. */
  #grows(variable: number): boolean {
    const { value, reassigned } = this.module.variables[variable]!;
    const assigned = this.module.values[value]!;
    const all = assigned.kind === 'either' && assigned.test === undefined ? assigned.of.map((id) => this.module.values[id]!) : [assigned];
    const sums = all.filter((one) => one.kind === 'computed' && (one.operator === '+=' || (one.operator === '+' && one.of.some((id) => isVariable(this.module.values[id]!, variable)))));
    // A counter that is only counted up is assigned once, where it begins.
    return reassigned && (sums.length > 0 || all.every(({ kind }) => kind === 'literal'));
  }

  /** `return [...rows, ...await load(page + 1)]`: the function calls itself for the next page. */
  #isPassedOn(site: SiteFact, parameter: Sources['parameters'][number]): boolean {
    const host = this.effects.hostOf(this.module, site);
    if (parameter.function !== host) return false;
    return this.effects.sitesWithin(this.module, host).some((index) => this.effects.site(this.module, index).callees.some(({ module, function: called, call }) => {
      const value = module === this.module && called === host && call !== undefined ? this.module.values[call] : undefined;
      return value?.kind === 'call' && given(this.module, value.args[parameter.index], parameter.member).some((id) => {
        const next = this.module.values[id]!;
        return next.kind === 'computed' && next.operator === '+' && sourcesOf(this.module, [id]).parameters.some((one) => one.function === host && one.index === parameter.index && one.member === parameter.member);
      });
    }));
  }
}

/** The argument, or the member of it that is wanted, where an object literal spells it. */
function given(module: ModuleFacts, argument: ValueId | undefined, member: string | undefined): ValueId[] {
  if (argument === undefined) return [];
  const value = module.values[argument]!;
  if (member === undefined || value.kind !== 'object') return [argument];
  const property = named(value.properties, member);
  return property === undefined ? [] : [property];
}

function isVariable(value: Value, variable: number): boolean {
  return value.kind === 'variable' && value.variable === variable;
}

/** Follows arithmetic, choices and conversions, and lists and texts that carry the number to the query. */
function sourcesOf(module: ModuleFacts, start: readonly ValueId[]): Sources {
  const sources: Sources = { variables: new Set(), parameters: [] };
  const seen = new Set<ValueId>();
  const pending = [...start];
  for (let id = pending.pop(); id !== undefined && seen.size < MAX_VALUES; id = pending.pop()) {
    const value = module.values[id];
    if (!value || seen.has(id)) continue;
    seen.add(id);
    switch (value.kind) {
      case 'variable':
        sources.variables.add(value.variable);
        pending.push(module.variables[value.variable]!.value);
        break;
      case 'parameter':
        sources.parameters.push({ function: value.function, index: value.index });
        break;
      case 'member': {
        let of = module.values[value.of]!;
        if (of.kind === 'variable') of = module.values[module.variables[of.variable]!.value]!;
        if (of.kind === 'parameter') sources.parameters.push({ function: of.function, index: of.index, member: value.name });
        break;
      }
      case 'cast':
        pending.push(value.of);
        break;
      case 'call': {
        // `Math.max(0, offset)`, `Number(page)`, `String(offset)`
        const callee = module.values[value.of]!;
        const receiver = callee.kind === 'member' ? module.values[callee.of]! : callee;
        if (receiver.kind === 'global') pending.push(...value.args);
        break;
      }
      case 'computed':
      case 'either':
        pending.push(...value.of);
        break;
      case 'array':
        pending.push(...value.items);
        break;
      case 'object':
        pending.push(...Object.values(value.properties));
        break;
      case 'text':
      case 'tagged':
        pending.push(...value.holes);
        break;
      default:
        break;
    }
  }
  return sources;
}
