import assert from 'node:assert/strict';
import path from 'node:path';
import { sharedPostgres, type SharedPostgres } from '../shared-postgres';
import { Listener } from './listener';
import { buildProbe, PROGRAMS, run } from './program';
import { nodesAtHand } from './table';

const REQUESTS = 60;

describe('requests', () => {
  let postgres: SharedPostgres;
  before(async function () {
    this.timeout(60_000);
    [postgres] = await Promise.all([sharedPostgres('requests'), buildProbe()]);
  });

  for (const node of nodesAtHand()) {
    for (const program of ['requests', 'requests-libraries']) {
      it(`${program}: sixty at once are told apart, with Node ${node.version}`, async () => {
        const listener = await Listener.open();
        const finished = await run(path.join(PROGRAMS, `${program}.mjs`), { node: node.binary, env: { ...listener.environment(), DATABASE_URL: postgres.url } });
        await listener.quiet();
        await listener.close();
        assert.deepEqual(finished, { status: 0, signal: null, output: '', errors: '' });
        const queries = listener.queries.filter(({ text }) => /\d+/.test(text) && /request|\*\//.test(text));
        const misplaced = queries.filter(({ text, request }) => request !== `GET /items/${/\d+/.exec(text)![0]}`);
        assert.deepEqual(misplaced, []);
        const wanted = Array.from({ length: REQUESTS }, (_, n) => 2 + (n % 7));
        const counted = wanted.map((_, n) => queries.filter(({ request }) => request === `GET /items/${n}`).length);
        assert.deepEqual(counted, wanted);
        const [{ ended, notes }] = listener.programs as [(typeof listener.programs)[0]];
        assert.deepEqual(notes, []);
        assert.deepEqual(
          ended.map(({ request, status }) => `${request} ${status}`).sort(),
          wanted.map((_, n) => `GET /items/${n} ${n % 10 === 0 ? 404 : 200}`).sort(),
        );
      });
    }
  }
});
