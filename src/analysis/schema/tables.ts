import type { Query } from '../libraries/library';
import type { FileFacts } from '../facts/facts';
import type { FactsStore } from '../program/facts-store';
import type { Contribution } from '../program/contributions';
import type { Meanings } from '../program/meaning';
import { classTables } from './class-tables';
import { drizzleTables } from './drizzle-tables';
import { withRelations } from './prisma-schema';
import type { TableChange } from './sql-tables';
import { agreeing, type Column, type Table } from './table';

/** Libraries whose queries name tables as the database does. */
const SQL_NAMES: ReadonlySet<Query['library']> = new Set(['pg', 'postgres-js', 'neon', 'knex', 'kysely']);
/** Migrations that have a folder each, beside the folders of the others. */
const FOLDER_EACH = /\/(migration|up|down)\.sql$/;

/** A table with the folder that declares it. */
interface Declared {
  table: Table;
  folder: string;
}

type Declarations = Map<string, Declared[]>;

/** The tables that the files of a program declare, by what queries of each library call them. Made anew when a file changes. */
export class Tables {
  readonly #known: Partial<Record<'sql' | 'prisma' | 'drizzle' | 'classes', Declarations>> = {};

  constructor(
    private readonly files: FactsStore,
    private readonly meanings: Meanings,
  ) {}

  forget(): void {
    this.#known.sql = this.#known.prisma = this.#known.drizzle = this.#known.classes = undefined;
  }

  /** The one table that a query of a file reads; undefined when it reads several, or when no file declares it beyond doubt. */
  of(query: Query, file: string): Table | undefined {
    const [name, ...others] = query.tables;
    if (name === undefined || others.length > 0) return undefined;
    const declared = this.#declarations(query)?.get(name) ?? [];
    return agreeing(tablesOf(declared)) ?? agreeing(tablesOf(nearest(declared, file)));
  }

  #declarations({ library, sql }: Query): Declarations | undefined {
    if (sql !== undefined || SQL_NAMES.has(library)) return (this.#known.sql ??= declarations(this.#ofMigrations()));
    if (library === 'prisma') return (this.#known.prisma ??= declarations(this.#ofSchemas()));
    if (library === 'drizzle') return (this.#known.drizzle ??= declarations(this.#all('module', 'drizzle-tables').flatMap((module) => declaredIn(module.file, drizzleTables(module, this.meanings)))));
    if (library === 'typeorm' || library === 'sequelize') return (this.#known.classes ??= declarations(this.#all('module', 'class-tables').flatMap((module) => declaredIn(module.file, classTables(module, this.meanings)))));
    return undefined;
  }

  #ofSchemas(): Declared[] {
    const declared = this.#all('schema', 'prisma-tables').flatMap(({ file, tables }) => declaredIn(file, tables));
    const tables = withRelations(tablesOf(declared));
    return declared.map(({ folder }, index) => ({ folder, table: tables[index]! }));
  }

  /** Migrations of a folder one after another, as their names sort them. */
  #ofMigrations(): Declared[] {
    const folders = new Map<string, Map<string, Map<string, Column>>>();
    for (const { file, tables } of this.#all('sql', 'sql-tables')) {
      const folder = FOLDER_EACH.test(file) ? folderOf(folderOf(file)) : folderOf(file);
      for (const change of tables ?? []) {
        let known = folders.get(folder);
        if (!known) folders.set(folder, (known = new Map()));
        apply(known, change);
      }
    }
    return [...folders].flatMap(([folder, tables]) => [...tables].map(([name, columns]) => ({ folder, table: { name, columns: [...columns.values()] } })));
  }

  #all<Kind extends FileFacts['kind']>(kind: Kind, contribution: Contribution): (FileFacts & { kind: Kind })[] {
    const all = this.files.contributors(contribution).files().map((file) => this.files.get(file));
    return all.filter((facts): facts is FileFacts & { kind: Kind } => facts?.kind === kind);
  }
}

/** Two files that create the same table (a dump and its migrations, down and up) give it the columns of both. */
function apply(tables: Map<string, Map<string, Column>>, { table, creates, adds, drops }: TableChange): void {
  let columns = tables.get(table);
  // What is changed without having been created is not known.
  if (!columns && !creates) return;
  if (!columns) tables.set(table, (columns = new Map()));
  for (const column of adds) columns.set(column.name, column);
  for (const name of drops) columns.delete(name);
}

/** Of several declarations, those of the innermost package around the file: a schema stands in its package's folder, or one deeper. */
function nearest(declared: readonly Declared[], file: string): Declared[] {
  const reach = declared.map(({ folder }) => [folder, folderOf(folder)].find((one) => file.startsWith(`${one}/`))?.length ?? -1);
  const most = Math.max(0, ...reach);
  return declared.filter((_, index) => reach[index] === most);
}

function declaredIn(file: string, tables: readonly Table[]): Declared[] {
  return tables.map((table) => ({ table, folder: folderOf(file) }));
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function tablesOf(declared: readonly Declared[]): Table[] {
  return declared.map(({ table }) => table);
}

function declarations(declared: readonly Declared[]): Declarations {
  const known: Declarations = new Map();
  for (const one of declared) {
    const same = known.get(one.table.name);
    if (same) same.push(one);
    else known.set(one.table.name, [one]);
  }
  return known;
}
