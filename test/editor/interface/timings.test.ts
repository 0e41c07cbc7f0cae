import assert from 'node:assert/strict';
import type { FrameLocator } from 'playwright-core';
import pg from 'pg';
import { startPostgres, type RunningPostgres } from '../../postgres';
import { HANG_MS, openShop, type Session } from './session';

describe('a person who looks at query timings', function () {
  this.timeout(HANG_MS);
  let server: RunningPostgres;
  let app: pg.Client;
  let session: Session;
  let panel: FrameLocator;

  before(async () => {
    server = await startPostgres({ statStatements: true });
    app = new pg.Client(server.url);
    await app.connect();
    await app.query('CREATE EXTENSION pg_stat_statements');
    await app.query('CREATE TABLE parcel AS SELECT n AS id FROM generate_series(1, 1000) AS n');
    session = await openShop({ env: { DATABASE_URL: server.url } });
    panel = session.workbench.panel;
  });

  afterEach(async function () {
    await session.picture(this.currentTest);
  });

  after(async () => {
    await session.close();
    await app.end();
    await server.stop();
  });

  const place = (): string => `postgres at 127.0.0.1:${server.port}`;
  const row = (text: string) => panel.locator('[role="row"]', { hasText: text });

  it('finds it connected, because the folder’s settings ask for that', async () => {
    await session.workbench.openPanel();
    await panel.getByText(place()).first().waitFor();
    await panel.getByText('Connected, PostgreSQL').waitFor();
  });

  it('disconnects, and connects again with one press', async () => {
    await session.workbench.command('Roundtrip: Disconnect');
    await panel.getByText('from DATABASE_URL in the environment').waitFor();
    const { rows } = await app.query("SELECT count(*)::int AS sessions FROM pg_stat_activity WHERE application_name = 'roundtrip'");
    assert.deepEqual(rows, [{ sessions: 0 }]);
    await panel.getByRole('button', { name: `Connect to ${place()}` }).click();
    await panel.getByText('Connected, PostgreSQL').waitFor();
  });

  it('sees a statement that the server counted soon after it ran, of any program', async () => {
    await panel.getByRole('button', { name: 'Record' }).click();
    await session.page.locator('.statusbar', { hasText: 'Recording' }).waitFor();
    for (let id = 1; id <= 12; id += 1) await app.query('SELECT * FROM parcel WHERE id = $1', [id]);
    await row('SELECT * FROM parcel WHERE id = $1').getByText('12', { exact: true }).first().waitFor();
  });

  it('cancels a statement that runs for long, after a question', async () => {
    const sleeper = new pg.Client(server.url);
    await sleeper.connect();
    const { rows } = await sleeper.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const { pid } = rows[0]!;
    const ended = sleeper.query('SELECT pg_sleep(3600)').then(() => 'done', (error: Error) => error.message);
    await panel.getByRole('tab', { name: 'Activity' }).click();
    const cancel = panel.getByRole('button', { name: `Cancel the statement of process ${pid}` });
    const question = session.workbench.question(`Cancel what process ${pid} of ${place()} is running?`);
    await cancel.click();
    await question.getByText('pg_sleep').waitFor();
    await question.getByRole('button', { name: 'Cancel', exact: true }).click();
    await question.waitFor({ state: 'hidden' });
    const { rows: still } = await app.query('SELECT state FROM pg_stat_activity WHERE pid = $1', [pid]);
    assert.deepEqual(still, [{ state: 'active' }]);
    await cancel.click();
    await question.getByRole('button', { name: 'Cancel the Statement' }).click();
    assert.equal(await ended, 'canceling statement due to user request');
    await sleeper.end();
    await panel.getByRole('tab', { name: 'Queries' }).click();
  });

  it('finds everything as it was after looking elsewhere', async () => {
    await session.page.locator('.activitybar .action-label[aria-label^="Explorer"]').click();
    await session.page.locator('.explorer-viewlet .monaco-list-row').first().waitFor();
    await app.query('SELECT count(*) FROM parcel');
    await session.workbench.openPanel();
    await row('SELECT count(*) FROM parcel').waitFor();
    await row('SELECT * FROM parcel WHERE id = $1').getByText('12', { exact: true }).first().waitFor();
  });

  it('forgets what was recorded so far by a command, and records on', async () => {
    await session.workbench.command('Roundtrip: Clear Session');
    await row('SELECT count(*) FROM parcel').waitFor({ state: 'hidden' });
    await app.query('SELECT max(id) FROM parcel');
    await row('SELECT max(id) FROM parcel').waitFor();
  });

  it('finds the session again after a reload of the window', async () => {
    await session.workbench.reload();
    await session.workbench.openPanel();
    // Which tab was open is VS Code's to keep, which writes such things down now and then: it may be one from before.
    await panel.getByRole('tab', { name: 'Queries' }).click();
    await row('SELECT max(id) FROM parcel').waitFor();
    await session.page.locator('.statusbar', { hasText: 'Recording' }).waitFor({ state: 'detached' });
  });
});
