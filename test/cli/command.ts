import path from 'node:path';
import { build } from '../built';
import { start, type Ended } from './start';

/** Runs the `roundtrip` command in a folder, with a cache of its own unless the environment names one. */
export async function roundtrip(folder: string, args: readonly string[], env: Record<string, string> = {}): Promise<Omit<Ended, 'signal'>> {
  await build();
  const { status, stdout, stderr } = await start(folder, args, { env: { XDG_CACHE_HOME: path.join(folder, 'node_modules/.cache'), ...env } }).ended;
  return { status, stdout, stderr };
}

/** Two modules: a needless query through another file, and one with a safe fix. */
export const SHOP = {
  'src/users.ts': `import { Pool } from 'pg';
const pool = new Pool();
export async function nameOf(id: number): Promise<string> {
  const { rows } = await pool.query('SELECT name FROM users WHERE id = $1', [id]);
  return rows[0].name;
}
`,
  'src/orders.ts': `import { nameOf } from './users';
export async function buyers(orders: { userId: number }[]): Promise<string[]> {
  return Promise.all(orders.map((order) => nameOf(order.userId)));
}
`,
} as const;
