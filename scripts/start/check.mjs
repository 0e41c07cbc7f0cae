/** `npm start -- --check`: looks at the started VS Code as a person would, until the expected problems, the recording of the shop and its notes in the code are there. */
import { expectedFindings } from '../../test/editor/expected-findings.ts';
import { launchChromium } from '../../test/editor/host/host.ts';
import { until, Workbench } from '../../test/editor/host/workbench.ts';

/** High enough for every row of the Problems panel: it draws only what is on the screen. */
const VIEWPORT = { width: 1500, height: 1400 };

/** A line of the shop that issues queries in a loop. */
const NOTED = { file: 'src/catalog/stock.ts', line: 'pool.query<StockRow>(' };

/** The first visit reads the whole shop, starts an extension host and connects to the database. */
const PATIENCE_MS = 60_000;

/**
 * @param {string} address
 * @param {{ demo: string, screenshot: string, step: <T>(name: string, work: () => Promise<T>) => Promise<T> }} how
 */
export async function check(address, { demo, screenshot, step }) {
  const browser = await step('Opening it in Chromium', launchChromium);
  let page;
  try {
    page = await browser.newPage({ viewport: VIEWPORT });
    const workbench = await Workbench.open(page, address);
    const session = await step('Waiting for the shop in the panel', () => waitForSession(workbench));
    const problems = await step('Waiting for the expected problems', () => waitForProblems(workbench, demo));
    const note = await step('Waiting for a note in the code', () => waitForNote(workbench));
    await page.screenshot({ path: screenshot });
    console.log(`\nProblems (${problems.length}):`);
    for (const { file, line, rule, message } of problems) console.log(`  ${file}:${line}  ${rule}  ${message}`);
    for (const [title, rows] of Object.entries({ 'N+1s seen': session.repetitions, Requests: session.requests, Lines: session.lines, Statements: session.statements })) {
      console.log(`\n${title}:`);
      for (const row of rows) console.log(`  ${row}`);
    }
    console.log(`\nNote in ${NOTED.file}: ${note}`);
    console.log(`\nAll expected problems and the living session are there. Screenshot: ${screenshot}`);
  } catch (error) {
    await page?.screenshot({ path: screenshot }).catch(() => undefined);
    throw new Error(`${error.message}\nScreenshot: ${screenshot}`, { cause: error });
  } finally {
    await browser.close();
  }
}

async function waitForProblems(workbench, demo) {
  const expected = expectedFindings(demo);
  await workbench.openProblems();
  let shown = [];
  const missing = () => expected.filter(({ rule, file, line }) => !shown.some((problem) => problem.rule === rule && problem.file === file && problem.line === line));
  await until(
    () => `the Problems panel shows ${missing().map(({ rule, file, line }) => `${rule} in ${file}:${line}`).join(', ')}`,
    async () => {
      shown = await workbench.problems();
      return missing().length === 0;
    },
    PATIENCE_MS,
  );
  return shown;
}

/** Texts of the panel, line by line, once the shop that the recording runs was seen there: its requests, lines, statements and N+1s. */
async function waitForSession(workbench) {
  const panel = await workbench.openPanel();
  const seen = async (what, locator) => {
    await until(`the panel shows ${what}`, async () => (await locator.count()) > 0, PATIENCE_MS);
    return (await locator.allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());
  };
  const grouped = async (grouping, what) => {
    await panel.getByRole('radio', { name: grouping }).check({ force: true });
    return seen(what, panel.locator('[role="row"][data-key]', { hasText: what }));
  };
  return {
    repetitions: await seen('an N+1', panel.locator('.repetitions .card')),
    requests: await grouped('Requests', 'GET /api/products'),
    lines: await grouped('Lines', 'stock.ts:'),
    statements: await grouped('Statements', 'SELECT'),
  };
}

async function waitForNote(workbench) {
  await workbench.openFile(NOTED.file);
  return until(`a note stands behind ${NOTED.line}`, async () => (await workbench.noteBehind(NOTED.line)) || undefined, PATIENCE_MS);
}
