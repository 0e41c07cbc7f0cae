import type { ModuleFacts } from '../facts/facts';
import { named } from '../names';
import type { Meanings } from './meaning';
import { type ClassEntity, classEntity, entityOf, inField, isClassEntity, isVague, listOf, type Meaning } from './meaning-kinds';
import { asLoaded } from './row-meanings';

/** Bases looked at for one member: more is a cycle of half-typed classes. */
const MAX_BASES = 24;

/** Lists and objects inside of what a function gives are looked into to this depth. */
const MAX_NESTING = 2;

/** What classes of the program and their instances have, by themselves and from what they extend. */
export class ClassMeanings {
  constructor(private readonly meanings: Meanings) {}

  /** Looks through the class and its bases; a library's base learns for which class of the program it is asked. */
  member(of: Meaning & { is: 'class' | 'instance' }, name: string): Meaning | undefined {
    if (of.is === 'instance' && name === 'constructor') return { is: 'class', module: of.module, class: of.class };
    const pending: (Meaning | undefined)[] = [of];
    for (let looked = 0; pending.length && looked < MAX_BASES; looked++) {
      const current = pending.shift();
      if (current?.is !== 'class' && current?.is !== 'instance') {
        const inherited = this.meanings.member(current, name);
        if (inherited) return inherited;
        continue;
      }
      const { module } = current;
      const fact = module.classes[current.class]!;
      const member = named(of.is === 'class' ? fact.statics : fact.members, name);
      if (member) {
        const given = member.value === undefined ? undefined : this.meanings.of(module, member.value);
        const meaning = (isVague(given) && member.decorations && this.meanings.wiring.injected(module, member.decorations)) || this.meanings.better(module, given, member.type);
        if (meaning?.is === 'function' && current !== of) return { ...meaning, on: classEntity(of) };
        return of.is === 'instance' && of.loaded ? asLoaded(meaning, name, of.loaded) : inField(meaning);
      }
      for (const base of this.bases(module, current.class)) pending.push(this.derived(of, base));
    }
    return undefined;
  }

  /** What a class extends; for `mixin(Base)` also what is given to the mixin. */
  bases(module: ModuleFacts, index: number): (Meaning | undefined)[] {
    const id = module.classes[index]!.extends;
    if (id === undefined) return [];
    const extended = module.values[id]!;
    const value = extended.kind === 'variable' ? module.values[module.variables[extended.variable]!.value]! : extended;
    return [id, ...(value.kind === 'call' ? value.args : [])].map((one) => this.meanings.of(module, one));
  }

  /** A base class as its derived class has it: statics of the class, members of its instances. */
  derived(of: Meaning & { is: 'class' | 'instance' }, base: Meaning | undefined): Meaning | undefined {
    const own = of.is === 'class' ? base : this.meanings.constructed(base);
    if (own?.is !== 'library' || own.of) return own;
    const fact = of.module.classes[of.class]!;
    const given = fact.typeArguments?.[0] && this.meanings.ofType(of.module, fact.typeArguments[0]);
    const entity = given?.is === 'instance' ? entityOf(given) : undefined;
    return { ...own, of: entity ?? entityOf(of)! };
  }

  /** A base class speaks of its own instances (`this`, `T extends Base`): with a derived class they are that class's. */
  narrowed(meaning: Meaning | undefined, on: ClassEntity | undefined, depth = 0): Meaning | undefined {
    if (!meaning || !on || depth > MAX_NESTING) return meaning;
    switch (meaning.is) {
      case 'instance':
      case 'class':
        return this.#isBase(classEntity(meaning), on) ? { is: meaning.is, module: on.module, class: on.class } : meaning;
      case 'library':
        if (meaning.of ? !isClassEntity(meaning.of) || !this.#isBase(meaning.of, on) : !this.#extendsLibrary(meaning, on)) return meaning;
        return meaning.of ? { ...meaning, of: on } : { is: 'instance', module: on.module, class: on.class };
      case 'list':
        return listOf(this.narrowed(meaning.of, on, depth + 1));
      case 'typed':
        if (meaning.type.kind === 'array') return listOf(this.narrowed(this.meanings.ofType(meaning.module, meaning.type.of), on, depth + 1));
        return meaning.type.kind === 'object' ? this.#narrowedParts(meaning, Object.keys(meaning.type.members), on, depth) : meaning;
      case 'literal':
        if (meaning.value.kind === 'array') return this.#narrowedParts(meaning, Object.keys(meaning.value.items), on, depth);
        return meaning.value.kind === 'object' ? this.#narrowedParts(meaning, Object.keys(meaning.value.properties), on, depth) : meaning;
      default:
        return meaning;
    }
  }

  #narrowedParts(meaning: Meaning, names: string[], on: ClassEntity, depth: number): Meaning {
    const parts: Record<string, Meaning> = {};
    for (const name of names) {
      const part = this.narrowed(this.meanings.member(meaning, name), on, depth + 1);
      if (part) parts[name] = part;
    }
    return { is: 'parts', parts };
  }

  #isBase(base: ClassEntity, of: ClassEntity): boolean {
    return this.#ancestors(of).some((one) => (one?.is === 'class' || one?.is === 'instance') && one.module === base.module && one.class === base.class);
  }

  /** Whether an instance of the class is such a thing of its library. */
  #extendsLibrary(instance: Meaning & { is: 'library' }, of: ClassEntity): boolean {
    return instance.steps.length === 0 && this.#ancestors(of).some((one) => one?.is === 'library' && one.library === instance.library && one.library.constructed(one.root) === instance.root);
  }

  #ancestors(of: ClassEntity): (Meaning | undefined)[] {
    const found = this.bases(of.module, of.class);
    for (let looked = 0; looked < found.length && looked < MAX_BASES; looked++) {
      const base = found[looked];
      if (base?.is === 'class') found.push(...this.bases(base.module, base.class));
    }
    return found;
  }
}
