import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { startPostgres, type RunningPostgres } from '../../postgres';
import { HANG_MS, openShop, type Session } from './session';

const NOT_SET_UP = 'The extension pg_stat_statements is not set up in this database.';

describe('a person who types the address of a database', function () {
  this.timeout(HANG_MS);
  let server: RunningPostgres;
  let session: Session;

  before(async () => {
    [server, session] = await Promise.all([startPostgres(), openShop()]);
  });

  afterEach(async function () {
    await session.picture(this.currentTest);
  });

  after(async () => {
    await session.close();
    await server.stop();
  });

  /** Through the command's list of choices and the box for a URL. */
  async function typeAddress(url: string): Promise<void> {
    const { workbench } = session;
    const byUrl = workbench.choice('Enter a connection URL');
    await workbench.command('Roundtrip: Connect to a Database…', byUrl);
    await byUrl.click();
    await workbench.answer('The URL of a PostgreSQL database', url);
  }

  it('is told why a server does not answer', async () => {
    const panel = await session.workbench.openPanel();
    const probe = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => probe.once('listening', resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    await typeAddress(`postgresql://app:s3cret@127.0.0.1:${port}/shop`);
    await panel.getByRole('heading', { name: `Nothing answers at 127.0.0.1:${port}.` }).waitFor();
    await panel.getByRole('button', { name: 'Try again' }).waitFor();
    assert.ok(!(await panel.locator('body').innerText()).includes('s3cret'));
  });

  it('learns how to set up what is missing there', async () => {
    const { workbench } = session;
    const panel = await workbench.openPanel();
    await typeAddress(server.url);
    await panel.getByText(NOT_SET_UP).first().waitFor();
    await panel.getByText('CREATE EXTENSION').first().waitFor({ state: 'attached' });
  });

  it('is not asked for the password again after a reload of the window', async () => {
    const { workbench } = session;
    await workbench.reload();
    // The server asks for a password; that it answers at all shows that the stored one was sent.
    const panel = await workbench.openPanel();
    await panel.getByText(NOT_SET_UP).first().waitFor();
  });
});
