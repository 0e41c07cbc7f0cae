import assert from 'node:assert/strict';
import { sharedPostgres, type SharedPostgres } from '../shared-postgres';
import { generatePrismaClient } from './prisma-client';
import { buildProbe } from './program';
import { LIBRARY_PROGRAMS, nodesAtHand, runTable } from './table';

/** These keep the driver's own ways; all others reach it through calls that no loader changes, so that a loader of each kind of modules tells. `npm run matrix` runs all. */
const WITH_EVERY_LOADER = ['pg', 'postgres-js', 'drizzle'];
const FEW_LOADERS = ['tsx (modules)', 'require'];

describe('call sites', () => {
  let postgres: SharedPostgres;
  before(async function () {
    this.timeout(60_000);
    [postgres] = await Promise.all([sharedPostgres('call_sites'), buildProbe(), generatePrismaClient()]);
  });

  for (const node of nodesAtHand()) {
    describe(`with Node ${node.version}`, () => {
      for (const program of LIBRARY_PROGRAMS) {
        it(`${program}: each query stands at its line, whatever loads the program`, async () => {
          const loaders = WITH_EVERY_LOADER.includes(program) ? undefined : FEW_LOADERS;
          const results = await runTable([program], node, postgres.url, loaders);
          assert.ok(results.length >= (loaders?.length ?? 7), `${results.length} loaders`);
          assert.deepEqual(results.filter(({ wrong }) => wrong !== undefined), []);
        }).timeout(90_000);
      }
    });
  }
});
