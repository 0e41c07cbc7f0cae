import { startPostgres, type RunningPostgres } from '../../postgres';
import { openShop, type Session } from './session';

const NOT_SET_UP = 'The extension pg_stat_statements is not set up in this database.';

describe('a person who types the address of a database', function () {
  this.timeout(90_000);
  let server: RunningPostgres;
  let session: Session;

  before(async () => {
    server = await startPostgres();
    session = await openShop();
  });

  afterEach(async function () {
    await session.picture(this.currentTest);
  });

  after(async () => {
    await session.close();
    await server.stop();
  });

  it('learns how to set up what is missing there', async () => {
    const { workbench, page } = session;
    const panel = await workbench.openWebview('Roundtrip');
    await panel.getByRole('button', { name: 'Connect…' }).click();
    await page.locator('.quick-input-list .monaco-list-row', { hasText: 'Enter a connection URL' }).click();
    await page.locator('.quick-input-message', { hasText: 'The URL of a PostgreSQL database' }).waitFor();
    await page.locator('.quick-input-widget input[type="text"]').fill(server.url);
    await page.keyboard.press('Enter');
    await panel.getByText(NOT_SET_UP).first().waitFor();
    await panel.getByText('CREATE EXTENSION').first().waitFor({ state: 'attached' });
  });

  it('is not asked for the password again after a reload of the window', async () => {
    const { workbench, page } = session;
    await page.reload();
    await page.locator('.monaco-workbench .part.activitybar').waitFor();
    // The server asks for a password; that it answers at all shows that the stored one was sent.
    const panel = await workbench.openWebview('Roundtrip');
    await panel.getByText(NOT_SET_UP).first().waitFor();
  });
});
