/**
 * `node --import=tsx scripts/bench/polling.ts [STATEMENTS]`: what watching costs a server that keeps 5,000 statements (unless said
 * otherwise): the time it takes to answer each of a session's questions, by its own count, as a share of the pause between two readings.
 */
import pg from 'pg';
import { DatabaseConnection, parseDatabaseUrl, ServerSource, type Result } from '../../src/database/index.js';
import { loadSqlParser } from '../../src/database/sql/index.js';
import { pauseAfter } from '../../src/profiler/reading-pace.js';
import { startPostgres } from '../../test/postgres.js';

const STATEMENTS = Number(process.argv[2] ?? 5_000);
const READINGS = 30;

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value;
}

/** What the server itself counted of the watching role's statements: how many, and the milliseconds that planning and running them took. */
async function answered(app: pg.Client): Promise<{ calls: number; ms: number }> {
  const { rows } = await app.query<{ calls: number; ms: number }>(
    `SELECT coalesce(sum(calls), 0)::int AS calls, coalesce(sum(total_exec_time + total_plan_time), 0)::float8 AS ms FROM pg_stat_statements WHERE userid = 'watcher'::regrole`,
  );
  return rows[0]!;
}

async function main(): Promise<void> {
  const server = await startPostgres({
    statStatements: true,
    settings: [`pg_stat_statements.max=${STATEMENTS + 1_000}`, 'pg_stat_statements.track=all', 'pg_stat_statements.track_planning=on'],
  });
  const app = new pg.Client(server.url);
  await app.connect();
  try {
    await app.query('CREATE EXTENSION pg_stat_statements');
    // A superuser's session would not count its own statements.
    await app.query("CREATE ROLE watcher LOGIN PASSWORD 'password' IN ROLE pg_monitor");
    // Operators make them differ: a server takes no two of them for the same statement.
    await app.query(`DO $$ BEGIN FOR n IN 1..${STATEMENTS} LOOP
      EXECUTE (SELECT 'SELECT 1' || string_agg((ARRAY['+', '-', '*', '/'])[1 + (n >> (2 * digit)) % 4] || '1', '' ORDER BY digit) || repeat(' /* a text of usual length */', 10) FROM generate_series(0, 7) AS digit);
    END LOOP; END $$`);
    const kept = (await app.query<{ count: number }>('SELECT count(*)::int FROM pg_stat_statements')).rows[0]!.count;
    const login = parseDatabaseUrl(server.url.replace('//postgres:', '//watcher:'));
    if (!login.ok) throw new Error(login.reason);
    await loadSqlParser();
    const connection = value(await DatabaseConnection.open(login.login));
    const source = value(await ServerSource.open(connection));
    // The first readings learn the texts.
    for (let n = 0; n < 3; n += 1) value(await source.read());
    const before = await answered(app);
    const seen: number[] = [];
    for (let n = 0; n < READINGS; n += 1) {
      await app.query('SELECT 1+1');
      const { readMs } = value(await source.read());
      const from = performance.now();
      value(await source.activity());
      seen.push(readMs + performance.now() - from);
    }
    const after = await answered(app);
    await connection.close();
    const serverMs = (after.ms - before.ms) / READINGS;
    const seenMs = seen.sort((a, b) => a - b)[READINGS >> 1]!;
    const pause = pauseAfter(seenMs, true);
    console.log(`${kept.toLocaleString('en')} statements kept, ${READINGS} readings of ${((after.calls - before.calls) / READINGS).toFixed(0)} statements each`);
    console.log(`by the server       ${serverMs.toFixed(2)} ms per reading, ${((100 * serverMs) / 2_000).toFixed(2)} % of 2 s`);
    console.log(`as the session sees ${seenMs.toFixed(2)} ms per reading (median), so it waits ${(pause / 1_000).toFixed(1)} s: ${((100 * serverMs) / (pause + seenMs)).toFixed(2)} % of the server's time`);
  } finally {
    await app.end();
    await server.stop();
  }
}

void main();
