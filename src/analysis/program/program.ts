import type { FileFacts } from './facts';

/** Finds the file that an import names. */
export interface Resolver {
  /** A file that is in the program, or undefined for packages and missing files. Pure for a given set of files. */
  resolve(fromFile: string, specifier: string): string | undefined;
}

/** What the project around a file says, as far as rules need it. */
export interface Environment {
  /** React Compiler is switched on for this file's project: 'all' components, only 'annotation' ones, or not at all. */
  reactCompiler: 'off' | 'infer' | 'annotation' | 'all';
}

/** All files together. Update it with facts, ask it for meanings. Synchronous and pure. */
export class Program {
  readonly #files = new Map<string, FileFacts>();

  constructor(
    readonly resolver: Resolver,
    readonly environmentOf: (file: string) => Environment,
  ) {}

  /**
   * Adds or replaces a file's facts. Returns the files whose findings may have changed, this one first;
   * only itself when nothing that others see has changed.
   */
  update(facts: FileFacts): string[] {
    this.#files.set(facts.file, facts);
    return [facts.file];
  }

  /** Forgets a file. Returns the files whose findings may have changed. */
  remove(file: string): string[] {
    this.#files.delete(file);
    return [];
  }

  /** Call when the resolver's answers may have changed (files came or went, a tsconfig changed). */
  resolutionChanged(): void {}

  facts(file: string): FileFacts | undefined {
    return this.#files.get(file);
  }

  files(): IterableIterator<string> {
    return this.#files.keys();
  }
}
