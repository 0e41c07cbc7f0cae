import type { ModuleFacts } from '../facts/facts';

/** Files that hold something of one kind. */
export interface Contributors {
  /** In the order of their names. */
  files(): readonly string[];
  /** Whether a file, which may have gone, is one of them. */
  has(file: string): boolean;
  module(file: string): ModuleFacts | undefined;
}

/** What modules hold, by name, kept up to date module by module: a look-up after an edit costs what the edit changed. */
export class ModuleIndex<T> {
  /** Undefined until somebody asks. */
  #byName: Map<string, T[]> | undefined;
  readonly #entries = new Map<string, { name: string; entry: T }[]>();
  readonly #changed = new Set<string>();

  constructor(
    private readonly contributors: Contributors,
    private readonly entriesOf: (module: ModuleFacts) => { name: string; entry: T }[],
  ) {}

  /** Call when the entries of a module may have changed, or it has come or gone. */
  forget(file: string): void {
    if (!this.#byName) return;
    for (const { name, entry } of this.#entries.get(file) ?? []) {
      const others = this.#byName.get(name)!.filter((other) => other !== entry);
      if (others.length) this.#byName.set(name, others);
      else this.#byName.delete(name);
    }
    this.#entries.delete(file);
    this.#changed.add(file);
  }

  forgetAll(): void {
    this.#byName = undefined;
    this.#entries.clear();
    this.#changed.clear();
  }

  get(name: string): readonly T[] {
    if (!this.#byName) {
      this.#byName = new Map();
      for (const file of this.contributors.files()) this.#changed.add(file);
    }
    for (const file of this.#changed) {
      // Before its entries are made: making them may ask for others.
      this.#changed.delete(file);
      const module = this.contributors.has(file) ? this.contributors.module(file) : undefined;
      if (module) this.#add(this.#byName, module);
    }
    return this.#byName.get(name) ?? [];
  }

  #add(byName: Map<string, T[]>, module: ModuleFacts): void {
    const entries = this.entriesOf(module);
    this.#entries.set(module.file, entries);
    for (const { name, entry } of entries) {
      const list = byName.get(name);
      if (list) list.push(entry);
      else byName.set(name, [entry]);
    }
  }
}
