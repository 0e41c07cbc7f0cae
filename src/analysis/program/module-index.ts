import type { ModuleFacts } from '../facts/facts';

/** What modules hold, by name, kept up to date module by module: a look-up after an edit costs what the edit changed. */
export class ModuleIndex<T> {
  /** Undefined until somebody asks. */
  #byName: Map<string, T[]> | undefined;
  readonly #entries = new Map<ModuleFacts, { name: string; entry: T }[]>();
  readonly #changed = new Set<ModuleFacts>();

  /** @param isPresent whether a module that changed is still in the program */
  constructor(
    private readonly modules: () => Iterable<ModuleFacts>,
    private readonly isPresent: (module: ModuleFacts) => boolean,
    private readonly entriesOf: (module: ModuleFacts) => { name: string; entry: T }[],
  ) {}

  /** Call when the entries of a module may have changed, or it has come or gone. */
  forget(module: ModuleFacts): void {
    if (!this.#byName) return;
    for (const { name, entry } of this.#entries.get(module) ?? []) {
      const others = this.#byName.get(name)!.filter((other) => other !== entry);
      if (others.length) this.#byName.set(name, others);
      else this.#byName.delete(name);
    }
    this.#entries.delete(module);
    this.#changed.add(module);
  }

  forgetAll(): void {
    this.#byName = undefined;
    this.#entries.clear();
    this.#changed.clear();
  }

  get(name: string): readonly T[] {
    if (!this.#byName) {
      this.#byName = new Map();
      for (const module of this.modules()) this.#changed.add(module);
    }
    for (const module of this.#changed) {
      // Before its entries are made: making them may ask for others.
      this.#changed.delete(module);
      if (this.isPresent(module)) this.#add(this.#byName, module);
    }
    return this.#byName.get(name) ?? [];
  }

  #add(byName: Map<string, T[]>, module: ModuleFacts): void {
    const entries = this.entriesOf(module);
    this.#entries.set(module, entries);
    for (const { name, entry } of entries) {
      const list = byName.get(name);
      if (list) list.push(entry);
      else byName.set(name, [entry]);
    }
  }
}
