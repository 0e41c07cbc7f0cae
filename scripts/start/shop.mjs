/** What the shop needs before its task can run it in an editor: its Prisma client, its database with data, and a port. */
import path from 'node:path';
import { freePort, projectRoot } from '../../test/editor/host/host.ts';
import { seed, startDatabase } from './database.mjs';
import { generateClient } from './generate-client.mjs';

export const demo = path.join(projectRoot, 'demo');

/** Where the shop serves its page when nothing else is there. */
const PREFERRED_PORT = 3000;

/** The file that is opened first, with the line of its problem. */
export const firstFile = `${path.join(demo, 'src/orders/history.ts')}:23`;

/** Settings of the person's own, for a VS Code that was started for the shop alone: its task may start by itself, and its port is no news. */
export const userSettings = { 'task.allowAutomaticTasks': 'on', 'remote.autoForwardPorts': false };

/**
 * Prepares all of it and returns the environment that the shop is run in.
 * @param {string} cache Folder that keeps the database for the next time.
 * @param {<T>(name: string, work: () => Promise<T>) => Promise<T>} step
 * @param {(stop: () => Promise<unknown>, process?: import('./leftovers.mjs').Remembered) => void} started Is told what to stop at the end.
 * @returns {Promise<{ DATABASE_URL: string, PORT: string }>}
 */
export async function prepareShop(cache, step, started) {
  await step("Generating the shop's Prisma client", generateClient);
  const database = await step('Starting PostgreSQL', () => startDatabase(cache));
  started(database.stop, { pid: database.pid, command: database.folder });
  await step('Filling the shop: 60,000 orders with 210,000 items', () => seed(database.url));
  return { DATABASE_URL: database.url, PORT: String(await freePort(PREFERRED_PORT)) };
}
