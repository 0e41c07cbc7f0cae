/** The shop without an editor: its Prisma client, its database with data, and customers who visit it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { projectRoot } from '../../test/editor/host/host.ts';
import { seed, startDatabase } from './database.mjs';
import { generateClient } from './generate-client.mjs';

export const demo = path.join(projectRoot, 'demo');

/**
 * Starts all of it and returns the address of the database.
 * @param {string} cache Folder that keeps the database for the next time.
 * @param {<T>(name: string, work: () => Promise<T>) => Promise<T>} step
 * @param {(stop: () => Promise<unknown>, process?: import('./leftovers.mjs').Remembered) => void} started Is told what to stop at the end.
 * @returns {Promise<string>}
 */
export async function startShop(cache, step, started) {
  await step("Generating the shop's Prisma client", generateClient);
  const database = await step('Starting PostgreSQL', () => startDatabase(cache));
  started(database.stop, { pid: database.pid, command: database.folder });
  await step('Filling the shop: 60,000 orders with 210,000 items', () => seed(database.url));
  await step('Letting the first customers in', () => startLoad(database.url, started));
  return database.url;
}

/** Resolves when the load has gone through its first turn; it ends with this process. */
async function startLoad(databaseUrl, started) {
  const load = spawn(process.execPath, ['--import=tsx', 'src/load.ts'], {
    cwd: demo,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, DATABASE_URL: databaseUrl },
  });
  let errors = '';
  load.stderr.on('data', (text) => (errors += text));
  const exited = once(load, 'exit');
  let stopping = false;
  started(async () => {
    stopping = true;
    if (load.connected) load.disconnect();
    await exited;
  });
  const works = await Promise.race([once(load, 'message').then(() => true), exited.then(() => false)]);
  if (!works) throw new Error(`The shop does not run:\n${errors}`);
  void exited.then(() => {
    if (!stopping) console.error(`The load has ended by itself; the shop is quiet now.\n${errors}`);
  });
}
