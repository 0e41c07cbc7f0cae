import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import type { FrameLocator } from 'playwright-core';
import { startPostgres, type RunningPostgres } from '../../postgres';
import { until } from '../host/workbench';
import { HANG_MS, openShop, type Session } from './session';

/** A name that would be markup, a link or the end of a script, if it were not shown as text. */
const HOSTILE = '</script><img src=x onerror=alert(1)>[go](command:quit)';

const LOOP = "await pool.query('SELECT * FROM parcel WHERE id = $1', [id]);";
const ODD = `await pool.query('SELECT 1 AS "${HOSTILE}"');`;

/** What a rollback undoes is the row; it does not undo the sequence, which tells how often the statement has run. */
const NUMBERED = "await pool.query(\"UPDATE visit SET number = nextval('visits')\");";

const FIXABLE = "const { rows } = await pool.query<{ weight: number }>('SELECT weight FROM parcel WHERE id = $1', [parcel.id]);";

const PROGRAM = `import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const ids = Array.from({ length: 12 }, (_, index) => index + 1);
for (const id of ids) {
  ${LOOP}
}
${ODD}
${NUMBERED}
export async function weights(parcels: { id: number }[]) {
  return Promise.all(
    parcels.map(async (parcel) => {
      ${FIXABLE}
      return { parcel, weight: rows.reduce((total, row) => total + row.weight, 0) };
    }),
  );
}
await weights(ids.map((id) => ({ id })));
await pool.end();
console.log('options', JSON.stringify(process.env.NODE_OPTIONS ?? null));
`;

const RUN = 'node --import=tsx visits.ts';

describe('a person who profiles a program', function () {
  this.timeout(HANG_MS);
  let server: RunningPostgres;
  let client: pg.Client;
  let session: Session;
  const refused: string[] = [];

  before(async () => {
    server = await startPostgres({ statStatements: true });
    client = new pg.Client(server.url);
    await client.connect();
    await client.query('CREATE EXTENSION pg_stat_statements; CREATE TABLE parcel AS SELECT n AS id, 1 AS weight FROM generate_series(1, 1000) AS n; ANALYZE parcel');
    await client.query('CREATE SEQUENCE visits; CREATE TABLE visit AS SELECT 0 AS number');
    session = await openShop({ env: { DATABASE_URL: server.url, PS1: '$ ' }, settings: { 'terminal.integrated.gpuAcceleration': 'off', 'terminal.integrated.initialHint': false, 'editor.minimap.enabled': false } });
    writeFileSync(path.join(session.folder, 'visits.ts'), PROGRAM);
    session.page.on('console', (message) => {
      if (/Content Security Policy/i.test(message.text()) && /vscode-webview|fake\.html|plan\.|panel\./.test(message.text() + message.location().url)) refused.push(message.text());
    });
  });

  afterEach(async function () {
    await session.picture(this.currentTest);
  });

  after(async () => {
    await session.close();
    await client.end();
    await server.stop();
  });

  const visits = async (): Promise<object> => (await client.query('SELECT number, last_value::int AS runs FROM visit, visits')).rows[0] as object;
  const target = (): string => `postgres at 127.0.0.1:${server.port}`;
  const run = (): Promise<void> => session.workbench.runInTerminal(RUN);
  const inTerminal = (text: RegExp): Promise<true> => until(`the terminal says ${text}`, async () => text.test(await session.workbench.terminalText()));

  it('records, and runs it in a watched terminal', async () => {
    const { workbench, page } = session;
    await workbench.openPanel();
    await workbench.command('Roundtrip: New Watched Terminal');
    await page.locator('.statusbar', { hasText: 'Recording' }).waitFor();
    await run();
    await inTerminal(/options "--require /);
  });

  it('sees in the panel what it did', async () => {
    const { workbench } = session;
    const panel = await workbench.openPanel();
    await panel.getByText('SELECT * FROM parcel WHERE id = $1').first().waitFor();
    await panel.getByText(target()).first().waitFor();
    await panel.getByText(HOSTILE).first().waitFor();
  });

  it('reads behind the line how often it ran, and that it repeats', async () => {
    const { workbench } = session;
    await workbench.openFile('visits.ts');
    const noteBehind = (line: string): Promise<string> => until(`${line} has a note`, async () => (await workbench.noteBehind(line)) || undefined);
    const note = await noteBehind(LOOP);
    assert.match(note, /^N\+1 · 12 × · p95 [\d.]+ ms · 12 rows$/);
    assert.match(await noteBehind('SELECT 1 AS'), /^1 × · p95 [\d.]+ ms · 1 row$/);
    assert.equal(await workbench.noteBehind('const pool'), '');
  });

  it('reads more when resting the mouse on the note', async () => {
    const { workbench, page } = session;
    const hover = await workbench.hoverBehind(LOOP, 'Show in Panel');
    const text = (await hover.innerText()).replace(/\s+/g, ' ');
    assert.match(text, /12 × .*12 rows/);
    assert.match(text, /N\+1: up to 12 ×/);
    assert.match(text, /█/);
    assert.match(text, /Show in Panel/);
    await page.keyboard.press('Escape');
    const odd = await workbench.hoverBehind('SELECT 1 AS', 'Show in Panel');
    assert.ok((await odd.innerText()).replace(/\s+/g, ' ').includes('<img src=x onerror=alert(1)>[go](command:quit)'));
    assert.equal(await odd.locator('img, a[data-href*="quit"]').count(), 0);
    await page.keyboard.press('Escape');
  });

  it('sees the plan of the statement at the cursor, in a tab of its own', async () => {
    const { workbench, page } = session;
    await workbench.clickAt(workbench.line(LOOP));
    await workbench.command('Roundtrip: Explain Statement at Cursor');
    await page.locator('.tab.active', { hasText: 'Plan: SELECT * FROM parcel' }).waitFor();
    const plan = workbench.tabPage;
    await plan.getByRole('heading', { name: target() }).waitFor();
    await plan.locator('.plan-container, .plan').getByText('Seq Scan').first().waitFor();
  });

  it('is asked before a statement is run to be measured, which changes nothing', async () => {
    const { workbench } = session;
    await workbench.openFile('visits.ts');
    await workbench.clickAt(workbench.line('UPDATE visit'));
    await workbench.command('Roundtrip: Explain Statement at Cursor');
    await session.page.locator('.tab.active', { hasText: 'Plan: UPDATE visit' }).waitFor();
    const measure = workbench.tabPage.getByRole('button', { name: 'Run and Measure…' });
    const question = workbench.question(`Run this statement in ${target()}`);
    await workbench.tabPage.getByText('Nothing was run').waitFor();
    await measure.click();
    await question.getByRole('button', { name: 'Cancel' }).click();
    await question.waitFor({ state: 'hidden' });
    assert.deepEqual(await visits(), { number: 1, runs: 1 });

    await measure.click();
    await question.getByRole('button', { name: 'Run and Roll Back' }).click();
    await workbench.tabPage.getByText('rolled back').first().waitFor();
    assert.deepEqual(await visits(), { number: 1, runs: 2 });
    // With a click: a page that is closed by a key takes the next keys with it.
    for (const statement of ['UPDATE visit', 'SELECT * FROM parcel']) {
      const tab = session.page.locator('.tab', { hasText: `Plan: ${statement}` });
      await tab.click({ button: 'middle' });
      await tab.waitFor({ state: 'detached' });
    }
  });

  it('mends a finding beside the statement that it is about', async () => {
    const { workbench, page } = session;
    const panel = await workbench.openPanel();
    await panel.locator('[role="row"]', { hasText: 'SELECT weight FROM parcel' }).click();
    await panel.getByRole('button', { name: /^Fix: One query per parcel/ }).click();
    await workbench.line('= ANY($1)').waitFor();
    await workbench.openFile('visits.ts', 1);
    await page.keyboard.press('Control+Z');
    await workbench.line('WHERE id = $1\', [parcel.id]').waitFor();
    await panel.getByRole('button', { name: 'Back' }).click();
  });

  it('sees the note dimmed after the line was changed, follow it, and come back with undo', async () => {
    const { workbench, page } = session;
    await workbench.openFile('visits.ts', 1);
    await page.keyboard.press('Enter');
    await until('the note has moved with its line', async () => /^N\+1/.test(await workbench.noteBehind(LOOP)));
    await workbench.goToLine(7);
    await page.keyboard.press('End');
    await page.keyboard.type(' // now');
    await until('the note says that it is old', async () => (await workbench.noteBehind(LOOP)).endsWith('before the last change'));
    await page.keyboard.press('Control+Z');
    await until('the note is as before', async () => /^N\+1/.test(await workbench.noteBehind(LOOP)));
  });

  it('records in two windows of the same folder, each what was started there', async () => {
    const { workbench, page } = session;
    const calls = (panel: FrameLocator, count: number): Promise<void> =>
      panel.locator('[role="row"]', { hasText: 'SELECT * FROM parcel WHERE id = $1' }).getByText(String(count), { exact: true }).first().waitFor();
    const other = await session.openWindow();
    const otherPanel = await other.openPanel();
    await other.command('Roundtrip: New Watched Terminal');
    await other.page.locator('.statusbar', { hasText: 'Recording' }).waitFor();
    await other.runInTerminal(RUN);
    await calls(otherPanel, 12);
    await other.command('Roundtrip: Stop Recording');
    await other.page.locator('.statusbar', { hasText: 'Recording' }).waitFor({ state: 'detached' });

    await page.bringToFront();
    const panel = await workbench.openPanel();
    await calls(panel, 12);
    await run();
    await calls(panel, 24);
    await other.page.close();
  });

  it('stops, and leaves programs alone that start after that', async () => {
    const { workbench, page } = session;
    await workbench.command('Roundtrip: Stop Recording');
    await page.locator('.statusbar', { hasText: 'Recording' }).waitFor({ state: 'detached' });
    await workbench.newTerminal();
    await run();
    await inTerminal(/options null/);
  });

  it('was refused nothing by the content security policy', () => assert.deepEqual(refused, []));
});
