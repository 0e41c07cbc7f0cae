import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Run {
  seconds: number;
  /** Highest resident memory, where the system tells (Linux); that of the process alone, threads included. */
  peakMegabytes: number | undefined;
  status: number | null;
  stdout: string;
}

/** How often memory is looked at; a peak between two looks is still seen, because the kernel keeps it. */
const LOOK_MS = 20;

/** Runs a Node program to its end. */
export function runNode(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<Run> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(process.execPath, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    let peak: number | undefined;
    const look = setInterval(() => (peak = memoryOf(child.pid, 'VmHWM') ?? peak), LOOK_MS);
    child.stdout.on('data', (data) => (stdout += String(data)));
    child.stderr.on('data', (data) => (stderr += String(data)));
    child.on('error', reject);
    child.on('close', (status) => {
      clearInterval(look);
      const seconds = (performance.now() - started) / 1000;
      if (status === null || status > 1) reject(new Error(`node ${args.slice(0, 3).join(' ')} exited with ${status}\n${stderr.slice(-4000)}`));
      else resolve({ seconds, peakMegabytes: peak, status, stdout });
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
