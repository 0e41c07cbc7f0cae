import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

export interface Run {
  seconds: number;
  /** Of all threads. On a busy machine it tells more than the time on the wall. */
  cpuSeconds: number;
  /** Highest resident memory. */
  peakMegabytes: number;
  stdout: string;
}

const USAGE = path.join(__dirname, 'usage.cjs');

/** Runs a Node program to its end; exit codes 0 and 1 are those of a linter that ran. */
export function runNode(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<Run> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(process.execPath, ['--require', USAGE, ...args], { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
    let [stdout, stderr, usage] = ['', '', ''];
    child.stdout!.on('data', (data) => (stdout += String(data)));
    child.stderr!.on('data', (data) => (stderr += String(data)));
    child.stdio[3]!.on('data', (data) => (usage += String(data)));
    child.on('error', reject);
    child.on('close', (status) => {
      const seconds = (performance.now() - started) / 1000;
      if (status === null || status > 1) reject(new Error(`node ${args.slice(0, 3).join(' ')} exited with ${status}\n${stderr.slice(-4000)}`));
      else resolve({ seconds, ...(JSON.parse(usage) as { cpuSeconds: number; peakMegabytes: number }), stdout });
    });
  });
}

/** Resident memory (`VmRSS`) or its peak (`VmHWM`), in MB; undefined where /proc is missing. */
export function memoryOf(pid: number | undefined, field: 'VmRSS' | 'VmHWM'): number | undefined {
  try {
    const kilobytes = new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
  } catch {
    return undefined;
  }
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** Nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}
