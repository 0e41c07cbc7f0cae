import type { ModuleFacts, TypeFact, Value, ValueId } from '../facts/facts';
import { byName, named } from '../names';
import type { FactsStore } from './facts-store';
import type { Meanings } from './meaning';
import { isVague, type Meaning } from './meaning-kinds';
import { ModuleIndex } from './module-index';
import type { Resolver } from './program';

interface ClassRef {
  module: ModuleFacts;
  class: number;
}

/** What a container gives for a token: an instance of a class, a value, what a function makes, or what it gives for another token. */
interface BindingFact {
  token: ValueId;
  gives: 'instance' | 'value' | 'made' | 'other';
  value: ValueId;
}

type Binding = BindingFact & { file: string };

/** What one module adds to the wiring of the program. */
interface Wired {
  /** Classes by the names of what they extend or implement. */
  heritage: { name: string; class: number }[];
  bindings: BindingFact[];
}

/** Packages whose containers and decorators hand out dependencies. */
const CONTAINERS = /^(@nestjs\/(common|core)|inversify|inversify-inject-decorators|tsyringe|typedi|@needle-di\/core|injection-js)(\/|$)/;
const GIVES: Record<string, BindingFact['gives']> = byName({ useClass: 'instance', useValue: 'value', useFactory: 'made', useExisting: 'other', useToken: 'other', asyncFactory: 'made' });
const INVERSIFY_GIVES: Record<string, BindingFact['gives']> = byName({ to: 'instance', toConstantValue: 'value', toDynamicValue: 'made', toResolvedValue: 'made', toService: 'other' });
const REGISTERS: Record<string, BindingFact['gives']> = byName({ registerSingleton: 'instance', registerInstance: 'value', registerType: 'instance', set: 'value' });
const LOOK_UPS: ReadonlySet<string> = new Set(['get', 'resolve', 'getAsync', 'resolveAsync', 'create', 'inject']);

/** Classes below a class that are looked at, and tokens that lead to other tokens: more is a cycle. */
const MAX_CLASSES = 40;
const MAX_HOPS = 8;

/**
 * What only the program as a whole knows: which classes implement an interface or an abstract class, and what the
 * containers of dependency injection give for a token.
 */
export class Wiring {
  /** By the values of a module, which are others when its facts are others. */
  readonly #wired = new WeakMap<readonly Value[], Wired>();
  readonly #typeNames = new WeakMap<TypeFact, string>();
  /** Files that asked, by the name of a base or the key of a token. */
  readonly #askers = new Map<string, Set<string>>();
  readonly #heritage: ModuleIndex<{ file: string; class: number }>;
  readonly #bindings: ModuleIndex<Binding>;

  constructor(
    private readonly meanings: Meanings,
    private readonly files: FactsStore,
    private readonly resolver: Resolver,
  ) {
    this.#heritage = new ModuleIndex(files.contributors('heritage', 'glimpsed'), (module) => this.#wiredBy(module).heritage.map(({ name, class: index }) => ({ name, entry: { file: module.file, class: index } })));
    this.#bindings = new ModuleIndex(files.contributors('bindings'), (module) =>
      this.#wiredBy(module).bindings.flatMap((binding) => {
        const name = this.#key(module, binding.token, 0);
        return name === undefined ? [] : [{ name, entry: { ...binding, file: module.file } }];
      }),
    );
  }

  /** Call when a module, or what it imports, has changed, has come or has gone. */
  forget(module: ModuleFacts): void {
    this.#heritage.forget(module.file);
    this.#bindings.forget(module.file);
  }

  /** Whether others may have been given something by a file, as its facts were taken last, without importing it. */
  mayGive(file: string): boolean {
    return this.files.contributors('heritage').has(file) || this.files.contributors('bindings').has(file);
  }

  forgetAll(): void {
    this.#askers.clear();
    this.#heritage.forgetAll();
    this.#bindings.forgetAll();
  }

  /** Files that asked for something that this module adds: they depend on it without importing it. */
  askers(module: ModuleFacts): Set<string> {
    const askers = new Set<string>();
    if (!this.#askers.size) return askers;
    const { heritage, bindings } = this.#wiredBy(module);
    const keys = new Set<string | undefined>([...heritage.map(({ name }) => name), ...bindings.map(({ token }) => this.#key(module, token, 0))]);
    for (const key of keys) for (const asker of (key !== undefined && this.#askers.get(key)) || []) askers.add(asker);
    return askers;
  }

  #noteAsker(key: string, file: string): void {
    const files = this.#askers.get(key);
    if (files) files.add(file);
    else this.#askers.set(key, new Set([file]));
  }

  // ── implementations ────────────────────────────────────────────────────────────────────────────────────────────────

  /** The method of every class that implements the interface or extends the class that the receiver is declared as. */
  implementations(asker: ModuleFacts, receiver: Meaning | undefined, name: string): (Meaning & { is: 'function' })[] {
    if (receiver?.is !== 'instance' && receiver?.is !== 'typed') return [];
    const classes = this.#below(asker, receiver);
    const production = classes.filter(({ module }) => module.context === 'production');
    const methods: (Meaning & { is: 'function' })[] = [];
    for (const found of production.length ? production : classes) {
      // A class of an interface may inherit the method; a class below a class says it again, or leaves it as it is.
      const own = named(found.module.classes[found.class]!.members, name)?.value;
      const method = receiver.is === 'typed' ? this.meanings.member({ is: 'instance', ...found }, name) : own === undefined ? undefined : this.meanings.of(found.module, own);
      if (method?.is === 'function' && !methods.some((other) => other.module === method.module && other.function === method.function)) methods.push(method);
    }
    return methods;
  }

  #below(asker: ModuleFacts, receiver: Meaning & { is: 'instance' | 'typed' }): ClassRef[] {
    const found: ClassRef[] = [];
    const pending: Meaning[] = [receiver];
    for (let current = pending.shift(); current && found.length < MAX_CLASSES; current = pending.shift()) {
      const name = nameOf(current, this.#typeNames);
      if (name === undefined) continue;
      this.#noteAsker(name, asker.file);
      for (const { file, class: index } of this.#heritage.get(name)) {
        const candidate = { module: this.files.module(file)!, class: index };
        if (found.some((other) => other.module === candidate.module && other.class === candidate.class) || !this.#isBelow(candidate, current)) continue;
        found.push(candidate);
        pending.push({ is: 'instance', ...candidate });
      }
    }
    return found.sort((a, b) => (a.module.file < b.module.file ? -1 : a.module.file > b.module.file ? 1 : a.class - b.class));
  }

  #isBelow({ module, class: index }: ClassRef, above: Meaning): boolean {
    const fact = module.classes[index]!;
    const base = fact.extends === undefined ? undefined : this.meanings.of(module, fact.extends);
    if (base?.is === 'class' && above.is === 'instance' && base.module === above.module && base.class === above.class) return true;
    return fact.implements?.some((type) => this.#includes(this.meanings.ofType(module, type), above, 0)) ?? false;
  }

  /** The type is the one that is looked for, or extends it. */
  #includes(type: Meaning | undefined, wanted: Meaning, hops: number): boolean {
    if (type?.is === 'instance') return wanted.is === 'instance' && type.module === wanted.module && type.class === wanted.class;
    if (type?.is !== 'typed' || wanted.is !== 'typed') return false;
    if (type.type === wanted.type) return true;
    return type.type.kind === 'all' && hops < MAX_HOPS && type.type.of.some((base) => base.kind === 'named' && this.#includes(this.meanings.ofType(type.module, base), wanted, hops + 1));
  }

  // ── injection ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** What an injection decorator brings, if one of the decorators is one and its token is bound. */
  injected(module: ModuleFacts, decorations: ValueId[]): Meaning | undefined {
    for (const id of decorations) {
      const token = this.#tokenOf(module, id, 0);
      const given = token && this.#given(token.module, token.id, 0);
      if (given) return given;
    }
    return undefined;
  }

  /** `container.get(TOKEN)`, `moduleRef.resolve(Service)`. */
  lookedUp(callee: Meaning & { is: 'package' }, module: ModuleFacts, args: ValueId[]): Meaning | undefined {
    if (args[0] === undefined || !CONTAINERS.test(callee.source) || !LOOK_UPS.has(callee.path.at(-1) ?? '')) return undefined;
    return this.#given(module, args[0], 0);
  }

  /** The token of `@Inject(TOKEN)`, or of a decorator of the program that stands for it. */
  #tokenOf(module: ModuleFacts, id: ValueId, hops: number): { module: ModuleFacts; id: ValueId } | undefined {
    const decorator = module.values[id]!;
    if (decorator.kind !== 'call') return undefined;
    const callee = this.meanings.of(module, decorator.of);
    if (callee?.is === 'package') {
      const [token] = decorator.args;
      return token !== undefined && CONTAINERS.test(callee.source) && /^inject$/i.test(callee.path.at(-1) ?? '') ? { module, id: token } : undefined;
    }
    const returns = callee?.is === 'function' ? callee.module.functions[callee.function]!.returns : [];
    return callee?.is === 'function' && returns.length === 1 && hops < MAX_HOPS ? this.#tokenOf(callee.module, returns[0]!, hops + 1) : undefined;
  }

  #given(module: ModuleFacts, token: ValueId, hops: number): Meaning | undefined {
    const key = this.#key(module, token, 0);
    if (key !== undefined) this.#noteAsker(key, module.file);
    const bindings = key === undefined ? [] : this.#bindings.get(key).map((binding) => ({ ...binding, module: this.files.module(binding.file)! }));
    const production = bindings.filter((binding) => binding.module.context === 'production');
    const [first, ...more] = (production.length ? production : bindings).map((binding) => this.#bound(binding, hops));
    if (first) return more.every((other) => sameThing(first, other)) ? first : undefined;
    const of = bindings.length ? undefined : this.meanings.of(module, token);
    return of?.is === 'class' ? this.meanings.constructed(of) : undefined;
  }

  #bound({ module, gives, value }: Binding & { module: ModuleFacts }, hops: number): Meaning | undefined {
    const of = this.meanings.of(module, value);
    switch (gives) {
      case 'instance':
        return this.meanings.constructed(of);
      case 'value':
        return of;
      case 'made':
        return of?.is === 'function' ? this.meanings.returned(of.module, of.function) : undefined;
      case 'other':
        return hops < MAX_HOPS ? this.#given(module, value, hops + 1) : undefined;
    }
  }

  /** What makes a token the same in every file: its text, its class, or where it is declared. */
  #key(module: ModuleFacts, id: ValueId, hops: number): string | undefined {
    const value = module.values[id]!;
    if (hops > MAX_HOPS) return undefined;
    const meaning = this.meanings.of(module, id);
    if (meaning?.is === 'literal' && meaning.value.kind === 'text') return meaning.value.holes.length ? undefined : `text ${meaning.value.text}`;
    if (meaning?.is === 'class') return `class ${meaning.module.file} ${meaning.class}`;
    switch (value.kind) {
      case 'variable':
        return `name ${module.file} ${module.variables[value.variable]!.name}`;
      case 'import': {
        const { source, imported } = module.imports[value.import]!;
        return this.#exportKey(this.resolver.resolve(module.file, source), imported, hops + 1);
      }
      case 'member': {
        const of = this.#key(module, value.of, hops + 1);
        return of && `${of}.${value.name}`;
      }
      case 'call': {
        // forwardRef(() => Service), Symbol.for('Service')
        const made = meaning?.is === 'function' ? this.meanings.returned(meaning.module, meaning.function) : undefined;
        if (made?.is === 'class') return `class ${made.module.file} ${made.class}`;
        const argument = value.args[0] === undefined ? undefined : module.values[value.args[0]];
        const callee = module.values[value.of]!;
        return callee.kind === 'member' && callee.name === 'for' && argument?.kind === 'text' ? `symbol ${argument.text}` : undefined;
      }
      default:
        return undefined;
    }
  }

  #exportKey(file: string | undefined, name: string, hops: number): string | undefined {
    const module = file === undefined ? undefined : this.files.module(file);
    if (!module || hops > MAX_HOPS) return undefined;
    for (const fact of module.exports) {
      if (fact.exported !== name) continue;
      if (fact.value !== undefined) return this.#key(module, fact.value, hops + 1);
      if (fact.source !== undefined) return this.#exportKey(this.resolver.resolve(module.file, fact.source), fact.imported ?? name, hops + 1);
    }
    for (const fact of module.exports) {
      const found = fact.exported === '*' && fact.source !== undefined ? this.#exportKey(this.resolver.resolve(module.file, fact.source), name, hops + 1) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  }

  // ── what one module adds ───────────────────────────────────────────────────────────────────────────────────────────

  #wiredBy(module: ModuleFacts): Wired {
    let known = this.#wired.get(module.values);
    if (!known) this.#wired.set(module.values, (known = { heritage: heritageOf(module), bindings: bindingsOf(module) }));
    return known;
  }
}

/** Classes of a module by the names of what they extend or implement. */
export function heritageOf(module: ModuleFacts): Wired['heritage'] {
  const heritage: Wired['heritage'] = [];
  for (const [index, fact] of module.classes.entries()) {
    const names = new Set(fact.implements?.flatMap((type) => (type.kind === 'named' ? namesOfType(module, type.path) : [])));
    const base = fact.extends === undefined ? undefined : module.values[fact.extends];
    if (base?.kind === 'import') for (const name of namesOfType(module, [module.imports[base.import]!.local])) names.add(name);
    else if (base?.kind === 'class') names.add(module.classes[base.class]!.name ?? '');
    else if (base?.kind === 'member') names.add(base.name);
    for (const name of names) heritage.push({ name, class: index });
  }
  return heritage;
}

/** The name that a type has here, and the one that it has where it is declared. */
function namesOfType(module: ModuleFacts, path: string[]): string[] {
  const name = path.at(-1)!;
  const imported = path.length === 1 ? module.imports.find((fact) => fact.local === name)?.imported : undefined;
  return imported === undefined || imported === name || imported === 'default' ? [name] : [name, imported];
}

/** What a module binds in containers. */
export function bindingsOf(module: ModuleFacts): BindingFact[] {
  const bindings: BindingFact[] = [];
  for (const value of module.values) {
    if (value.kind === 'object') {
      const token = value.properties['provide'] ?? value.properties['token'];
      const given = token === undefined ? undefined : givenBy(value);
      if (token !== undefined && given) bindings.push({ token, ...given });
    } else if (value.kind === 'call') {
      const binding = bindingCall(module, value);
      if (binding) bindings.push(binding);
    }
  }
  return bindings;
}

function givenBy(provider: Value & { kind: 'object' }): Omit<BindingFact, 'token'> | undefined {
  for (const [name, gives] of Object.entries(GIVES)) {
    const value = provider.properties[name];
    if (value !== undefined) return { gives, value };
  }
  return undefined;
}

/** `bind(TOKEN).to(Service)`, `container.register(TOKEN, { useClass })`, `container.registerSingleton(TOKEN, Service)`. */
function bindingCall(module: ModuleFacts, call: Value & { kind: 'call' }): BindingFact | undefined {
  const callee = module.values[call.of]!;
  if (callee.kind !== 'member' || !call.args.length) return undefined;
  const [first, second] = call.args;
  const inversify = INVERSIFY_GIVES[callee.name];
  if (inversify) {
    const bind = module.values[callee.of]!;
    const token = bind.kind === 'call' && isNamedBind(module, bind.of) ? bind.args[0] : undefined;
    return token === undefined ? undefined : { token, gives: inversify, value: first! };
  }
  if (second === undefined) return undefined;
  const provider = module.values[second]!;
  if (callee.name === 'register' && provider.kind === 'object') {
    const given = givenBy(provider);
    return given && { token: first!, ...given };
  }
  const gives = REGISTERS[callee.name];
  return gives && { token: first!, gives, value: second };
}

function isNamedBind(module: ModuleFacts, id: ValueId): boolean {
  const callee = module.values[id]!;
  const name = callee.kind === 'member' ? callee.name : callee.kind === 'variable' ? module.variables[callee.variable]!.name : undefined;
  return name === 'bind' || name === 'rebind';
}

function sameThing(a: Meaning, b: Meaning | undefined): boolean {
  if (a.is === 'library') return b?.is === 'library' && b.library === a.library && b.root === a.root;
  return !isVague(a) && a.is === 'instance' && b?.is === 'instance' && a.module === b.module && a.class === b.class;
}

/** The name under which others extend or implement it. */
function nameOf(meaning: Meaning, typeNames: WeakMap<TypeFact, string>): string | undefined {
  if (meaning.is === 'instance') return meaning.module.classes[meaning.class]!.name;
  if (meaning.is !== 'typed') return undefined;
  if (!typeNames.has(meaning.type)) for (const [name, { type }] of Object.entries(meaning.module.types)) typeNames.set(type, name);
  return typeNames.get(meaning.type);
}
