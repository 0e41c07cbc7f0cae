import { otherDatabase } from '../libraries/other-databases';
import { ELSEWHERE, type Entity, type Interpretation, interpretSteps, type Library, type Step } from '../libraries/library';
import type { ModuleFacts, SqlFileFacts, TypeFact, Value } from '../facts/facts';

/** What a value is, once imports, classes and calls have been followed. */
export type Meaning =
  /** A database handle, a builder or a query: a library's root, what it is about, and the steps from it. */
  | { is: 'library'; library: Library; root: string; of?: Entity; steps: Step[] }
  /**
   * `wrapped`: what is called is a wrapper around it, such as `cache(…)`, which may not call it each time. `on`: a method
   * of a base class, as this derived class has it.
   */
  | { is: 'function'; module: ModuleFacts; function: number; wrapped?: true; on?: ClassEntity }
  | { is: 'class'; module: ModuleFacts; class: number }
  /** `loaded`: paths of the associations that the row was read together with. */
  | { is: 'instance'; module: ModuleFacts; class: number; loaded?: readonly string[] }
  | { is: 'namespace'; module: ModuleFacts }
  /**
   * Something of a package that is not part of the program; `()` in the path stands for what a call gives. `given`: what
   * a server's context was told to hold, by its type or by middleware, the latest last.
   */
  | { is: 'package'; source: string; path: string[]; given?: Meaning[] }
  | { is: 'global'; path: string[] }
  /** An object, array, text or literal. */
  | { is: 'literal'; module: ModuleFacts; value: Value }
  | { is: 'typed'; module: ModuleFacts; type: TypeFact }
  /** A list of which every element means the same. */
  | { is: 'list'; of: Meaning }
  /** A text that stands in another file. */
  | { is: 'text'; text: string }
  /** The text of a `.sql` file, or an object of its named blocks: how it is used tells. */
  | { is: 'sql'; facts: SqlFileFacts }
  | { is: 'parts'; parts: Record<string, Meaning> }
  /** An object that has the members of several, those of the first before those of the others. */
  | { is: 'merged'; of: Meaning[] }
  /** What `Promise.all([…])` gives: the items of the list, awaited. */
  | { is: 'settled'; module: ModuleFacts; list: Value & { kind: 'array' } };

/** A class of the program, as libraries hand it on. */
export interface ClassEntity extends Entity {
  readonly module: ModuleFacts;
  readonly class: number;
}

/** Tells nothing about a handle: a better alternative or a type annotation is worth asking. */
export function isVague(meaning: Meaning | undefined): boolean {
  if (meaning?.is === 'list') return isVague(meaning.of);
  return !meaning || meaning.is === 'literal' || meaning.is === 'global' || meaning.is === 'package' || meaning.is === 'typed' || meaning.is === 'merged';
}

/** More steps may change what it is, and it has not run yet. */
export function isBuilder({ library, root, steps, of }: Meaning & { is: 'library' }): boolean {
  const interpretation = interpretSteps(library, root, steps, of);
  return interpretation?.is === 'part' || (interpretation?.is === 'query' && interpretation.query.runs !== 'at-once');
}

/** What a field holds: a builder that other methods may add to. */
export function inField(meaning: Meaning | undefined): Meaning | undefined {
  if (meaning?.is !== 'library' || meaning.steps.length === 0 || !isBuilder(meaning)) return meaning;
  return { ...meaning, steps: [...meaning.steps, { name: ELSEWHERE, args: [] }] };
}

/** The class or model that a class, its instance or a library's meaning is about. */
export function entityOf(meaning: Meaning | undefined): Entity | undefined {
  if (meaning?.is === 'library') return meaning.of;
  if (meaning?.is !== 'class' && meaning?.is !== 'instance') return undefined;
  return classEntity(meaning);
}

/** A class of the program as an entity. */
export function classEntity({ module, class: index }: Meaning & { is: 'class' | 'instance' }): ClassEntity {
  const { name = '', members, statics } = module.classes[index]!;
  return {
    name, module, class: index,
    get methodDecorators() {
      return [members, statics].flatMap((all) => Object.values(all).flatMap(({ decorators = [] }) => decorators));
    },
  };
}

/** What `repositoryOf(User)`, a function of the project's own, gives: a handle about nothing in particular is one about the class that is given. */
export function aboutClass(made: Meaning | undefined, given: () => Meaning | undefined): Meaning | undefined {
  if (made?.is !== 'library' || made.of || made.steps.length) return made;
  const argument = given();
  const of = argument?.is === 'class' ? entityOf(argument) : undefined;
  return of ? { ...made, of } : made;
}

/** Whether the program has the entity's class. */
export function isClassEntity(entity: Entity): entity is ClassEntity {
  return 'module' in entity;
}

/** The name of a list's element, `*` for one whose index is computed. */
export function isIndex(name: string): boolean {
  return name === '*' || /^\d+$/.test(name);
}

/** A handle of which nothing is said. */
export const OTHER_DATABASE: Meaning = { is: 'library', library: otherDatabase, root: 'other', steps: [] };

/** It makes handles, and is none itself. */
export function isFactory({ library, root, of }: Meaning & { is: 'library' }): boolean {
  return library.interpret(root, [], of)?.is !== 'handle';
}

/** A list of what is known; nothing, when nothing is. */
export function listOf(meaning: Meaning | undefined): Meaning | undefined {
  return meaning && { is: 'list', of: meaning };
}

/** The longest run of steps from the root that is a query, if any: what follows (`.then`, `.map`) works on its result. */
export function queryIn(meaning: Meaning | undefined): (Interpretation & { is: 'query'; length: number }) | undefined {
  if (meaning?.is !== 'library') return undefined;
  for (let length = meaning.steps.length; length > 0; length--) {
    const interpretation = interpretSteps(meaning.library, meaning.root, meaning.steps.slice(0, length), meaning.of);
    if (interpretation?.is === 'query') return { ...interpretation, length };
  }
  return undefined;
}
