/** Writes the shop's Prisma client into demo/generated, which Git ignores. Needs no network. Run alone, it does just that. */
import { execFile } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const schema = path.join(root, 'demo/prisma/schema.prisma');
const client = path.join(root, 'demo/generated/prisma/client.ts');

/** Prisma looks for its schema engine although it only generates; any program satisfies it, and none is downloaded. */
const offline = { PRISMA_SCHEMA_ENGINE_BINARY: process.platform === 'win32' ? process.execPath : '/bin/true', CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' };

export async function generateClient() {
  if (existsSync(client) && statSync(client).mtimeMs > statSync(schema).mtimeMs) return;
  const prisma = path.join(root, 'node_modules/prisma/build/index.js');
  await promisify(execFile)(process.execPath, [prisma, 'generate', '--schema', schema], { cwd: path.join(root, 'demo'), env: { ...process.env, ...offline } });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await generateClient();
