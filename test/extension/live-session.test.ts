import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { mock } from 'node:test';
import { build as bundle } from 'esbuild';
import type * as vscode from 'vscode';
import type { LiveSession } from '../../src/extension/session/live-session';
import type { Profiler } from '../../src/extension/session/profiler';
import { build, builtFile } from '../built';

/** The window's part, bundled with a stand-in for the editor. */
interface WindowPart {
  LiveSession: typeof LiveSession;
  Profiler: typeof Profiler;
}

/** The pauses before a profiler that crashed is started again, the first and the second time. */
const PAUSES_MS = [1_000, 2_000] as const;

describe("a window's session", function () {
  this.timeout(20_000);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'roundtrip-live-session-'));
  let part: WindowPart;
  let profiler: Profiler;
  let session: LiveSession;
  let state: Map<string, unknown>;
  /** What the profiler was asked for, in order. */
  let asked: string[];
  /** Answers that are on their way until these are kept. */
  let held: Map<string, Promise<void>>;

  before(async () => {
    const outfile = path.join(folder, 'window.cjs');
    const contents = "export { LiveSession } from './live-session'; export { Profiler } from './profiler';";
    await Promise.all([
      build(),
      bundle({
        stdin: { contents, resolveDir: path.join(__dirname, '../../src/extension/session'), loader: 'ts' },
        alias: { vscode: path.join(__dirname, 'editor-stand-in.ts') },
        outfile, bundle: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'warning',
      }),
    ]);
    part = createRequire(__filename)(outfile) as WindowPart;
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  beforeEach(() => {
    asked = [];
    held = new Map();
    state = new Map();
    open(builtFile('profiler.js'), mkdtempSync(path.join(folder, 'window-')));
  });

  afterEach(async () => {
    mock.timers.reset();
    session.dispose();
    await profiler.stop();
  });

  /** A window whose profiler is this program. */
  function open(program: string, storage: string): void {
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined } as unknown as vscode.LogOutputChannel;
    class WatchedProfiler extends part.Profiler {
      override async request(...[name, params]: Parameters<Profiler['request']>): Promise<never> {
        asked.push(name);
        const answer = await super.request(name, params);
        await held.get(name);
        return answer as never;
      }
    }
    profiler = new WatchedProfiler(program, storage, log);
    const context = {
      workspaceState: { get: (key: string) => state.get(key), update: async (key: string, value: unknown) => void state.set(key, value) },
      storageUri: { fsPath: storage },
    } as unknown as vscode.ExtensionContext;
    const arming = { arm: () => undefined, disarm: () => undefined };
    session = new part.LiveSession(context, profiler, arming as unknown as ConstructorParameters<typeof LiveSession>[2], log);
  }

  const crashed = (): Promise<void> => new Promise((resolve) => {
    const listening = profiler.onDidCrash(() => {
      listening.dispose();
      resolve();
    });
  });

  const shown = (): Promise<void> => new Promise((resolve) => {
    const listening = session.onDidChange(() => {
      if (session.head.state === 'none') return;
      listening.dispose();
      resolve();
    });
  });

  it('begins once, however often it is asked for', async () => {
    assert.deepEqual(await Promise.all([session.start(), session.start()]), [true, false], 'one call begins it');
    assert.equal(await session.start(), false, 'it records already');
    assert.deepEqual(asked, ['start']);
    await session.stop();
    assert.equal((await session.saved()).length, 1);
    assert.equal(await session.start(), true);
  });

  it('is shown again by the profiler after the next, when that crashes too before it has shown it', async () => {
    const starts = path.join(folder, 'starts');
    const program = path.join(folder, 'crashes-at-second-start.cjs');
    writeFileSync(program, `
      const { appendFileSync, statSync } = require('node:fs');
      appendFileSync(${JSON.stringify(starts)}, '.');
      if (statSync(${JSON.stringify(starts)}).size === 2) process.exit(1);
      process.argv[1] = ${JSON.stringify(builtFile('profiler.js'))};
      require(process.argv[1]);`);
    open(program, mkdtempSync(path.join(folder, 'window-')));
    await session.start();
    await session.stop();
    const { startedAt } = session.head;
    mock.timers.enable({ apis: ['setTimeout'] });
    const first = crashed();
    process.kill(profiler.pid!, 'SIGKILL');
    await first;
    assert.equal(session.head.state, 'none');
    const second = crashed();
    mock.timers.tick(PAUSES_MS[0]);
    await second;
    const again = shown();
    mock.timers.tick(PAUSES_MS[1]);
    await again;
    assert.equal(session.head.startedAt, startedAt);
  });

  it('goes on when it begins while the one before is opened again', async () => {
    await session.start();
    await session.stop();
    const former = session.head.startedAt;
    const { folder: storage } = session;
    session.dispose();
    await profiler.stop();

    // The window is reloaded, and a person is quick.
    open(builtFile('profiler.js'), path.dirname(storage));
    asked = [];
    let release!: () => void;
    held.set('start', new Promise((resolve) => (release = resolve)));
    const restoring = session.restore();
    const starting = session.start();
    await restoring;
    release();
    assert.equal(await starting, true);
    assert.deepEqual(asked.toSorted(), ['list', 'start'], 'nothing else is opened');
    assert.equal(session.head.state, 'recording');
    await session.setPaused(true);
    assert.equal(session.head.state, 'paused', 'the profiler records still');
    await session.stop();
    assert.deepEqual((await session.saved()).map(({ startedAt }) => startedAt === former).toSorted(), [false, true]);
  });

  it('is left alone when the one before is to be shown and it is shown already', async () => {
    await session.start();
    await session.stop();
    await session.restore();
    assert.deepEqual(asked, ['start', 'stop']);
  });
});
