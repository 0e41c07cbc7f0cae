import type { Effects } from './effects';
import type { LoopFact, ModuleFacts, SiteFact, ValueId } from '../facts/facts';
import { ITERATION_METHODS } from '../facts/loop-shape';
import type { Meanings } from './meaning';
import { childrenOf } from '../facts/value-children';

/** Lists of up to this many written-out elements are tiny: a batch would not be worth its code. */
const TINY_LIST = 12;
/** Values looked at when asking what a value depends on. */
const MAX_DEPENDENCIES = 400;
/** A list that is made of others, which are made of others: what goes deeper is made of itself. */
const MAX_DEPTH = 10;

/** Function names that cut a list into chunks, in the libraries and codebases that were looked at. */
const CHUNKERS = /chunk|batch|partition|splitEvery|inGroupsOf|windowed|paginate|pages?$/i;
/** Array members: an element that is used so is itself a list, and the loop goes through groups. */
const LIST_MEMBERS: ReadonlySet<string> = new Set(['slice', 'push', 'join']);

/** Members that add an element to a list, set or map. */
export const GATHERING: ReadonlySet<string> = new Set(['push', 'unshift', 'add', 'set']);

/** Whether, and how, a loop runs a site once per element. Each guard is a trap of real code. */
export class Repetition {
  constructor(
    private readonly meanings: Meanings,
    private readonly effects: Effects,
  ) {}

  /** The innermost loop that repeats the site once per element, if any. */
  loopAround(module: ModuleFacts, site: SiteFact): LoopFact | undefined {
    const loops = this.effects.loopsAround(module, site);
    for (let i = loops.length - 1; i >= 0; i--) if (this.repeats(module, loops[i]!, site)) return loops[i];
    return undefined;
  }

  repeats(module: ModuleFacts, loop: LoopFact, site: SiteFact): boolean {
    if (this.#fewTurns(module, loop) || this.goesThroughChunks(module, loop) || this.#comesWithTime(module, loop)) return false;
    if (this.#takesGathered(module, loop, site)) return false;
    if (loop.leavesAtOnce && !loop.continues.some((offset) => offset > site.start)) return false;
    if (site.result.some((variable) => loop.exitsWhenFound.includes(variable))) return false;
    if (loop.kind === 'while' || loop.kind === 'do-while') return this.#drains(module, loop) && !this.#dependent(module, loop, site);
    if (loop.kind === 'for' && !this.#indexes(module, loop)) return false;
    return !this.#dependent(module, loop, site);
  }

  /** `if (batch.length >= 500) { await save(batch); batch = []; }`: it takes the elements that earlier turns have gathered, and not its own. */
  #takesGathered(module: ModuleFacts, loop: LoopFact, site: SiteFact): boolean {
    const { variables } = this.dependencies(module, argumentsOf(module, site.value));
    if (loop.elements.some((element) => variables.has(element))) return false;
    return module.sites.some((other) => {
      if (other.start < loop.start || other.end > loop.end) return false;
      const receiver = gatheredBy(module, other);
      return receiver !== undefined && variables.has(receiver) && module.variables[receiver]!.start < loop.start;
    });
  }

  #fewTurns(module: ModuleFacts, loop: LoopFact): boolean {
    if (loop.turns !== undefined) return true;
    return loop.iterable !== undefined && this.#isSmallConstant(module, loop.iterable);
  }

  /** `for await (const _ of setInterval(60_000))`, or of events: its turns are no list that could be asked for at once. */
  #comesWithTime(module: ModuleFacts, loop: LoopFact): boolean {
    const value = loop.iterable === undefined ? undefined : module.values[loop.iterable]!;
    const callee = value?.kind === 'call' ? this.meanings.of(module, value.of) : undefined;
    return callee?.is === 'package' && ((/^(node:)?timers\/promises$/.test(callee.source) && callee.path.at(-1) === 'setInterval') || (/^(node:)?events$/.test(callee.source) && callee.path.at(-1) === 'on'));
  }

  /** A list written out in the code, or the keys of an object written out in the code. */
  #isSmallConstant(module: ModuleFacts, id: ValueId, depth = 0): boolean {
    // `this.items = [...this.items]`
    if (depth > MAX_DEPTH) return false;
    const isSmall = (of: ModuleFacts, part: ValueId): boolean => this.#isSmallConstant(of, part, depth + 1);
    const value = module.values[id]!;
    if (value.kind === 'either') return value.of.every((one) => isSmall(module, one));
    if (value.kind === 'variable') return !this.#isFilled(module, id) && isSmall(module, module.variables[value.variable]!.value);
    if (value.kind === 'cast') return isSmall(module, value.of);
    if (value.kind === 'call') {
      const callee = module.values[value.of]!;
      const receiver = callee.kind === 'member' ? module.values[callee.of] : undefined;
      if (callee.kind === 'member' && receiver?.kind === 'global' && receiver.name === 'Object' && value.args[0] !== undefined) {
        const of = this.meanings.of(module, value.args[0]);
        return of?.is === 'literal' && of.value.kind === 'object' && of.value.spreads.length === 0 && Object.keys(of.value.properties).length > 0 && !this.#isFilled(module, value.args[0]);
      }
      if (callee.kind === 'member' && (callee.name === 'filter' || callee.name === 'slice' || callee.name === 'sort' || callee.name === 'entries' || callee.name === 'map' || callee.name === 'toSorted')) return isSmall(module, callee.of);
      return false;
    }
    const of = this.meanings.of(module, id);
    if (of?.is !== 'literal' || of.value.kind !== 'array' || of.value.items.length === 0 || this.#isFilled(module, id)) return false;
    if (!of.value.spread) return of.value.items.length <= TINY_LIST || of.value.items.every((item) => isConstant(of.module, item));
    return of.value.items.every((item) => {
      const one = of.module.values[item]!;
      return one.kind === 'spread' ? isSmall(of.module, one.of) : true;
    });
  }

  /** The literal is only the start of a list that is filled later. */
  #isFilled(module: ModuleFacts, id: ValueId): boolean {
    const value = module.values[id]!;
    if (value.kind !== 'variable') return false;
    const { uses, reassigned } = module.variables[value.variable]!;
    return reassigned || Boolean(uses.members?.some((member) => member === 'push' || member === 'unshift' || member === 'concat' || member === 'splice'));
  }

  /** Each turn has a chunk of rows, and not one row. */
  goesThroughChunks(module: ModuleFacts, loop: LoopFact): boolean {
    if (loop.strided) return true;
    if (loop.iterable !== undefined && this.#isMadeBy(module, loop.iterable, CHUNKERS)) return true;
    const [element] = loop.elements;
    if (loop.elements.length !== 1 || element === undefined || loop.kind === 'for') return false;
    const { uses, value } = module.variables[element]!;
    const whole = module.values[value]?.kind === 'element' || module.values[value]?.kind === 'parameter';
    return whole && Boolean(uses.iterated || uses.members?.some((member) => LIST_MEMBERS.has(member) || ITERATION_METHODS.has(member)));
  }

  #isMadeBy(module: ModuleFacts, id: ValueId, pattern: RegExp, depth = 0): boolean {
    const value = module.values[id]!;
    switch (value.kind) {
      case 'variable': {
        const variable = module.variables[value.variable]!;
        return (depth < MAX_DEPTH && this.#isMadeBy(module, variable.value, pattern, depth + 1)) || (pattern.test(variable.name) && /chunks|batches|pages/i.test(variable.name));
      }
      case 'call': {
        const callee = module.values[value.of]!;
        if (callee.kind === 'member') return pattern.test(callee.name);
        if (callee.kind === 'variable') return pattern.test(module.variables[callee.variable]!.name);
        if (callee.kind === 'import') return pattern.test(module.imports[callee.import]!.local);
        return callee.kind === 'function' && pattern.test(module.functions[callee.function]!.name ?? '');
      }
      default:
        return false;
    }
  }

  /** A worklist: `while (queue.length) { const next = queue.shift(); … }`. All other `while` loops page, poll or retry. */
  #drains(module: ModuleFacts, loop: LoopFact): boolean {
    if (loop.iterable === undefined) return false;
    const counted = module.values[loop.iterable]!;
    if (counted.kind !== 'variable') return false;
    const { members = [] } = module.variables[counted.variable]!.uses;
    return members.includes('shift') || members.includes('pop') || loop.condition.some((variable) => variable !== counted.variable && loop.carried.includes(variable));
  }

  /** A counting loop goes through a list when its condition asks for the list's length; else it retries or paces. */
  #indexes(module: ModuleFacts, loop: LoopFact): boolean {
    return loop.iterable !== undefined && loop.elements.length > 0;
  }

  /** A turn needs what an earlier turn's query gave: a parent walk, a running balance, a growing worklist. */
  #dependent(module: ModuleFacts, loop: LoopFact, site: SiteFact): boolean {
    const used = this.dependencies(module, argumentsOf(module, site.value));
    const results = new Set(site.result);
    if (site.use.kind === 'assigned') results.add(site.use.variable);
    for (const carried of loop.carried) {
      if (!used.variables.has(carried) || loop.elements.includes(carried)) continue;
      const made = this.dependencies(module, [module.variables[carried]!.value]);
      if (made.values.has(site.value) || [...results].some((variable) => made.variables.has(variable))) return true;
    }
    const worklist = loop.iterable === undefined ? undefined : module.values[loop.iterable];
    if (worklist?.kind !== 'variable' || (loop.kind !== 'while' && loop.kind !== 'do-while')) return false;
    return module.sites.some((other) => {
      if (other.start < loop.start || other.end > loop.end) return false;
      const call = module.values[other.value]!;
      const callee = call.kind === 'call' ? module.values[call.of]! : undefined;
      if (call.kind !== 'call' || callee?.kind !== 'member' || (callee.name !== 'push' && callee.name !== 'unshift')) return false;
      const receiver = module.values[callee.of]!;
      if (receiver.kind !== 'variable' || receiver.variable !== worklist.variable) return false;
      const made = this.dependencies(module, call.args);
      return made.values.has(site.value) || [...results].some((variable) => made.variables.has(variable));
    });
  }

  /** Everything that values are computed from, through variables of the module. */
  dependencies(module: ModuleFacts, start: readonly ValueId[]): { values: Set<ValueId>; variables: Set<number> } {
    const values = new Set<ValueId>();
    const variables = new Set<number>();
    const pending = [...start];
    for (let id = pending.pop(); id !== undefined && values.size < MAX_DEPENDENCIES; id = pending.pop()) {
      if (values.has(id)) continue;
      values.add(id);
      const value = module.values[id]!;
      if (value.kind === 'variable') {
        variables.add(value.variable);
        pending.push(module.variables[value.variable]!.value);
      } else pending.push(...childrenOf(value));
    }
    return { values, variables };
  }
}

/** The variable that `rows.push(…)` and the like add to. */
function gatheredBy(module: ModuleFacts, site: SiteFact): number | undefined {
  const call = module.values[site.value]!;
  const callee = call.kind === 'call' ? module.values[call.of]! : undefined;
  if (callee?.kind !== 'member' || !GATHERING.has(callee.name)) return undefined;
  const receiver = module.values[callee.of]!;
  return receiver.kind === 'variable' ? receiver.variable : undefined;
}

/** What the calls and templates of a chain are given. */
export function argumentsOf(module: ModuleFacts, id: ValueId): ValueId[] {
  const args: ValueId[] = [];
  let value = module.values[id]!;
  for (;;) {
    if (value.kind === 'call') args.push(...value.args);
    else if (value.kind === 'tagged') args.push(...value.holes);
    else if (value.kind !== 'member' && value.kind !== 'index' && value.kind !== 'cast' && value.kind !== 'awaited') return args;
    value = module.values[value.of]!;
  }
}

function isConstant(module: ModuleFacts, id: ValueId): boolean {
  const value = module.values[id]!;
  if (value.kind === 'object') return value.spreads.length === 0 && Object.values(value.properties).every((property) => isConstant(module, property));
  if (value.kind === 'array') return value.items.every((item) => isConstant(module, item));
  return value.kind === 'text' ? value.holes.length === 0 : value.kind === 'literal' || value.kind === 'member' || value.kind === 'function';
}
