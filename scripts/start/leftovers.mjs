/**
 * What a start leaves behind when it is killed before it can clean up: processes and temporary folders.
 * They are written down while they live, and the next start clears them away.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const STOP_TIMEOUT_MS = 10_000;

/** @typedef {{ pid: number, command: string, group?: boolean }} Remembered `command` is a part of its command line, so that a process that has taken over the number is left alone. */

export class Leftovers {
  #file;
  #isOurs = false;
  /** @type {{ owner: number, processes: Remembered[], folders: string[] }} */
  #now = { owner: process.pid, processes: [], folders: [] };

  constructor(folder) {
    mkdirSync(folder, { recursive: true });
    this.#file = path.join(folder, 'running.json');
  }

  /** Clears away what an earlier start left. Throws when that start is still running. */
  async clear() {
    if (existsSync(this.#file)) {
      const before = read(this.#file);
      if (before && isRunning({ pid: before.owner, command: 'scripts/start' })) {
        throw new Error(`\`npm start\` already runs in this folder (process ${before.owner}): stop it first with Ctrl+C.`);
      }
      for (const process of before?.processes ?? []) await stop(process);
      for (const folder of before?.folders ?? []) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    }
    this.#isOurs = true;
    this.#write();
  }

  /** @param {Remembered} process */
  addProcess(process) {
    this.#now.processes.push(process);
    this.#write();
  }

  addFolder(folder) {
    this.#now.folders.push(folder);
    this.#write();
  }

  /** Everything was cleaned up in good order. */
  forget() {
    if (this.#isOurs) rmSync(this.#file, { force: true });
  }

  #write() {
    writeFileSync(this.#file, JSON.stringify(this.#now));
  }
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined; // Half-written by a killed start.
  }
}

async function stop(remembered) {
  const target = remembered.group ? -remembered.pid : remembered.pid;
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  if (isRunning(remembered)) process.kill(target, 'SIGINT');
  while (isRunning(remembered)) {
    if (Date.now() > deadline) process.kill(target, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function isRunning({ pid, command }) {
  if (pid === process.pid || process.platform === 'win32') return false;
  try {
    const [state, ...line] = execFileSync('ps', ['-o', 'stat=,command=', '-p', String(pid)], { encoding: 'utf8' }).trim().split(/\s+/);
    return !state.startsWith('Z') && line.join(' ').includes(command);
  } catch {
    return false;
  }
}
