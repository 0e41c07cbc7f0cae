import assert from 'node:assert/strict';
import { startPanelBrowser, type PanelBrowser, type PanelOptions, type PanelPage } from './panel-page.js';

/** Starting Chromium and building the panel for the first time. */
const START_TIMEOUT_MS = 30_000;

/** One for all files that a run consists of, be it one file: the first of their tests starts it, and it is closed after the last. */
let browser: Promise<PanelBrowser> | undefined;

async function close(): Promise<void> {
  const started = browser;
  browser = undefined;
  await (await started)?.close();
}

function rootOf(suite: Mocha.Suite | undefined): Mocha.Suite | undefined {
  return suite?.parent ? rootOf(suite.parent) : suite;
}

/** The panel of the test that runs. */
export interface SharedPanel extends PanelPage {
  /** Opens a panel that knows nothing; everything else speaks of it from then on. */
  open(options?: PanelOptions): Promise<void>;
  /** The same of the page that shows a plan. */
  openPlan(options?: PanelOptions): Promise<void>;
  /** Bytes of the panel's script as it is shipped, compressed. */
  scriptSize(): Promise<number>;
}

/** For the tests of one `describe`. Each must end without a script error and without a refusal of the content security policy. */
export function panelOfTests(): SharedPanel {
  let panel: PanelPage | undefined;
  const opened = (): PanelPage => {
    assert.ok(panel, 'The test has opened no panel.');
    return panel;
  };

  before(async function () {
    this.timeout(START_TIMEOUT_MS);
    if (browser === undefined) {
      rootOf(this.test?.parent)?.afterAll(close);
      browser = startPanelBrowser();
    }
    await browser;
  });

  afterEach(() => {
    const complaints = panel?.complaints ?? [];
    panel = undefined;
    assert.deepEqual(complaints, [], 'no script error, nothing refused by the content security policy');
  });

  return {
    open: async (options) => {
      panel = await (await browser!).open(options);
    },
    openPlan: async (options) => {
      panel = await (await browser!).openPlan(options);
    },
    scriptSize: async () => (await browser!).scriptSize,
    get page() {
      return opened().page;
    },
    get complaints() {
      return opened().complaints;
    },
    sent: () => opened().sent(),
    post: (...messages) => opened().post(...messages),
    announced: () => opened().announced(),
  };
}
