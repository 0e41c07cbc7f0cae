import type { FileFacts } from '../facts/facts';

/** A file whose facts are still encoded. */
export interface UndecodedFacts {
  file: string;
  /** As {@link sourcesOf} gives them. */
  sources: readonly string[];
  /** Gives the facts of this file; never throws. */
  decode(): FileFacts;
}

/** What a file imports from, or exports again, each once. */
export function sourcesOf(facts: FileFacts): string[] {
  if (facts.kind !== 'module') return [];
  const sources = new Set<string>();
  for (const { source } of facts.imports) sources.add(source);
  for (const { source } of facts.exports) if (source !== undefined) sources.add(source);
  return [...sources];
}

/** Facts of all files, in the order of their names, so that nothing depends on the order in which threads finish. Those that are encoded are decoded when somebody asks for them. */
export class FactsStore {
  readonly #entries = new Map<string, FileFacts | UndecodedFacts>();
  /** Undefined when files have come or gone. */
  #names: string[] | undefined;

  get(file: string): FileFacts | undefined {
    const entry = this.#entries.get(file);
    return entry && this.#decoded(entry);
  }

  has(file: string): boolean {
    return this.#entries.has(file);
  }

  set(facts: FileFacts): void {
    this.#put(facts);
  }

  add(undecoded: UndecodedFacts): void {
    this.#put(undecoded);
  }

  delete(file: string): void {
    if (this.#entries.delete(file)) this.#names = undefined;
  }

  keys(): readonly string[] {
    return (this.#names ??= [...this.#entries.keys()].sort());
  }

  *values(): Generator<FileFacts> {
    for (const file of this.keys()) {
      const entry = this.#entries.get(file);
      if (entry) yield this.#decoded(entry);
    }
  }

  *sources(): Generator<[file: string, sources: readonly string[]]> {
    for (const [file, entry] of this.#entries) yield [file, 'decode' in entry ? entry.sources : sourcesOf(entry)];
  }

  #put(entry: FileFacts | UndecodedFacts): void {
    if (!this.#entries.has(entry.file)) this.#names = undefined;
    this.#entries.set(entry.file, entry);
  }

  #decoded(entry: FileFacts | UndecodedFacts): FileFacts {
    if (!('decode' in entry)) return entry;
    const facts = entry.decode();
    this.#entries.set(entry.file, facts);
    return facts;
  }
}
