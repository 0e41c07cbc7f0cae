import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import path from 'node:path';
import { until } from '../host/workbench';
import { HANG_MS, openShop, type Session } from './session';

const NOT_READ = 'Environment files are not read, because this folder is not trusted.';

/** What a folder may bring along that does something by itself. */
const EAGER = { 'roundtrip.database.connectOnOpen': true, 'roundtrip.session.recordOnOpen': true };

describe('a person who opens a folder without trusting it', function () {
  this.timeout(HANG_MS);
  let database: Server;
  let connections = 0;
  let session: Session;

  before(async () => {
    database = createServer((socket) => {
      connections += 1;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => database.once('listening', resolve));
    session = await openShop({ asksForTrust: true }, (folder) => {
      writeFileSync(path.join(folder, '.vscode/settings.json'), JSON.stringify(EAGER));
      writeFileSync(path.join(folder, '.env'), `DATABASE_URL=postgresql://app:s3cret@${address()}/parcels\n`);
    });
  });

  afterEach(async function () {
    await session.picture(this.currentTest);
  });

  after(async () => {
    await session.close();
    database.close();
  });

  const address = (): string => `127.0.0.1:${(database.address() as AddressInfo).port}`;
  const recording = () => session.page.locator('.statusbar', { hasText: 'Recording' });

  it('reads that its files are not, and nothing connects or records by itself', async () => {
    const panel = await session.workbench.openPanel();
    await panel.getByText(NOT_READ).waitFor();
    assert.ok(!(await panel.locator('body').innerText()).includes(address()));
    assert.equal(connections, 0);
    assert.equal(await recording().count(), 0);
  });

  it('is told what recording needs', async () => {
    const { workbench, page } = session;
    await workbench.command('Roundtrip: Start Recording');
    const told = page.locator('.notification-list-item', { hasText: 'Programs are watched only in a workspace that you trust.' });
    await told.waitFor();
    assert.equal(await recording().count(), 0);
    await told.getByRole('button', { name: 'Manage Workspace Trust' }).click();
  });

  it('gets all of it with the trust', async () => {
    const { workbench, page } = session;
    await page.locator('.workspace-trust-editor').getByRole('button', { name: 'Trust', exact: true }).click();
    await recording().waitFor();
    await until('the database of the file is asked', async () => connections > 0);
    await workbench.panel.getByText(address()).first().waitFor();
    assert.ok(!(await workbench.panel.locator('body').innerText()).includes('s3cret'));
  });
});
