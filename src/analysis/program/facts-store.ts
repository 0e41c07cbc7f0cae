import type { FileFacts, ModuleFacts } from '../facts/facts';
import { type Contribution, contributionsOf } from './contributions';
import type { Contributors } from './module-index';

/** A file whose facts are encoded, and what is known of them without decoding. */
export interface EncodedFacts {
  file: string;
  /** As {@link sourcesOf} gives them. */
  sources: readonly string[];
  /** As {@link contributionsOf} gives them. */
  contributions: readonly Contribution[];
  /** Length of the encoded facts. */
  size: number;
  /** Gives the facts of this file, new ones each time; never throws. */
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

interface Entry {
  /** Absent for what is not decoded. */
  facts?: FileFacts;
  /** Absent for what was never encoded, such as a file that is being edited. */
  encoded?: EncodedFacts;
}

/**
 * Facts of all files, in the order of their names, so that nothing depends on the order in which threads finish. Those that are encoded
 * are decoded when somebody asks for them, and may be let go again.
 */
export class FactsStore {
  readonly #entries = new Map<string, Entry>();
  /** Undefined when files have come or gone. */
  #names: string[] | undefined;
  #decodedBytes = 0;

  /** Length of the encoded form of everything that is decoded and could be let go. */
  get decodedBytes(): number {
    return this.#decodedBytes;
  }

  get(file: string): FileFacts | undefined {
    const entry = this.#entries.get(file);
    if (!entry || entry.facts) return entry?.facts;
    this.#decodedBytes += entry.encoded!.size;
    return (entry.facts = entry.encoded!.decode());
  }

  module(file: string): ModuleFacts | undefined {
    const facts = this.get(file);
    return facts?.kind === 'module' ? facts : undefined;
  }

  /** The facts if they are decoded: of others, nobody can have learned anything. */
  decoded(file: string): FileFacts | undefined {
    return this.#entries.get(file)?.facts;
  }

  #glimpse(file: string): ModuleFacts | undefined {
    const entry = this.#entries.get(file);
    const facts = entry?.facts ?? entry?.encoded?.decode();
    return facts?.kind === 'module' ? facts : undefined;
  }

  has(file: string): boolean {
    return this.#entries.has(file);
  }

  set(facts: FileFacts): void {
    this.#put(facts.file, { facts });
  }

  add(encoded: EncodedFacts): void {
    this.#put(encoded.file, { encoded });
  }

  /** Says of decoded facts what they can be decoded from again. */
  attach(encoded: EncodedFacts): void {
    const facts = this.#entries.get(encoded.file)?.facts;
    if (!facts) return;
    this.#put(encoded.file, { facts, encoded });
    this.#decodedBytes += encoded.size;
  }

  delete(file: string): void {
    this.#letGo(file);
    if (this.#entries.delete(file)) this.#names = undefined;
  }

  keys(): readonly string[] {
    return (this.#names ??= [...this.#entries.keys()].sort());
  }

  *sources(): Generator<[file: string, sources: readonly string[]]> {
    for (const [file, { facts, encoded }] of this.#entries) yield [file, encoded ? encoded.sources : sourcesOf(facts!)];
  }

  /**
   * The files that add something to what the program as a whole knows. What is only read of their facts is `glimpsed`; `kept` ones are
   * those of {@link get}, which meanings may be asked about.
   */
  contributors(contribution: Contribution, facts: 'kept' | 'glimpsed' = 'kept'): Contributors {
    return {
      files: () => this.keys().filter((file) => this.#contributes(file, contribution)),
      has: (file) => this.#contributes(file, contribution),
      module: (file) => (facts === 'kept' ? this.module(file) : this.#glimpse(file)),
    };
  }

  #contributes(file: string, contribution: Contribution): boolean {
    const entry = this.#entries.get(file);
    return entry !== undefined && (entry.encoded?.contributions ?? contributionsOf(entry.facts!)).includes(contribution);
  }

  /** Lets go of all facts that can be decoded again. What was learned from them must be forgotten first. */
  shed(): void {
    for (const entry of this.#entries.values()) if (entry.encoded) delete entry.facts;
    this.#decodedBytes = 0;
  }

  #put(file: string, entry: Entry): void {
    this.#letGo(file);
    if (!this.#entries.has(file)) this.#names = undefined;
    this.#entries.set(file, entry);
  }

  #letGo(file: string): void {
    const entry = this.#entries.get(file);
    if (entry?.facts && entry.encoded) this.#decodedBytes -= entry.encoded.size;
  }
}
