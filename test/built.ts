import path from 'node:path';
import { buildInto } from '../esbuild.mjs';

const PROJECT = path.join(__dirname, '..');

/** `npm test` builds before it starts its suites, and they must not write what others of them run. */
const isBuilt = process.env['ROUNDTRIP_BUILT'] !== undefined;
const folder = path.join(PROJECT, isBuilt ? 'dist' : '.cache/built-for-tests');

let built: Promise<void> | undefined;

/** Builds what people get from the sources as they are, once for all tests of a run. */
export function build(): Promise<void> {
  return (built ??= isBuilt ? Promise.resolve() : buildInto(folder, ['cli', 'server', 'worker', 'probe', 'profiler']));
}

/** A file of the build: `cli.js`. */
export function builtFile(name: string): string {
  return path.join(folder, name);
}
