import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../host/host';
import { HANG_MS, openShop, type Session } from './session';

/** What the design allows a download to weigh. */
const LARGEST_PACKAGE_BYTES = 6 * 1024 * 1024;

describe('the packaged extension', function () {
  this.timeout(HANG_MS);
  let session: Session | undefined;
  afterEach(async function () {
    await session?.picture(this.currentTest);
  });
  after(() => session?.close());

  it('installs into VS Code and finds a problem', async () => {
    const vsix = path.join(projectRoot, '.cache/editor-tests/roundtrip.vsix');
    await promisify(execFile)('npm', ['run', '--silent', 'package', '--', '--out', vsix], { cwd: projectRoot, shell: process.platform === 'win32' });
    assert.ok(statSync(vsix).size <= LARGEST_PACKAGE_BYTES, `the package has ${statSync(vsix).size} bytes`);
    session = await openShop({ vsix });
    await session.workbench.openFile('src/orders/checkout.ts');
    await session.workbench.squiggles.first().waitFor();
  });
});
