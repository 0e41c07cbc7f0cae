import assert from 'node:assert/strict';
import { extractFacts } from '../../src/analysis';
import { initSql, programOf, queriesOf } from '../analysis-host';

/** In a program that has PostgreSQL, too. */
const POSTGRES = { 'postgres.ts': "import { Pool } from 'pg'; export const pool = new Pool();" };

/** Programs whose `main.ts` runs one query, by whether that is PostgreSQL's. */
const PROGRAMS: { name: string; counts: boolean; files: Record<string, string> }[] = [
  ...([['new SqliteDialect({ database })', false], ['new MysqlDialect({ pool })', false], ['new PostgresDialect({ pool })', true], ['dialectOf(process.env)', true]] as const).map(([dialect, counts]) => ({
    name: `new Kysely({ dialect: ${dialect} })`, counts,
    files: { 'main.ts': `import { Kysely, MysqlDialect, PostgresDialect, SqliteDialect } from 'kysely'; const db = new Kysely<DB>({ dialect: ${dialect} }); export const all = () => db.selectFrom('orders').selectAll().execute();` },
  })),
  ...([["{ client: 'better-sqlite3' }", false], ["{ client: 'mysql2' }", false], ["{ client: 'pg' }", true], ['{ client: process.env.CLIENT }', true], ["'mysql://localhost'", false], ["'postgres://localhost'", true]] as const).map(([config, counts]) => ({
    name: `knex(${config})`, counts,
    files: { 'main.ts': `import knex from 'knex'; import { config } from './config'; const db = knex(config); export const all = async () => await db('orders').select();`, 'config.ts': `export const config = ${config};` },
  })),
  ...([["{ type: 'sqlite' }", false], ["{ type: 'postgres' }", true]] as const).map(([options, counts]) => ({
    name: `new DataSource(${options})`, counts,
    files: { 'main.ts': `import { DataSource } from 'typeorm'; class Order { id!: number } const source = new DataSource(${options}); export const all = () => source.getRepository(Order).find();` },
  })),
  ...([["'sqlite::memory:'", false], ["'app', 'me', 'secret', { dialect: 'mysql' }", false], ["'postgres://localhost/app'", true], ["{ dialect: 'postgres' }", true]] as const).map(([args, counts]) => ({
    name: `new Sequelize(${args})`, counts,
    files: { 'main.ts': `import { Sequelize } from 'sequelize'; const sequelize = new Sequelize(${args}); const Order = sequelize.define('Order', {}); export const all = () => Order.findAll();` },
  })),
  ...([['drizzle-orm/better-sqlite3', false], ['drizzle-orm/d1', false], ['drizzle-orm/mysql2', false], ['drizzle-orm/node-postgres', true]] as const).map(([source, counts]) => ({
    name: source, counts,
    files: { 'main.ts': `import { drizzle } from '${source}'; const db = drizzle({}); export const all = async () => await db.select().from(orders);` },
  })),
  {
    name: 'a type, where the code around it makes handles for SQLite', counts: false,
    files: {
      'main.ts': "import type { Kysely } from 'kysely'; export const all = (db: Kysely<DB>) => db.selectFrom('orders').selectAll().execute();",
      'db.ts': "import { Kysely, SqliteDialect } from 'kysely'; export const db = new Kysely({ dialect: new SqliteDialect({}) });",
    },
  },
  {
    name: 'a type, where the code around it makes handles for SQLite and for PostgreSQL', counts: true,
    files: {
      'main.ts': "import type { Kysely } from 'kysely'; export const all = (db: Kysely<DB>) => db.selectFrom('orders').selectAll().execute();",
      'db.ts': "import { Kysely, PostgresDialect, SqliteDialect } from 'kysely'; export const db = new Kysely({ dialect: local ? new SqliteDialect({}) : new PostgresDialect({}) });",
    },
  },
  {
    name: 'a type, where only tests make handles for SQLite', counts: true,
    files: {
      'main.ts': "import type { Kysely } from 'kysely'; export const all = (db: Kysely<DB>) => db.selectFrom('orders').selectAll().execute();",
      'db.test.ts': "import { Kysely, SqliteDialect } from 'kysely'; export const db = new Kysely({ dialect: new SqliteDialect({}) });",
    },
  },
  {
    name: 'an injected repository, where the options name MySQL', counts: false,
    files: {
      'main.ts': "import { Repository } from 'typeorm'; class Order { id!: number } export const all = (orders: Repository<Order>) => orders.find();",
      'app.ts': "import { TypeOrmModule } from '@nestjs/typeorm'; export const imports = [TypeOrmModule.forRoot({ type: 'mysql' })];",
    },
  },
  {
    name: 'an injected repository, where the options may name PostgreSQL', counts: true,
    files: {
      'main.ts': "import { Repository } from 'typeorm'; class Order { id!: number } export const all = (orders: Repository<Order>) => orders.find();",
      'app.ts': "import { TypeOrmModule } from '@nestjs/typeorm'; export const imports = [TypeOrmModule.forRoot({ type: process.env.DB_TYPE ?? 'sqlite' })];",
    },
  },
  ...([['mongodb', false], ['sqlite', false], ['postgresql', true]] as const).map(([driver, counts]) => ({
    name: `@mikro-orm/core with @mikro-orm/${driver}`, counts,
    files: {
      'main.ts': "import { EntityManager } from '@mikro-orm/core'; class Order { id!: number } export const all = (em: EntityManager) => em.find(Order, {});",
      'config.ts': `import { defineConfig } from '@mikro-orm/${driver}'; export default defineConfig({});`,
    },
  })),
];

describe('handles on other databases', () => {
  before(initSql);

  for (const { name, counts, files } of PROGRAMS) {
    it(`${counts ? 'counts' : 'leaves out'} ${name}`, () => assert.equal(queriesOf({ ...POSTGRES, ...files }).length, counts ? 1 : 0));
  }

  it('counts all handles of a program that has no PostgreSQL', () => {
    const main = "import { Kysely, SqliteDialect } from 'kysely'; const db = new Kysely<DB>({ dialect: new SqliteDialect({}) }); export const all = () => db.selectFrom('orders').selectAll().execute();";
    assert.equal(queriesOf({ 'main.ts': main }).length, 1);
    assert.equal(queriesOf({ 'main.ts': main, ...POSTGRES }).length, 0);
  });

  it('asks the nearest code', () => {
    const asks = "import type { Kysely } from 'kysely'; export const all = (db: Kysely<DB>) => db.selectFrom('orders').selectAll().execute();";
    const program = programOf(new Map(Object.entries({
      'packages/local/src/store/all.ts': asks,
      'packages/local/src/db.ts': "import { SqliteDialect } from 'kysely'; export const dialect = new SqliteDialect({});",
      'packages/server/src/all.ts': asks,
      'packages/server/src/db.ts': "import { PostgresDialect } from 'kysely'; export const dialect = new PostgresDialect({});",
      'packages/shared/all.ts': asks,
    })));
    const queries = (file: string): number => {
      const facts = program.facts(file);
      return facts?.kind === 'module' ? facts.sites.filter((_, index) => program.effects.site(facts, index).query).length : -1;
    };
    assert.deepEqual(['packages/local/src/store/all.ts', 'packages/server/src/all.ts', 'packages/shared/all.ts'].map(queries), [0, 1, 1]);
  });

  it('knows where MikroORM collects what is loaded in one tick', () => {
    const main = "import { Collection, type EntityManager } from '@mikro-orm/core'; class Book { id!: number } class Author { books = new Collection<Book>(this) } export const all = (author: Author) => author.books.loadItems();";
    const config = (loader: string): string => `import { DataloaderType, defineConfig } from '@mikro-orm/postgresql'; export default defineConfig({ dbName: 'app', dataloader: ${loader} });`;
    const isBatched = (files: Record<string, string>): boolean[] => queriesOf({ 'main.ts': main, ...files }).map(({ batchedInTick }) => batchedInTick);
    assert.deepEqual(isBatched({ 'config.ts': config('DataloaderType.ALL') }), [true]);
    assert.deepEqual(isBatched({ 'config.ts': config('true') }), [true]);
    assert.deepEqual(isBatched({ 'config.ts': config('DataloaderType.NONE') }), [false]);
    assert.deepEqual(isBatched({}), [false]);
  });

  it('learns when the code that tells changes', () => {
    const asks = "import type { Kysely } from 'kysely'; export const all = (db: Kysely<DB>) => db.selectFrom('orders').selectAll().execute();";
    const program = programOf(new Map(Object.entries({ ...POSTGRES, 'main.ts': asks })));
    const count = (): number => {
      const facts = program.facts('main.ts');
      return facts?.kind === 'module' ? facts.sites.filter((_, index) => program.effects.site(facts, index).query).length : -1;
    };
    assert.equal(count(), 1);
    assert.deepEqual(program.update(extractFacts('db.ts', "import { SqliteDialect } from 'kysely'; export const dialect = new SqliteDialect({});")), ['db.ts', 'main.ts', 'postgres.ts']);
    assert.equal(count(), 0);
    assert.deepEqual(program.remove('db.ts'), ['main.ts', 'postgres.ts']);
    assert.equal(count(), 1);
  });
});
