import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { MANY, measureUpdates } from './many-statements.js';
import type { PanelOptions } from './panel-page.js';
import { panelOfTests } from './shared-panel.js';
import { HOSTILE, HOSTILE_SHOWN, measured, REPETITIONS, series, sessionUpdate, start, STATEMENTS, update } from './sample.js';

describe('the queries of a session', () => {
  const panel = panelOfTests();

  const openSession = async (options: PanelOptions = {}): Promise<void> => {
    await panel.open({ height: 1_100, ...options });
    await panel.post(start(), update());
  };
  const rows = (): Locator => panel.page.locator('.grid-body > .grid-row');
  const firstWords = async (): Promise<string[]> => (await rows().locator('.title code').allTextContents()).map((text) => text.slice(0, 12));
  const header = (name: string): Locator => panel.page.getByRole('columnheader', { name });
  const shownColumns = (): Promise<string[]> => panel.page.getByRole('columnheader').evaluateAll((cells) => cells.filter((cell) => (cell as HTMLElement).offsetParent !== null).map((cell) => cell.textContent ?? ''));
  const focusedKey = (): Promise<string | undefined> => panel.page.evaluate(() => (document.activeElement as HTMLElement).dataset.key);

  it('are listed with the most time first', async () => {
    await openSession({ width: 1_000 });
    assert.deepEqual((await firstWords()).slice(0, 3), ['select "id",', 'SELECT "publ', 'SELECT * FRO']);
    assert.deepEqual(await rows().first().getByRole('gridcell').allTextContents(), [
      STATEMENTS[0]!.text,
      '18\u202f412',
      '3.91\u00a0s',
      '0.55\u00a0ms',
      '4',
      '0.21\u00a0ms',
      '',
      '59\u00a0%',
      '',
    ]);
    assert.equal(await rows().nth(4).locator('.errors').textContent(), '3');
    assert.equal(await header('Total').getAttribute('aria-sort'), 'descending');
    assert.equal(await panel.page.getByRole('grid').getAttribute('aria-rowcount'), '11');
    assert.equal(await panel.page.locator('.table-summary').textContent(), '10 statements · 46\u202f116\u00a0calls · 6.66\u00a0s · 3\u00a0errors · 41.2\u00a0ms waiting for connections');
  });

  it('stand still while they are scrolled', async () => {
    await openSession({ width: 1_000 });
    const calls = rows().first().locator('.calls');
    const before = await calls.textContent();
    await panel.page.evaluate(() => {
      // No time passes: the scrolling goes on.
      performance.now = ((at) => () => at)(performance.now());
      document.querySelector('.scroller')!.dispatchEvent(new Event('scroll'));
    });
    await panel.post(update(sessionUpdate({ statements: STATEMENTS.slice(1) })));
    assert.equal(await calls.textContent(), before);
    await panel.page.evaluate(() => delete (performance as { now?: unknown }).now);
    await panel.page.waitForFunction((text) => document.querySelector('.grid-body > .grid-row .calls')!.textContent !== text, before);
  });

  it('mark what the server alone counted: no percentile, and calls that may be missing', async () => {
    await openSession({ width: 1_000 });
    const counted = panel.page.locator('[data-key="s8"]');
    assert.equal(await counted.locator('.calls').textContent(), '≥\u00a034');
    assert.equal(await counted.locator('.p95').textContent(), '–');
  });

  it('show the columns that there is room for', async () => {
    await openSession({ width: 340 });
    assert.deepEqual(await shownColumns(), ['Calls', 'Total', 'p95', 'Rows/call']);
    assert.equal(await panel.page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false);
    assert.ok(await panel.page.locator('[data-key="s4"]').getByText('3\u00a0errors').isVisible(), 'errors are seen without their column');
    await panel.page.setViewportSize({ width: 560, height: 900 });
    assert.deepEqual(await shownColumns(), ['Statement', 'Calls', 'Total', 'p95', 'Rows/call']);
    await panel.page.setViewportSize({ width: 760, height: 900 });
    assert.deepEqual(await shownColumns(), ['Statement', 'Calls', 'Total', 'p95', 'Rows/call', 'Mean', 'Lately']);
    await panel.page.setViewportSize({ width: 1_200, height: 900 });
    assert.deepEqual(await shownColumns(), ['Statement', 'Calls', 'Total', 'p95', 'Rows/call', 'Mean', 'Errors', 'Share', 'Lately']);
    assert.equal(await panel.page.locator('[data-key="s4"] .failures').isVisible(), false);
    assert.equal(await rows().first().evaluate((row) => row.clientHeight < 40), true, 'a wide row is one line');
  });

  it('sort by any column from the keyboard', async () => {
    await openSession({ width: 1_000 });
    await header('Calls').getByRole('button').press('Enter');
    assert.equal(await header('Calls').getAttribute('aria-sort'), 'descending');
    assert.equal(await header('Total').getAttribute('aria-sort'), null);
    assert.deepEqual((await firstWords()).slice(0, 3), ['select "id",', 'SELECT "publ', 'BEGIN']);
    assert.equal(await panel.announced(), 'Sorted by Calls, largest first');
    await header('Calls').getByRole('button').press('Enter');
    assert.deepEqual((await firstWords())[0], 'SELECT $1');
    await header('Statement').getByRole('button').press('Space');
    assert.equal((await firstWords())[0], 'BEGIN');
    assert.equal(await panel.announced(), 'Sorted by Statement, A first');
  });

  it('sort by any column where only some have room, and show it', async () => {
    await openSession({ width: 340 });
    const choice = panel.page.getByRole('combobox', { name: 'Sort by' });
    assert.deepEqual(await choice.getByRole('option').allTextContents(), ['Statement', 'Calls', 'Total', 'p95', 'Rows/call', 'Mean', 'Errors', 'Share']);
    assert.equal(await choice.inputValue(), 'total');
    await choice.focus();
    await panel.page.keyboard.type('Mean');
    assert.equal(await panel.announced(), 'Sorted by Mean, largest first');
    assert.deepEqual(await shownColumns(), ['Calls', 'Total', 'p95', 'Mean']);
    assert.equal((await firstWords())[0], 'SELECT * FRO');
    await panel.page.keyboard.press('Tab');
    await panel.page.keyboard.press('Enter');
    assert.equal(await panel.announced(), 'Sorted by Mean, smallest first');
    assert.ok(await panel.page.getByRole('button', { name: 'Smallest first' }).isVisible());
    assert.equal((await firstWords())[0], 'COMMIT');
    await panel.page.getByRole('radio', { name: 'Lines' }).check();
    assert.ok((await choice.getByRole('option').allTextContents()).includes('Most'));
    for (const [width, columns] of [[560, ['Line', 'Calls', 'Total', 'p95', 'Share']], [760, ['Line', 'Calls', 'Total', 'p95', 'Most', 'Share']]] as const) {
      await panel.page.setViewportSize({ width, height: 900 });
      await choice.selectOption('Share');
      assert.deepEqual(await shownColumns(), columns);
    }
    await panel.page.setViewportSize({ width: 1_000, height: 900 });
    assert.equal(await choice.isVisible(), false, 'every column has its title to press');
    assert.deepEqual(await shownColumns(), ['Line', 'Calls', 'Total', 'p95', 'Most', 'Mean', 'Rows/call', 'Errors', 'Share']);
    const tops = await rows().first().getByRole('gridcell').evaluateAll((cells) => new Set(cells.filter((cell) => cell.textContent !== '').map((cell) => Math.round(cell.getBoundingClientRect().bottom / 10))).size);
    assert.equal(tops, 1, 'all on one line');
  });

  it('are filtered by words', async () => {
    await openSession();
    const filter = panel.page.locator('vscode-textfield input');
    await filter.fill('select STATUS');
    assert.deepEqual(await firstWords(), ['SELECT * FRO']);
    assert.equal(await panel.announced(), '1 statements');
    assert.match((await panel.page.locator('.table-summary').textContent()) ?? '', /^1 of 10 statements/);
    await filter.fill('nothing like this');
    assert.equal(await panel.page.locator('.empty').textContent(), 'Nothing contains “nothing like this”.');
    assert.equal(await panel.page.getByRole('grid').count(), 0);
  });

  it('are grouped by line and by request', async () => {
    await openSession({ width: 1_000 });
    await panel.page.getByRole('radio', { name: 'Lines' }).check();
    assert.equal(await rows().first().locator('.title').textContent(), 'src/orders/list.ts:42listOrders');
    assert.equal(await rows().first().locator('.most').textContent(), '50');
    await panel.page.keyboard.press('ArrowRight');
    assert.equal(await panel.page.getByRole('grid').getAttribute('aria-label'), 'Requests');
    assert.deepEqual((await rows().first().getByRole('gridcell').allTextContents()).slice(0, 6), ['GET /orders', '211', '5.13\u00a0s', '24.3\u00a0ms', '132', '101']);
    await panel.post(update(sessionUpdate({ requests: [] })));
    assert.match((await panel.page.locator('.empty').textContent()) ?? '', /^No request is known yet\./);
  });

  it('are one stop of the Tab key, with arrows inside', async () => {
    await openSession({ width: 1_000 });
    assert.equal(await panel.page.locator('.grid-body [tabindex="0"]').count(), 1);
    await header('Share').getByRole('button').focus();
    await panel.page.keyboard.press('Tab');
    assert.equal(await focusedKey(), 's0');
    await panel.page.keyboard.press('ArrowDown');
    await panel.page.keyboard.press('ArrowDown');
    assert.equal(await focusedKey(), 's2');
    await panel.page.keyboard.press('End');
    assert.equal(await focusedKey(), 's9');
    await panel.page.keyboard.press('Home');
    assert.equal(await focusedKey(), 's0');
  });

  it('do not move away from a hand or the focus, and take their order when both are gone', async () => {
    await openSession({ width: 1_000 });
    const reversed = STATEMENTS.map((row, index) => ({ ...row, measured: measured(10, index + 1, 1) }));
    await rows().nth(2).focus();
    await rows().nth(2).evaluate((row) => (row.dataset.mark = 'mine'));
    await panel.post(update(sessionUpdate({ statements: reversed })));
    assert.equal((await firstWords())[0], 'select "id",');
    assert.equal(await rows().first().locator('.total').textContent(), '1.00\u00a0ms', 'figures go on');
    assert.equal(await panel.page.evaluate(() => (document.activeElement as HTMLElement).dataset.mark), 'mine');
    await header('Calls').getByRole('button').focus();
    await panel.post(update(sessionUpdate({ statements: reversed })));
    assert.equal((await firstWords())[0], 'SELECT $1');
    await rows().first().hover();
    await panel.post(update());
    assert.equal((await firstWords())[0], 'SELECT $1');
    await panel.page.mouse.move(5, 5);
    await panel.post(update());
    assert.equal((await firstWords())[0], 'select "id",');
  });

  it('touch nothing in the page when nothing changed', async () => {
    await openSession({ width: 1_000 });
    await panel.post(update(sessionUpdate({ full: false, series: [] })));
    await panel.page.evaluate(() => {
      const changes: string[] = [];
      Object.assign(window, { changes });
      new MutationObserver((records) => changes.push(...records.map(({ type, target, attributeName }) => `${type} ${target.nodeName} ${attributeName}`))).observe(document.querySelector('main')!, {
        subtree: true,
        childList: true,
        characterData: true,
        attributes: true,
      });
    });
    await panel.post({ type: 'update', update: sessionUpdate({ full: false, series: [] }) });
    const changes = await panel.page.evaluate(() => (window as unknown as { changes: string[] }).changes);
    // The cursor lines of uPlot are placed anew with each drawing.
    assert.deepEqual(changes.filter((change) => !change.startsWith('attributes DIV style')), []);
  });

  it('move their lines on as time goes by, without being told again', async () => {
    await openSession({ width: 1_000 });
    const { sparkSlot } = sessionUpdate();
    const line = (): Promise<string | null> => panel.page.locator('[data-key="s0"] .sparkline path').getAttribute('d');
    const ends = async (): Promise<string[]> => ((await line()) ?? '').split(/[ML]/).filter(Boolean).slice(-2).map((point) => point.split(' ')[1]!);
    const before = await line();
    assert.notEqual((await ends())[1], '13.0', 'it has run until now');
    await panel.post(update(sessionUpdate({ full: false, statements: [], sparkSlot: sparkSlot + 2 })));
    assert.deepEqual(await ends(), ['13.0', '13.0'], 'on the ground');
    await panel.post(update(sessionUpdate({ full: false, statements: [], sparkSlot: sparkSlot + 1_000 })));
    assert.equal(await line(), '', 'it has not run for long');
    await panel.post(update());
    assert.equal(await line(), before);
  });

  it('N+1s stand on top with the time that they cost, and lead to the line', async () => {
    await openSession();
    const section = panel.page.getByRole('region', { name: 'N+1s seen while running' });
    assert.equal(await section.getByRole('heading').textContent(), '3 N+1s and 1 repeated query');
    assert.ok((await section.textContent())?.includes('5.06\u00a0s could be saved'));
    const first = section.getByRole('listitem').first();
    assert.ok((await first.textContent())?.includes('Up to 50 × in GET /orders · 18\u202f412 × in 211\u00a0requests'));
    assert.equal(await first.locator('.wasted').textContent(), '3.87\u00a0s');
    await first.getByRole('button', { name: 'src/orders/list.ts:42' }).click();
    assert.deepEqual((await panel.sent()).at(-1), { type: 'openPlace', place: REPETITIONS[0]!.place });
    assert.equal(await section.getByRole('listitem').count(), 3);
    await section.getByRole('button', { name: 'Show 1 more' }).click();
    assert.equal(await section.getByRole('listitem').count(), 4);
    assert.ok((await section.getByRole('listitem').nth(3).textContent())?.includes('Up to 12 × in one transaction or run without a pause'));
    await first.getByRole('button', { name: 'Show the statement' }).click();
    assert.deepEqual((await panel.sent()).at(-1), { type: 'select', statement: 's0' });
  });

  it('new N+1s are said once, and the table below stays where it is on the screen', async () => {
    await openSession({ height: 640 });
    await panel.post(update(sessionUpdate({ repetitions: [] })));
    await panel.page.locator('.scroller').evaluate((scroller) => (scroller.scrollTop = 260));
    const top = (): Promise<number> => panel.page.locator('[data-key="s3"]').evaluate((row) => Math.round(row.getBoundingClientRect().top));
    const before = await top();
    await panel.post(update());
    await panel.page.waitForFunction((expected) => Math.abs(document.querySelector('[data-key="s3"]')!.getBoundingClientRect().top - expected) <= 1, before);
    assert.equal(await panel.announced(), '3 N+1s and 1 repeated query seen');
    await panel.page.evaluate(() => (document.querySelector('[role=status]')!.textContent = ''));
    await panel.post(update());
    assert.equal(await panel.announced(), '', 'it is not said again');
  });

  it('charts say in words what they show, and are read with the arrow keys', async () => {
    await openSession();
    const chart = panel.page.getByRole('slider', { name: 'Duration' });
    assert.match((await chart.getAttribute('aria-description')) ?? '', /^From 10:32:00 to 10:36:58: p50 at most 0\.27\u00a0ms, last 0\.26\u00a0ms; p95 at most/);
    await chart.focus();
    await chart.press('Home');
    assert.match((await chart.getAttribute('aria-valuetext')) ?? '', /^10:32:00: p50 0\.23\u00a0ms, p95/);
    await chart.press('ArrowRight');
    assert.match((await chart.getAttribute('aria-valuetext')) ?? '', /^10:32:01: /);
    assert.equal(await panel.page.locator('.chart-when').nth(1).textContent(), '10:32:01');
    await panel.post(update(sessionUpdate({ series: series(30).map((point) => ({ ...point, p50Ms: null, p95Ms: null })) })));
    assert.deepEqual(
      (await panel.page.locator('.chart').nth(1).locator('.chart-key').evaluateAll((keys) => keys.filter((key) => !(key as HTMLElement).hidden).map((key) => key.textContent?.split(' ')[0]))),
      ['mean'],
      'without a probe, the mean of the server',
    );
  });

  it('charts are drawn anew in the colours of another theme', async () => {
    await openSession();
    const blue = (color: string): Promise<number> =>
      panel.page.evaluate((wanted) => {
        const canvas = document.querySelector<HTMLCanvasElement>('.chart canvas')!;
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        let found = 0;
        for (let at = 0; at < data.length; at += 4) if (data[at + 3] === 255 && `${data[at]},${data[at + 1]},${data[at + 2]}` === wanted) found += 1;
        return found;
      }, color);
    assert.ok((await blue('55,148,255')) > 50, '--vscode-charts-blue');
    await panel.page.evaluate(() => document.documentElement.style.setProperty('--vscode-charts-blue', '#ff00ff'));
    await panel.post(update());
    assert.equal(await blue('55,148,255'), 0);
    assert.ok((await blue('255,0,255')) > 50);
  });

  it('follow one another in the page as they do on the screen when scrolling has come to rest, around the row of the Tab key', async () => {
    await openSession({ width: 1_000, height: 400 });
    await measureUpdates(panel.page, sessionUpdate(), 1);
    const places = (): Promise<number[]> => rows().evaluateAll((all) => all.map((row) => Number(row.getAttribute('aria-rowindex'))));
    for (const top of [40_000, 40_170, 40_000, 90_000]) {
      await panel.page.evaluate(async (to) => {
        document.querySelector('.scroller')!.scrollTop = to;
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      }, top);
      const shown = await rows().evaluateAll((all) => all.map((row) => ({ place: Number(row.getAttribute('aria-rowindex')), top: row.getBoundingClientRect().top })));
      assert.deepEqual([...shown].sort((a, b) => a.top - b.top).map(({ place }) => place), [...shown].map(({ place }) => place).sort((a, b) => a - b), 'on the screen at once');
    }
    await panel.page.waitForFunction(() => {
      const order = [...document.querySelectorAll('.grid-body > .grid-row')].map((row) => Number(row.getAttribute('aria-rowindex')));
      return order.length > 2 && order[0] === 2 && order.every((place, index) => index === 0 || place > order[index - 1]!);
    });
    assert.equal(new Set(await places()).size, await rows().count());
  });

  it('hostile texts stay texts', async () => {
    await openSession();
    const [first] = STATEMENTS;
    await panel.post(update(sessionUpdate({ statements: [{ ...first!, text: HOSTILE }], repetitions: [{ ...REPETITIONS[0]!, label: HOSTILE, place: { ...REPETITIONS[0]!.place, file: HOSTILE, function: HOSTILE } }] })));
    assert.equal(await rows().first().locator('.title code').textContent(), HOSTILE_SHOWN);
    assert.ok((await panel.page.locator('.repetitions').textContent())?.includes(HOSTILE_SHOWN));
    assert.equal(await panel.page.evaluate(() => 'hacked' in window || document.querySelector('main img, main script') !== null), false);
  });

  it(`${MANY} statements: only those in view exist, and updates change them in place`, async () => {
    await openSession();
    const costs = await measureUpdates(panel.page, sessionUpdate({ repetitions: [] }), 20);
    assert.ok((await rows().count()) < 60);
    assert.equal(await panel.page.getByRole('grid').getAttribute('aria-rowcount'), String(MANY + 1));
    assert.ok(costs.layouts <= 4, `${costs.layouts} layouts per update`);
    // A few rows come into view with each new order; all others keep their elements and their places.
    assert.ok(costs.elements <= 2 * 8, `${costs.elements} elements put into the page or taken out of it per update`);
    await rows().first().focus();
    await panel.page.keyboard.press('End');
    assert.equal(await panel.page.evaluate(() => document.activeElement?.getAttribute('aria-rowindex')), String(MANY + 1));
    const inView = await panel.page.evaluate(() => {
      const { top, bottom } = document.activeElement!.getBoundingClientRect();
      return top >= document.querySelector('.grid-top')!.getBoundingClientRect().bottom && bottom <= document.querySelector('.table-summary')!.getBoundingClientRect().top + 1;
    });
    assert.ok(inView, 'the last row was scrolled into view');
    const last = await focusedKey();
    await panel.page.locator('.scroller').evaluate((scroller) => (scroller.scrollTop = 0));
    await panel.post(update(sessionUpdate({ full: false, statements: STATEMENTS, repetitions: [] })));
    assert.equal(await focusedKey(), last, 'a row out of sight keeps the focus');
  });

  it('survive the end of a page: order, filter and what is open', async () => {
    await openSession({ width: 1_000 });
    await header('Calls').getByRole('button').click();
    await panel.page.locator('vscode-textfield input').fill('select');
    await rows().nth(1).click();
    await panel.page.reload();
    await panel.post(start(), update());
    assert.equal(await header('Calls').getAttribute('aria-sort'), 'descending');
    assert.equal(await panel.page.locator('vscode-textfield input').inputValue(), 'select');
    assert.deepEqual((await panel.sent()).at(-1), { type: 'select', statement: 's1' });
    assert.equal(await panel.page.locator('[aria-selected="true"][data-key]').getAttribute('data-key'), 's1');
  });

  it('is shown, and no row of another session, where another window of the folder has one open', async () => {
    await openSession({ width: 1_000 });
    await rows().nth(1).click();
    await panel.page.reload();
    await panel.post(start(), update(sessionUpdate({ session: { id: 'two' } })));
    assert.equal(await panel.page.locator('[data-opened]').count(), 0);
    assert.equal(await panel.page.locator('[aria-selected="true"][data-key]').count(), 0);
    assert.deepEqual(await panel.sent(), [{ type: 'ready' }]);
  });
});
