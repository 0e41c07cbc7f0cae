import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import type { PanelStatement } from '../../src/panel/messages.js';
import { startPanelBrowser, type PanelBrowser, type PanelPage } from './panel-page.js';
import { CONNECTED, state, STATEMENTS, timings } from './sample.js';
import { THEMES, type ThemeName } from './themes.js';

describe('the timings panel', function () {
  this.timeout(30_000);
  let browser: PanelBrowser;
  let panel: PanelPage;

  before(async () => {
    browser = await startPanelBrowser();
  });

  after(() => browser.close());

  afterEach(async () => {
    assert.deepEqual(panel.complaints, [], 'no script error, nothing refused by the content security policy');
    await panel.page.close();
  });

  const openPanel = async (...options: Parameters<PanelBrowser['open']>): Promise<void> => {
    panel = await browser.open(...options);
  };
  const openTable = async (...options: Parameters<PanelBrowser['open']>): Promise<void> => {
    await openPanel(...options);
    await panel.post(state(CONNECTED), timings());
  };
  const toggles = (): Locator => panel.page.locator('tr.statement .toggle');
  const firstWords = async (): Promise<string[]> => (await toggles().allTextContents()).map((text) => text.slice(0, 12));
  const lastSent = async (): Promise<unknown> => (await panel.sent()).at(-1);
  const announced = (): Promise<string | null> => panel.page.getByRole('status').textContent();
  const header = (name: string): Locator => panel.page.getByRole('columnheader', { name });

  it('says that it is ready, and once', async () => {
    await openPanel();
    assert.deepEqual(await panel.sent(), [{ type: 'ready' }]);
  });

  it('offers to connect, with one button to press', async () => {
    await openPanel();
    await panel.post(state({ kind: 'disconnected', found: [], restricted: false }));
    const buttons = panel.page.getByRole('button');
    assert.deepEqual(await buttons.allTextContents(), ['Connect…']);
    await buttons.press('Enter');
    assert.deepEqual(await lastSent(), { type: 'connect' });
  });

  it('offers the databases that were found, and says where', async () => {
    await openPanel();
    await panel.post(state({ kind: 'disconnected', found: [{ id: '7', name: 'shop at localhost:5432', source: 'DATABASE_URL in .env' }], restricted: true }));
    await panel.page.getByRole('button', { name: 'Connect to shop at localhost:5432' }).click();
    assert.deepEqual(await lastSent(), { type: 'connect', id: '7' });
    assert.ok(await panel.page.getByText('from DATABASE_URL in .env').isVisible());
    assert.ok(await panel.page.getByText('not trusted').isVisible());
    await panel.page.getByRole('button', { name: 'Connect to another database…' }).click();
    assert.deepEqual(await lastSent(), { type: 'connect' });
  });

  it('shows that it connects, and lets go', async () => {
    await openPanel();
    await panel.post(state({ kind: 'connecting', target: 'shop at localhost:5432' }));
    assert.equal(await announced(), 'Connecting to shop at localhost:5432');
    await panel.page.getByRole('button', { name: 'Cancel' }).click();
    assert.deepEqual(await lastSent(), { type: 'disconnect' });
  });

  it('says why it failed and what to do, with commands to copy', async () => {
    await openPanel();
    await panel.post(
      state({ kind: 'failed', target: 'shop at db:1', title: 'Nothing answers at db:1.', detail: 'Is it running?', steps: [{ text: 'Run this:', code: 'CREATE EXTENSION x;' }] }),
    );
    assert.equal(await announced(), 'Nothing answers at db:1.');
    assert.ok(await panel.page.getByText('Is it running?').isVisible());
    await panel.page.getByRole('button', { name: 'Copy' }).click();
    assert.deepEqual(await lastSent(), { type: 'copy', text: 'CREATE EXTENSION x;' });
    await panel.page.getByRole('button', { name: 'Try again' }).click();
    assert.deepEqual(await lastSent(), { type: 'retry' });
    await panel.page.getByRole('button', { name: 'Show log' }).click();
    assert.deepEqual(await lastSent(), { type: 'showLog' });
  });

  it('says that there is nothing yet, and since when', async () => {
    await openPanel();
    await panel.post(state(CONNECTED), timings([]));
    assert.match((await panel.page.locator('.empty').textContent()) ?? '', /^No statements since 10:32.*\. Run your application\.$/);
    assert.equal(await panel.page.getByRole('table').count(), 0);
  });

  it('lists statements with the most time first', async () => {
    await openTable();
    assert.equal(await announced(), 'Connected to shop at localhost:5432');
    const cells = panel.page.getByRole('row').nth(1).getByRole('cell');
    const [first, ...numbers] = await cells.allTextContents();
    assert.match(first ?? '', /^select "id", "order_id"/);
    assert.deepEqual(numbers, ['18\u202f412', '3.91\u00a0s', '0.21\u00a0ms', '73\u202f648']);
    assert.equal(await header('Total').getAttribute('aria-sort'), 'descending');
    assert.equal(await panel.page.locator('.summary').textContent(), '10 statements · 46\u202f113 calls · 6.66\u00a0s');
  });

  it('sorts by any column from the keyboard', async () => {
    await openTable();
    await header('Calls').getByRole('button').press('Enter');
    assert.equal(await header('Calls').getAttribute('aria-sort'), 'descending');
    assert.equal(await header('Total').getAttribute('aria-sort'), null);
    assert.deepEqual((await firstWords()).slice(0, 3), ['select "id",', 'SELECT "publ', 'BEGIN']);
    assert.equal(await announced(), 'Sorted by calls, largest first');
    await header('Calls').getByRole('button').press('Enter');
    assert.equal(await header('Calls').getAttribute('aria-sort'), 'ascending');
    assert.deepEqual((await firstWords()).slice(0, 2), ['SELECT $1', 'SELECT * FRO']);
    await header('Rows').getByRole('button').press('Space');
    assert.deepEqual((await firstWords()).slice(0, 1), ['SELECT * FRO']);
    await header('Statement').getByRole('button').press('Enter');
    assert.equal(await header('Statement').getAttribute('aria-sort'), 'ascending');
    assert.equal((await firstWords())[0], 'BEGIN');
  });

  it('is one stop of the Tab key, with arrows inside', async () => {
    await openTable();
    assert.equal(await panel.page.locator('tbody [tabindex="0"]').count(), 1);
    await header('Rows').getByRole('button').focus();
    await panel.page.keyboard.press('Tab');
    const focused = (): Promise<number> => toggles().evaluateAll((all) => all.findIndex((one) => one === document.activeElement));
    assert.equal(await focused(), 0);
    await panel.page.keyboard.press('ArrowDown');
    await panel.page.keyboard.press('ArrowDown');
    assert.equal(await focused(), 2);
    await panel.page.keyboard.press('End');
    assert.equal(await focused(), STATEMENTS.length - 1);
    await panel.page.keyboard.press('Home');
    assert.equal(await focused(), 0);
  });

  it('opens a row to show the whole statement, and copies it', async () => {
    await openTable();
    const third = toggles().nth(2);
    await third.press('Enter');
    assert.equal(await third.getAttribute('aria-expanded'), 'true');
    const detail = panel.page.locator('tr.detail');
    assert.equal(await detail.locator('pre').textContent(), STATEMENTS[2]![0]);
    assert.equal(await detail.locator('.facts').textContent(), '14\u00a0% of the time · 12 calls · 40\u202f100 rows per call');
    await detail.getByRole('button', { name: 'Copy the statement' }).click();
    assert.deepEqual(await lastSent(), { type: 'copy', text: STATEMENTS[2]![0] });
    assert.equal(await announced(), 'Copied');
    await third.press('Enter');
    assert.equal(await detail.count(), 0);
  });

  it('fills in a text that comes later than its numbers', async () => {
    await openPanel();
    await panel.post(state(CONNECTED), timings(STATEMENTS.slice(0, 1), { texts: [] }));
    await toggles().first().press('Enter');
    await panel.post(timings(STATEMENTS.slice(0, 1)));
    assert.deepEqual(await firstWords(), ['select "id",']);
    assert.equal(await panel.page.locator('tr.detail pre').textContent(), STATEMENTS[0]![0]);
  });

  it('never takes a statement for markup', async () => {
    const hostile = '<img src=x onerror="window.hacked = true"><script>window.hacked = true</script> SELECT 1 </code></td>';
    await openPanel();
    await panel.post(
      state({ ...CONNECTED, target: hostile, server: hostile, lost: hostile }),
      timings([[hostile, 1, 1, 1]], { notices: [{ text: hostile, code: hostile }] }),
    );
    await toggles().first().press('Enter');
    assert.equal(await panel.page.locator('tr.detail pre').textContent(), hostile);
    assert.equal(await panel.page.locator('h2').textContent(), hostile);
    await panel.post(state({ kind: 'failed', target: hostile, title: hostile, detail: hostile, steps: [{ text: hostile, code: hostile }] }));
    await panel.post(state({ kind: 'disconnected', found: [{ id: hostile, name: hostile, source: hostile }], restricted: false }));
    assert.equal(await panel.page.locator('main img, main script').count(), 0);
    assert.equal(await panel.page.evaluate(() => 'hacked' in window), false);
  });

  it('keeps focus, selection, scroll position and rows over an update that changes the order', async () => {
    await openTable({ height: 500 });
    const second = toggles().nth(1);
    await toggles().nth(2).press('Enter');
    await second.focus();
    await panel.page.locator('tbody').evaluate((body) => {
      body.scrollTop = 40;
      Object.assign(window, { placeBefore: document.querySelector('tr.detail')!.getBoundingClientRect().top });
      (document.activeElement as HTMLElement).dataset.mark = 'mine';
      const range = document.createRange();
      range.selectNodeContents(document.querySelector('tr.detail pre')!);
      getSelection()!.addRange(range);
    });
    const reversed: PanelStatement[] = STATEMENTS.map(([, calls, totalMs, rows], index) => [String(index), calls + 1, 7000 - totalMs, rows, 0]);
    await panel.post(timings(STATEMENTS, { statements: reversed, texts: [] }));
    assert.deepEqual((await firstWords()).slice(0, 2), ['SELECT $1', 'SELECT set_c']);
    const kept = await panel.page.evaluate(() => ({
      mark: (document.activeElement as HTMLElement).dataset.mark,
      text: document.activeElement!.textContent!.slice(0, 15),
      selection: String(getSelection()),
      movedOnScreen: Math.round(document.querySelector('tr.detail')!.getBoundingClientRect().top - (window as unknown as { placeBefore: number }).placeBefore),
      detailFollows: document.querySelector('tr.detail')!.previousElementSibling === document.querySelector('tr.statement.open'),
    }));
    assert.deepEqual(kept, { mark: 'mine', text: 'SELECT "public"', selection: STATEMENTS[2]![0], movedOnScreen: 0, detailFollows: true });
  });

  it('does not touch the page when nothing changed', async () => {
    await openTable();
    await panel.page.evaluate(() => {
      const changes: string[] = [];
      Object.assign(window, { changes });
      new MutationObserver((records) => changes.push(...records.map(({ type, attributeName }) => `${type} ${attributeName}`))).observe(document.querySelector('tbody')!, {
        subtree: true,
        childList: true,
        characterData: true,
        attributes: true,
      });
    });
    await panel.post(state(CONNECTED), timings());
    assert.deepEqual(await panel.page.evaluate(() => (window as unknown as { changes: string[] }).changes.filter((change) => change !== 'attributes style')), []);
  });

  it('filters by words, and says how many are left', async () => {
    await openTable();
    const filter = panel.page.getByLabel('Filter statements').locator('input').or(panel.page.locator('vscode-textfield input'));
    await filter.first().fill('select STATUS');
    assert.deepEqual(await firstWords(), ['SELECT * FRO']);
    assert.equal(await announced(), '1 of 10 statements');
    await filter.first().fill('nothing like this');
    assert.equal(await panel.page.locator('.empty').textContent(), 'No statement contains “nothing like this”.');
  });

  it('shows a hundred rows, and more when asked', async () => {
    await openPanel();
    await panel.post(
      state(CONNECTED),
      timings(Array.from({ length: 250 }, (_, index): [string, number, number, number] => [`SELECT ${index} FROM t`, 1, 1000 - index, 1]), { statementCount: 812 }),
    );
    assert.equal(await toggles().count(), 100);
    await panel.page.getByRole('button', { name: 'Show 100 more' }).click();
    await panel.page.getByRole('button', { name: 'Show 50 more' }).click();
    assert.equal(await toggles().count(), 250);
    assert.match((await panel.page.locator('.summary').textContent()) ?? '', /^812 statements .* the 562 cheapest are not listed$/);
  });

  it('pauses, goes on, starts afresh and disconnects', async () => {
    await openTable();
    await panel.page.getByRole('button', { name: 'Pause' }).click();
    assert.deepEqual(await lastSent(), { type: 'pause', paused: true });
    await panel.post(state({ ...CONNECTED, paused: true }));
    await panel.page.getByRole('button', { name: 'Resume' }).click();
    assert.deepEqual(await lastSent(), { type: 'pause', paused: false });
    await panel.page.getByRole('button', { name: 'Start afresh' }).click();
    assert.deepEqual(await lastSent(), { type: 'startAfresh' });
    await panel.post(state({ ...CONNECTED, since: CONNECTED.since + 60_000 }), timings([]));
    assert.match((await panel.page.locator('.empty').textContent()) ?? '', /10:33/);
    await panel.page.getByRole('button', { name: 'Disconnect' }).click();
    assert.deepEqual(await lastSent(), { type: 'disconnect' });
  });

  it('says that the connection is lost and keeps what was seen', async () => {
    await openTable();
    await panel.post(state({ ...CONNECTED, lost: 'The connection to localhost:5432 was lost.' }));
    assert.equal(await announced(), 'The connection to localhost:5432 was lost. Trying again…');
    assert.equal(await toggles().count(), STATEMENTS.length);
    await panel.post(state(CONNECTED));
    assert.equal(await panel.page.locator('.banner').isVisible(), false);
  });

  it('remembers order, filter and open rows when the page is made anew', async () => {
    await openTable();
    await header('Calls').getByRole('button').click();
    await toggles().nth(2).press('Enter');
    await panel.page.reload();
    await panel.post(state(CONNECTED), timings());
    assert.equal(await header('Calls').getAttribute('aria-sort'), 'descending');
    assert.equal(await panel.page.locator('tr.detail').count(), 1);
  });

  it('ignores messages that are none', async () => {
    await openTable();
    for (const message of [null, 7, 'state', {}, { type: 'state' }, { type: 'state', state: { kind: 'connected' } }, { type: 'timings', timings: { statements: [['1', 'x']] } }]) {
      await panel.page.evaluate((data) => window.postMessage(data, '*'), message);
    }
    await panel.post(state(CONNECTED));
    assert.equal(await toggles().count(), STATEMENTS.length);
  });

  it('moves the focus on when the control that had it goes away', async () => {
    await openPanel();
    await panel.post(state({ kind: 'disconnected', found: [], restricted: false }));
    await panel.page.getByRole('button', { name: 'Connect…' }).focus();
    await panel.post(state({ kind: 'connecting', target: 'shop' }));
    assert.equal(await panel.page.evaluate(() => document.activeElement?.tagName), 'MAIN');
  });

  for (const theme of Object.keys(THEMES) as ThemeName[]) {
    it(`is readable in ${theme}`, async () => {
      await openTable({ theme });
      const contrasts = await panel.page.evaluate(measureContrast, 'h2, .since, th button, td code, td.total, td.calls, .summary');
      assert.ok(contrasts.length > 20);
      for (const { text, contrast } of contrasts) assert.ok(contrast >= 4.5, `${text}: ${contrast.toFixed(2)}`);
    });
  }
});

/** Runs in the page: the contrast (WCAG 2) of texts with what lies behind them, without the bars that show shares. */
function measureContrast(selector: string): { text: string; contrast: number }[] {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
  const paint = (colors: string[]): number[] => {
    canvas.clearRect(0, 0, 1, 1);
    for (const color of colors) {
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  };
  const luminance = (rgb: number[]): number => {
    const [r = 0, g = 0, b = 0] = rgb.map((channel) => {
      const value = channel / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  return [...document.querySelectorAll(selector)].map((element) => {
    const behind: string[] = [];
    for (let current: Element | null = element; current !== null; current = current.parentElement) behind.unshift(getComputedStyle(current).backgroundColor);
    const [low = 0, high = 0] = [luminance(paint(behind)), luminance(paint([...behind, getComputedStyle(element).color]))].sort((a, b) => a - b);
    return { text: element.textContent ?? '', contrast: (high + 0.05) / (low + 0.05) };
  });
}
