/**
 * `npm run screenshot`: takes the README's pictures from the real thing, the shop in VS Code, recorded beside its PostgreSQL.
 * Pictures of every theme, for eyes only, are left in .cache/screenshots.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { launchChromium, projectRoot, startCode } from '../test/editor/host/host';
import { until, Workbench } from '../test/editor/host/workbench';
import { demo, prepareShop, userSettings } from './start/shop.mjs';

const pictures = path.join(projectRoot, 'media/screenshots');
const cache = path.join(projectRoot, '.cache/screenshots');

/** A README loads on slow lines too. */
const LARGEST_PICTURE_BYTES = 300 * 1024;

const VIEWPORT = { width: 1040, height: 640 };

/** Where the side bar ends, in pixels. */
const PANEL_EDGE = 600;

/** The README's pictures are in the first one. */
const THEMES = ['Dark Modern', 'Light Modern', 'Default High Contrast', 'Default High Contrast Light'];

/** Statements of the shop's visitors that the panel has seen by then. */
const ENOUGH_STATEMENTS = 13;

/** High enough for the table below the N+1s. */
const PANEL_VIEWPORT = { width: 1040, height: 900 };

/** A line that ends early enough for its note to be in the picture. */
const NOTED = { file: 'src/customers/customer-service.ts', line: 15, text: 'findFirstOrThrow({' };

/** The query in a loop that the shop runs most. */
const LOOP = { file: 'src/catalog/stock.ts', line: 18, text: 'SELECT warehouse, quantity FROM stock' };

const settings = (theme: string) => ({
  ...userSettings,
  'workbench.colorTheme': theme,
  'editor.minimap.enabled': false,
  'editor.fontSize': 13,
  // Below the code, so that the loop stays in the picture.
  'editor.hover.above': false,
  'editor.scrollbar.horizontal': 'hidden',
  'workbench.editor.empty.hint': 'hidden',
  'window.commandCenter': false,
  'workbench.layoutControl.enabled': false,
  'breadcrumbs.enabled': false,
  'outline.problems.enabled': false,
});

const stops: (() => Promise<unknown>)[] = [];
async function stopAll(): Promise<void> {
  for (const stop of stops.splice(0).reverse()) await stop();
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stopAll().then(() => process.exit(1)));

async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  console.log(name);
  return work();
}

try {
  mkdirSync(pictures, { recursive: true });
  await step('Building the extension', () => promisify(execFile)(process.execPath, [path.join(projectRoot, 'esbuild.mjs'), '--production']));
  const shop = await prepareShop(cache, step, (stop) => stops.push(stop));
  const browser = await launchChromium();
  stops.push(() => browser.close());
  for (const theme of THEMES) await takeAll(browser, shop, theme);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  await stopAll();
}

/** All pictures of a theme, in a VS Code of its own: the shop runs as a task of its window, and two would want the same port. */
async function takeAll(browser: Browser, shop: Record<string, string>, theme: string): Promise<void> {
  console.log(theme);
  const code = await startCode({ extensionDir: projectRoot, env: shop, settings: settings(theme) });
  stops.push(code.stop);
  const context = await browser.newContext({ viewport: VIEWPORT, deviceScaleFactor: 1.5, colorScheme: theme.includes('Light') ? 'light' : 'dark' });
  const workbench = await Workbench.open(await context.newPage(), code.address(demo));
  await workbench.page.locator(`.monaco-workbench.${themeClass(theme)}`).waitFor();
  const folder = theme === THEMES[0] ? pictures : path.join(cache, theme.replaceAll(' ', '-'));
  mkdirSync(folder, { recursive: true });
  await takePanel(workbench, path.join(folder, 'panel.png'));
  await takeNotes(workbench, path.join(folder, 'notes.png'));
  await takeEditor(workbench, path.join(folder, 'editor.png'));
  await takeQuickFix(workbench, path.join(folder, 'quick-fix.png'));
  await takePlan(workbench, path.join(folder, 'plan.png'));
  await context.close();
  stops.pop();
  await code.stop();
}

function themeClass(theme: string): string {
  if (theme === 'Default High Contrast') return 'hc-black';
  if (theme === 'Default High Contrast Light') return 'hc-light';
  return theme.startsWith('Dark') ? 'vs-dark' : 'vs';
}

/** The hover of a query that is two files away from its loop. */
async function takeEditor(workbench: Workbench, file: string): Promise<void> {
  await hideSideBar(workbench);
  await workbench.openFile('src/orders/history.ts', 23);
  await workbench.squiggles.first().waitFor();
  await until('TypeScript knows the project', async () => (await workbench.page.locator('.statusbar').getByText('Initializing').count()) === 0);
  await workbench.hoverSquiggle('customer-service.ts');
  await take(workbench.page, file);
  await workbench.page.keyboard.press('Escape');
}

/** The menu with the fix. */
async function takeQuickFix(workbench: Workbench, file: string): Promise<void> {
  await hideSideBar(workbench);
  await workbench.openFile(LOOP.file, LOOP.line);
  await workbench.squiggles.first().waitFor();
  await workbench.clickSquiggle();
  await workbench.quickFix('Read all stocks in one query');
  await take(workbench.page, file);
  await workbench.page.keyboard.press('Escape');
}

async function takePanel(workbench: Workbench, file: string): Promise<void> {
  await workbench.page.setViewportSize(PANEL_VIEWPORT);
  const panel = await workbench.openPanel();
  await widenSideBar(workbench.page);
  await workbench.moveMouseAway();
  const summary = panel.locator('.table-summary');
  await until('the panel has something to show', async () => Number.parseInt(await summary.innerText(), 10) >= ENOUGH_STATEMENTS);
  await take(workbench.page, file, PANEL_EDGE);
  await workbench.page.setViewportSize(VIEWPORT);
}

/** Notes behind the lines that issued queries, and the hover of one. */
async function takeNotes(workbench: Workbench, file: string): Promise<void> {
  await hideSideBar(workbench);
  await workbench.openFile(NOTED.file, NOTED.line);
  await until('the line has its note', async () => /^N\+1/.test(await workbench.noteBehind(NOTED.text)));
  await workbench.hoverBehind(NOTED.text, 'Show in Panel');
  await take(workbench.page, file);
  await workbench.page.keyboard.press('Escape');
}

/** The plan of that query, in its own tab. */
async function takePlan(workbench: Workbench, file: string): Promise<void> {
  await workbench.openFile(LOOP.file, LOOP.line);
  await workbench.clickAt(workbench.line(LOOP.text));
  await workbench.command('Roundtrip: Explain Statement at Cursor');
  await workbench.page.locator('.tab.active', { hasText: 'Plan:' }).waitFor();
  await workbench.tabPage.locator('.plan-container, .plan').getByText('Scan').first().waitFor();
  await take(workbench.page, file);
  await workbench.page.locator('.tab', { hasText: 'Plan:' }).click({ button: 'middle' });
}

async function hideSideBar(workbench: Workbench): Promise<void> {
  const sideBar = workbench.page.locator('.part.sidebar');
  if (!(await sideBar.isVisible())) return;
  await workbench.page.keyboard.press('Control+B');
  await sideBar.waitFor({ state: 'hidden' });
}

/** Drags its border, so that the table shows one line for each statement. */
async function widenSideBar(page: Page): Promise<void> {
  const box = await page.locator('.part.sidebar').boundingBox();
  if (!box) throw new Error('The side bar is not on the screen.');
  const height = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width, height);
  await page.mouse.down();
  await page.mouse.move(PANEL_EDGE, height, { steps: 5 });
  await page.mouse.up();
}

/** @param width of the part that is taken, from the left; all when it is left out */
async function take(page: Page, file: string, width?: number): Promise<void> {
  const clip = width === undefined ? undefined : { x: 0, y: 0, width, height: page.viewportSize()?.height ?? 0 };
  await page.screenshot({ path: file, caret: 'hide', animations: 'disabled', ...(clip ? { clip } : {}) });
  const { size } = statSync(file);
  console.log(`  ${path.relative(projectRoot, file)}  ${Math.round(size / 1024)} KB`);
  if (file.startsWith(pictures) && size > LARGEST_PICTURE_BYTES) throw new Error(`${file} has ${size} bytes, more than ${LARGEST_PICTURE_BYTES}: show less in it.`);
}
