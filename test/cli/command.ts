import { spawn } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const ENTRY = path.join(__dirname, '../../src/cli/main.ts');
const TSX = pathToFileURL(require.resolve('tsx')).href;

export interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the `roundtrip` command from its sources, in a folder, without a cache unless the environment names one. */
export function roundtrip(folder: string, args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', TSX, ENTRY, ...args], {
      cwd: folder,
      env: { ...process.env, NO_COLOR: '1', XDG_CACHE_HOME: path.join(folder, 'node_modules/.cache'), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (data: string) => (output.stdout += data));
    child.stderr.setEncoding('utf8').on('data', (data: string) => (output.stderr += data));
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, ...output }));
  });
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
