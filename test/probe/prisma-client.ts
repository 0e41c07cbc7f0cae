import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import esbuild from 'esbuild';
import { ROOT, WORK } from './program';

const SCHEMA = `
generator client {
  provider = "prisma-client"
  output   = "./client"
}
datasource db {
  provider = "postgresql"
}
model Author {
  id   Int    @id @default(autoincrement())
  name String
}
`;

/** Makes the package `generated-prisma` for the programs of these tests: Prisma's own generated client, compiled for both kinds of modules. */
export async function generatePrismaClient(): Promise<void> {
  const folder = path.join(WORK, 'node_modules/generated-prisma');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'schema.prisma'), SCHEMA);
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ exports: { import: './index.mjs', require: './index.cjs' } }));
  // Clients are generated without the engine that changes schemas, which Prisma would download.
  await promisify(execFile)(process.execPath, [path.join(ROOT, 'node_modules/prisma/build/index.js'), 'generate', '--schema', 'schema.prisma'], {
    cwd: folder,
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
  });
  for (const [format, ending] of [['esm', 'mjs'], ['cjs', 'cjs']] as const) {
    await esbuild.build({
      entryPoints: [path.join(folder, 'client/client.ts')],
      outfile: path.join(folder, `index.${ending}`),
      bundle: true,
      packages: 'external',
      platform: 'node',
      format,
      ...(format === 'cjs' ? { define: { 'import.meta.url': 'clientUrl' }, banner: { js: "const clientUrl = require('node:url').pathToFileURL(__filename).href;" } } : {}),
    });
  }
}
