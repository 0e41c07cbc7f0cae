/** `node --import=tsx test/panel/bench-updates.ts`: what updates of a session with 5,000 statements cost the panel, in a headless Chromium. */
import { MANY, measureUpdates } from './many-statements.js';
import { startPanelBrowser } from './panel-page.js';
import { sessionUpdate, start } from './sample.js';

const UPDATES = 60;

async function main(): Promise<void> {
  const browser = await startPanelBrowser();
  try {
    for (const width of [340, 1_200]) {
      const panel = await browser.open({ width, height: 900 });
      await panel.post(start());
      const costs = await measureUpdates(panel.page, sessionUpdate(), UPDATES);
      console.log(`${width} px, ${MANY} statements, ${costs.updates} updates, one per frame`);
      for (const [name, value] of Object.entries(costs)) if (name !== 'updates') console.log(`  ${name.padEnd(10)} ${value.toFixed(2)}`);
    }
    console.log(`panel.js ${(browser.scriptSize / 1024).toFixed(1)} KB compressed`);
  } finally {
    await browser.close();
  }
}

void main();
