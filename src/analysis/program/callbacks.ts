import { calleeName } from '../facts/callee-name';
import type { FunctionFact, InlineFact, LoopFact, ModuleFacts, SiteFact, Value, ValueId } from '../facts/facts';
import { elementsOf, GATHERING, isListSource, isNoList, isPipe, runsSoon, runsTasks } from './iteration-packages';
import { ITERATION_METHODS } from '../facts/loop-shape';
import type { Meanings } from './meaning';
import { type Meaning, queryIn } from './meaning-kinds';
import { LIST_MAKERS } from './value-view';

/** Variables followed to what a list is made from. */
const MAX_FOLLOWED = 8;
/** Calls between a list and the fluent call that goes through it. */
const MAX_CHAIN = 24;
/** Members that only lists, sets and maps have. */
const LIST_MEMBERS: ReadonlySet<string> = new Set([...ITERATION_METHODS, 'slice', 'concat', 'flat', 'sort', 'toSorted', 'values', 'keys', 'entries', 'toArray', 'push']);

interface ModuleIndex {
  sitesOf: Map<number, number[]>;
  /** Functions that run where they stand in another function. */
  children: Map<number, number[]>;
  /** The call that a value is an argument of. */
  taker: Map<ValueId, { call: ValueId; index: number }>;
}

/** How often a function calls what it is given. */
type Calls = 'once' | 'in a loop' | undefined;

/** What becomes of functions that are given to calls: run once where they stand, run once per element, or kept. */
export class Callbacks {
  readonly #indexes = new Map<ModuleFacts, ModuleIndex>();
  readonly #parameterCalls = new Map<ModuleFacts, Map<string, Calls>>();

  constructor(private readonly meanings: Meanings) {}

  forget(module: ModuleFacts): void {
    this.#indexes.delete(module);
    this.#parameterCalls.delete(module);
  }

  forgetAll(): void {
    this.#indexes.clear();
    this.#parameterCalls.clear();
  }

  #index(module: ModuleFacts): ModuleIndex {
    let index = this.#indexes.get(module);
    if (index) return index;
    index = { sitesOf: new Map(), children: new Map(), taker: new Map() };
    this.#indexes.set(module, index);
    for (const [i, site] of module.sites.entries()) append(index.sitesOf, site.function, i);
    for (const [id, value] of module.values.entries()) {
      if (value.kind !== 'call') continue;
      for (const [position, argument] of value.args.entries()) if (module.values[argument]!.kind !== 'variable') index.taker.set(argument, { call: id, index: position });
    }
    for (const [i, fact] of module.functions.entries()) {
      const parent = fact.inline ? (this.#runsHere(module, fact.inline) ? fact.inline.parent : undefined) : this.#taskParent(module, i);
      if (parent !== undefined) append(index.children, parent, i);
    }
    return index;
  }

  /** Sites that run when the function runs, those of callbacks that run where they stand included. */
  sitesWithin(module: ModuleFacts, index: number): number[] {
    const { sitesOf, children } = this.#index(module);
    const within: number[] = [];
    const pending = [index];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      within.push(...(sitesOf.get(next) ?? []));
      pending.push(...(children.get(next) ?? []));
    }
    return within;
  }

  /** Loops around a site, outermost first, through callbacks that run where they stand. */
  loopsAround(module: ModuleFacts, site: SiteFact): LoopFact[] {
    let loops = site.loops.map((loop) => module.loops[loop]!);
    let index = site.function;
    for (let fact = module.functions[index]!; ; fact = module.functions[index]!) {
      const { inline } = fact;
      if (inline) {
        const iteration = this.#iteration(module, inline);
        if (!iteration && !this.#runsHere(module, inline)) return loops;
        loops = [...this.#syntacticLoops(module, inline), ...(iteration ? [iteration] : []), ...loops];
        index = inline.parent;
      } else {
        const parent = this.#taskParent(module, index);
        if (parent === undefined) return loops;
        index = parent;
      }
    }
  }

  /** The function a site belongs to, seen through callbacks that run where they stand. */
  hostOf(module: ModuleFacts, site: SiteFact): number {
    let host = site.function;
    for (let fact = module.functions[host]!; fact.inline && this.#runsHere(module, fact.inline); fact = module.functions[host]!) host = fact.inline.parent;
    return host;
  }

  /** Functions that are given to a call by name and that it calls: `ids.map(loadUser)`, `each(ids, loadUser)`, `.then(loadUser)`. */
  *referencesCalled(module: ModuleFacts, site: SiteFact, call: Value & { kind: 'call' }): Generator<{ callee: Meaning & { is: 'function' }; iteration?: LoopFact }> {
    const callee = module.values[call.of]!;
    const method = callee.kind === 'member' ? callee.name : '';
    let meaning: Meaning | undefined;
    for (const [position, id] of call.args.entries()) {
      const argument = module.values[id]!;
      if (argument.kind !== 'import' && argument.kind !== 'variable' && argument.kind !== 'member' && argument.kind !== 'call' && argument.kind !== 'function') continue;
      // A literal's sites stand where it stands.
      if (argument.kind === 'function' && module.functions[argument.function]!.inline) continue;
      const given = this.meanings.of(module, id);
      if (given?.is !== 'function') continue;
      meaning ??= this.meanings.of(module, call.of);
      if (meaning?.is === 'library') return;
      if (meaning?.is === 'function') {
        const calls = this.#callsOfParameter(meaning, position);
        if (!calls) continue;
        yield calls === 'in a loop' ? { callee: given, iteration: iterationLoop(site, calleeName(module, site.value) ?? 'map', call.args.find((_, other) => other !== position)) } : { callee: given };
        continue;
      }
      const elements = elementsOf(meaning, position, call.args.length);
      if (elements === 'piped') {
        const taker = this.#taker(module, site.value);
        const iterable = taker && this.#pipedInto(module, taker);
        if (iterable !== undefined) yield { callee: given, iteration: iterationLoop(site, method || 'map', iterable) };
      } else if (elements !== undefined) yield { callee: given, iteration: iterationLoop(site, method || 'map', call.args[elements]) };
      else if (position === 0 && ITERATION_METHODS.has(method) && callee.kind === 'member' && !this.#isNoList(module, callee.of)) yield { callee: given, iteration: iterationLoop(site, method, callee.of) };
      else if (method === 'then' || runsSoon(meaning, position)) yield { callee: given };
    }
  }

  /** Loops that the syntax shows around a callback's call, without a `map` that goes through no list. */
  #syntacticLoops(module: ModuleFacts, inline: InlineFact): LoopFact[] {
    const loops = inline.loops.map((loop) => module.loops[loop]!);
    const last = loops.at(-1);
    const own = last?.kind === 'callback' && last.start === inline.span.start && last.end === inline.span.end;
    return own && last.iterable !== undefined && !last.method?.startsWith('from') && this.#isNoList(module, last.iterable) ? loops.slice(0, -1) : loops;
  }

  /** The receiver is a package of functions, or one value in a box. */
  #isNoList(module: ModuleFacts, id: ValueId): boolean {
    let at = id;
    for (let followed = 0; followed < MAX_CHAIN; followed++) {
      if (isNoList(this.meanings.of(module, at))) return true;
      const value = module.values[at]!;
      if (value.kind !== 'call' && value.kind !== 'member') return false;
      at = value.of;
    }
    return false;
  }

  #runsHere(module: ModuleFacts, inline: InlineFact): boolean {
    if (!inline.deferred) return true;
    const call = module.values[inline.call];
    if (call?.kind !== 'call') return false;
    const callee = module.values[call.of]!;
    if (callee.kind === 'member' && (callee.name === 'push' || callee.name === 'unshift')) {
      const list = module.values[callee.of]!;
      return list.kind === 'variable' && this.#callsItems(module, list.variable);
    }
    return runsSoon(this.meanings.of(module, call.of), inline.argument);
  }

  /** `pMap(ids, async (id) => …)`, or a function of the program that calls its parameter in a loop. */
  #iteration(module: ModuleFacts, inline: InlineFact): LoopFact | undefined {
    const call = module.values[inline.call];
    if (call?.kind !== 'call') return undefined;
    const meaning = this.meanings.of(module, call.of);
    const loop = (iterable: ValueId | undefined): LoopFact => iterationLoop({ ...inline.span, function: inline.parent }, calleeName(module, inline.call) ?? 'map', iterable);
    if (meaning?.is === 'function') return this.#callsOfParameter(meaning, inline.argument) === 'in a loop' ? loop(call.args.find((_, other) => other !== inline.argument)) : undefined;
    const elements = elementsOf(meaning, inline.argument, call.args.length);
    if (elements === undefined) return undefined;
    if (elements !== 'piped') return loop(call.args[elements]);
    const taker = this.#taker(module, inline.call);
    const iterable = taker && this.#pipedInto(module, taker);
    return iterable === undefined ? undefined : loop(iterable);
  }

  #taker(module: ModuleFacts, id: ValueId): { call: ValueId; index: number } | undefined {
    return this.#index(module).taker.get(id);
  }

  /** The list that is led into argument `index` of a pipe: `pipe(ids, unique(), map(load))`, `from(ids).pipe(mergeMap(load))`. */
  #pipedInto(module: ModuleFacts, { call, index }: { call: ValueId; index: number }): ValueId | undefined {
    const pipe = module.values[call]!;
    if (pipe.kind !== 'call') return undefined;
    const before = pipe.args.slice(0, index);
    const callee = module.values[pipe.of]!;
    if (callee.kind === 'member' && callee.name === 'pipe') {
      const source = this.#followed(module, callee.of);
      if (source?.kind === 'call' && isListSource(this.meanings.of(module, source.of))) {
        const gathered = before.some((step) => GATHERING.has(calleeName(module, step) ?? ''));
        const list = source.args[0];
        return !gathered && list !== undefined && this.#isList(module, list) ? list : undefined;
      }
    }
    if (!isPipe(this.meanings.of(module, pipe.of))) return undefined;
    // A step that cuts the list into chunks is what the callback goes through.
    return before.findLast((step) => /chunk|split|window|partition/i.test(calleeName(module, step) ?? '')) ?? pipe.args[0];
  }

  #followed(module: ModuleFacts, id: ValueId): Value | undefined {
    let value = module.values[id];
    for (let followed = 0; value?.kind === 'variable' && followed < MAX_FOLLOWED; followed++) value = module.values[module.variables[value.variable]!.value];
    return value;
  }

  /** Known to hold many things: by its type, by how it is made, or by what the code does with it. */
  #isList(module: ModuleFacts, id: ValueId, followed = 0): boolean {
    const value = module.values[id]!;
    const meaning = this.meanings.of(module, id);
    if (meaning?.is === 'typed') return meaning.type.kind === 'array';
    if (meaning?.is === 'literal') return meaning.value.kind === 'array';
    if (meaning?.is === 'list') return true;
    switch (value.kind) {
      case 'variable': {
        const { uses, value: made } = module.variables[value.variable]!;
        if (uses.iterated ?? uses.members?.some((member) => LIST_MEMBERS.has(member))) return true;
        return followed < MAX_FOLLOWED && this.#isList(module, made, followed + 1);
      }
      case 'call': {
        // A query that nobody waits for is one promise of rows.
        const callee = module.values[value.of]!;
        return meaning?.is !== 'library' && callee.kind === 'member' && LIST_MAKERS.has(callee.name);
      }
      case 'awaited': {
        const bound = queryIn(this.meanings.of(module, value.of))?.query.bound;
        return bound === 'all' || bound === 'limited';
      }
      case 'new': {
        const of = module.values[value.of]!;
        return of.kind === 'global' && (of.name === 'Set' || of.name === 'Map');
      }
      default:
        return false;
    }
  }

  // ── lists of functions ─────────────────────────────────────────────────────────────────────────────────────────────

  /** `pAll(ids.map((id) => () => load(id)))`: the function in which a task is made that some call runs. */
  #taskParent(module: ModuleFacts, index: number): number | undefined {
    const { parent } = module.functions[index]!;
    const maker = module.functions[parent]!;
    const call = this.#callMaking(module, maker);
    if (call === undefined || !maker.returns.some((id) => isFunction(module, id, index))) return undefined;
    const taker = this.#taker(module, call);
    if (taker && this.#callsAll(module, taker)) return parent;
    const kept = module.sites.find((site) => site.value === call)?.use;
    return kept?.kind === 'assigned' && this.#isGivenToRunner(module, kept.variable) ? parent : undefined;
  }

  #callMaking(module: ModuleFacts, { inline }: FunctionFact): ValueId | undefined {
    const loop = inline && module.loops[inline.loops.at(-1) ?? -1];
    return loop?.kind === 'callback' && (loop.method === 'map' || loop.method === 'flatMap') ? inline!.call : undefined;
  }

  #callsAll(module: ModuleFacts, { call, index }: { call: ValueId; index: number }): boolean {
    const value = module.values[call]!;
    return value.kind === 'call' && runsTasks(this.meanings.of(module, value.of), index);
  }

  /** `pAll(tasks)` */
  #isGivenToRunner(module: ModuleFacts, list: number): boolean {
    return (module.variables[list]!.uses.givenTo ?? []).some((call) => {
      const value = module.values[call]!;
      const index = value.kind === 'call' ? value.args.findIndex((id) => isVariable(module, id, list)) : -1;
      return index >= 0 && this.#callsAll(module, { call, index });
    });
  }

  /** `for (const task of tasks) await task()`, `tasks.map((task) => task())`, `pAll(tasks)`, of a list that is filled. */
  #callsItems(module: ModuleFacts, list: number): boolean {
    return this.#isGivenToRunner(module, list) || module.sites.some((site) => {
      const call = module.values[site.value]!;
      const callee = call.kind === 'call' ? module.values[call.of] : undefined;
      if (callee?.kind !== 'variable') return false;
      const item = module.values[module.variables[callee.variable]!.value]!;
      if (item.kind === 'element') return isVariable(module, item.of, list);
      const inline = item.kind === 'parameter' && item.index === 0 ? module.functions[item.function]!.inline : undefined;
      const loop = inline && module.loops[inline.loops.at(-1) ?? -1];
      return loop?.kind === 'callback' && loop.iterable !== undefined && isVariable(module, loop.iterable, list);
    });
  }

  // ── functions of the program that take functions ───────────────────────────────────────────────────────────────────

  /** Whether a function calls what it is given at `position`, itself or as a property of it, and whether it does so in a loop. */
  #callsOfParameter({ module, function: index }: Meaning & { is: 'function' }, position: number): Calls {
    let known = this.#parameterCalls.get(module);
    if (!known) this.#parameterCalls.set(module, (known = new Map()));
    const key = `${index} ${position}`;
    if (!known.has(key)) {
      // A helper may hand the function on to itself.
      known.set(key, undefined);
      known.set(key, this.#findCallsOfParameter(module, index, position));
    }
    return known.get(key);
  }

  #findCallsOfParameter(module: ModuleFacts, index: number, position: number): Calls {
    let calls: Calls;
    for (const at of this.sitesWithin(module, index)) {
      const site = module.sites[at]!;
      const call = module.values[site.value]!;
      if (call.kind !== 'call' || !this.#isParameter(module, call.of, index, position)) {
        if (call.kind === 'call' && call.args.some((id) => this.#isParameter(module, id, index, position)) && this.#iteratesReference(module, call, index, position)) return 'in a loop';
        continue;
      }
      if (this.loopsAround(module, site).some((loop) => loop.kind === 'for-of' || loop.kind === 'callback' || loop.kind === 'for-await')) return 'in a loop';
      calls = 'once';
    }
    return calls;
  }

  /** `list.map(run)` inside of the helper. */
  #iteratesReference(module: ModuleFacts, call: Value & { kind: 'call' }, index: number, position: number): boolean {
    const callee = module.values[call.of]!;
    const at = call.args.findIndex((id) => this.#isParameter(module, id, index, position));
    if (at === 0 && callee.kind === 'member' && ITERATION_METHODS.has(callee.name)) return true;
    return typeof elementsOf(this.meanings.of(module, call.of), at, call.args.length) === 'number';
  }

  #isParameter(module: ModuleFacts, id: ValueId, index: number, position: number): boolean {
    const value = this.#followed(module, id);
    return value?.kind === 'parameter' && value.function === index && value.index === position;
  }
}

function isFunction(module: ModuleFacts, id: ValueId, index: number): boolean {
  const value = module.values[id]!;
  return value.kind === 'function' && value.function === index;
}

function isVariable(module: ModuleFacts, id: ValueId, index: number): boolean {
  const value = module.values[id]!;
  return value.kind === 'variable' && value.variable === index;
}

function iterationLoop(span: { start: number; end: number; function: number }, method: string, iterable: ValueId | undefined): LoopFact {
  return {
    kind: 'callback', method, function: span.function, start: span.start, end: span.end, strided: false, leavesAtOnce: false, continues: [], exitsWhenFound: [],
    elements: [], carried: [], condition: [], fanOut: false, ...(iterable !== undefined && { iterable }),
  };
}

function append(map: Map<number, number[]>, key: number, value: number): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
