import { isOnOther, libraryOf, librarySendingTemplate } from '../libraries';
import { interpretSteps, type Step } from '../libraries/library';
import { BuilderStatements } from './builder-statements';
import { ClassMeanings } from './class-meanings';
import { ExportedNames } from './exported-names';
import { Databases } from './databases';
import type { FactsStore } from './facts-store';
import type { FunctionFact, ModuleFacts, TypeFact, Value, ValueId } from '../facts/facts';
import { named } from '../names';
import { iteratesItsCallback } from './iteration-packages';
import { ITERATION_METHODS } from '../facts/loop-shape';
import { aboutClass, entityOf, isBuilder, isFactory, isIndex, isVague, listOf, type Meaning, OTHER_DATABASE, queryIn } from './meaning-kinds';
import type { Resolver } from './program';
import { rowMeaning } from './row-meanings';
import { TypeMeanings } from './type-meanings';
import { ServerContexts } from './server-contexts';
import { sqlBlock } from './sql-files';
import { isUntracedTag } from './untraced-tag';
import { View } from './value-view';
import { Wiring } from './wiring';

/** Calls and members deeper than this are not followed: no real handle is that far away. */
const MAX_DEPTH = 40;

/** Methods that give a list of elements of the list, and methods that give one. */
const SAME_LIST: ReadonlySet<string> = new Set(['filter', 'slice', 'splice', 'sort', 'reverse', 'concat', 'toSorted', 'toReversed', 'toSpliced', 'flat', 'values']);
const ONE_OF_LIST: ReadonlySet<string> = new Set(['find', 'findLast', 'at', 'pop', 'shift']);

/**
 * Finds out what values mean. Memoised per module: {@link forget} drops what was learned while asking about a module.
 * Pure for a given set of facts.
 */
export class Meanings {
  readonly #values = new Map<ModuleFacts, Map<ValueId, Meaning | undefined>>();
  readonly names: ExportedNames;
  readonly #builders = new BuilderStatements(this);
  readonly #types = new TypeMeanings(this);
  readonly #classes = new ClassMeanings(this);
  /** Cut cycles make answers depend on where the asking began: such answers are not kept. */
  #cut = 0;
  #depth = 0;
  readonly #active = new Set<unknown>();
  /** Names that are being looked for in classes, types and objects. */
  readonly #looking = new Map<object, Set<string>>();

  readonly wiring: Wiring;
  readonly servers: ServerContexts;
  readonly databases: Databases;

  constructor(
    files: FactsStore,
    resolver: Resolver,
  ) {
    this.names = new ExportedNames(this, (file) => files.get(file), resolver);
    this.databases = new Databases(files);
    this.servers = new ServerContexts(this, files);
    this.wiring = new Wiring(this, files, resolver);
  }

  forget(module: ModuleFacts): void {
    this.#values.delete(module);
    this.names.forget(module);
    this.#builders.forget(module);
    this.wiring.forget(module);
    this.servers.forget(module);
    this.databases.forget(module);
  }

  /** Forgets what points at facts; what was gathered from all files by their names stays. */
  forgetFacts(): void {
    this.#values.clear();
    this.names.forgetAll();
    this.#builders.forgetAll();
  }

  forgetAll(): void {
    this.forgetFacts();
    this.wiring.forgetAll();
    this.servers.forgetAll();
    this.databases.forgetAll();
  }

  of(module: ModuleFacts, id: ValueId): Meaning | undefined {
    let known = this.#values.get(module);
    if (!known) this.#values.set(module, (known = new Map()));
    if (known.has(id)) return known.get(id);
    const value = module.values[id];
    if (!value || value.kind === 'unknown') return undefined;
    return this.guarded(value, () => this.#valueMeaning(module, value), (meaning) => known.set(id, meaning));
  }

  /** Runs `compute` unless it is running already for the same key; keeps its result unless a cycle was cut on the way. */
  guarded(key: unknown, compute: () => Meaning | undefined, keep: (meaning: Meaning | undefined) => void): Meaning | undefined {
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
        return this.names.imported(module, value.import);
      case 'variable': {
        const variable = module.variables[value.variable]!;
        const meaning = this.better(module, this.of(module, variable.value), variable.type);
        return meaning?.is === 'library' && meaning.steps.length ? this.#built(module, value.variable, meaning) : meaning;
      }
      case 'parameter':
        return this.parameter(module, value.function, value.index);
      case 'element':
        return this.#element(module, value.of);
      case 'this':
        return { is: value.static ? 'class' : 'instance', module, class: value.class };
      case 'super':
        return this.best(this.#classes.bases(module, value.class).map((base) => () => this.#classes.derived({ is: value.static ? 'class' : 'instance', module, class: value.class }, base)));
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
        const step = { name: '', args: value.holes.map((hole) => new View(this, module, hole)), template: value.text };
        if (of?.is === 'library') return this.#step(of, step);
        const sending = isUntracedTag(module, value.of, of) ? librarySendingTemplate(step) : undefined;
        return sending && { is: 'library', ...sending };
      }
      case 'new':
        return this.#made(module, value);
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
        return this.best(value.of.map((id) => () => this.of(module, id)));
      case 'cast':
        return this.better(module, this.of(module, value.of), value.type);
      case 'awaited':
        return this.awaited(this.of(module, value.of));
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
  better(module: ModuleFacts, meaning: Meaning | undefined, type: TypeFact | undefined): Meaning | undefined {
    if (!type || !isVague(meaning)) return meaning;
    const typed = this.ofType(module, type);
    return isVague(typed) ? (meaning ?? typed) : typed;
  }

  /** The first alternative that tells something of a handle; else any. */
  best(alternatives: (() => Meaning | undefined)[]): Meaning | undefined {
    let best: Meaning | undefined;
    for (const alternative of alternatives) {
      const meaning = alternative();
      if (!isVague(meaning)) return meaning;
      best ??= meaning;
    }
    return best;
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
        return this.names.exported(of.module, name);
      case 'package':
        return this.servers.member(of, name) ?? this.names.ofPackage(of.source, [...of.path, name]);
      case 'global':
        return { is: 'global', path: [...of.path, name] };
      case 'instance':
      case 'class':
        return this.#classes.member(of, name);
      case 'function':
        return name === 'call' || name === 'apply' ? of : undefined;
      case 'literal':
        return this.#literalMember(of.module, of.value, name);
      case 'typed':
        return this.#types.member(of.module, of.type, name);
      case 'settled':
        return this.awaited(this.#literalMember(of.module, of.list, name));
      case 'list':
        return isIndex(name) ? of.of : undefined;
      case 'parts':
        return named(of.parts, name);
      case 'merged':
        return this.best(of.of.map((one) => () => this.member(one, name)));
      case 'sql':
        return name === 'default' ? of : sqlBlock(of.facts, name);
      default:
        return undefined;
    }
  }

  #step(of: Meaning & { is: 'library' }, step: Step): Meaning | undefined {
    const steps = [...of.steps, step];
    const interpretation = interpretSteps(of.library, of.root, steps, of.of);
    if (interpretation?.is === 'rows') return rowMeaning(this, of, interpretation.rows);
    if (interpretation?.is !== 'handle') return { ...of, steps };
    const { root, library } = interpretation;
    if (library) return { is: 'library', library: libraryOf(library), root, steps: [] };
    return { ...of, root, steps: [], ...(interpretation.of && { of: interpretation.of }) };
  }

  #libraryCall(module: ModuleFacts, of: Meaning & { is: 'library' }, name: string, args: ValueId[]): Meaning | undefined {
    const step = { name, args: args.map((id) => new View(this, module, id)) };
    const interpretation = interpretSteps(of.library, of.root, [...of.steps, step], of.of);
    if (interpretation?.is === 'handle' && isFactory(of) && this.databases.havePostgres && isOnOther(of.library.id, step.args)) return OTHER_DATABASE;
    if (interpretation?.is !== 'argument') return this.#step(of, step);
    const argument = args[interpretation.argument];
    const given = argument === undefined ? undefined : this.of(module, argument);
    return interpretation.constructed ? this.constructed(given) : given;
  }

  /** What comes of awaiting: a query gives its rows. */
  awaited(meaning: Meaning | undefined): Meaning | undefined {
    const query = queryIn(meaning);
    if (!query || meaning?.is !== 'library') return meaning;
    const rest = meaning.steps.slice(query.length);
    return query.gives && rest.every(({ name }) => name === 'catch' || name === 'finally') ? rowMeaning(this, meaning, query.gives) : undefined;
  }

  #literalMember(module: ModuleFacts, value: Value, name: string): Meaning | undefined {
    if (value.kind === 'object') {
      const property = named(value.properties, name);
      if (property !== undefined) return this.of(module, property);
      if (name === '*') return undefined;
      return this.best(value.spreads.map((id) => () => this.member(this.of(module, id), name)));
    }
    const item = value.kind === 'array' ? value.items[Number(name)] : undefined;
    return item === undefined ? undefined : this.of(module, item);
  }

  #called(module: ModuleFacts, call: Value & { kind: 'call' }): Meaning | undefined {
    const callee = module.values[call.of]!;
    if (callee.kind === 'member' || callee.kind === 'index') {
      const receiver = this.of(module, callee.of);
      if (receiver?.is === 'library') return this.#libraryCall(module, receiver, callee.kind === 'member' ? callee.name : '*', call.args);
      if (receiver?.is === 'function' && callee.kind === 'member' && callee.name === 'bind') return receiver;
      if (receiver?.is === 'sql' && callee.kind === 'member' && (callee.name === 'toString' || callee.name === 'trim')) return receiver;
      if (receiver?.is === 'global' && receiver.path[0] === 'Promise' && callee.kind === 'member') {
        const given = call.args[0] === undefined ? undefined : this.of(module, call.args[0]);
        if (given?.is === 'list') return listOf(this.awaited(given.of));
        return given?.is === 'literal' && given.value.kind === 'array' ? { is: 'settled', module: given.module, list: given.value } : given;
      }
      const isList = receiver?.is !== 'class' && receiver?.is !== 'instance';
      if (isList && callee.kind === 'member' && ONE_OF_LIST.has(callee.name)) return this.#element(module, callee.of);
      if (isList && callee.kind === 'member' && SAME_LIST.has(callee.name)) return listOf(this.#element(module, callee.of));
      if (isList && callee.kind === 'member' && ITERATION_METHODS.has(callee.name)) return callee.name === 'map' || callee.name === 'flatMap' ? this.#mapped(module, call) : undefined;
    }
    const of = this.of(module, call.of);
    const sql = of?.is === 'library' ? undefined : this.#sqlGiven(module, call.args);
    if (sql) return sql;
    switch (of?.is) {
      case 'library': {
        // A method that was found by its name, in a base class or apart from its call
        const method = of.steps.at(-1);
        return method && !method.args && method.template === undefined ? this.#libraryCall(module, { ...of, steps: of.steps.slice(0, -1) }, method.name, call.args) : this.#libraryCall(module, of, '', call.args);
      }
      case 'function':
        return aboutClass(this.#classes.narrowed(this.returned(of.module, of.function), of.on), () => (call.args[0] === undefined ? undefined : this.of(module, call.args[0]))) ?? this.#wrapped(module, call);
      case 'typed':
        return of.type.kind === 'function' ? this.ofType(of.module, of.type.returns) : undefined;
      case 'class':
        return undefined;
      case 'package':
        return this.wiring.lookedUp(of, module, call.args) ?? this.servers.called(of, module, call, () => this.#wrapped(module, call)) ?? { ...of, path: [...of.path, '()'] };
      default:
        return this.#wrapped(module, call);
    }
  }

  #made(module: ModuleFacts, made: Value & { kind: 'new' }): Meaning | undefined {
    const of = this.of(module, made.of);
    const constructed = (of?.is === 'package' ? (this.#sqlGiven(module, made.args) ?? this.servers.made(of, module, made)) : undefined) ?? this.constructed(of);
    if (constructed?.is === 'library' && this.databases.havePostgres && isOnOther(constructed.library.id, made.args.map((id) => new View(this, module, id)))) return OTHER_DATABASE;
    const about = constructed?.is === 'library' && made.typeArguments?.[0] ? entityOf(this.ofType(module, made.typeArguments[0])) : undefined;
    return constructed?.is === 'library' && about ? { ...constructed, of: about } : constructed;
  }

  /** What a call gives that is given the path of a `.sql` file: `readFileSync(…)`, a loader of named queries. */
  #sqlGiven(module: ModuleFacts, args: readonly ValueId[]): Meaning | undefined {
    for (const id of module.sqlPaths ? args : []) {
      const found = this.sqlAt(module, id);
      if (found) return found;
    }
    return undefined;
  }

  /** The `.sql` file of which the value is the path. */
  sqlAt(module: ModuleFacts, id: ValueId): (Meaning & { is: 'sql' }) | undefined {
    const index = module.sqlPaths?.[id];
    const meaning = index === undefined ? undefined : this.names.imported(module, index);
    return meaning?.is === 'sql' ? meaning : undefined;
  }

  /** `ids.map((id) => …)`: a list of what the callback gives. */
  #mapped(module: ModuleFacts, call: Value & { kind: 'call' }): Meaning | undefined {
    const callback = call.args[0] === undefined ? undefined : this.of(module, call.args[0]);
    return callback?.is === 'function' ? listOf(this.returned(callback.module, callback.function)) : undefined;
  }

  /** What a function gives back. */
  returned(module: ModuleFacts, index: number): Meaning | undefined {
    const fact = module.functions[index]!;
    return this.guarded(fact, () => {
      const meaning = this.best(fact.returns.map((id) => () => this.of(module, id)));
      return this.better(module, meaning, fact.returnType);
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
      return { is: 'function', module, function: argument.function, wrapped: true };
    }
    return undefined;
  }

  /** What `new` makes of it. */
  constructed(of: Meaning | undefined): Meaning | undefined {
    if (of?.is === 'class') return { is: 'instance', module: of.module, class: of.class };
    if (of?.is === 'package') return of;
    if (of?.is !== 'library' || of.steps.length) return undefined;
    const root = of.library.constructed(of.root);
    return root === undefined ? undefined : { ...of, root };
  }

  // ── parameters and elements ────────────────────────────────────────────────────────────────────────────────────────

  /** What a function's parameter is given, as far as its type and its place tell. */
  parameter(module: ModuleFacts, index: number, position: number): Meaning | undefined {
    const fact = module.functions[index]!;
    const parameter = fact.parameters[position];
    if (!parameter) return undefined;
    const injected = parameter.decorations && this.wiring.injected(module, parameter.decorations);
    if (injected) return injected;
    const typed = parameter.type && this.ofType(module, parameter.type);
    if (typed && typed.is !== 'package') return typed;
    if (fact.inline) {
      const given = this.#callbackParameter(module, fact, position);
      if (given) return given;
    }
    return parameter.default === undefined ? typed : this.of(module, parameter.default);
  }

  #callbackParameter(module: ModuleFacts, fact: FunctionFact, position: number): Meaning | undefined {
    const { call: callId, argument } = fact.inline!;
    const call = module.values[callId];
    if (call?.kind !== 'call') return undefined;
    const callee = module.values[call.of]!;
    if (callee.kind === 'member') {
      const receiver = this.of(module, callee.of);
      if (receiver?.is === 'library') return callee.name === 'then' ? (position === 0 ? this.awaited(receiver) : undefined) : this.#libraryCallback(receiver, callee.name, argument, position);
      if (callee.name === 'then' && argument === 0 && position === 0) return this.awaited(receiver);
      if (ITERATION_METHODS.has(callee.name) && position === (callee.name.startsWith('reduce') ? 1 : 0)) return this.#element(module, callee.of);
    }
    const of = this.of(module, call.of);
    if (of?.is === 'library') return this.#libraryCallback(of, '', argument, position);
    if (position === 0 && call.args[0] !== undefined && iteratesItsCallback(of, argument)) return this.#element(module, call.args[0]);
    if (of?.is === 'function') return this.#classes.narrowed(this.#givenToCallback(of.module, of.function, argument, position), of.on);
    if (of?.is === 'typed' && of.type.kind === 'function') return this.#typedCallback(of.module, of.type.parameters[argument], position);
    return of?.is === 'package' ? this.servers.parameter(of, position) : undefined;
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
    return this.guarded(fact.parameters, () => {
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
    const resolved = type?.kind === 'named' ? this.ofType(module, type) : type && { is: 'typed' as const, module, type };
    if (resolved?.is !== 'typed' || resolved.type.kind !== 'function') return undefined;
    const parameter = resolved.type.parameters[position];
    return parameter && this.ofType(resolved.module, parameter);
  }

  #element(module: ModuleFacts, iterable: ValueId): Meaning | undefined {
    const of = this.of(module, iterable);
    switch (of?.is) {
      case 'literal':
        if (of.value.kind !== 'array') return undefined;
        return this.best(of.value.items.map((id) => () => {
          const item = of.module.values[id]!;
          return item.kind === 'spread' ? this.guarded(item, () => this.#element(of.module, item.of), () => {}) : this.of(of.module, id);
        }));
      case 'typed':
        return of.type.kind === 'array' ? this.ofType(of.module, of.type.of) : undefined;
      case 'list':
        return of.of;
      case 'library': {
        const interpretation = interpretSteps(of.library, of.root, [...of.steps, { name: '*' }], of.of);
        return interpretation?.is === 'rows' ? rowMeaning(this, of, interpretation.rows) : undefined;
      }
      default:
        return undefined;
    }
  }

  ofType(module: ModuleFacts, type: TypeFact): Meaning | undefined {
    return this.guarded(type, () => this.#types.of(module, type), () => {});
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
