import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';

export const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..');
/** Generated programs live here, so that they find the project's packages. */
export const WORK = path.join(ROOT, '.cache/probe-tests');
export const PROBE = path.join(WORK, 'probe.cjs');
export const PROGRAMS = path.join(ROOT, 'test/probe/programs');

/** No program of these tests works longer than a second or two; a hanging one is a defect. */
const PROGRAM_LIMIT_MS = 15_000;

/** Builds the probe as esbuild.mjs does. */
export async function buildProbe(): Promise<void> {
  await esbuild.build({ entryPoints: [path.join(ROOT, 'src/probe/start.ts')], outfile: PROBE, bundle: true, platform: 'node', format: 'cjs', target: 'node18', minify: true, supported: { 'dynamic-import': false } });
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
  /** Called with the pid as soon as there is one. */
  started?: (pid: number) => void;
}

/** Runs a script with the probe required through `NODE_OPTIONS`, as terminals do. */
export function run(script: string, { node = process.execPath, flags = [], env = {}, cwd = path.dirname(script), started }: RunOptions = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const { NODE_OPTIONS: _options, NODE_ENV: _env, ...inherited } = process.env;
    const child = spawn(node, [...flags, script], { cwd, env: { ...inherited, NODE_OPTIONS: `--require ${PROBE}`, NODE_NO_WARNINGS: '1', ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (errors += data));
    const limit = setTimeout(() => child.kill('SIGKILL'), PROGRAM_LIMIT_MS);
    child.on('error', reject);
    if (child.pid) started?.(child.pid);
    child.on('close', (status, signal) => {
      clearTimeout(limit);
      resolve({ status, signal, output, errors });
    });
  });
}
