/** `node --import=tsx test/panel/bench-updates.ts`: what a session with 5,000 statements costs the panel, in a headless Chromium, beside plain text in the same browser. */
import { busySession } from './busy-session.js';
import { MANY, measureScrolling, measureUpdates, QUICK_HAND, showPlainLines } from './many-statements.js';
import { startPanelBrowser } from './panel-page.js';
import { sessionUpdate, start, update } from './sample.js';

const UPDATES = 60;
const SECONDS = 12;

function print(title: string, costs: object): void {
  console.log(title);
  for (const [name, value] of Object.entries(costs)) console.log(`  ${name.padEnd(10)} ${Number.isInteger(value) ? value : (value as number).toFixed(2)}`);
}

async function main(): Promise<void> {
  const { full, next } = busySession(SECONDS);
  const browser = await startPanelBrowser();
  try {
    for (const width of [340, 1_200]) {
      const panel = await browser.open({ width, height: 900 });
      await panel.post(start());
      print(`${width} px, ${MANY} statements: ${UPDATES} updates, one per frame`, await measureUpdates(panel.page, sessionUpdate(), UPDATES));
      await panel.post(update(full));
      const nothingNew = next.map(() => ({ ...next[0]!, statements: [], lines: [], series: [] }));
      for (const [pace, speed] of [['as quick as a hand turns a wheel', QUICK_HAND], [`from first to last in ${SECONDS} s`, undefined]] as const) {
        print(`${width} px, ${MANY} statements: scrolling ${pace}, nothing new`, await measureScrolling(panel.page, nothingNew, speed));
        print(`${width} px, ${MANY} statements: the same while a busy program runs, an update a second`, await measureScrolling(panel.page, next, speed));
      }
      await showPlainLines(panel.page);
      for (const [pace, speed] of [['as quick as a hand', QUICK_HAND], ['from first to last', undefined]] as const) {
        print(`${width} px, without the panel, ${MANY} lines of plain text: ${pace}`, await measureScrolling(panel.page, nothingNew, speed));
      }
    }
    console.log(`panel.js ${(browser.scriptSize / 1024).toFixed(1)} KB compressed`);
  } finally {
    await browser.close();
  }
}

void main();
