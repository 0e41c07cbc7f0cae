import type { Contribution } from './contributions';
import { databasesToldBy } from './databases';
import type { Query } from '../libraries/library';
import type { Table } from '../schema/table';
import { Effects } from './effects';
import { isModule, type FileFacts, type ModuleFacts } from '../facts/facts';
import { type EncodedFacts, FactsStore, sourcesOf } from './facts-store';
import { type PerParentQuery, queriesPerParent } from '../patterns/field-resolvers';
import { independentAwaits, type WaitingRead } from '../patterns/independent-awaits';
import { Meanings } from './meaning';
import { type OffsetPages, offsetPages } from '../patterns/offset-pages';
import { OwnConnectionsSearch, type RepeatedConnections } from '../patterns/own-connections';
import { type PerElementQuery, queriesPerElement } from '../patterns/per-element';
import { type RepeatedRead, RepeatedReads } from '../patterns/repeated-reads';
import { Repetition } from './repetition';
import { type TableSize, TableSizes } from '../schema/table-sizes';
import { Tables } from '../schema/tables';
import { type WaitingTransaction, waitingTransactions } from '../patterns/transaction-waits';
import { type Unreturned, unreturned } from '../patterns/unreturned';

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

/**
 * All files together. Update it with facts, ask it for meanings. Synchronous and pure: what it learns is remembered per
 * file and dropped for the files that import, directly or not, a file that has changed.
 */
export class Program {
  readonly #files = new FactsStore();
  /** Files that import a file, and the files that a file imports. */
  readonly #importers = new Map<string, Set<string>>();
  readonly #imports = new Map<string, Set<string>>();
  /** Somebody has asked something: until then, files come in without a look at what they change for others. */
  #asked = false;
  readonly #meanings: Meanings;
  readonly #effects: Effects;
  readonly #repetition: Repetition;
  readonly #repeatedReads: RepeatedReads;
  readonly #ownConnections: OwnConnectionsSearch;
  /** Files with a function that opens connections: what they find depends on its callers, which import them. */
  readonly #openers = new Set<string>();
  readonly #tables: Tables;
  /** What rules that look at one module one after another have in common; see {@link once}. */
  #shared: { module: ModuleFacts; results: Map<string, unknown> } | undefined;
  #tableSizes = new TableSizes();

  constructor(
    readonly resolver: Resolver,
    readonly environmentOf: (file: string) => Environment,
    /** Length of encoded facts that may be decoded at a time, in bytes. */
    readonly mostDecodedBytes = Infinity,
  ) {
    this.#meanings = new Meanings(this.#files, resolver);
    this.#effects = new Effects(this.#meanings);
    this.#repetition = new Repetition(this.#meanings, this.#effects);
    this.#repeatedReads = new RepeatedReads(this.#meanings, this.#effects);
    this.#ownConnections = new OwnConnectionsSearch(this.#meanings, this.#effects, this.#repetition, (module) => this.#importersOf(module));
    this.#tables = new Tables(this.#files, this.#meanings);
  }

  /**
   * Adds or replaces a file's facts. Returns the files whose findings may have changed, this one first;
   * only itself when nothing that others see has changed.
   */
  update(facts: FileFacts): string[] {
    this.#shared = undefined;
    if (!this.#asked) {
      this.#files.set(facts);
      this.#link(facts);
      return [facts.file];
    }
    const known = this.#files.get(facts.file);
    const before = known && contextsRead(known);
    const { databases } = this.#meanings;
    const verdicts = databasesTold(facts) === databasesTold(known) ? undefined : databases.verdicts();
    const tables = known && tablesIn(known);
    this.#tables.forget();
    const affected = this.#withOpeners(this.#withContextProviders(this.#replace(known, facts), before, facts));
    if (verdicts !== undefined && databases.verdicts() !== verdicts) return this.#forgetEverything(facts.file);
    return tablesIn(facts) === tables ? affected : this.#withModules(affected);
  }

  /** As {@link update}, for facts that need not be decoded before somebody asks for them, and may be let go again. */
  add(encoded: EncodedFacts): string[] {
    if (this.#asked) {
      const affected = this.update(encoded.decode());
      this.#files.attach(encoded);
      return affected;
    }
    this.#files.add(encoded);
    this.#linkTo(encoded.file, encoded.sources);
    return [encoded.file];
  }

  /** Whether facts may be decoded ahead, before somebody asks for them. */
  get hasRoom(): boolean {
    return this.#files.decodedBytes < this.mostDecodedBytes;
  }

  /**
   * Lets go of decoded facts, and of all that was learned from them, when there are too many: what is asked for next is decoded and
   * learned again. Call it between questions; whoever holds facts from before must not ask with them.
   */
  makeRoom(): void {
    if (this.hasRoom) return;
    this.#shared = undefined;
    this.#meanings.forgetFacts();
    this.#effects.forgetAll();
    this.#ownConnections.forgetAll();
    this.#files.shed();
  }

  /** Any module may ask the tables that a schema or a migration declares. */
  #withModules(affected: string[]): string[] {
    return [...new Set([...affected, ...this.#files.keys().filter(isModule)])];
  }

  /** What a file says of databases may be about handles in any other. */
  #forgetEverything(file: string): string[] {
    this.#meanings.forgetAll();
    this.#effects.forgetAll();
    return [file, ...[...this.#files.keys()].filter((other) => other !== file)];
  }

  #withOpeners(affected: string[]): string[] {
    this.#ownConnections.forgetAll();
    if (!this.#openers.size) return affected;
    const all = new Set(affected);
    for (const file of this.#openers) if (this.#files.has(file)) all.add(file);
    return [...all];
  }

  /** A provider's finding depends on whether anybody reads its context, in files that it need not know. */
  #withContextProviders(affected: string[], before: string | undefined, facts: FileFacts): string[] {
    if (contextsRead(facts) === before) return affected;
    const all = new Set(affected);
    for (const file of this.#files.contributors('react-providers').files()) all.add(file);
    return [...all];
  }

  #replace(known: FileFacts | undefined, facts: FileFacts): string[] {
    if (known?.kind === 'module' && facts.kind === 'module') {
      const same = sameBesidesPlaces(known, facts);
      // In place: what was learned about other files points at this object.
      replace(known, facts);
      this.#files.set(known);
      if (same) {
        this.#effects.forget(known);
        this.#effects.forgetChains();
        this.#meanings.forget(known);
        return [facts.file];
      }
    } else {
      this.#files.set(facts);
    }
    this.#link(facts);
    return this.#forgetDependents(facts.file);
  }

  /** Forgets a file. Returns the files whose findings may have changed. */
  remove(file: string): string[] {
    this.#shared = undefined;
    const facts = this.#files.get(file);
    if (!facts) return [];
    const { databases } = this.#meanings;
    const verdicts = databasesTold(facts) === '' ? undefined : databases.verdicts();
    const affected = this.#forgetDependents(file);
    this.#unlink(file);
    this.#files.delete(file);
    if (databasesTold(facts) !== '') databases.forgetAll();
    this.#tables.forget();
    if (tablesIn(facts) !== undefined) return this.#withModules(affected).filter((one) => one !== file);
    if (facts.kind === 'module') {
      this.#meanings.forget(facts);
      this.#effects.forget(facts);
    }
    const all = this.#withOpeners(affected);
    return (verdicts === undefined || databases.verdicts() === verdicts ? all : this.#forgetEverything(file)).filter((one) => one !== file);
  }

  /** Call when the resolver's answers may have changed (files came or went, a tsconfig changed). */
  resolutionChanged(): void {
    this.#shared = undefined;
    this.#meanings.forgetAll();
    this.#effects.forgetAll();
    this.#ownConnections.forgetAll();
    this.#tables.forget();
    this.#imports.clear();
    this.#importers.clear();
    for (const [file, sources] of this.#files.sources()) this.#linkTo(file, sources);
  }

  /** What each file imports from, or exports again. */
  sources(): Iterable<[file: string, sources: readonly string[]]> {
    return this.#files.sources();
  }

  facts(file: string): FileFacts | undefined {
    return this.#files.get(file);
  }

  files(): readonly string[] {
    return this.#files.keys();
  }

  /** Files that add something to what only the program as a whole knows, in the order of their names. */
  contributors(contribution: Contribution): readonly string[] {
    return this.#files.contributors(contribution).files();
  }

  /** Whether some file of the program imports this one, be it in the program or not. */
  isImported(file: string): boolean {
    return Boolean(this.#importers.get(file)?.size);
  }

  get meanings(): Meanings {
    return this.#used(this.#meanings);
  }

  get effects(): Effects {
    return this.#used(this.#effects);
  }

  get repetition(): Repetition {
    return this.#used(this.#repetition);
  }

  #used<T>(part: T): T {
    this.#asked = true;
    return part;
  }

  /** Sites of a module that run a query once per element of a loop. */
  queriesPerElement(module: ModuleFacts): readonly PerElementQuery[] {
    return this.once(module, 'queries per element', () => queriesPerElement(module, this.effects, this.repetition));
  }

  /** Works out only once what several rules want to know of a module: kept until another module is asked about, or something changes. */
  once<T>(module: ModuleFacts, what: string, compute: () => T): T {
    if (this.#shared?.module !== module) this.#shared = { module, results: new Map() };
    const { results } = this.#shared;
    if (!results.has(what)) results.set(what, compute());
    return results.get(what) as T;
  }

  /** Sites in resolvers of GraphQL fields that run a query once per parent row. */
  queriesPerParent(module: ModuleFacts): PerParentQuery[] {
    return queriesPerParent(module, this.meanings, this.effects, this.repetition);
  }

  /** Whether a query in a loop asks something else in each turn, the same, or the same of rows that the loop changes. */
  inTurns(module: ModuleFacts, found: PerElementQuery): 'different' | 'same' | 'changed' | 'remembered' {
    return this.#used(this.#repeatedReads).inTurns(module, found);
  }

  /** Sites of a module that ask what their function has asked already. */
  askedAgain(module: ModuleFacts): RepeatedRead[] {
    return this.#used(this.#repeatedReads).asked(module);
  }

  /** Groups of reads that are awaited one after another without need. */
  independentAwaits(module: ModuleFacts): WaitingRead[][] {
    return independentAwaits(module, this.effects, this.meanings);
  }

  /** The table of a query of a file, where a schema of the program declares it. */
  tableOf(query: Query, file: string): Table | undefined {
    return this.#used(this.#tables).of(query, file);
  }

  /** Row counts of a connected database. Without one nothing is known. */
  get tableSizes(): TableSizes {
    return this.#tableSizes;
  }

  /** Replaces the row counts. Returns the files whose findings may have changed. */
  setTableSizes(sizes: readonly TableSize[]): string[] {
    const next = new TableSizes(sizes);
    if (next.key === this.#tableSizes.key) return [];
    this.#tableSizes = next;
    this.#shared = undefined;
    return [...this.#files.keys()];
  }

  /** Reads whose offset grows page by page. */
  offsetPages(module: ModuleFacts): OffsetPages[] {
    return offsetPages(module, this.effects, this.meanings);
  }

  /** Transactions of a module that wait for the network or for time to pass. */
  waitingTransactions(module: ModuleFacts): WaitingTransaction[] {
    return waitingTransactions(module, this.effects, this.meanings);
  }

  /** What a module takes out of a pool and does not give back on every way. */
  unreturned(module: ModuleFacts): Unreturned[] {
    return unreturned(module, this.meanings);
  }

  /** Connections that a module opens again and again. */
  repeatedConnections(module: ModuleFacts): RepeatedConnections[] {
    if (!this.#used(this.#ownConnections).opening(module).next().done) this.#openers.add(module.file);
    return this.#used(this.#ownConnections).repeated(module);
  }

  /** Where an exported name is declared, through re-exports: the file and its local name there. */
  resolveExport(file: string, exported: string): { file: string; name: string } | undefined {
    return this.#declaration(file, exported, new Set());
  }

  /** Where an imported local name is declared. */
  resolveImport(file: string, localName: string): { file: string; name: string } | undefined {
    const facts = this.#files.get(file);
    if (facts?.kind !== 'module') return undefined;
    const fact = facts.imports.find((one) => one.local === localName);
    const target = fact && this.resolver.resolve(file, fact.source);
    return target === undefined ? undefined : this.resolveExport(target, fact!.imported);
  }

  #declaration(file: string, exported: string, seen: Set<string>): { file: string; name: string } | undefined {
    const facts = this.#files.get(file);
    const key = `${file}\0${exported}`;
    if (facts?.kind !== 'module' || seen.has(key)) return undefined;
    seen.add(key);
    for (const fact of facts.exports) {
      if (fact.exported !== exported && fact.exported !== '*') continue;
      if (fact.source !== undefined) {
        const target = this.resolver.resolve(file, fact.source);
        const found = target === undefined ? undefined : this.#declaration(target, fact.exported === '*' ? exported : (fact.imported ?? exported), seen);
        if (found) return found;
      } else if (fact.value !== undefined) {
        const value = facts.values[fact.value]!;
        if (value.kind === 'variable') return { file, name: facts.variables[value.variable]!.name };
        if (value.kind === 'import') return this.resolveImport(file, facts.imports[value.import]!.local);
        return { file, name: exported };
      } else if (fact.type !== undefined) return { file, name: fact.type };
    }
    return undefined;
  }

  *#importersOf(module: ModuleFacts): Generator<ModuleFacts> {
    const found = new Set([module.file]);
    for (const file of found) {
      for (const importer of this.#importers.get(file) ?? []) {
        if (found.has(importer)) continue;
        found.add(importer);
        const facts = this.#files.get(importer);
        if (facts?.kind === 'module') yield facts;
      }
    }
  }

  #link(facts: FileFacts): void {
    this.#linkTo(facts.file, sourcesOf(facts));
  }

  #linkTo(file: string, sources: readonly string[]): void {
    this.#unlink(file);
    const targets = new Set<string>();
    for (const source of sources) {
      const target = this.resolver.resolve(file, source);
      if (target !== undefined && target !== file) targets.add(target);
    }
    if (!targets.size) return;
    this.#imports.set(file, targets);
    for (const target of targets) {
      const importers = this.#importers.get(target);
      if (importers) importers.add(file);
      else this.#importers.set(target, new Set([file]));
    }
  }

  #unlink(file: string): void {
    for (const target of this.#imports.get(file) ?? []) this.#importers.get(target)?.delete(file);
    this.#imports.delete(file);
  }

  /** The module, if anything can have been learned from it or it can have given something to others without being imported. */
  #known(file: string): ModuleFacts | undefined {
    return this.#files.decoded(file) || this.#meanings.wiring.mayGive(file) ? this.#files.module(file) : undefined;
  }

  /** Drops what was learned about a file and all that import it, directly or not. Returns them, the file first. */
  #forgetDependents(file: string): string[] {
    const affected = new Set([file]);
    for (const one of affected) {
      const facts = this.#known(one);
      if (facts) {
        // What it gave to others without being imported, and what it gives now.
        for (const asker of this.#meanings.wiring.askers(facts)) affected.add(asker);
        if (one === file) for (const asker of this.#meanings.servers.askers(facts)) affected.add(asker);
        this.#meanings.forget(facts);
        this.#effects.forget(facts);
        if (one === file) for (const asker of this.#meanings.wiring.askers(facts)) affected.add(asker);
      }
      for (const importer of this.#importers.get(one) ?? []) affected.add(importer);
    }
    return [...affected];
  }
}

function databasesTold(facts: FileFacts | undefined): string {
  return facts?.kind === 'module' ? databasesToldBy(facts) : '';
}

/** The tables that a schema or migration declares, as one text; undefined for none. */
function tablesIn(facts: FileFacts): string | undefined {
  return facts.kind === 'module' || !facts.tables?.length ? undefined : JSON.stringify(facts.tables);
}

/** Names of the React contexts that a file reads; undefined for none. */
function contextsRead(facts: FileFacts): string | undefined {
  const consumed = facts.kind === 'module' ? facts.react?.consumed : undefined;
  return consumed?.length ? consumed.map(({ path }) => path.join('.')).sort().join(' ') : undefined;
}

/** Keys that tell where something stands, not what it is. */
const PLACES: ReadonlySet<string> = new Set(['start', 'end', 'span', 'lineStarts', 'ignores', 'sql', 'syntaxError', 'continues']);

function sameBesidesPlaces(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!sameBesidesPlaces(a[i], b[i])) return false;
    return true;
  }
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => PLACES.has(key) || sameBesidesPlaces((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]));
}

function replace(known: ModuleFacts, facts: ModuleFacts): void {
  for (const key of Object.keys(known) as (keyof ModuleFacts)[]) if (!(key in facts)) delete known[key];
  Object.assign(known, facts);
}
