import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { panelPage } from '../../src/extension/panel/page.js';
import { planPage } from '../../src/extension/plans/plan-page.js';
import type { MessageFromPanel, MessageToPanel } from '../../src/panel/messages.js';
import type { MessageToPlan } from '../../src/panel/plan/messages.js';
import { bodyClasses, THEMES, type ThemeName } from './themes.js';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The panel's own page in a real browser. Only the extension's side is played by the test. */
export interface PanelPage {
  page: Page;
  /** What the panel said, oldest first. */
  sent(): Promise<MessageFromPanel[]>;
  /** Says something to the panel, and waits until it was drawn. */
  post(...messages: (MessageToPanel | MessageToPlan)[]): Promise<void>;
  /** The last thing that was said to screen readers. */
  announced(): Promise<string | null>;
  /** Refusals of the content security policy, and errors of the script. */
  complaints: string[];
}

export interface PanelOptions {
  theme?: ThemeName;
  width?: number;
  height?: number;
  forcedColors?: 'active' | 'none';
  reducedMotion?: 'reduce';
}

/** A headless Chromium with the panel as it is built from its source. */
export interface PanelBrowser {
  /** Bytes of the panel's script as it is shipped, compressed. */
  scriptSize: number;
  /** A panel that knows nothing. The one that was opened with the same theme and media before is gone. */
  open(options?: PanelOptions): Promise<PanelPage>;
  /** The same of the page that shows a plan. */
  openPlan(options?: PanelOptions): Promise<PanelPage>;
  close(): Promise<void>;
}

export async function startPanelBrowser(): Promise<PanelBrowser> {
  const executablePath = process.env.CHROMIUM_PATH ?? CHROMIUM.find((path) => existsSync(path));
  if (executablePath === undefined) throw new Error('These tests need Chromium: apt-get install chromium, or set CHROMIUM_PATH.');
  const files = await bundle('panel', 'src/panel/panel.ts');
  const server = await serve(files);
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let browser: Browser;
  try {
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  } catch (error) {
    server.close();
    throw error;
  }
  // A page that is led to the same address again opens in a third of the time of a new one, and keeps nothing but its storage.
  const pages = new Map<string, Promise<Page>>();
  const openAt = async (path: string, { theme = 'dark', width = 340, height = 800, ...media }: PanelOptions = {}): Promise<PanelPage> => {
    const key = JSON.stringify([theme, media]);
    const made = pages.get(key) ?? newPage(browser, theme, media);
    pages.set(key, made);
    const page = await made;
    await page.setViewportSize({ width, height });
    return openPanel(page, origin, path);
  };
  return {
    scriptSize: gzipSync(files.get('/panel.js') ?? '').length,
    open: (options) => openAt('/', options),
    openPlan: async (options) => {
      if (!files.has('/plan.js')) for (const [path, file] of await bundle('plan', 'src/panel/plan/main.ts')) files.set(path, file);
      return openAt('/plan', options);
    },
    close: async () => {
      await browser.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function newPage(browser: Browser, theme: ThemeName, media: BrowserContextOptions): Promise<Page> {
  const page = await (await browser.newContext({ locale: 'en-GB', ...media })).newPage();
  // The loader that compiles these tests names functions with a function of its own, which pages do not have.
  await page.addInitScript('globalThis.__name = (named) => named');
  await page.addInitScript(
    ({ tokens, themeClasses }) => {
      const sent: unknown[] = [];
      const stored = 'panel state';
      Object.assign(window, {
        sentByPanel: sent,
        acquireVsCodeApi: () => ({
          postMessage: (message: { type: string }) => {
            sent.push(message);
            if (!('isExtensionBusy' in window)) window.postMessage({ type: 'answered', to: message.type }, '*');
          },
          getState: () => JSON.parse(sessionStorage.getItem(stored) ?? 'null') as unknown,
          setState: (state: unknown) => sessionStorage.setItem(stored, JSON.stringify(state)),
        }),
      });
      document.addEventListener('DOMContentLoaded', () => {
        document.body.classList.add(...themeClasses);
        const root = document.documentElement.style;
        for (const [name, value] of Object.entries(tokens)) root.setProperty(`--vscode-${name}`, value);
        root.setProperty('--vscode-font-family', 'system-ui, sans-serif');
        root.setProperty('--vscode-font-size', '13px');
        root.setProperty('--vscode-editor-font-family', 'monospace');
        root.setProperty('--vscode-editor-font-size', '12px');
        root.setProperty('background', tokens['sideBar-background'] ?? '');
      });
    },
    { tokens: THEMES[theme], themeClasses: bodyClasses(theme) },
  );
  return page;
}

async function openPanel(page: Page, origin: string, path: string): Promise<PanelPage> {
  if (page.url().startsWith(origin)) await page.evaluate(() => sessionStorage.clear());
  await page.mouse.move(-1, -1);
  const complaints: string[] = [];
  page.removeAllListeners('pageerror').removeAllListeners('console');
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(origin + path);
  await page.evaluate(() => new Promise<void>((resolve) => {
    const look = (): unknown => ((window as unknown as { sentByPanel: unknown[] }).sentByPanel.length > 0 ? resolve() : requestAnimationFrame(look));
    look();
  }));
  return {
    page,
    complaints,
    sent: () => page.evaluate(() => (window as unknown as { sentByPanel: MessageFromPanel[] }).sentByPanel),
    announced: () => page.getByRole('status').textContent(),
    post: (...messages) =>
      page.evaluate(async (list) => {
        for (const message of JSON.parse(list) as unknown[]) window.postMessage(message, '*');
        await new Promise((resolve) => {
          window.addEventListener('message', (event) => {
            if (event.data === 'drawn') requestAnimationFrame(() => resolve(undefined));
          });
          window.postMessage('drawn', '*');
        });
      }, JSON.stringify(messages)),
  };
}

/** Script and style as they are shipped, by their address. */
async function bundle(name: string, entry: string): Promise<Map<string, string>> {
  const { outputFiles } = await build({
    entryPoints: { [name]: entry },
    outdir: 'dist',
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: 'chrome130',
    minify: true,
    define: { 'process.env.NODE_ENV': '"production"' },
    write: false,
    logLevel: 'silent',
  });
  return new Map(outputFiles.map(({ path, text }) => [`/${path.split(/[\\/]/).at(-1)}`, text]));
}

function serve(files: ReadonlyMap<string, string>): Promise<Server> {
  const server = createServer((request, response) => {
    const url = request.url ?? '/';
    const [page, name] = url === '/' ? [panelPage, 'panel'] : url === '/plan' ? [planPage, 'plan'] : [];
    if (page !== undefined) {
      response.setHeader('Content-Type', 'text/html');
      response.end(page({ script: `/${name}.js`, style: `/${name}.css`, cspSource: "'self'", nonce: 'test' }));
      return;
    }
    const file = files.get(url);
    response.statusCode = file === undefined ? 404 : 200;
    response.setHeader('Cache-Control', 'max-age=3600');
    response.setHeader('Content-Type', url.endsWith('.css') ? 'text/css' : 'text/javascript');
    response.end(file ?? '');
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}
