import { copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import esbuild from 'esbuild';
import type * as Module from '../../src/workspace';
import { quickConversion } from '../quick-conversion.mjs';
import { sharedParser } from '../shared-parser.mjs';

/** What a bundle of the workspace loads beside itself. */
const COMPANIONS = ['worker.js', 'typescript.js', 'libpg-query.wasm'];

/**
 * Opens `folder` in a workspace that is built as server and command line build theirs: from the sources, the converter of syntax
 * trees would be another one. Works without a cache.
 * @param project where `dist` has been built
 * @param bundle a folder for the bundle
 */
export async function openBundled(project: string, bundle: string, folder: string): Promise<Module.Workspace> {
  mkdirSync(bundle, { recursive: true });
  const outfile = path.join(bundle, 'workspace.js');
  await esbuild.build({
    entryPoints: [path.join(project, 'src/workspace/index.ts')],
    outfile, bundle: true, minify: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'warning',
    plugins: [sharedParser, quickConversion],
  });
  for (const name of COMPANIONS) copyFileSync(path.join(project, 'dist', name), path.join(bundle, name));
  const { openWorkspace } = createRequire(outfile)(outfile) as typeof Module;
  return openWorkspace({ roots: [folder], cache: false });
}
