import type { ValueView } from '../program/value-view';
import type { Library, LibraryId } from './library';

/**
 * Stands for handles that are certainly not on PostgreSQL, in a program that has PostgreSQL besides. Round trips to a
 * database inside of the process cost nothing, and what is advised for PostgreSQL may not hold elsewhere: nothing is said
 * of them.
 */
export const otherDatabase: Library = {
  id: 'pg',
  imported: () => undefined,
  constructed: (root) => root,
  typed: (root) => root,
  interpret: () => ({ is: 'part' }),
  callbackParameter: (root) => root,
};

/** Which database something tells of; `documents` are none that SQL is sent to. */
export type Database = 'postgres' | 'other' | 'documents';

const POSTGRES_NAMES = /^(pg|pg-native|pgnative|postgres|postgresql|postgresjs|cockroachdb|cockroach|aurora-postgres|redshift|pglite)$/i;
const OTHER_NAMES = /^(mysql2?|mariadb|sqlite3?|better-sqlite3?|better-sqlite|libsql|sqljs|expo|capacitor|cordova|react-native|nativescript|mssql|tedious|oracle|oracledb|aurora-mysql|sap|spanner|snowflake|db2|d1)$/i;

const DOCUMENT_NAMES = /^mongo(db)?$/i;

/** What libraries and their extensions have for one kind of database only, by package and name. */
const DIALECTS: Partial<Record<LibraryId, { source: RegExp; postgres: RegExp; other: RegExp }>> = {
  pg: { source: /^(pg|pg-promise|postgres|@neondatabase\/serverless|@vercel\/postgres)$/, postgres: /^/, other: /(?!)/ },
  drizzle: {
    source: /^drizzle-orm\//,
    postgres: /\/(node-postgres|postgres-js|neon|vercel-postgres|pg-|aws-data-api\/pg|supabase|xata|gel)/,
    other: /\/(better-sqlite3|bun-sqlite|bun-sql\/(mysql|sqlite)|d1|durable-sqlite|expo-sqlite|libsql|mysql|op-sqlite|planetscale-serverless|singlestore|sql-js|sqlite|tidb-serverless|node-mssql|mssql)/,
  },
  kysely: {
    source: /^(@[\w-]+\/)?[\w-]*kysely[\w-]*$/i,
    postgres: /postgres|neon|pglite|Pg[A-Z]/i,
    other: /sqlite|mysql|mssql|planetscale|libsql|\bd1\b|D1Dialect|turso/i,
  },
  'mikro-orm': { source: /^@mikro-orm\//, postgres: /postgresql|pglite/i, other: /mysql|mariadb|sqlite|libsql|mssql|oracle/i },
};

/** Where the options of a library name the database. */
const OPTIONS: Partial<Record<LibraryId, { source: RegExp; keys: string[] }>> = {
  knex: { source: /^(knex|nestjs-knex|objection)$/, keys: ['client', 'dialect'] },
  typeorm: { source: /^(typeorm|@nestjs\/typeorm)$/, keys: ['type'] },
  sequelize: { source: /^(sequelize|sequelize-typescript|@nestjs\/sequelize|@sequelize\/[\w-]+)$/, keys: ['dialect'] },
  'mikro-orm': { source: /^@mikro-orm\//, keys: ['type'] },
};

/** Most modules import none of the packages that can tell. */
export const MAY_TELL = /kysely|drizzle|mikro-orm|knex|objection|typeorm|sequelize|postgres|^pg|^@neondatabase/i;

/** Libraries for which some module may tell the database of others. */
export const TOLD_LIBRARIES = [...new Set([...Object.keys(DIALECTS), ...Object.keys(OPTIONS)])] as LibraryId[];

/** What an import tells of the handles of a library. */
export function databaseOfImport(library: LibraryId, source: string, name: string): Database | undefined {
  const dialect = DIALECTS[library];
  if (!dialect?.source.test(source)) return undefined;
  // The package's own name does not tell, if it has all dialects.
  const told = /^(kysely|@mikro-orm\/(core|knex|sql|nestjs|decorators.*|reflection|migrations|seeder|cli))$/.test(source) ? name : `${source} ${name}`;
  if (dialect.postgres.test(told)) return 'postgres';
  return dialect.other.test(told) ? 'other' : /mongo/i.test(told) ? 'documents' : undefined;
}

/** Keys of options that name the database, in a module that imports these packages. */
export function optionsNaming(library: LibraryId, sources: Iterable<string>): string[] {
  const options = OPTIONS[library];
  return options && [...sources].some((source) => options.source.test(source)) ? options.keys : [];
}

/** The database that goes by this name in options, or in the address of one. */
export function databaseNamed(name: string): Database | undefined {
  const scheme = /^(\w+):/.exec(name)?.[1] ?? name;
  return POSTGRES_NAMES.test(scheme) ? 'postgres' : OTHER_NAMES.test(scheme) ? 'other' : DOCUMENT_NAMES.test(scheme) ? 'documents' : undefined;
}

/** Whether a handle that is made with these arguments is on another database: `new Kysely({ dialect: new SqliteDialect(…) })`. */
export function isOnOther(library: LibraryId, args: readonly ValueView[]): boolean {
  const keys = [...(OPTIONS[library]?.keys ?? []), ...(library === 'kysely' ? ['dialect'] : library === 'mikro-orm' ? ['driver'] : [])];
  return args.some((argument) => {
    const address = library === 'sequelize' || library === 'knex' ? argument.text() : undefined;
    if (address !== undefined && databaseNamed(address) === 'other') return true;
    return keys.some((key) => {
      const value = argument.property(key);
      const text = value?.text();
      if (text !== undefined) return databaseNamed(text) === 'other';
      const name = value?.maker() ?? value?.path()?.at(-1);
      return DIALECTS[library] !== undefined && name !== undefined && !DIALECTS[library].postgres.test(name) && DIALECTS[library].other.test(name);
    });
  });
}
