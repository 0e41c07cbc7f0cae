import assert from 'node:assert/strict';
import type { MessageFromPanel } from '../../src/panel/messages.js';
import type { ConnectionState } from '../../src/profiler/protocol.js';
import type { PanelOptions } from './panel-page.js';
import { panelOfTests } from './shared-panel.js';
import { emptyUpdate, FOLDER, HOSTILE, HOSTILE_SHOWN, SAVED, sessionUpdate, start, update } from './sample.js';

const NOTHING = { session: { state: 'none' as const }, connection: { kind: 'none' as const } };

describe('the states of the panel', () => {
  const panel = panelOfTests();

  const openPanel = async (options?: PanelOptions): Promise<void> => {
    await panel.open(options);
  };
  const press = (name: string | RegExp): Promise<void> => panel.page.getByRole('button', { name, exact: typeof name === 'string' }).click();
  const lastSent = async (): Promise<MessageFromPanel | undefined> => (await panel.sent()).at(-1);
  const sees = async (text: string | RegExp): Promise<void> => assert.ok(await panel.page.getByText(text).first().isVisible(), String(text));

  it('begin with one word to the extension', async () => {
    await openPanel();
    assert.deepEqual(await panel.sent(), [{ type: 'ready' }]);
  });

  it('no session: says what recording does, and records with or without a database', async () => {
    await openPanel();
    await panel.post(start(), update(emptyUpdate(NOTHING)));
    await sees('new terminals, launches and tasks are watched');
    await press('Record');
    assert.deepEqual(await lastSent(), { type: 'record' });
    await press('Open a watched terminal');
    assert.deepEqual(await lastSent(), { type: 'newTerminal' });
  });

  it('no session, because the last one broke off: says so first', async () => {
    await openPanel();
    await panel.post(start(), update(emptyUpdate({ ...NOTHING, notices: [{ text: 'The profiler ended unexpectedly.' }] })));
    assert.equal(await panel.page.getByRole('region', { name: 'Notices' }).textContent(), 'The profiler ended unexpectedly.');
    await panel.post(update(emptyUpdate(NOTHING)));
    assert.equal(await panel.page.getByRole('region', { name: 'Notices' }).count(), 0);
  });

  it('not connected: the databases that were found come first, with where they are from', async () => {
    await openPanel();
    await panel.post(start({ restricted: true }), update(emptyUpdate(NOTHING)));
    const texts = await panel.page.locator('.connection').getByRole('button').allTextContents();
    assert.deepEqual(texts, ['Connect to shop at localhost:5432', 'Connect to shop_test at localhost:5433', 'Connect to another database…']);
    await sees('from DATABASE_URL in .env');
    await sees('not trusted');
    await press('Connect to shop at localhost:5432');
    assert.deepEqual(await lastSent(), { type: 'connect', id: '7' });
    await panel.post(start({ found: [] }));
    await press('Connect…');
    assert.deepEqual(await lastSent(), { type: 'connect' });
  });

  it('connecting: can be left', async () => {
    await openPanel();
    await panel.post(start(), update(emptyUpdate({ ...NOTHING, connection: { kind: 'connecting', target: 'shop at db:5432' } })));
    assert.equal(await panel.announced(), 'Connecting to shop at db:5432');
    await press('Cancel');
    assert.deepEqual(await lastSent(), { type: 'disconnect' });
  });

  it('failed: says why and what to do, with commands to copy', async () => {
    await openPanel();
    const connection: ConnectionState = { kind: 'failed', target: 'shop at db:1', title: 'Nothing answers at db:1.', detail: 'Is it running?', steps: [{ text: 'Start it:', code: 'docker compose up' }], asksPassword: false };
    await panel.post(start(), update(emptyUpdate({ ...NOTHING, connection })));
    assert.equal(await panel.announced(), 'Nothing answers at db:1.');
    await sees('Is it running?');
    await press('Copy');
    assert.deepEqual(await lastSent(), { type: 'copy', text: 'docker compose up' });
    assert.equal(await panel.announced(), 'Copied');
    await press('Try again');
    assert.deepEqual(await lastSent(), { type: 'retry' });
    await press('Show log');
    assert.deepEqual(await lastSent(), { type: 'showLog' });
    await panel.post(update(emptyUpdate({ ...NOTHING, connection: { ...connection, asksPassword: true } })));
    await press('Enter the password…');
    assert.deepEqual(await lastSent(), { type: 'retry' });
    await panel.post(update(sessionUpdate({ connection })));
    await sees('Nothing answers at db:1. The Session tab says what to do.');
  });

  it('connected without statistics: says what to do, and records all the same', async () => {
    await openPanel();
    const withoutStatements = { title: 'pg_stat_statements is not loaded', detail: 'The server counts nothing yet.', steps: [{ text: 'Load it:', code: 'CREATE EXTENSION pg_stat_statements;' }] };
    await panel.post(start(), update(emptyUpdate({ ...NOTHING, connection: { kind: 'connected', target: 'shop', server: 'PostgreSQL 18.4', withoutStatements } })));
    await panel.page.getByText('pg_stat_statements is not loaded').click();
    await sees('CREATE EXTENSION pg_stat_statements;');
    await press('Disconnect');
    assert.deepEqual(await lastSent(), { type: 'disconnect' });
    assert.ok(await panel.page.getByRole('button', { name: 'Record' }).isVisible());
  });

  it('recording without data: says how to run a program, and which ones are watched', async () => {
    await openPanel();
    await panel.post(start(), update(emptyUpdate({ connection: { kind: 'none' } })));
    assert.equal(await panel.announced(), 'Recording');
    await sees('Waiting for the first query…');
    await sees('No program is watched yet.');
    await sees('Stop it and start it anew.');
    await press('Connect a database…');
    await sees('Connect to shop at localhost:5432');
    await panel.page.getByRole('tab', { name: 'Queries' }).click();
    await panel.post(update(emptyUpdate({ programs: sessionUpdate().programs })));
    await sees('1\u00a0program is watched and ran no query yet.');
    await panel.post(update(emptyUpdate({ session: { state: 'paused' } })));
    await sees('Paused. Nothing was recorded yet.');
    await panel.post(update(emptyUpdate({ session: { state: 'stopped' } })));
    await sees('Nothing was recorded in this session.');
  });

  it('recording, paused, stopped and opened again: each with what can be done', async () => {
    await openPanel();
    await panel.post(start(), update());
    await press('Pause');
    assert.deepEqual(await lastSent(), { type: 'pause', paused: true });
    await panel.post(update(sessionUpdate({ session: { state: 'paused' } })));
    assert.equal(await panel.announced(), 'Paused');
    await press('Go on recording');
    assert.deepEqual(await lastSent(), { type: 'pause', paused: false });
    await press('Stop and save');
    assert.deepEqual(await lastSent(), { type: 'stop' });
    await panel.post(update(sessionUpdate({ session: { state: 'stopped', file: `${FOLDER}/one.json` } })));
    assert.equal(await panel.announced(), 'Stopped');
    await sees('Saved session of 21 Nov, 10:32');
    assert.equal(await panel.page.getByRole('button', { name: 'Pause' }).count(), 0);
    await press('Record');
    assert.deepEqual(await lastSent(), { type: 'record' });
  });

  it('lost and stale: say so, and keep what was seen', async () => {
    await openPanel();
    await panel.post(start(), update());
    await panel.post(update(sessionUpdate({ connection: { kind: 'connected', target: 'shop', server: 'PostgreSQL 18.4', lost: 'The connection to db:5432 was lost.' } })));
    assert.match((await panel.announced()) ?? '', /^The connection to db:5432 was lost\. It is tried again/);
    assert.match((await panel.page.locator('.table-summary').textContent()) ?? '', /^10 statements/);
    await panel.post(update(sessionUpdate({ ageMs: 14_000 })));
    await sees('These figures are 14\u00a0s old');
    await panel.post(update(sessionUpdate({ ageMs: 5_900 })));
    assert.equal(await panel.page.locator('.banner').isVisible(), false);
    await panel.post(update(sessionUpdate({ ageMs: 90_000, session: { state: 'paused' } })));
    assert.equal(await panel.page.locator('.banner').isVisible(), false, 'old figures are no news while it is paused');
  });

  it('stale: says so when the profiler falls silent, too', async () => {
    await panel.open();
    await panel.post(start(), update());
    // Timers of seconds are rung by hand: the page has one such, for the profiler's next word.
    await panel.page.evaluate(() => {
      const soon = window.setTimeout.bind(window) as (ring: () => void, ms?: number) => number;
      window.setTimeout = ((ring: () => void, ms = 0) => {
        if (ms < 1_000) return soon(ring, ms);
        Object.assign(window, { ring });
        return 0;
      }) as typeof window.setTimeout;
    });
    const ring = (): Promise<void> =>
      panel.page.evaluate(async () => {
        (window as unknown as { ring(): void }).ring();
        await new Promise((resolve) => requestAnimationFrame(resolve));
      });
    await panel.post(update(sessionUpdate({ full: false })));
    assert.equal(await panel.page.locator('.banner').isVisible(), false);
    await ring();
    await sees(/^These figures are old: the profiler has not been heard since \d{1,2}:\d\d:\d\d\.$/);
    assert.match((await panel.announced()) ?? '', /^These figures are old/);
    assert.match((await panel.page.locator('.table-summary').textContent()) ?? '', /^10 statements/);
    await panel.post(update(sessionUpdate({ full: false })));
    assert.equal(await panel.page.locator('.banner').isVisible(), false);
    await panel.post(update(sessionUpdate({ session: { state: 'paused' } })));
    await ring();
    assert.equal(await panel.page.locator('.banner').isVisible(), false, 'nothing new is awaited while it is paused');
  });

  it('ask for the same once until it is answered', async () => {
    await panel.open();
    await panel.page.evaluate(() => Object.assign(window, { isExtensionBusy: true }));
    await panel.post(start(), update(emptyUpdate(NOTHING)));
    const asked = async (): Promise<string[]> => (await panel.sent()).slice(1).map(({ type }) => type);
    await press('Record');
    await press('Record');
    await press('Open a watched terminal');
    assert.deepEqual(await asked(), ['record', 'newTerminal']);
    await panel.post({ type: 'answered', to: 'record' });
    await press('Open a watched terminal');
    await press('Record');
    assert.deepEqual(await asked(), ['record', 'newTerminal', 'record']);
  });

  it('take a double click for one press, also where another button came into its place', async () => {
    await panel.open();
    await panel.post(start(), update());
    for (const [name, state, sent] of [['Pause', 'paused', { type: 'pause', paused: true }], ['Stop and save', 'stopped', { type: 'stop' }]] as const) {
      const box = (await panel.page.getByRole('button', { name }).boundingBox())!;
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      await panel.page.mouse.click(x, y);
      assert.deepEqual(await lastSent(), sent);
      const { length } = await panel.sent();
      await panel.post(update(sessionUpdate({ session: { state } })));
      assert.notEqual(await panel.page.evaluate(([left, top]) => document.elementFromPoint(left!, top!)?.closest('button, vscode-button')?.textContent, [x, y]), undefined, 'there is a button again');
      await panel.page.mouse.down({ clickCount: 2 });
      await panel.page.mouse.up({ clickCount: 2 });
      assert.equal((await panel.sent()).length, length, `${name} twice`);
    }
  });

  it('says what could not be done until it is dismissed', async () => {
    await openPanel();
    await panel.post(start(), update(), { type: 'problem', title: 'The session could not be saved.', detail: 'The disk is full.' });
    assert.match((await panel.page.getByRole('alert').textContent()) ?? '', /could not be saved\.The disk is full\./);
    await press('Dismiss');
    assert.equal(await panel.page.getByRole('alert').count(), 0);
  });

  it('lists saved sessions to open and to compare with, but not the one that is shown', async () => {
    await openPanel();
    await panel.post(start(), update(emptyUpdate(NOTHING)));
    await press('Checkout, last week');
    assert.deepEqual(await lastSent(), { type: 'openSession', file: SAVED[0]!.file });
    await panel.post(update(sessionUpdate({ session: { state: 'stopped', file: SAVED[0]!.file } })));
    await panel.page.getByRole('tab', { name: 'Session' }).click();
    assert.equal(await panel.page.locator('.session-tab .saved li').count(), 1);
    await press('Compare with Import');
    assert.deepEqual(await lastSent(), { type: 'compare', file: SAVED[1]!.file });
  });

  it('the session tab names it, exports it, clears it, and shows targets, programs and notices', async () => {
    await openPanel();
    await panel.post(start(), update());
    await panel.page.getByRole('tab', { name: 'Session' }).click();
    for (const [name, type] of [['Rename…', 'rename'], ['Export…', 'export'], ['Compare…', 'compare'], ['Open…', 'openSession'], ['Clear', 'clear']] as const) {
      await press(name);
      assert.deepEqual(await lastSent(), { type });
    }
    assert.deepEqual(await panel.page.locator('.target-mark').allTextContents(), ['Missed', 'Met', 'Not known']);
    await sees('process 8190, ended · Node 20.20.2 · postgres · 4\u202f901\u00a0queries · watching costs 2.4\u00a0µs a query');
    await sees('120\u00a0queries came too fast and are missing from the figures');
    await sees("ALTER SYSTEM SET pg_stat_statements.max = '20000';");
    await panel.post(update(sessionUpdate({ programs: [] })));
    await sees('No program was watched yet.');
  });

  it('activity: blocked and long-running statements, with a way to cancel what may be cancelled', async () => {
    await openPanel();
    await panel.post(start(), update());
    const tab = panel.page.getByRole('tab', { name: /Activity/ });
    assert.equal(await tab.locator('.badge').textContent(), '2');
    await tab.click();
    await sees('3 at work, 1 waits for a lock that another one holds.');
    await sees('Waits for Lock: transactionid, held by 4711');
    assert.equal(await panel.page.getByRole('button', { name: /^Cancel the statement of process/ }).count(), 2);
    const cancel = panel.page.getByRole('button', { name: 'Cancel the statement of process 4713' });
    await cancel.focus();
    await panel.post(update(sessionUpdate({ activity: [...sessionUpdate().activity].reverse().map((row) => ({ ...row, runningMs: row.runningMs + 1_000 })) })));
    assert.ok(await cancel.evaluate((button) => document.activeElement === button), 'the focus stays when the order changes');
    await cancel.press('Enter');
    assert.deepEqual(await lastSent(), { type: 'cancel', pid: 4713 });
    await panel.post(update(sessionUpdate({ activity: [] })));
    await sees('Nothing runs for long, and nothing waits for a lock.');
    await panel.post(update(sessionUpdate({ connection: { kind: 'none' } })));
    await sees('What runs on the server is seen while a database is connected.');
  });

  it('never take a text for markup, an escape or a direction', async () => {
    await openPanel();
    const connection: ConnectionState = { kind: 'failed', target: HOSTILE, title: HOSTILE, detail: HOSTILE, steps: [{ text: HOSTILE, code: HOSTILE }], asksPassword: false };
    await panel.post(start({ found: [{ id: '1', name: HOSTILE, source: HOSTILE }], sessions: [{ ...SAVED[0]!, name: HOSTILE }] }), update(emptyUpdate({ ...NOTHING, connection })));
    assert.equal(await panel.page.locator('.connection h2').textContent(), HOSTILE_SHOWN);
    assert.equal(await panel.page.locator('.command code').textContent(), HOSTILE_SHOWN);
    const { programs, activity, targets } = sessionUpdate();
    await panel.post(
      update(
        sessionUpdate({
          session: { name: HOSTILE },
          connection,
          programs: programs.map((program) => ({ ...program, command: HOSTILE })),
          activity: activity.map((row) => ({ ...row, text: HOSTILE, application: HOSTILE })),
          targets: targets.map((target) => ({ ...target, result: HOSTILE })),
        }),
      ),
      { type: 'problem', title: HOSTILE, detail: HOSTILE },
    );
    assert.equal(await panel.page.locator('h1').textContent(), HOSTILE_SHOWN);
    assert.equal(await panel.page.getByRole('alert').locator('strong').textContent(), HOSTILE_SHOWN);
    await panel.page.getByRole('tab', { name: 'Session' }).click();
    assert.equal(await panel.page.locator('.session-tab .plain code').first().textContent(), HOSTILE_SHOWN);
    assert.equal(await panel.page.evaluate(() => document.querySelectorAll('main img, main script').length), 0);
    assert.equal(await panel.page.evaluate(() => 'hacked' in window), false);
  });

  it('ignore messages that are none', async () => {
    await openPanel();
    await panel.post(start(), update());
    for (const message of [null, 7, 'update', {}, { type: 'update' }, { type: 'update', update: { ...sessionUpdate(), statements: [{}] } }, { type: 'comparison', comparison: {} }]) {
      await panel.page.evaluate((data) => window.postMessage(data, '*'), message);
    }
    await panel.post(update());
    assert.equal(await panel.page.locator('h1').textContent(), 'Checkout, before');
  });

  it('never lose the focus to nowhere', async () => {
    await openPanel();
    await panel.post(start(), update(emptyUpdate(NOTHING)));
    await panel.page.getByRole('button', { name: 'Connect to shop at localhost:5432' }).focus();
    await panel.post(update(emptyUpdate({ ...NOTHING, connection: { kind: 'connecting', target: 'shop' } })));
    assert.equal(await panel.page.evaluate(() => document.activeElement?.tagName), 'MAIN');
    await panel.page.getByRole('button', { name: 'Record' }).focus();
    await panel.post(update());
    assert.equal(await panel.page.evaluate(() => document.activeElement?.tagName), 'MAIN');
  });

  it('go on where they were when the page is made anew', async () => {
    await openPanel();
    await panel.post(start(), update());
    await panel.page.getByRole('tab', { name: /Activity/ }).click();
    await panel.page.reload();
    await panel.post(start(), update());
    assert.equal(await panel.page.getByRole('tab', { name: /Activity/ }).getAttribute('aria-selected'), 'true');
    assert.deepEqual(await panel.sent(), [{ type: 'ready' }]);
  });

  it('have tabs for the keyboard', async () => {
    await openPanel();
    await panel.post(start(), update());
    await panel.page.getByRole('tab', { name: 'Queries' }).focus();
    await panel.page.keyboard.press('ArrowLeft');
    const selected = panel.page.getByRole('tab', { selected: true });
    assert.match((await selected.textContent()) ?? '', /^Session/);
    assert.ok(await selected.evaluate((tab) => document.activeElement === tab));
    assert.equal(await panel.page.getByRole('tab').evaluateAll((tabs) => tabs.filter((tab) => tab.tabIndex === 0).length), 1);
    await panel.page.keyboard.press('ArrowRight');
    assert.match((await selected.textContent()) ?? '', /^Queries/);
  });
});
