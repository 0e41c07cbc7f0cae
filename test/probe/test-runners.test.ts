import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { sharedPostgres, type SharedPostgres } from '../shared-postgres';
import { Listener } from './listener';
import { buildProbe, programOf, PROGRAMS, run, WORK } from './program';
import { nodesAtHand } from './table';

/** Runs the same file of tests twice, each time in a context with modules of its own, and a text that cannot be compiled. */
const RUNNER = `
const { Runtime } = require('jest-runtime');
const vm = require('node:vm');
(async () => {
  const classes = new Set();
  for (const kind of ['script', 'function', 'function']) {
    const runtime = new Runtime(kind);
    await runtime.load(require.resolve('./shop.cjs')).work();
    classes.add(runtime.load(require.resolve('pg')).Client);
  }
  const [{ Script, compileFunction }, stacks] = [vm, []];
  for (const compile of [() => new Script('}', 'pg/lib/client.js'), () => compileFunction('}', [], { filename: '/pg/lib/client.js' }), () => new Script(5), () => Script('1')]) {
    try { console.log(compile()); } catch (error) { console.log(error.message); stacks.push(error.stack); }
  }
  console.log(classes.size, stacks.join().includes('probe'), new Script('40 + 2', 'other.js').runInThisContext(), new Script('1') instanceof Script, Script.name, Script.length, compileFunction.name, compileFunction.length);
})();
`;

const SHOP = `const { Client, Pool } = require('pg');
const postgres = require('postgres');
exports.work = async () => {
  const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 1 });
  await pool.query('SELECT $1::date', [new Date(0)]);
  await pool.query('SELECT $1::date', [new Date(5e9)]);
  await pool.end();
  const client = new Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  await client.query('SELECT 1');
  await client.end();
  const sql = postgres(process.env.DATABASE_URL, { max: 1, fetch_types: false });
  await sql\`SELECT 2\`;
  await sql.unsafe('SELECT 3');
  await sql.end();
};
`;

const LINES = [5, 6, 10, 13, 14];

describe('test runners', () => {
  let postgres: SharedPostgres;
  before(async function () {
    this.timeout(60_000);
    [postgres] = await Promise.all([sharedPostgres('test_runners'), buildProbe()]);
    const runtime = path.join(WORK, 'node_modules/jest-runtime');
    mkdirSync(path.join(runtime, 'build'), { recursive: true });
    writeFileSync(path.join(runtime, 'package.json'), JSON.stringify({ name: 'jest-runtime', main: './build/index.js' }));
    copyFileSync(path.join(PROGRAMS, 'jest-runtime.cjs'), path.join(runtime, 'build/index.js'));
  });

  for (const node of nodesAtHand()) {
    it(`that load modules themselves: queries of each test file stand at their lines, with Node ${node.version}`, async () => {
      const listener = await Listener.open();
      const shop = programOf('shop.cjs', SHOP);
      const runner = programOf('runner.cjs', RUNNER);
      const env = { DATABASE_URL: postgres.url };
      try {
        const [without, finished] = await Promise.all([
          run(runner, { node: node.binary, probe: false, env }),
          run(runner, { node: node.binary, env: { ...env, ...listener.environment() } }),
        ]);
        assert.equal(without.status, 0, without.errors);
        assert.deepEqual(finished, without);
        await listener.quiet();
      } finally {
        await listener.close();
      }
      const [{ queries, libraries, notes }] = listener.programs as [(typeof listener.programs)[0]];
      assert.deepEqual(notes, []);
      assert.deepEqual(queries.map(({ frames }) => [frames?.[0]?.file, frames?.[0]?.line]), [...LINES, ...LINES, ...LINES].map((line) => [shop, line]));
      assert.deepEqual(libraries.map((library) => library.split(' ')[0]).sort(), ['pg', 'pg-pool', 'postgres'], 'each is told once');
      assert.notEqual(queries[0]!.parameters, queries[1]!.parameters, 'dates of another context differ too');
      assert.equal(queries[0]!.parameters, queries[5]!.parameters);
    });
  }
});
