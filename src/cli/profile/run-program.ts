import spawn from 'cross-spawn';
import { constants } from 'node:os';
import { UsageError } from '../usage-error';
import { printable } from '../terminal-text';

/** How a program ended. */
export interface Ending {
  /** Null when a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** What somebody may send to end or to tell something to the program; it decides what becomes of it. */
const FORWARDED: readonly NodeJS.Signals[] = process.platform === 'win32' ? ['SIGINT', 'SIGTERM', 'SIGBREAK'] : ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2', 'SIGWINCH', 'SIGCONT'];

/** A terminal sends these to everybody in the foreground, to the program too: it must not hear them twice. */
const FROM_TERMINALS: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGWINCH', 'SIGCONT', 'SIGBREAK']);

/**
 * Runs a program with our own input and output, and passes signals on.
 * @param stdout where its standard output goes: to ours, or to our standard error when ours is for the report
 * @throws UsageError when it cannot be started
 */
export function runProgram([command, ...args]: readonly [string, ...string[]], env: NodeJS.ProcessEnv, stdout: 'stdout' | 'stderr'): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ['inherit', stdout === 'stdout' ? 'inherit' : 2, 'inherit'] });
    const hasTerminal = process.stdin.isTTY === true;
    const listeners = FORWARDED.map((signal) => {
      const listener = (): void => {
        if (!hasTerminal || !FROM_TERMINALS.has(signal)) child.kill(signal);
      };
      process.on(signal, listener);
      return () => process.off(signal, listener);
    });
    const settle = (): void => listeners.forEach((remove) => remove());
    child.on('error', (error: NodeJS.ErrnoException) => {
      settle();
      reject(new UsageError(`${printable(command)} could not be started: ${error.code === 'ENOENT' ? 'there is no such command' : error.code === 'EACCES' ? 'it is not executable' : error.message}.`));
    });
    // Its output may be kept open by what it has started: its own end counts.
    child.on('exit', (code, signal) => {
      settle();
      resolve({ code, signal });
    });
  });
}

/** The exit code that stands for an ending: the program's own, and 128 plus the signal's number as shells have it. */
export function exitCodeOf({ code, signal }: Ending): number {
  return code ?? 128 + (signal ? constants.signals[signal] : 0);
}
