import assert from 'node:assert/strict';
import type { StatementCount } from '../../src/database/index.js';
import { startPostgres, type RunningPostgres } from '../postgres.js';
import { loginTo, openConnection, openSource, Told, value, withClient } from './server.js';

/** More than one reading asks the texts of. With 50,000 the same happens more often, for a minute. */
const STATEMENTS = 12_000;

describe('a server with thousands of statements', () => {
  let server: RunningPostgres;

  before(async () => {
    server = await startPostgres({ statStatements: true, settings: ['pg_stat_statements.max=60000', 'pg_stat_statements.track=all'] });
  });

  after(() => server.stop());

  it('are all counted, each once, without holding up anything else for long', async function () {
    this.timeout(60_000);
    const login = loginTo(server.url);
    await withClient(login, (client) => client.query('CREATE EXTENSION pg_stat_statements'));
    const connection = await openConnection(login);
    const source = await openSource(connection);
    // Eight operators in a row, each one of four: no server and no fingerprint takes two of them for the same statement.
    await withClient(login, (client) =>
      client.query(`DO $$ BEGIN FOR n IN 0..${STATEMENTS - 1} LOOP
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
    for (let readings = 1; readings === 1 || (counted().length < STATEMENTS && readings < 10); readings += 1) told.add(value(await source.read()));
    reading = false;
    await connection.close();
    assert.equal(counted().length, STATEMENTS);
    assert.ok(counted().every(([, { calls }]) => calls === 1));
    assert.ok(turns > STATEMENTS / 100, `others had ${turns} turns`);
  });
});
