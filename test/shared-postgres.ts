import pg from 'pg';
import { startPostgres, type RunningPostgres } from './postgres.js';

/**
 * What a suite's files agree on. Statistics of tables change only when a test says so, and nothing that a file ran pushes out what
 * another one is to find.
 */
const SETTINGS = ['autovacuum=off', 'pg_stat_statements.max=60000'];

let server: Promise<RunningPostgres> | undefined;

/** A new database, on the server that all files of a suite share. */
export type SharedPostgres = Omit<RunningPostgres, 'stop'>;

/**
 * Makes a database on a PostgreSQL with pg_stat_statements loaded, which is started once per process: to start one takes longer than
 * most tests. Roles and counters are the server's, so a role needs a name that no other file of the suite uses.
 */
export async function sharedPostgres(database: string): Promise<SharedPostgres> {
  server ??= startPostgres({ statStatements: true, settings: SETTINGS });
  const { url, port, restart } = await server;
  const admin = new pg.Client(url);
  await admin.connect();
  await admin.query(`CREATE DATABASE "${database}"`);
  await admin.end();
  const own = new URL(url);
  own.pathname = `/${database}`;
  return { url: own.href, port, restart };
}

after(async () => (await server)?.stop());
