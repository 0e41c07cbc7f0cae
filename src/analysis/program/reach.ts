import type { LexicalFacts } from '../facts/lexical-scan';
import type { Resolver } from './program';

/** Modules by the name of their file. */
export type Scans = ReadonlyMap<string, LexicalFacts>;

/**
 * Which modules have to be parsed: those that may reach a database, through whatever they import or are handed; those that these
 * use, whose functions may loop over a callback or hand something on; and what the React rules ask for. Left are mostly components
 * that only render, and programs for the browser.
 *
 * A component (a module with JSX) is nothing that a query passes through: one that reaches no database is left out although others
 * render it, and so is one that reaches one but has neither a handle nor anything that is waited for.
 */
export function modulesToParse(scans: Scans, resolver: Resolver): Set<string> {
  const graph = new ImportGraph(scans, resolver);
  const reaching = graph.reaching();
  const used = new Set<string>();
  for (const file of reaching) if (isMoreThanRendering(file, scans.get(file)!)) used.add(file);
  for (const file of graph.handed(reaching)) used.add(file);
  // A set that grows while it is gone through is gone through to its end.
  for (const file of used) for (const target of graph.uses(file)) if (!isComponent(target)) used.add(target);
  for (const [file, scan] of scans) if (isOfInterest(scan)) used.add(file);
  return used;
}

/** Whether {@link modulesToParse} has the module whatever the others say. */
export function isParsedAnyway(file: string, scan: LexicalFacts): boolean {
  return isOfInterest(scan) || (startsReach(scan) && isMoreThanRendering(file, scan));
}

function isOfInterest({ contexts, declares }: LexicalFacts): boolean {
  return Boolean(contexts ?? declares);
}

function startsReach({ database, handle, client }: LexicalFacts): boolean {
  return Boolean(handle ?? (database && !client));
}

function isMoreThanRendering(file: string, { handle, waits }: LexicalFacts): boolean {
  return !isComponent(file) || Boolean(handle ?? waits);
}

class ImportGraph {
  readonly #importers = new Map<string, string[]>();
  readonly #typeImporters = new Map<string, string[]>();

  constructor(
    private readonly scans: Scans,
    private readonly resolver: Resolver,
  ) {
    for (const [file, { sources, typeSources, client }] of scans) {
      for (const target of this.#resolved(file, sources)) {
        // What a client module imports runs in the browser too, but for server actions.
        const importers = client && !scans.get(target)!.actions ? this.#typeImporters : this.#importers;
        note(importers, target, file);
      }
      for (const target of this.#resolved(file, typeSources)) note(this.#typeImporters, target, file);
    }
  }

  /** Modules that have something of a database, and all that import them, directly or not. */
  reaching(): Set<string> {
    const reaching = new Set<string>();
    for (const [file, scan] of this.scans) if (startsReach(scan)) reaching.add(file);
    for (const file of reaching) for (const importer of this.#importers.get(file) ?? []) reaching.add(importer);
    return reaching;
  }

  /**
   * Modules that know what reaches a database by its type alone, and those that import these: somebody may hand it to them. A type
   * is that of such a module, or an interface that it implements; a container needs no type at all.
   */
  handed(reaching: ReadonlySet<string>): Set<string> {
    const handed = new Set<string>();
    for (const [file, { handed: isHanded }] of this.scans) if (isHanded) handed.add(file);
    for (const file of reaching) {
      for (const importer of this.#typeImporters.get(file) ?? []) handed.add(importer);
      for (const target of this.uses(file)) if (this.scans.get(target)!.promises) handed.add(target);
    }
    for (const file of handed) {
      if (isComponent(file)) handed.delete(file);
      else for (const importers of [this.#importers, this.#typeImporters]) for (const importer of importers.get(file) ?? []) if (!reaching.has(importer)) handed.add(importer);
    }
    return handed;
  }

  uses(file: string): string[] {
    const { sources, typeSources } = this.scans.get(file)!;
    return [...this.#resolved(file, sources), ...this.#resolved(file, typeSources)];
  }

  #resolved(file: string, sources: readonly string[]): string[] {
    return sources.flatMap((source) => {
      const target = this.resolver.resolve(file, source);
      return target !== undefined && this.scans.has(target) ? [target] : [];
    });
  }
}

function note(importers: Map<string, string[]>, target: string, file: string): void {
  const known = importers.get(target);
  if (known) known.push(file);
  else importers.set(target, [file]);
}

function isComponent(file: string): boolean {
  return /\.[jt]sx$/.test(file);
}
