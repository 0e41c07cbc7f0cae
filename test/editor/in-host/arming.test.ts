import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { processesOf, until } from './editor';

/** What a program of the test tells of its environment. */
interface Told {
  options: string | null;
  probe: string | null;
}

const PROGRAM = `require('node:fs').writeFileSync(process.argv[2], JSON.stringify({ options: process.env.NODE_OPTIONS ?? null, probe: process.env.ROUNDTRIP_PROBE ?? null }));`;

describe('programs that are started while a session records', () => {
  let folder: string;
  let program: string;
  let count = 0;
  /** Of a terminal that is opened while the session records. */
  let old: Told;

  before(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'roundtrip-arming-'));
    program = path.join(folder, 'tell.cjs');
    writeFileSync(program, PROGRAM);
    await vscode.commands.executeCommand('roundtrip.startSession');
  });

  after(async () => {
    await vscode.commands.executeCommand('roundtrip.stopSession');
    for (const terminal of vscode.window.terminals) terminal.dispose();
    rmSync(folder, { recursive: true });
  });

  const inShop = (): vscode.WorkspaceFolder => vscode.workspace.workspaceFolders!.find(({ name }) => name === 'shop')!;

  /** Runs `start` with a file that the program writes, and returns what it wrote. */
  async function told(start: (file: string) => unknown): Promise<Told> {
    const file = path.join(folder, `${(count += 1)}.json`);
    await start(file);
    return until('the program has told its environment', () => existsSync(file) && parsed(readFileSync(file, 'utf8')));
  }

  function parsed(text: string): Told | undefined {
    try {
      return JSON.parse(text) as Told;
    } catch {
      return undefined;
    }
  }

  function assertWatched({ options, probe }: Told, own?: string): void {
    assert.match(options ?? '', /^--require "?\S*probe\S*\.cjs"?( |$)/);
    if (own !== undefined) assert.ok(options!.endsWith(` ${own}`), `${options} ends with ${own}`);
    assert.deepEqual(Object.keys(JSON.parse(probe ?? '{}')).sort(), ['folders', 'socket', 'token', 'version']);
  }

  const inTerminal = (file: string): void => {
    const terminal = vscode.window.createTerminal({ cwd: inShop().uri });
    terminal.sendText(`node "${program}" "${file}"`);
  };
  const asTask = (execution: (file: string) => vscode.ProcessExecution | vscode.ShellExecution) => async (file: string) => {
    await vscode.tasks.executeTask(new vscode.Task({ type: 'test', file }, inShop(), `tell ${file}`, 'test', execution(file)));
  };
  const underDebugger = (configuration: object) => async (file: string) => {
    assert.ok(await vscode.debug.startDebugging(inShop(), { type: 'node', request: 'launch', name: 'tell', program, args: [file], ...configuration }));
  };

  it('are watched in a new terminal', async () => {
    old = await told(inTerminal);
    assertWatched(old);
  });

  it('are watched as tasks', async () => {
    assertWatched(await told(asTask((file) => new vscode.ShellExecution(`node "${program}" "${file}"`))));
    assertWatched(await told(asTask((file) => new vscode.ProcessExecution('node', [program, file]))));
  });

  it('are watched by the debugger, with the options that the launch has', async () => {
    const { options, probe } = await told(underDebugger({ env: { NODE_OPTIONS: '--max-http-header-size=20000' } }));
    assert.match(options ?? '', /--require "?\S*probe\S*\.cjs"? --max-http-header-size=20000/);
    assert.ok(probe);
  });

  it('are watched by the debugger, with the options of its environment file', async () => {
    writeFileSync(path.join(folder, 'launch.env'), 'NODE_OPTIONS=--max-http-header-size=30000\nOTHER=1\n');
    const { options } = await told(underDebugger({ envFile: path.join(folder, 'launch.env') }));
    assert.match(options ?? '', /--require "?\S*probe\S*\.cjs"? --max-http-header-size=30000/);
  });

  it('are left alone after the session has stopped', async () => {
    await vscode.commands.executeCommand('roundtrip.stopSession');
    for (const start of [inTerminal, asTask((file) => new vscode.ProcessExecution('node', [program, file]))]) {
      assert.deepEqual(await told(start), { options: null, probe: null });
    }
    const { options, probe } = await told(underDebugger({}));
    assert.ok(!options?.includes('probe'), `${options}`);
    assert.equal(probe, null);
  });

  it('still run in an old terminal, and say nothing of their own', async () => {
    const { options, probe } = old;
    const { socket } = JSON.parse(probe!) as { socket: string };
    const run = (): string[] => {
      const { status, stdout, stderr } = spawnSync('node', ['-e', 'console.log(process.version)'], { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: options!, ROUNDTRIP_PROBE: probe! } });
      return [`exit ${status}`, stdout.replace(/^v[\d.]+\n$/, 'its version'), stderr];
    };
    assert.deepEqual(run(), ['exit 0', 'its version', ''], 'the profiler runs, and nothing is recorded');
    for (const profiler of processesOf('dist/profiler.js')) process.kill(profiler, 'SIGKILL');
    await until('the profiler is gone', () => processesOf('dist/profiler.js').length === 0);
    assert.deepEqual(run(), ['exit 0', 'its version', ''], 'the profiler was killed');
    rmSync(path.dirname(socket), { recursive: true, force: true });
    assert.deepEqual(run(), ['exit 0', 'its version', ''], 'its socket is gone');
  });
});
