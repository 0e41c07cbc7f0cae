import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { type CodeOptions, launchChromium, projectRoot, startCode } from '../host/host';
import { Workbench } from '../host/workbench';

/** A test that takes longer hangs: alone on a machine none takes a tenth of it. */
export const HANG_MS = 240_000;

/** The shop, copied to a temporary folder and opened in a VS Code of its own. */
export interface Session {
  workbench: Workbench;
  page: Page;
  /** The copy. */
  folder: string;
  /** Opens the same folder in one more window. */
  openWindow(): Promise<Workbench>;
  /** Leaves pictures of a failed test's windows in .cache/editor-tests. Call it after each test. */
  picture(test: Mocha.Test | undefined): Promise<void>;
  close(): Promise<void>;
}

/** One for all files; each has a context of its own in it, which knows nothing of the others. */
let browser: Promise<Browser> | undefined;

after(async () => (await browser)?.close());

/** @param prepare changes the copy before it is opened */
export async function openShop(options: CodeOptions = {}, prepare: (folder: string) => void = () => undefined): Promise<Session> {
  const folder = path.join(mkdtempSync(path.join(os.tmpdir(), 'roundtrip-interface-')), 'shop');
  const sweep = () => rmSync(path.dirname(folder), { recursive: true, force: true });
  process.on('exit', sweep);
  const closings: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const closing of closings.reverse()) await closing();
    sweep();
    process.off('exit', sweep);
  };
  try {
    cpSync(path.join(projectRoot, 'demo'), folder, { recursive: true });
    // A person who opens the shop sees a session at once; a test begins its own.
    writeFileSync(path.join(folder, '.vscode/settings.json'), JSON.stringify({ 'roundtrip.database.connectOnOpen': true }));
    prepare(folder);
    // The shop's own packages: without them, TypeScript's complaints would stand beside Roundtrip's.
    symlinkSync(path.join(projectRoot, 'node_modules'), path.join(path.dirname(folder), 'node_modules'), 'junction');
    browser ??= launchChromium();
    const code = await startCode({ ...(options.vsix ? {} : { extensionDir: projectRoot }), ...options });
    closings.push(code.stop);
    const context = await (await browser).newContext({ viewport: { width: 1280, height: 900 } });
    closings.push(() => context.close());
    await keepSecrets(context);
    const openWindow = async (): Promise<Workbench> => Workbench.open(await context.newPage(), code.address(folder));
    const workbench = await openWindow();
    const { page } = workbench;
    const picture = async (test: Mocha.Test | undefined) => {
      if (!test?.isFailed()) return;
      for (const [window, shown] of context.pages().entries()) await shown.screenshot({ path: path.join(projectRoot, '.cache/editor-tests', `${test.title.replace(/\W+/g, '-')}-${window + 1}.png`) });
    };
    return { workbench, page, folder, openWindow, picture, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** VS Code's web client encrypts secrets with a key that its server mints; the plain server has no such door. */
async function keepSecrets(context: BrowserContext): Promise<void> {
  const key = Buffer.alloc(32, 7);
  await context.route(
    (url) => url.pathname === '/mint-key',
    (route) => route.fulfill({ status: 200, contentType: 'application/octet-stream', body: key }),
  );
}
