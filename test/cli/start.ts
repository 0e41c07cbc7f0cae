import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { builtFile } from '../built';

/** The command as people have it. */
export const COMMAND = builtFile('cli.js');

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
