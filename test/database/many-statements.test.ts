import assert from 'node:assert/strict';
import type { StatementCount } from '../../src/database/index.js';
import { sharedPostgres, type SharedPostgres } from '../shared-postgres.js';
import { loginTo, openConnection, openSource, Told, value, withClient } from './server.js';

/** More than one reading asks the texts of. */
const STATEMENTS = 50_000;
const MOST_READINGS = 20;

describe('a server with thousands of statements', () => {
  let server: SharedPostgres;

  before(async () => {
    server = await sharedPostgres('many');
  });

  // Whoever reads the counters after this has them to read.
  after(() => withClient(loginTo(server.url), (client) => client.query('SELECT pg_stat_statements_reset()')));

  it('are all counted, each once, without holding up anything else for long', async function () {
    this.timeout(180_000);
    const login = loginTo(server.url);
    await withClient(login, (client) => client.query('CREATE EXTENSION pg_stat_statements'));
    const connection = await openConnection(login);
    const source = await openSource(connection);
    // Eight operators in a row, each one of four: no server and no fingerprint takes two of them for the same statement.
    await withClient(login, (client) =>
      client.query(`SET pg_stat_statements.track = 'all'; DO $$ BEGIN FOR n IN 0..${STATEMENTS - 1} LOOP
        EXECUTE (SELECT 'SELECT 1' || string_agg((ARRAY['+', '-', '*', '/'])[1 + (n >> (2 * digit)) % 4] || '1', '' ORDER BY digit) FROM generate_series(0, 7) AS digit);
      END LOOP; END $$`),
    );
    let turns = 0;
    let reading = true;
    const turn = (): void => {
      turns += 1;
      if (reading) setImmediate(turn);
    };
    setImmediate(turn);
    const told = new Told();
    const counted = (): [string, StatementCount][] => [...told.counts].filter(([id]) => /^SELECT \$1[-+*/]/.test(told.texts.get(id) ?? ''));
    // The last ones are counted in the row of the others: what the session itself ran came first.
    const calls = (): number => counted().length + (told.of('(statements beyond the first 50,000)')?.calls ?? 0);
    for (let readings = 1; readings === 1 || (calls() < STATEMENTS && readings < MOST_READINGS); readings += 1) told.add(value(await source.read()));
    reading = false;
    await connection.close();
    assert.equal(calls(), STATEMENTS);
    assert.ok(counted().length > STATEMENTS - 10, `${counted().length} are told apart`);
    assert.ok(counted().every(([, { calls }]) => calls === 1));
    assert.ok(turns > STATEMENTS / 100, `others had ${turns} turns`);
  });
});
