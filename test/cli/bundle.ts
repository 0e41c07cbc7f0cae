import { spawn, type ChildProcess } from 'node:child_process';
import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import esbuild from 'esbuild';

const ROOT = path.join(__dirname, '../..');
const BUNDLES = path.join(ROOT, '.cache/cli-tests');
/** The command as people have it: a bundle with the probe beside it. */
const COMMAND = path.join(BUNDLES, 'cli.js');

/** Builds command and probe as esbuild.mjs does, but for what profiling does not need. */
export async function buildCommand(): Promise<void> {
  const common = { bundle: true, platform: 'node', format: 'cjs', supported: { 'dynamic-import': false }, logLevel: 'warning' } as const;
  await mkdir(BUNDLES, { recursive: true });
  await Promise.all([
    esbuild.build({ ...common, entryPoints: [path.join(ROOT, 'src/cli/main.ts')], outfile: COMMAND, target: 'node20', external: ['typescript', 'pg-native', 'protobufjs/minimal'] }),
    esbuild.build({ ...common, entryPoints: [path.join(ROOT, 'src/probe/start.ts')], outfile: path.join(BUNDLES, 'probe.cjs'), target: 'node18' }),
    copyFile(path.join(path.dirname(require.resolve('libpg-query')), 'libpg-query.wasm'), path.join(BUNDLES, 'libpg-query.wasm')),
  ]);
}

export interface Ended {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  ended: Promise<Ended>;
  child: ChildProcess;
  /** Waits until its standard output holds this. */
  says(text: string): Promise<void>;
}

/** Starts the bundled command in a folder. */
export function start(folder: string, args: readonly string[], { env = {}, input }: { env?: Record<string, string>; input?: string } = {}): Running {
  const { NODE_OPTIONS: _options, NODE_ENV: _environment, ...inherited } = process.env;
  const child = spawn(process.execPath, [COMMAND, ...args], { cwd: folder, env: { ...inherited, NO_COLOR: '1', XDG_CACHE_HOME: path.join(folder, '.cache'), ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  const waiting = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (data: string) => {
    output.stdout += data;
    for (const wake of waiting) wake();
  });
  child.stderr.setEncoding('utf8').on('data', (data: string) => (output.stderr += data));
  child.stdin.end(input);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => resolve({ status, signal, ...output }));
  });
  return {
    ended,
    child,
    says: (text) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!output.stdout.includes(text)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}
