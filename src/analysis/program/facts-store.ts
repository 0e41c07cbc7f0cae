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

/** Facts of all files, in the order in which they came. Those that are encoded are decoded when somebody asks for them. */
export class FactsStore {
  readonly #entries = new Map<string, FileFacts | UndecodedFacts>();

  get(file: string): FileFacts | undefined {
    const entry = this.#entries.get(file);
    return entry && this.#decoded(entry);
  }

  has(file: string): boolean {
    return this.#entries.has(file);
  }

  set(facts: FileFacts): void {
    this.#entries.set(facts.file, facts);
  }

  add(undecoded: UndecodedFacts): void {
    this.#entries.set(undecoded.file, undecoded);
  }

  delete(file: string): void {
    this.#entries.delete(file);
  }

  keys(): MapIterator<string> {
    return this.#entries.keys();
  }

  *values(): Generator<FileFacts> {
    for (const entry of this.#entries.values()) yield this.#decoded(entry);
  }

  *sources(): Generator<[file: string, sources: readonly string[]]> {
    for (const [file, entry] of this.#entries) yield [file, 'decode' in entry ? entry.sources : sourcesOf(entry)];
  }

  #decoded(entry: FileFacts | UndecodedFacts): FileFacts {
    if (!('decode' in entry)) return entry;
    const facts = entry.decode();
    this.#entries.set(entry.file, facts);
    return facts;
  }
}
