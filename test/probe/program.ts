import { spawn } from 'node:child_process';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';

export const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..');
/** Generated programs live here, so that they find the project's packages. */
export const WORK = path.join(ROOT, '.cache/probe-tests');
export const PROBE = path.join(WORK, 'probe.cjs');
export const PROGRAMS = path.join(ROOT, 'test/probe/programs');

/** No program of these tests works longer than a second or two, but several run at once, and the machine may be busy; a hanging one is a defect. */
const PROGRAM_LIMIT_MS = 60_000;

let built: Promise<unknown> | undefined;

/** Builds the probe as esbuild.mjs does, once. */
export async function buildProbe(): Promise<void> {
  await (built ??= esbuild.build({ entryPoints: [path.join(ROOT, 'src/probe/start.ts')], outfile: PROBE, bundle: true, platform: 'node', format: 'cjs', target: 'node18', minify: true, supported: { 'dynamic-import': false } }));
}

export interface Finished {
  status: number | null;
  signal: string | null;
  output: string;
  errors: string;
}

export interface RunOptions {
  node?: string;
  /** Before the script. */
  flags?: string[];
  env?: Record<string, string>;
  cwd?: string;
  /** False: without the probe. */
  probe?: boolean;
  /** Arguments of the script. */
  args?: string[];
  /** Called with what the program has printed so far; true ends its standard input. */
  printed?: (output: string) => boolean;
}

/** Writes a program of a test, for {@link run}. Renamed into place: the same one may be starting already. */
export function programOf(name: string, text: string): string {
  const file = path.join(WORK, 'inline', name);
  const unfinished = `${file}.${process.pid}`;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(unfinished, text);
  renameSync(unfinished, file);
  return file;
}

/** Runs a script with the probe required through `NODE_OPTIONS`, as terminals do. */
export function run(script: string, { node = process.execPath, flags = [], env = {}, cwd = path.dirname(script), probe = true, args = [], printed }: RunOptions = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const { NODE_OPTIONS: _options, NODE_ENV: _env, ...inherited } = process.env;
    const options = probe ? { NODE_OPTIONS: `--require ${PROBE}` } : {};
    const child = spawn(node, [...flags, script, ...args], { cwd, env: { ...inherited, ...options, NODE_NO_WARNINGS: '1', ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
    if (!printed) child.stdin.end();
    let output = '';
    let errors = '';
    child.stdout.on('data', (data) => {
      output += data;
      if (printed?.(output)) child.stdin.end();
    });
    child.stderr.on('data', (data) => (errors += data));
    const limit = setTimeout(() => child.kill('SIGKILL'), PROGRAM_LIMIT_MS);
    child.on('error', reject);
    child.on('close', (status, signal) => {
      clearTimeout(limit);
      resolve({ status, signal, output, errors });
    });
  });
}
