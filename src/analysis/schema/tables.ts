import type { Query } from '../libraries/library';
import type { FileFacts } from '../program/facts';
import type { Meanings } from '../program/meaning';
import { classTables } from './class-tables';
import { drizzleTables } from './drizzle-tables';
import { withRelations } from './prisma-schema';
import type { TableChange } from './sql-tables';
import { agreeing, type Column, type Table } from './table';

/** Libraries whose queries name tables as the database does. */
const SQL_NAMES: ReadonlySet<Query['library']> = new Set(['pg', 'postgres-js', 'neon', 'knex', 'kysely']);

/** The tables that the files of a program declare, by what queries of each library call them. Made anew when a file changes. */
export class Tables {
  #prisma: Map<string, Table[]> | undefined;
  #drizzle: Map<string, Table[]> | undefined;
  #classes: Map<string, Table[]> | undefined;
  #sql: Map<string, Table> | undefined;

  constructor(
    private readonly files: () => Iterable<FileFacts>,
    private readonly meanings: Meanings,
  ) {}

  forget(): void {
    this.#prisma = this.#drizzle = this.#classes = this.#sql = undefined;
  }

  /** The one table that a query reads; undefined when it reads several, or when no file declares it beyond doubt. */
  of(query: Query): Table | undefined {
    const [name, ...others] = query.tables;
    if (name === undefined || others.length > 0) return undefined;
    if (query.sql !== undefined || SQL_NAMES.has(query.library)) return (this.#sql ??= this.#ofMigrations()).get(name);
    if (query.library === 'prisma') return agreeing((this.#prisma ??= this.#ofSchemas()).get(name) ?? []);
    if (query.library === 'drizzle') return agreeing((this.#drizzle ??= this.#ofModules()).get(name) ?? []);
    if (query.library === 'typeorm' || query.library === 'sequelize') return agreeing((this.#classes ??= this.#ofClasses()).get(name) ?? []);
    return undefined;
  }

  #ofSchemas(): Map<string, Table[]> {
    return byName(withRelations(this.#all('schema').flatMap(({ tables }) => tables)));
  }

  #ofClasses(): Map<string, Table[]> {
    return byName(this.#all('module').flatMap((module) => classTables(module, this.meanings)));
  }

  #ofModules(): Map<string, Table[]> {
    return byName(this.#all('module').flatMap((module) => drizzleTables(module, this.meanings)));
  }

  /** Migrations one after another, as their names sort them. */
  #ofMigrations(): Map<string, Table> {
    const files = this.#all('sql').filter(({ tables }) => tables).sort((a, b) => (a.file < b.file ? -1 : 1));
    const columns = new Map<string, Map<string, Column>>();
    for (const { tables } of files) for (const change of tables!) apply(columns, change);
    return new Map([...columns].map(([name, of]) => [name, { name, columns: [...of.values()] }]));
  }

  #all<Kind extends FileFacts['kind']>(kind: Kind): (FileFacts & { kind: Kind })[] {
    return [...this.files()].filter((facts): facts is FileFacts & { kind: Kind } => facts.kind === kind);
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

function byName(tables: readonly Table[]): Map<string, Table[]> {
  const known = new Map<string, Table[]>();
  for (const table of tables) {
    const same = known.get(table.name);
    if (same) same.push(table);
    else known.set(table.name, [table]);
  }
  return known;
}
