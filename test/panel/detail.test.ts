import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import type { MessageFromPanel } from '../../src/panel/messages.js';
import type { PanelOptions } from './panel-page.js';
import { panelOfTests } from './shared-panel.js';
import { COMPARISON, detail, HOSTILE, HOSTILE_SHOWN, LINES, place, sessionUpdate, start, statementDetail, STATEMENTS, update } from './sample.js';

const plain = (text: string | null): string => (text ?? '').replace(/[\u202f\u00a0]/g, ' ');

describe('the details of a session', () => {
  const panel = panelOfTests();

  const openSession = async (options: PanelOptions = {}): Promise<void> => {
    await panel.open(options);
    await panel.post(start(), update());
  };
  const row = (key: string): Locator => panel.page.locator(`[data-key="${key}"]`);
  const openStatement = async (options: PanelOptions = {}): Promise<void> => {
    await openSession(options);
    await row('s0').press('Enter');
    await panel.post(detail());
  };
  const view = (): Locator => panel.page.getByRole('complementary', { name: 'Details' });
  const lastSent = async (): Promise<MessageFromPanel | undefined> => (await panel.sent()).at(-1);
  const figures = async (): Promise<Record<string, string[]>> =>
    Object.fromEntries(
      await view()
        .locator('.figures tbody tr')
        .evaluateAll((rows) => rows.map((one) => [one.children[0]!.textContent ?? '', [...one.children].slice(1).map((cell) => (cell.textContent ?? '').replace(/[\u202f\u00a0]/g, ' '))])),
    );

  it('open with Enter and close with Escape, and the focus goes back to the row', async () => {
    await openStatement();
    assert.deepEqual(await lastSent(), { type: 'select', statement: 's0' });
    assert.ok(await view().getByRole('button', { name: 'Back' }).evaluate((button) => document.activeElement === button));
    assert.equal(await panel.page.getByRole('grid').isVisible(), false, 'a narrow view shows one thing at a time');
    await panel.page.keyboard.press('Escape');
    assert.deepEqual(await lastSent(), { type: 'select', statement: null });
    assert.ok(await row('s0').evaluate((element) => document.activeElement === element));
  });

  it('stand beside the table where there is room', async () => {
    await openStatement({ width: 1_200 });
    assert.ok(await panel.page.getByRole('grid').isVisible());
    assert.equal(await row('s0').getAttribute('aria-selected'), 'true');
    await row('s1').click();
    assert.deepEqual(await lastSent(), { type: 'select', statement: 's1' });
    assert.match((await view().locator('pre').textContent()) ?? '', /"public"\."Customer"/, 'the text is there before the answer');
    assert.equal(await view().getByText('Durations').isVisible(), false, 'nothing of the statement before');
  });

  it('show the statement in colours, and copy it as it is', async () => {
    await openStatement();
    const code = view().locator('pre code');
    assert.equal(await code.textContent(), statementDetail().formatted);
    assert.deepEqual((await code.locator('.hljs-keyword').allTextContents()).slice(0, 3), ['select', 'from', 'where']);
    await view().getByRole('button', { name: 'Copy the statement' }).click();
    assert.deepEqual(await lastSent(), { type: 'copy', text: statementDetail().formatted });
  });

  it('never give the server a percentile', async () => {
    await openStatement();
    const shown = await figures();
    assert.deepEqual(shown.Calls, ['18 412', '18 415']);
    assert.deepEqual(shown.Mean, ['0.21 ms', '0.15 ms ± 85.0 µs']);
    assert.deepEqual(shown.p95, ['0.55 ms', '–']);
    assert.deepEqual(shown.p50, ['0.17 ms', '–']);
    assert.deepEqual(shown.Maximum, ['1.91 ms', '1.27 ms']);
    assert.deepEqual(shown['Read from cache'], ['–', '100 %']);
    assert.match(plain(await view().textContent()), /60\.0 µs of the 0\.21 ms per call \(28 %\) pass between program and server/);
  });

  it('say so where one side knows nothing', async () => {
    await openSession();
    await row('s4').press('Enter');
    assert.deepEqual((await figures()).Calls, ['2 301', '–']);
    await panel.page.keyboard.press('Escape');
    await row('s8').press('Enter');
    const counted = await figures();
    assert.deepEqual(counted.Calls, ['–', '≥ 34']);
    assert.match(plain(await view().textContent()), /counters went back meanwhile, so some calls may be missing/);
  });

  it('say in words how durations are spread', async () => {
    await openStatement();
    const picture = view().getByRole('img');
    assert.equal(plain(await picture.getAttribute('aria-label')), 'Durations from 80.0 µs to 10.1 ms; the most frequent, 6 120 times, between 0.13 ms and 0.17 ms.');
    assert.ok((await picture.locator('rect').count()) > 8);
  });

  it('lead to lines, findings and their fix, and to plans', async () => {
    await openStatement();
    await view().getByRole('button', { name: 'src/orders/customer.ts:17' }).click();
    assert.deepEqual(await lastSent(), { type: 'openPlace', place: LINES[1]!.place });
    await view().getByRole('button', { name: /^Fix: One query per order/ }).click();
    assert.deepEqual(await lastSent(), { type: 'fix', finding: { rule: 'n-plus-one', place: place('src/orders/list.ts', 42, 'listOrders') } });
    assert.equal(await view().getByRole('button', { name: /^Fix: The column/ }).count(), 0, 'a finding without a fix has no button');
    await view().getByRole('button', { name: 'Explain', exact: true }).click();
    assert.deepEqual(await lastSent(), { type: 'explain', statement: 's0', analyze: false });
    await view().getByRole('button', { name: 'Explain analyze…' }).click();
    assert.deepEqual(await lastSent(), { type: 'explain', statement: 's0', analyze: true });
    await panel.post(update(sessionUpdate({ connection: { kind: 'none' } })));
    const explain = view().locator('.actions vscode-button').first();
    assert.equal(await explain.getAttribute('title'), 'Connect a database to see plans.');
    await explain.click({ force: true });
    assert.equal((await panel.sent()).filter(({ type }) => type === 'explain').length, 2);
  });

  it('show the requests that ran it and its errors', async () => {
    await openStatement();
    const text = plain(await view().textContent());
    assert.match(text, /GET \/orders\/:id512 executions in 512 requests · 102 ms/);
    assert.match(text, /canceling statement due to statement timeout57014 · 2 ×/);
  });

  it('show the slowest executions with their values, where values were recorded', async () => {
    await openStatement();
    assert.equal(await view().getByText('Slowest executions', { exact: true }).isVisible(), false);
    await panel.post(detail({ slowest: [{ text: 'SELECT $1, $2', values: ['17', HOSTILE], whole: true, durationMs: 4_210, at: Date.UTC(2026, 10, 21, 12) }] }));
    assert.ok(await view().getByText('Slowest executions', { exact: true }).isVisible());
    assert.equal(await view().locator('.parameter-values').textContent(), `$1 = 17, $2 = ${HOSTILE_SHOWN}`);
    assert.match(plain(await view().textContent()), /4\.21 s · \d/);
  });

  it('change in place: focus and selection stay', async () => {
    await openStatement();
    const back = view().getByRole('button', { name: 'src/orders/customer.ts:17' });
    await back.focus();
    await panel.page.evaluate(() => {
      const range = document.createRange();
      range.selectNodeContents(document.querySelector('.detail pre')!);
      getSelection()!.addRange(range);
    });
    const lines = [...statementDetail().lines].reverse();
    await panel.post(update(), detail({ lines, histogram: [[1, 2, 3]], errors: [] }));
    assert.ok(await back.evaluate((button) => document.activeElement === button));
    assert.equal(await panel.page.evaluate(() => String(getSelection()).replace(/\s/g, '').slice(0, 10)), 'select"id"');
    assert.equal(await view().getByText('Errors', { exact: true }).first().isVisible(), false);
  });

  it('say that a statement is no longer known', async () => {
    await openStatement();
    await panel.post(update(sessionUpdate({ statements: STATEMENTS.slice(1) })), { type: 'detail', statement: 's0', detail: null, findings: [] });
    assert.ok(await view().getByText('This statement is no longer part of the session.').isVisible());
  });

  it('are shown when the code asks for them', async () => {
    await openSession();
    await panel.page.getByRole('tab', { name: 'Session' }).click();
    await panel.post({ type: 'reveal', statement: 's4' });
    assert.deepEqual(await lastSent(), { type: 'select', statement: 's4' });
    assert.ok((await view().textContent())?.includes('UPDATE products SET stock'));
    assert.ok(await view().evaluate((element) => element.contains(document.activeElement)));
    await panel.page.keyboard.press('Escape');
    assert.equal(await panel.page.evaluate(() => (document.activeElement as HTMLElement).dataset.key), 's4');
  });

  it('show a line and a request with their statements', async () => {
    await openSession();
    await panel.page.getByRole('radio', { name: 'Lines' }).check();
    await row(LINES[0]!.key).press('Enter');
    assert.match(plain(await view().textContent()), /In 211 requests, at most 50 times in one.*told apart by samples/);
    await view().getByRole('button', { name: /^select "id"/ }).click();
    assert.deepEqual(await lastSent(), { type: 'select', statement: 's0' });
    await panel.page.keyboard.press('Escape');
    await panel.page.getByRole('radio', { name: 'Requests' }).check();
    await row('POST /orders/:id/items').press('Enter');
    assert.match(plain(await view().textContent()), /2 301 requests, 5\.2 queries each, at most 9.*18 % of 3\.41 s that these requests took.*3 failed queries/);
    assert.equal(await view().locator('.statement-link').count(), 4);
  });

  it('keep hostile texts texts', async () => {
    await openSession();
    await row('s0').press('Enter');
    const full = statementDetail();
    await panel.post({
      type: 'detail',
      statement: 's0',
      detail: { ...full, formatted: `SELECT '${HOSTILE}'`, requests: [{ ...full.requests[0]!, label: HOSTILE }], errors: [{ code: HOSTILE, message: HOSTILE, count: 1 }] },
      findings: [{ rule: 'x', message: HOSTILE, place: place('a.ts', 1), hasFix: true }],
    });
    assert.equal(await view().locator('pre').textContent(), `SELECT '${HOSTILE_SHOWN}'`);
    assert.equal(await view().locator('.request-label').textContent(), HOSTILE_SHOWN);
    assert.equal(await view().locator('.error-text').textContent(), HOSTILE_SHOWN);
    assert.equal(await panel.page.evaluate(() => 'hacked' in window || document.querySelector('main img, main script') !== null), false);
  });

  it('lay out a megabyte of SQL without hanging', async () => {
    await openSession();
    await row('s0').press('Enter');
    await panel.post(detail({ formatted: `SELECT ${'(a + 1), '.repeat(120_000)}b` }));
    assert.ok(((await view().locator('pre').textContent()) ?? '').length > 1_000_000);
  });

  it('compare two sessions: the outcome first, and only what is more than noise is strong', async () => {
    await openSession();
    await panel.post({ type: 'comparison', comparison: COMPARISON });
    assert.match((await panel.announced()) ?? '', /^The same requests run 80 % fewer queries/);
    const text = plain(await panel.page.locator('main').textContent());
    assert.match(text, /Queries46 1139 312−80 %Time6\.66 s1\.91 s−71 %N\+1s41−75 %/);
    assert.match(text, /N\+1s that are gone/);
    assert.doesNotMatch(text, /New N\+1s/);
    const changes = panel.page.locator('section', { hasText: 'Statements' }).locator('.change:has(.change-kind)');
    assert.deepEqual(await panel.page.locator('.change.significant .change-kind').allTextContents(), ['Gone', 'New', 'Slower', 'Fewer calls', 'Fewer calls']);
    assert.ok((await changes.first().textContent())?.includes('Gone'));
    assert.match(plain(await panel.page.locator('.change.faster').textContent()), /calls 2 301 → 2 312total 188 ms → 180 ms.*may be chance/);
    assert.match(text, /1 unchanged/);
    await panel.page.getByRole('button', { name: 'src/orders/list.ts:42' }).first().click();
    assert.equal((await lastSent())?.type, 'openPlace');
    await panel.page.getByRole('button', { name: 'Back to the session' }).click();
    assert.deepEqual(await lastSent(), { type: 'closeComparison' });
    await panel.post({ type: 'comparison', comparison: null });
    assert.ok(await panel.page.getByRole('grid').isVisible());
  });

  it('show the changes of a large comparison page by page', async () => {
    await openSession();
    const change = COMPARISON.statements[2]!;
    await panel.post({ type: 'comparison', comparison: { ...COMPARISON, statements: Array.from({ length: 120 }, (_, index) => ({ ...change, id: `c${index}` })) } });
    const list = panel.page.locator('.change.slower');
    assert.equal(await list.count(), 50);
    await panel.page.getByRole('button', { name: 'Show 50 more' }).click();
    await panel.page.getByRole('button', { name: 'Show 20 more' }).press('Enter');
    assert.equal(await list.count(), 120);
  });
});
