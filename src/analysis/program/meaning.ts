import { libraries } from '../libraries';
import { type Interpretation, interpretSteps, type Library, type Step } from '../libraries/library';
import { BuilderStatements } from './builder-statements';
import type { ClassFact, FunctionFact, ModuleFacts, TypeFact, Value, ValueId } from './facts';
import type { Resolver } from './program';
import { View } from './value-view';

/** What a value is, once imports, classes and calls have been followed. */
export type Meaning =
  /** A database handle, a builder or a query: a library's root and the steps from it. */
  | { is: 'library'; library: Library; root: string; steps: Step[] }
  | { is: 'function'; module: ModuleFacts; function: number }
  | { is: 'class'; module: ModuleFacts; class: number }
  | { is: 'instance'; module: ModuleFacts; class: number }
  | { is: 'namespace'; module: ModuleFacts }
  /** Something of a package that is not part of the program. */
  | { is: 'package'; source: string; path: string[] }
  | { is: 'global'; path: string[] }
  /** An object, array, text or literal. */
  | { is: 'literal'; module: ModuleFacts; value: Value }
  | { is: 'typed'; module: ModuleFacts; type: TypeFact }
  /** What `Promise.all([…])` gives: the items of the list, awaited. */
  | { is: 'settled'; module: ModuleFacts; list: Value & { kind: 'array' } };

/** Calls and members deeper than this are not followed: no real handle is that far away. */
const MAX_DEPTH = 40;

/** Types that wrap another type without changing what it is for us. */
const TRANSPARENT_TYPES: ReadonlySet<string> = new Set([
  'Promise', 'Awaited', 'Readonly', 'Partial', 'Required', 'NonNullable', 'Omit', 'Pick', 'PromiseLike', 'Exclude', 'Extract', 'DeepReadonly',
]);

/**
 * Finds out what values mean. Memoised per module: {@link forget} drops what was learned while asking about a module.
 * Pure for a given set of facts.
 */
export class Meanings {
  readonly #values = new Map<ModuleFacts, Map<ValueId, Meaning | undefined>>();
  readonly #exports = new Map<ModuleFacts, Map<string, Meaning | undefined>>();
  readonly #builders = new BuilderStatements(this);
  /** Cut cycles make answers depend on where the asking began: such answers are not kept. */
  #cut = 0;
  #depth = 0;
  readonly #active = new Set<unknown>();
  /** Names that are being looked for in classes, types and objects. */
  readonly #looking = new Map<object, Set<string>>();

  constructor(
    private readonly moduleOf: (file: string) => ModuleFacts | undefined,
    private readonly resolver: Resolver,
  ) {}

  forget(module: ModuleFacts): void {
    this.#values.delete(module);
    this.#exports.delete(module);
    this.#builders.forget(module);
  }

  forgetAll(): void {
    this.#values.clear();
    this.#exports.clear();
    this.#builders.forgetAll();
  }

  of(module: ModuleFacts, id: ValueId): Meaning | undefined {
    let known = this.#values.get(module);
    if (!known) this.#values.set(module, (known = new Map()));
    if (known.has(id)) return known.get(id);
    const value = module.values[id];
    if (!value || value.kind === 'unknown') return undefined;
    return this.#guarded(value, () => this.#valueMeaning(module, value), (meaning) => known.set(id, meaning));
  }

  /** Runs `compute` unless it is running already for the same key; keeps its result unless a cycle was cut on the way. */
  #guarded(key: unknown, compute: () => Meaning | undefined, keep: (meaning: Meaning | undefined) => void): Meaning | undefined {
    if (this.#active.has(key) || this.#depth > MAX_DEPTH) {
      this.#cut++;
      return undefined;
    }
    const before = this.#cut;
    this.#active.add(key);
    this.#depth++;
    let meaning: Meaning | undefined;
    try {
      meaning = compute();
    } finally {
      this.#depth--;
      this.#active.delete(key);
    }
    if (this.#cut === before || meaning || this.#active.size === 0) keep(meaning);
    if (this.#active.size === 0) this.#cut = 0;
    return meaning;
  }

  #valueMeaning(module: ModuleFacts, value: Value): Meaning | undefined {
    switch (value.kind) {
      case 'import':
        return this.imported(module, value.import);
      case 'variable': {
        const variable = module.variables[value.variable]!;
        const meaning = this.#better(module, this.of(module, variable.value), variable.type);
        return meaning?.is === 'library' && meaning.steps.length ? this.#built(module, value.variable, meaning) : meaning;
      }
      case 'parameter':
        return this.#parameter(module, value.function, value.index);
      case 'element':
        return this.#element(module, value.of);
      case 'this':
        return { is: 'instance', module, class: value.class };
      case 'super': {
        const base = module.classes[value.class]?.extends;
        return base === undefined ? undefined : this.#constructed(this.of(module, base));
      }
      case 'global':
        return { is: 'global', path: [value.name] };
      case 'member':
        return this.member(this.of(module, value.of), value.name);
      case 'index': {
        const of = this.of(module, value.of);
        const key = module.values[value.key];
        return this.member(of, key?.kind === 'text' && !key.holes.length ? key.text : '*');
      }
      case 'call':
        return this.#called(module, value);
      case 'tagged': {
        const of = this.of(module, value.of);
        if (of?.is !== 'library') return undefined;
        const holes = value.holes.map((hole) => new View(this, module, hole));
        return this.#step(of, { name: '', args: holes, template: value.text });
      }
      case 'new':
        return this.#constructed(this.of(module, value.of));
      case 'function':
        return { is: 'function', module, function: value.function };
      case 'class':
        return { is: 'class', module, class: value.class };
      case 'object':
      case 'array':
      case 'text':
      case 'literal':
        return { is: 'literal', module, value };
      case 'either':
        return this.#best(value.of.map((id) => () => this.of(module, id)));
      case 'cast': {
        return this.#better(module, this.of(module, value.of), value.type);
      }
      case 'awaited': {
        return awaited(this.of(module, value.of));
      }
      case 'spread':
      case 'computed':
      case 'unknown':
        return undefined;
    }
  }

  /** A builder that is kept in a variable has got more steps by the statements that work on it. */
  #built(module: ModuleFacts, variable: number, builder: Meaning & { is: 'library' }): Meaning {
    if (!isBuilder(builder)) return builder;
    let built = builder;
    for (const steps of this.#builders.of(module, variable)) {
      const longer = { ...built, steps: [...built.steps, ...steps] };
      if (isBuilder(longer)) built = longer;
    }
    return built;
  }

  /** What the annotation tells, where the value itself tells nothing of a handle. */
  #better(module: ModuleFacts, meaning: Meaning | undefined, type: TypeFact | undefined): Meaning | undefined {
    if (!type || !isVague(meaning)) return meaning;
    const typed = this.ofType(module, type);
    return isVague(typed) ? (meaning ?? typed) : typed;
  }

  #best(alternatives: (() => Meaning | undefined)[]): Meaning | undefined {
    let best: Meaning | undefined;
    for (const alternative of alternatives) {
      const meaning = alternative();
      if (!isVague(meaning)) return meaning;
      best ??= meaning;
    }
    return best;
  }

  /** What an import names. A library's own names come first: generated clients may lie inside the program. */
  imported(module: ModuleFacts, index: number): Meaning | undefined {
    const { source, imported } = module.imports[index]!;
    for (const library of libraries) {
      const root = library.imported(source, imported);
      if (root !== undefined) return { is: 'library', library, root, steps: [] };
    }
    const file = this.resolver.resolve(module.file, source);
    const target = file === undefined ? undefined : this.moduleOf(file);
    if (!target) return { is: 'package', source, path: imported === '*' ? [] : [imported] };
    return imported === '*' ? { is: 'namespace', module: target } : this.exported(target, imported);
  }

  exported(module: ModuleFacts, name: string): Meaning | undefined {
    let known = this.#exports.get(module);
    if (!known) this.#exports.set(module, (known = new Map()));
    if (known.has(name)) return known.get(name);
    return this.#guarded(`${module.file}\0${name}`, () => this.#exportMeaning(module, name), (meaning) => known.set(name, meaning));
  }

  #exportMeaning(module: ModuleFacts, name: string): Meaning | undefined {
    for (const fact of module.exports) {
      if (fact.exported !== name) continue;
      if (fact.value !== undefined) return this.of(module, fact.value);
      if (fact.source !== undefined) return this.#reexported(module, fact.source, fact.imported ?? name);
      if (fact.type !== undefined) return this.#namedType(module, [fact.type], []);
    }
    if (name === 'default') return undefined;
    for (const fact of module.exports) {
      if (fact.exported !== '*' || fact.source === undefined) continue;
      const meaning = this.#reexported(module, fact.source, name);
      if (meaning && meaning.is !== 'package') return meaning;
    }
    return undefined;
  }

  #reexported(module: ModuleFacts, source: string, name: string): Meaning | undefined {
    for (const library of libraries) {
      const root = library.imported(source, name);
      if (root !== undefined) return { is: 'library', library, root, steps: [] };
    }
    const file = this.resolver.resolve(module.file, source);
    const target = file === undefined ? undefined : this.moduleOf(file);
    if (!target) return { is: 'package', source, path: name === '*' ? [] : [name] };
    return name === '*' ? { is: 'namespace', module: target } : this.exported(target, name);
  }

  // ── members and calls ──────────────────────────────────────────────────────────────────────────────────────────────

  member(of: Meaning | undefined, name: string): Meaning | undefined {
    const owner = of && ownerOf(of);
    if (!owner) return this.#memberMeaning(of, name);
    // A class or type may be its own base: a name is looked for once in each.
    let names = this.#looking.get(owner);
    if (!names) this.#looking.set(owner, (names = new Set()));
    if (names.has(name)) {
      this.#cut++;
      return undefined;
    }
    names.add(name);
    try {
      return this.#memberMeaning(of, name);
    } finally {
      names.delete(name);
      if (!names.size) this.#looking.delete(owner);
    }
  }

  #memberMeaning(of: Meaning | undefined, name: string): Meaning | undefined {
    switch (of?.is) {
      case 'library':
        return this.#step(of, { name });
      case 'namespace':
        return this.exported(of.module, name);
      case 'package':
        return { is: 'package', source: of.source, path: [...of.path, name] };
      case 'global':
        return { is: 'global', path: [...of.path, name] };
      case 'instance':
        return this.#classMember(of.module, of.class, name, false);
      case 'class':
        return this.#classMember(of.module, of.class, name, true);
      case 'literal':
        return this.#literalMember(of.module, of.value, name);
      case 'typed':
        return this.#typeMember(of.module, of.type, name);
      case 'settled':
        return awaited(this.#literalMember(of.module, of.list, name));
      default:
        return undefined;
    }
  }

  #step(of: Meaning & { is: 'library' }, step: Step): Meaning {
    const steps = [...of.steps, step];
    const interpretation = interpretSteps(of.library, of.root, steps);
    return interpretation?.is === 'handle' ? { ...of, root: interpretation.root, steps: [] } : { ...of, steps };
  }

  #classMember(module: ModuleFacts, index: number, name: string, isStatic: boolean): Meaning | undefined {
    const fact = module.classes[index]!;
    const member = fact.members[name];
    if (member && member.static === isStatic) {
      const meaning = member.value === undefined ? undefined : this.of(module, member.value);
      return this.#better(module, meaning, member.type);
    }
    const base = this.#base(module, fact);
    return base && this.member(isStatic ? base : this.#constructed(base), name);
  }

  #base(module: ModuleFacts, fact: ClassFact): Meaning | undefined {
    return fact.extends === undefined ? undefined : this.of(module, fact.extends);
  }

  #literalMember(module: ModuleFacts, value: Value, name: string): Meaning | undefined {
    if (value.kind === 'object') {
      const property = value.properties[name];
      if (property !== undefined) return this.of(module, property);
      if (name === '*') return undefined;
      return this.#best(value.spreads.map((id) => () => this.member(this.of(module, id), name)));
    }
    if (value.kind === 'array') {
      const item = value.items[Number(name)];
      return item === undefined ? undefined : this.of(module, item);
    }
    return undefined;
  }

  #called(module: ModuleFacts, call: Value & { kind: 'call' }): Meaning | undefined {
    const callee = module.values[call.of]!;
    if (callee.kind === 'member' || callee.kind === 'index') {
      const receiver = this.of(module, callee.of);
      if (receiver?.is === 'library') {
        return this.#step(receiver, { name: callee.kind === 'member' ? callee.name : '*', args: call.args.map((id) => new View(this, module, id)) });
      }
      if (receiver?.is === 'global' && receiver.path[0] === 'Promise' && callee.kind === 'member') {
        const given = call.args[0] === undefined ? undefined : this.of(module, call.args[0]);
        return given?.is === 'literal' && given.value.kind === 'array' ? { is: 'settled', module: given.module, list: given.value } : given;
      }
    }
    const of = this.of(module, call.of);
    switch (of?.is) {
      case 'library':
        return this.#step(of, { name: '', args: call.args.map((id) => new View(this, module, id)) });
      case 'function':
        return this.returned(of.module, of.function) ?? this.#wrapped(module, call);
      case 'typed':
        return of.type.kind === 'function' ? this.ofType(of.module, of.type.returns) : undefined;
      case 'class':
        return undefined;
      default:
        return this.#wrapped(module, call);
    }
  }

  /** What a function gives back. */
  returned(module: ModuleFacts, index: number): Meaning | undefined {
    const fact = module.functions[index]!;
    return this.#guarded(fact, () => {
      const meaning = this.#best(fact.returns.map((id) => () => this.of(module, id)));
      return this.#better(module, meaning, fact.returnType);
    }, () => {});
  }

  /**
   * `once(() => new PrismaClient())`, `cache(async (id) => …)`: a wrapper around one function stands for what that
   * function makes, when that is a handle, or for the function itself.
   */
  #wrapped(module: ModuleFacts, call: Value & { kind: 'call' }): Meaning | undefined {
    for (const id of call.args) {
      const argument = module.values[id]!;
      if (argument.kind !== 'function') continue;
      const made = this.returned(module, argument.function);
      if (made?.is === 'library' && !made.steps.length) return made;
      return { is: 'function', module, function: argument.function };
    }
    return undefined;
  }

  #constructed(of: Meaning | undefined): Meaning | undefined {
    if (of?.is === 'class') return { is: 'instance', module: of.module, class: of.class };
    if (of?.is === 'package') return of;
    if (of?.is !== 'library' || of.steps.length) return undefined;
    const root = of.library.constructed(of.root);
    return root === undefined ? undefined : { ...of, root };
  }

  // ── parameters and elements ────────────────────────────────────────────────────────────────────────────────────────

  #parameter(module: ModuleFacts, index: number, position: number): Meaning | undefined {
    const fact = module.functions[index]!;
    const parameter = fact.parameters[position];
    if (!parameter) return undefined;
    const typed = parameter.type && this.ofType(module, parameter.type);
    if (typed) return typed;
    if (fact.inline) {
      const given = this.#callbackParameter(module, fact, position);
      if (given) return given;
    }
    return parameter.default === undefined ? undefined : this.of(module, parameter.default);
  }

  #callbackParameter(module: ModuleFacts, fact: FunctionFact, position: number): Meaning | undefined {
    const { call: callId, argument } = fact.inline!;
    const call = module.values[callId];
    if (call?.kind !== 'call') return undefined;
    const callee = module.values[call.of]!;
    if (callee.kind === 'member') {
      const receiver = this.of(module, callee.of);
      if (receiver?.is === 'library') return this.#libraryCallback(receiver, callee.name, argument, position);
      if (receiver?.is === 'literal' && receiver.value.kind === 'array' && position === 0) return this.#element(module, callee.of);
    }
    const of = this.of(module, call.of);
    if (of?.is === 'library') return this.#libraryCallback(of, '', argument, position);
    if (of?.is === 'function') return this.#givenToCallback(of.module, of.function, argument, position);
    if (of?.is === 'typed' && of.type.kind === 'function') return this.#typedCallback(of.module, of.type.parameters[argument], position);
    return undefined;
  }

  #libraryCallback(of: Meaning & { is: 'library' }, name: string, argument: number, position: number): Meaning | undefined {
    const root = of.library.callbackParameter(of.root, [...of.steps, { name, args: [] }], argument, position);
    return root === undefined ? undefined : { is: 'library', library: of.library, root, steps: [] };
  }

  /** `withTransaction(async (tx) => …)`: what the project's own function hands to its callback. */
  #givenToCallback(module: ModuleFacts, index: number, argument: number, position: number): Meaning | undefined {
    const fact = module.functions[index]!;
    const typed = this.#typedCallback(module, fact.parameters[argument]?.type, position);
    if (typed) return typed;
    return this.#guarded(fact.parameters, () => {
      for (const site of module.sites) {
        const call = module.values[site.value];
        if (call?.kind !== 'call' || site.start < fact.start || site.end > fact.end) continue;
        const callee = module.values[call.of];
        const target = callee?.kind === 'variable' ? module.values[module.variables[callee.variable]!.value] : callee;
        if (target?.kind === 'parameter' && target.function === index && target.index === argument && call.args[position] !== undefined) return this.of(module, call.args[position]!);
      }
      return undefined;
    }, () => {});
  }

  #typedCallback(module: ModuleFacts, type: TypeFact | undefined, position: number): Meaning | undefined {
    if (!type) return undefined;
    const resolved = type.kind === 'named' ? this.ofType(module, type) : { is: 'typed' as const, module, type };
    if (resolved?.is !== 'typed' || resolved.type.kind !== 'function') return undefined;
    const parameter = resolved.type.parameters[position];
    return parameter && this.ofType(resolved.module, parameter);
  }

  #element(module: ModuleFacts, iterable: ValueId): Meaning | undefined {
    const of = this.of(module, iterable);
    if (of?.is === 'literal' && of.value.kind === 'array') return this.#best(of.value.items.map((id) => () => this.of(of.module, id)));
    if (of?.is === 'typed' && of.type.kind === 'array') return this.ofType(of.module, of.type.of);
    return undefined;
  }

  // ── types ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  ofType(module: ModuleFacts, type: TypeFact): Meaning | undefined {
    return this.#guarded(type, () => this.#typeMeaning(module, type), () => {});
  }

  #typeMeaning(module: ModuleFacts, type: TypeFact): Meaning | undefined {
    switch (type.kind) {
      case 'named':
        return this.#namedType(module, type.path, type.arguments);
      case 'typeof':
        return this.of(module, type.value);
      case 'either':
        return this.#best(type.of.map((one) => () => this.ofType(module, one)));
      case 'all': {
        const whole = this.#best(type.of.map((one) => () => this.ofType(module, one)));
        return whole?.is === 'library' ? whole : { is: 'typed', module, type };
      }
      case 'indexed':
        return this.#indexedType(module, type);
      case 'object':
      case 'function':
      case 'array':
        return { is: 'typed', module, type };
      case 'unknown':
        return undefined;
    }
  }

  #namedType(module: ModuleFacts, path: string[], args: TypeFact[]): Meaning | undefined {
    const [name = '', ...rest] = path;
    if (rest.length === 0) {
      const definition = module.types[name];
      if (definition) return this.ofType(module, definition.type);
      const local = module.classes.findIndex((fact) => fact.name === name);
      if (local >= 0) return { is: 'instance', module, class: local };
    }
    const index = module.imports.findIndex((fact) => fact.local === name);
    if (index >= 0) return this.#importedType(module, index, rest);
    if (TRANSPARENT_TYPES.has(name) && args[0]) return this.ofType(module, args[0]);
    if ((name === 'Array' || name === 'ReadonlyArray' || name === 'Set') && args[0]) return { is: 'typed', module, type: { kind: 'array', of: args[0] } };
    if (name === 'ReturnType' && args[0]) {
      const of = this.ofType(module, args[0]);
      if (of?.is === 'function') return this.returned(of.module, of.function);
      return of?.is === 'typed' && of.type.kind === 'function' ? this.ofType(of.module, of.type.returns) : undefined;
    }
    if (name === 'InstanceType' && args[0]) return this.#constructed(this.ofType(module, args[0]));
    return undefined;
  }

  #importedType(module: ModuleFacts, index: number, rest: string[]): Meaning | undefined {
    const { source, imported } = module.imports[index]!;
    const qualified = [...(imported === '*' ? [] : [imported]), ...rest].join('.');
    for (const library of libraries) {
      const root = library.imported(source, qualified);
      const typed = root === undefined ? undefined : library.typed(root);
      if (typed !== undefined) return { is: 'library', library, root: typed, steps: [] };
    }
    let meaning = this.imported(module, index);
    for (const name of rest) meaning = this.member(meaning, name);
    if (meaning?.is === 'class') return { is: 'instance', module: meaning.module, class: meaning.class };
    if (meaning?.is === 'library' && meaning.steps.length === 0) {
      const typed = meaning.library.typed(meaning.root);
      return typed === undefined ? meaning : { ...meaning, root: typed };
    }
    return meaning?.is === 'package' || meaning?.is === 'function' ? undefined : meaning;
  }

  /** `T['key']`, and `Parameters<Parameters<typeof db.transaction>[0]>[0]`, the usual spelling of a transaction's type. */
  #indexedType(module: ModuleFacts, type: TypeFact & { kind: 'indexed' }): Meaning | undefined {
    const parameters = parametersOf(type.of);
    if (parameters && typeof type.key === 'number') {
      const callback = parameters.kind === 'indexed' ? parametersOf(parameters.of) : undefined;
      if (callback && parameters.kind === 'indexed' && typeof parameters.key === 'number') {
        const method = this.ofType(module, callback);
        if (method?.is === 'library') {
          const root = method.library.callbackParameter(method.root, method.steps, parameters.key, type.key);
          return root === undefined ? undefined : { ...method, root, steps: [] };
        }
      }
      const of = this.ofType(module, parameters);
      if (of?.is === 'function') return this.#parameter(of.module, of.function, type.key);
      return undefined;
    }
    const of = this.ofType(module, type.of);
    return type.key === undefined ? (of?.is === 'typed' && of.type.kind === 'array' ? this.ofType(of.module, of.type.of) : undefined) : this.member(of, String(type.key));
  }

  #typeMember(module: ModuleFacts, type: TypeFact, name: string): Meaning | undefined {
    if (type.kind === 'object') {
      const member = type.members[name];
      return member && this.ofType(module, member);
    }
    if (type.kind === 'all' || type.kind === 'either') {
      return this.#best(type.of.map((one) => () => {
        const of = this.ofType(module, one);
        return of && (of.is !== 'typed' || of.type !== type) ? this.member(of, name) : undefined;
      }));
    }
    return undefined;
  }
}

/** What a member is looked for in, when the search may come back to it. */
function ownerOf(of: Meaning): object | undefined {
  switch (of.is) {
    case 'class':
    case 'instance':
      return of.module.classes[of.class];
    case 'literal':
      return of.value;
    case 'typed':
      return of.type;
    default:
      return undefined;
  }
}

function parametersOf(type: TypeFact): TypeFact | undefined {
  return type.kind === 'named' && type.path[0] === 'Parameters' ? type.arguments[0] : undefined;
}

/** Tells nothing about a handle: a better alternative or a type annotation is worth asking. */
function isVague(meaning: Meaning | undefined): boolean {
  return !meaning || meaning.is === 'literal' || meaning.is === 'global' || meaning.is === 'package' || meaning.is === 'typed';
}

/** More steps may change what it is, and it has not run yet. */
function isBuilder({ library, root, steps }: Meaning & { is: 'library' }): boolean {
  const interpretation = interpretSteps(library, root, steps);
  return interpretation?.is === 'part' || (interpretation?.is === 'query' && interpretation.query.runs !== 'at-once');
}

/** What is awaited from a query is data, and no handle any more. */
function awaited(meaning: Meaning | undefined): Meaning | undefined {
  return queryIn(meaning) ? undefined : meaning;
}

/** The longest run of steps from the root that is a query, if any: what follows (`.then`, `.map`) works on its result. */
export function queryIn(meaning: Meaning | undefined): (Interpretation & { is: 'query' }) | undefined {
  if (meaning?.is !== 'library') return undefined;
  for (let length = meaning.steps.length; length > 0; length--) {
    const interpretation = interpretSteps(meaning.library, meaning.root, meaning.steps.slice(0, length));
    if (interpretation?.is === 'query') return interpretation;
  }
  return undefined;
}
