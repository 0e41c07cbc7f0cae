import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** A linter in Rust, as npm has it today: nothing of the product depends on it. */
export interface Oxlint {
  version: string;
  /** Arguments for Node: its rules that are closest to ours, on these files. */
  args(files: readonly string[]): string[];
}

/** The rules that look for the same: queries in loops are awaits in loops to it, it knows of no database. */
const RULES = { plugins: ['react'], categories: { correctness: 'off' }, rules: { 'no-await-in-loop': 'error', 'react/jsx-no-constructed-context-values': 'error' } };

/** Installs it into a folder that is thrown away; undefined without a network. */
export function installOxlint(folder: string): Oxlint | undefined {
  mkdirSync(folder, { recursive: true });
  const settings = path.join(folder, 'oxlintrc.json');
  writeFileSync(settings, JSON.stringify(RULES));
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }');
  try {
    execFileSync('npm', ['install', '--no-audit', '--no-fund', 'oxlint@latest'], { cwd: folder, stdio: 'pipe' });
    const installed = path.join(folder, 'node_modules/oxlint');
    const { version } = JSON.parse(readFileSync(path.join(installed, 'package.json'), 'utf8')) as { version: string };
    return { version, args: (files) => [path.join(installed, 'bin/oxlint'), '--config', settings, '--no-ignore', '--format', 'json', ...files] };
  } catch {
    return undefined;
  }
}
