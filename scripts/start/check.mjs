/** `npm start -- --check`: looks at the started VS Code as a person would, until the expected problems and live timings are there. */
import { expectedFindings } from '../../test/editor/expected-findings.ts';
import { launchChromium } from '../../test/editor/host/host.ts';
import { until, Workbench } from '../../test/editor/host/workbench.ts';

/** High enough for every row of the Problems panel: it draws only what is on the screen. */
const VIEWPORT = { width: 1500, height: 1400 };

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
    const problems = await step('Waiting for the expected problems', () => waitForProblems(workbench, demo));
    const timings = await step('Waiting for timings in the panel', () => waitForTimings(workbench));
    await page.screenshot({ path: screenshot });
    console.log(`\nProblems (${problems.length}):`);
    for (const { file, line, rule, message } of problems) console.log(`  ${file}:${line}  ${rule}  ${message}`);
    console.log(`\nTimings (${timings.length} statements):`);
    for (const row of timings.slice(0, 10)) console.log(`  ${row}`);
    console.log(`\nAll expected problems and live timings are there. Screenshot: ${screenshot}`);
  } catch (error) {
    await page?.screenshot({ path: screenshot }).catch(() => undefined);
    throw new Error(`${error.message}\nScreenshot: ${screenshot}`, { cause: error });
  } finally {
    await browser.close();
  }
}

async function waitForProblems(workbench, demo) {
  const expected = expectedFindings(demo);
  await workbench.openFile('src/orders/history.ts');
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

async function waitForTimings(workbench) {
  const panel = await workbench.openWebview('Roundtrip');
  const rows = panel.locator('[role="row"][data-key]');
  return until(
    'the panel shows timings',
    async () => {
      const texts = await rows.allInnerTexts();
      return texts.length > 0 && texts.map((text) => text.replace(/\s+/g, ' ').trim());
    },
    PATIENCE_MS,
  );
}
