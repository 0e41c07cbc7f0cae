import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../host/host';
import { until } from '../host/workbench';
import { HANG_MS, openShop, type Session } from './session';

/** What the design allows a download to weigh. */
const LARGEST_PACKAGE_BYTES = 6 * 1024 * 1024;

describe('a person who meets a problem', function () {
  this.timeout(HANG_MS);
  const vsix = path.join(projectRoot, '.cache/editor-tests/roundtrip.vsix');
  let session: Session;

  before(async () => {
    await promisify(execFile)('npm', ['run', '--silent', 'vsix', '--', '--out', vsix], { cwd: projectRoot, shell: process.platform === 'win32' });
    // With TypeScript's own extension beside it, as a person has it.
    session = await openShop({ vsix, builtins: ['vscode.typescript-language-features'] });
  });

  afterEach(async function () {
    await session.picture(this.currentTest);
  });

  after(() => session.close());

  const slowLine = 'await pool.query<StockRow>(';

  it('has installed a small package', () => {
    const { size } = statSync(vsix);
    assert.ok(size <= LARGEST_PACKAGE_BYTES, `the package has ${size} bytes`);
  });

  it('sees it underlined', async () => {
    const { workbench } = session;
    await workbench.openFile('src/catalog/stock.ts');
    await workbench.squiggles.first().waitFor();
  });

  it('reads what is wrong, why it costs and what to do when resting the mouse on it', async () => {
    const hover = await session.workbench.hoverSquiggle('One query per product');
    const text = (await hover.innerText()).replace(/\s+/g, ' ');
    assert.match(text, /One query per product/);
    assert.match(text, /N products cost N round trips/);
    assert.match(text, /one query before the loop/);
    assert.match(text, /n-plus-one/);
  });

  it('finds it in the Problems panel, beside those of files that are not open', async () => {
    const { workbench } = session;
    await workbench.openProblems();
    const shown = await until('the Problems panel lists both files', async () => {
      const problems = await workbench.problems();
      return problems.some(({ file }) => file === 'src/catalog/stock.ts') && problems.some(({ file }) => file === 'reports/sales.sql') && problems;
    });
    const stock = shown.find(({ file, rule }) => file === 'src/catalog/stock.ts' && rule === 'n-plus-one');
    assert.match(stock?.message ?? '', /^One query per product/);
  });

  it('fixes it from the light bulb, sees the line go quiet, and undoes it', async () => {
    const { workbench, page } = session;
    await workbench.clickSquiggle();
    const fix = await workbench.lightBulb('Read all stocks in one query');
    await fix.click();
    await workbench.line('= ANY($1)').waitFor();
    await until('the underline is gone', async () => (await workbench.squiggles.count()) === 0);
    await page.keyboard.press('Control+Z');
    await workbench.line(slowLine).waitFor();
    await workbench.squiggles.first().waitFor();
  });

  it('fixes it by the keyboard and saves it', async () => {
    const { workbench, page, folder } = session;
    await workbench.clickSquiggle();
    const fix = await workbench.quickFix('Read all stocks in one query');
    await fix.and(page.locator('.focused')).waitFor();
    await page.keyboard.press('Enter');
    await workbench.line('= ANY($1)').waitFor();
    await page.keyboard.press('Control+S');
    await until('the file is saved', async () => readFileSync(path.join(folder, 'src/catalog/stock.ts'), 'utf8').includes('= ANY($1)'));
    await until('the Problems panel no longer lists it', async () => !(await workbench.problems()).some(({ file, rule }) => file === 'src/catalog/stock.ts' && rule === 'n-plus-one'));
  });

  it('walks from the loop to the query in the other file', async () => {
    const { workbench, page } = session;
    await workbench.openFile('src/orders/history.ts');
    await workbench.hoverSquiggle('customer-service.ts');
    await page.keyboard.press('Escape');
  });
});
