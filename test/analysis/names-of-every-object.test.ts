import assert from 'node:assert/strict';
import { analyze, initSql } from '../analysis-host';

/** What every object of JavaScript has, and a program's may have, too. */
const NAMES = ['constructor', 'toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf', '__proto__', '__defineGetter__'];

/** A handle of each library, and something of it whose members are called. */
const HANDLES: Record<string, [imports: string, handles: string[]]> = {
  pg: [`import * as lib from 'pg'; const db = new lib.Pool();`, ['db']],
  'postgres-js': [`import lib from 'postgres'; const db = lib('');`, ['db']],
  neon: [`import * as lib from '@neondatabase/serverless'; const db = lib.neon('');`, ['db']],
  drizzle: [`import * as lib from 'drizzle-orm/node-postgres'; const db = lib.drizzle('');`, ['db', 'db.query', 'db.query.users']],
  prisma: [`import * as lib from '@prisma/client'; const db = new lib.PrismaClient();`, ['db', 'db.user']],
  kysely: [`import * as lib from 'kysely'; const db = new lib.Kysely({});`, ['db', `db.selectFrom('a')`]],
  knex: [`import lib from 'knex'; const db = lib({ client: 'pg' });`, ['db', 'db.schema']],
  typeorm: [`import * as lib from 'typeorm'; const db = new lib.DataSource({ type: 'postgres' });`, ['db', 'db.manager', 'db.getRepository(Row)', `db.createQueryBuilder()`]],
  sequelize: [`import * as lib from 'sequelize'; const db = new lib.Sequelize(''); const Model = db.define('a', {});`, ['db', 'Model', 'new Model()']],
  'mikro-orm': [`import * as lib from '@mikro-orm/postgresql'; const orm = lib.MikroORM.init({}); const db = (await orm).em;`, ['db', 'db.getRepository(Row)', 'db.createQueryBuilder(Row)']],
  containers: [`import * as lib from 'inversify'; const db = new lib.Container();`, ['db', `db.bind('a')`]],
  servers: [`import lib from 'fastify'; const db = lib();`, ['db']],
};

/** Each name as a member that is called, read, constructed, imported, declared and named as a type. */
function program(imports: string, handles: readonly string[], name: string): string {
  const calls = handles.map((handle) => `await ${handle}.${name}(id); await ${handle}.${name}.${name}(id, rows); const { ${name}: taken${handles.indexOf(handle)} } = ${handle};`);
  return `${imports}
    class Row { a = 1; method() { return this.${name}; } static made() { return Row.${name}; } }
    const own = { a: 1 };
    export async function run(ids: number[], typed: lib.${name}, row: Row['${name}'], list: { rows: Row[] }) {
      for (const id of ids) {
        ${calls.join('\n        ')}
        const rows = [own.${name}, own['${name}'], new Row().${name}, Row.${name}, typed.${name}(), row, list.${name}, list.rows.${name}(id)];
        new lib.${name}(rows); await own.${name}(id); await new Row().${name}(id); await rows.${name}(id);
      }
    }`;
}

describe('names that every object has', function () {
  this.timeout(20_000);
  before(initSql);

  for (const [library, [imports, handles]] of Object.entries(HANDLES)) {
    it(`are no queries, and break no rule: ${library}`, () => {
      for (const name of NAMES) {
        const { findings, failures } = analyze({ 'src/main.ts': program(imports, handles, name) });
        assert.deepEqual(failures, [], name);
        assert.deepEqual(findings.map(({ rule, message }) => `${rule}: ${message}`), [], name);
      }
    });
  }
});
