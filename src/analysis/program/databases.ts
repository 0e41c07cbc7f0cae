import type { LibraryId } from '../libraries/library';
import { type Database, databaseNamed, databaseOfImport, MAY_TELL, optionsNaming, TOLD_LIBRARIES } from '../libraries/other-databases';
import type { ModuleFacts, Value, ValueId } from '../facts/facts';
import type { FactsStore } from './facts-store';

/** Alternatives of a value that are looked at. */
const MAX_VALUES = 40;

/** `loader`: associations that are loaded in the same tick are collected into one query. */
type Told = Database | 'loader';

/** MikroORM's drivers are packages of their own: who has only others does not use it for PostgreSQL. */
const KNOWN_BY_DRIVER: ReadonlySet<LibraryId> = new Set(['mikro-orm']);

/** What code tells of each library. */
type ToldOfLibraries = Map<LibraryId, Set<Told>>;

/**
 * Which database the handles of a library are on, where only their type is known: the nearest code that names a database
 * for the library tells. Where it names PostgreSQL too, or nothing does, they count as PostgreSQL's; and so do all in a
 * program that names PostgreSQL nowhere: somebody wants to know what it would cost.
 */
export class Databases {
  readonly #told = new Map<string, ToldOfLibraries>();
  /** By library and folder, what is told in the folder or below it. */
  #folders: Map<string, Set<Told>> | undefined;
  #hasPostgres = false;

  constructor(private readonly files: FactsStore) {}

  forget(module: ModuleFacts): void {
    const before = this.#told.get(module.file);
    const told = toldBy(module);
    if (told === before) return;
    this.#told.set(module.file, told);
    if (before?.size || told.size) this.#folders = undefined;
  }

  /** Call when modules have gone, too. */
  forgetAll(): void {
    this.#told.clear();
    this.#folders = undefined;
  }

  /** Whether handles of the library are certainly on another database than PostgreSQL, as this module uses them. */
  areOther(library: LibraryId, { file }: ModuleFacts): boolean {
    const folders = this.#known();
    if (folders.size === 0) return false;
    for (let folder = parentOf(file); ; folder = parentOf(folder)) {
      const told = folders.get(`${library} ${folder}`);
      if (told) return this.#isOther(library, told);
      if (folder === '') return false;
    }
  }

  /** Whether the program has PostgreSQL at all, so that what is on another database is there on purpose. */
  get havePostgres(): boolean {
    this.#known();
    return this.#hasPostgres;
  }

  /** Whether the program lets the library collect the associations that are loaded in one tick. */
  collectsLoads(library: LibraryId): boolean {
    return this.#known().get(`${library} `)?.has('loader') ?? false;
  }

  /** What can be asked here, as a text: where it stays the same, nobody has to ask again. */
  verdicts(): string {
    const others = [...this.#known()].filter(([, told]) => !told.has('postgres') || told.has('loader')).map(([key, told]) => `${key} ${[...told].sort().join(' ')}`);
    return others.length ? `${this.#hasPostgres} ${others.sort().join()}` : '';
  }

  #isOther(library: LibraryId, told: ReadonlySet<Told>): boolean {
    if (told.has('postgres')) return false;
    return told.has('documents') || (told.has('other') && (KNOWN_BY_DRIVER.has(library) || this.#hasPostgres));
  }

  #known(): Map<string, Set<Told>> {
    if (!this.#folders) {
      this.#folders = this.#byFolder();
      this.#hasPostgres = TOLD_LIBRARIES.some((library) => this.#folders!.get(`${library} `)?.has('postgres'));
    }
    return this.#folders;
  }

  #byFolder(): Map<string, Set<Told>> {
    const folders = new Map<string, Set<Told>>();
    const tellers = this.files.contributors('databases', 'glimpsed');
    for (const file of tellers.files()) {
      const module = tellers.module(file);
      if (!module || module.context === 'test') continue;
      for (const [library, databases] of this.#toldBy(module)) {
        for (let folder = parentOf(module.file); ; folder = parentOf(folder)) {
          const key = `${library} ${folder}`;
          const known = folders.get(key);
          folders.set(key, known ? new Set([...known, ...databases]) : databases);
          if (folder === '') break;
        }
      }
    }
    return folders;
  }

  #toldBy(module: ModuleFacts): ToldOfLibraries {
    let known = this.#told.get(module.file);
    if (!known) this.#told.set(module.file, (known = toldBy(module)));
    return known;
  }
}

/** What a module says of databases and loaders, as a text that can be compared. */
export function databasesToldBy(module: ModuleFacts): string {
  return [...toldBy(module)].map(([library, databases]) => `${library} ${[...databases].sort().join(' ')}`).join();
}

/** By the values of a module, which are others when its facts are others. */
const toldByValues = new WeakMap<readonly Value[], ToldOfLibraries>();

function toldBy(module: ModuleFacts): ToldOfLibraries {
  let told = toldByValues.get(module.values);
  if (!told) toldByValues.set(module.values, (told = findTold(module)));
  return told;
}

function findTold(module: ModuleFacts): ToldOfLibraries {
  const told: ToldOfLibraries = new Map();
  if (!module.imports.some(({ source }) => MAY_TELL.test(source))) return told;
  for (const library of TOLD_LIBRARIES) {
    const databases = new Set<Told>();
    for (const { source, imported } of module.imports) {
      const database = databaseOfImport(library, source, imported);
      if (database) databases.add(database);
    }
    const keys = optionsNaming(library, module.imports.map(({ source }) => source));
    if (keys.length) for (const database of namedInOptions(module, keys)) databases.add(database);
    if (library === 'mikro-orm' && keys.length && setsLoader(module)) databases.add('loader');
    if (databases.size) told.set(library, databases);
  }
  return told;
}

/** Options that only the configuration of MikroORM has beside `dataloader`. */
const CONFIGURATION = ['entities', 'entitiesTs', 'dbName', 'driver', 'clientUrl'];

/** `{ entities, dataloader: DataloaderType.ALL }` */
function setsLoader(module: ModuleFacts): boolean {
  return module.values.some((value) => {
    const given = value.kind === 'object' ? value.properties['dataloader'] : undefined;
    if (value.kind !== 'object' || given === undefined || !CONFIGURATION.some((key) => key in value.properties)) return false;
    const loader = module.values[given]!;
    return !(loader.kind === 'literal' && !loader.value) && !(loader.kind === 'member' && loader.name === 'NONE');
  });
}

function* namedInOptions(module: ModuleFacts, keys: string[]): Generator<Database> {
  for (const value of module.values) {
    if (value.kind !== 'object') continue;
    for (const key of keys) {
      const id = value.properties[key];
      if (id !== undefined) yield* named(module, id);
    }
  }
}

/** `'sqlite'`, or one of several; with a part that is not known it may be PostgreSQL, too. */
function named(module: ModuleFacts, start: ValueId): Database[] {
  const found = new Set<Database>();
  let isOpen = false;
  const pending = [start];
  for (let looked = 0; pending.length && looked < MAX_VALUES; looked++) {
    const value = module.values[pending.pop()!]!;
    if (value.kind === 'either') pending.push(...value.of);
    else if (value.kind === 'cast') pending.push(value.of);
    else if (value.kind === 'text') {
      const database = databaseNamed(value.text);
      if (database) found.add(database);
    } else isOpen = true;
  }
  if (found.size && isOpen) found.add('postgres');
  return [...found];
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}
