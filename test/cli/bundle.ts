import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { buildInto } from '../../esbuild.mjs';

const BUNDLES = path.join(__dirname, '../../.cache/cli-tests');
/** The command as people have it: a bundle with its threads, the probe and the pages of the rules beside it. */
export const COMMAND = path.join(BUNDLES, 'cli.js');

let built: Promise<void> | undefined;

/** Builds the command from the sources as they are, once for all tests of a run. */
export function buildCommand(): Promise<void> {
  return (built ??= buildInto(BUNDLES, ['cli', 'worker', 'probe']));
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
