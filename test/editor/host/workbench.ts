/** Drives VS Code's workbench in a page the way a person does: by keys, by the mouse and by what is on the screen. */
import type { FrameLocator, Locator, Page } from 'playwright-core';

/** The workbench answers within a second; the rest is for a busy machine, where only a hang may fail. */
const PATIENCE_MS = 60_000;

/**
 * After this long a hover, a menu or a list is asked for again: any edit or new diagnostic closes the one, and the other does not learn of
 * what is there a moment later. Each attempt has twice the time of the one before, so that a busy machine gets what it needs.
 */
const FIRST_ATTEMPT_MS = 1_000;

const POLL_MS = 100;

/** Web views lie over the workbench, not in it. The one that reaches the window's right edge is that of an editor tab, the other that of the side bar. */
const TAB_VIEW = '.webview-overlay-outer-right > iframe.webview.ready';
const SIDE_VIEW = '.webview-overlay-content:not(.webview-overlay-outer-right) > iframe.webview.ready';

/** Pixels from the start of an underline: far enough to be on it, near enough to be on the screen. */
const SQUIGGLE_REACH = 60;

/** Pixels behind the end of a line: on its note, which stands some letters away. */
const NOTE_REACH = 60;

/** One row of the Problems panel. */
export interface ShownProblem {
  file: string;
  message: string;
  /** From 1. */
  line: number;
  /** The rule's id, as the row shows it behind the message. */
  rule: string;
}

/** A row as it is drawn: a file with its folder, or a problem. */
interface ShownRow {
  index: number;
  isLast: boolean;
  file: string;
  folder: string;
  message: string;
  source: string;
  code: string;
  line: string;
}

/** What is read from an element of the page. The tests are compiled without the types of a browser. */
interface RowElement {
  getAttribute(name: string): string | null;
  querySelector(selector: string): { textContent: string | null } | null;
}

interface StyledWindow {
  getComputedStyle(element: never, pseudo: string): { content: string };
}

export class Workbench {
  constructor(readonly page: Page) {
    page.setDefaultTimeout(PATIENCE_MS);
  }

  /** Goes to an address of a running VS Code and waits for its workbench. */
  static async open(page: Page, address: string): Promise<Workbench> {
    const workbench = new Workbench(page);
    await page.goto(address);
    await workbench.#waitUntilDrawn();
    return workbench;
  }

  /** Loads the window again, as a person does with the browser's button. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.#waitUntilDrawn();
  }

  async #waitUntilDrawn(): Promise<void> {
    await this.page.locator('.monaco-workbench .part.activitybar').waitFor();
    // The folder's files, or a view that comes to the front by itself.
    await this.page.locator(`.explorer-viewlet .monaco-list-row, ${SIDE_VIEW}`).filter({ visible: true }).first().waitFor();
  }

  line(text: string): Locator {
    return this.page.locator('.editor-instance .view-line', { hasText: text }).first();
  }

  /** Underlines of warnings in the active editor. */
  get squiggles(): Locator {
    return this.page.locator('.editor-instance .squiggly-warning');
  }

  /** Opens a file by its name, at a line where one is given. */
  async openFile(path: string, line?: number): Promise<void> {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const tab = this.page.locator('.tab', { hasText: name });
    // Keys that are pressed in the page of a tab, such as a plan's, may stay there.
    if (path === name && (await tab.count()) === 1) {
      await tab.click();
      await this.page.locator('.tab.active', { hasText: name }).waitFor();
      if (line !== undefined) await this.goToLine(line);
      return;
    }
    // A page of a tab that is just drawn takes the keyboard, and the list goes.
    await this.#retry(async (timeout) => {
      await this.#pick('Control+P', path, this.#row(name));
      await this.page.locator('.tab.active', { hasText: name }).waitFor({ timeout });
    });
    if (line !== undefined) await this.goToLine(line);
  }

  /** Puts the cursor there; what is typed next goes into the editor. */
  async goToLine(line: number): Promise<void> {
    await this.#pick('Control+G', `:${line}`, this.#row(String(line)));
    await this.page.locator('.statusbar', { hasText: `Ln ${line},` }).waitFor();
    await this.page.locator('.editor-instance .monaco-editor.focused').waitFor();
  }

  /** Runs a command by its title. One that asks in the same place leads to its question: `asks` is a part of that. */
  async command(title: string, asks?: Locator): Promise<void> {
    await this.#pick('F1', `>${title}`, this.#row(title), asks);
  }

  /** A row of the list that commands, files and choices are picked from. */
  choice(text: string): Locator {
    return this.#row(text);
  }

  /** Fills in the box that says `question`. */
  async answer(question: string, text: string): Promise<void> {
    await this.page.locator('.quick-input-message', { hasText: question }).waitFor();
    await this.#fill(text);
    await this.page.keyboard.press('Enter');
  }

  async #pick(keys: string, text: string, row: Locator, leadsTo?: Locator): Promise<void> {
    // What is missing in it may be a command of an extension that comes up, or a file that was just written.
    await this.#retry(async (timeout) => {
      await this.page.keyboard.press(keys);
      // A view that opens by itself takes the keyboard away, and the widget closes.
      await this.#fill(text, timeout);
      await row.waitFor({ timeout });
    });
    await this.page.keyboard.press('Enter');
    await (leadsTo?.waitFor() ?? this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' }));
  }

  #row(text: string): Locator {
    return this.page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first();
  }

  async #fill(text: string, timeout?: number): Promise<void> {
    // Until it has the keyboard, the widget may still put its own first text into it.
    await this.page.locator('.quick-input-widget input:focus').waitFor({ timeout });
    await this.page.locator('.quick-input-widget input:focus').fill(text, { timeout });
  }

  /** Clicks without Playwright's scrolling, which shifts the whole workbench. */
  async clickAt(target: Locator): Promise<void> {
    const box = await this.#box(target);
    await this.page.mouse.click(box.x + Math.min(box.width / 2, SQUIGGLE_REACH), box.y + box.height / 2);
  }

  async #box(target: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
    await target.waitFor();
    // The editor may draw it anew at this moment.
    return until(`${String(target)} is on the screen`, async () => (await target.boundingBox()) ?? undefined);
  }

  /** Puts the cursor into the first underlined code. */
  async clickSquiggle(): Promise<void> {
    await this.clickAt(this.squiggles.first());
  }

  /** Rests the mouse on the first underlined code until its hover shows this text. */
  async hoverSquiggle(text: string): Promise<Locator> {
    return this.#hover(text, async () => {
      const box = await this.#box(this.squiggles.first());
      return { x: box.x + Math.min(box.width / 2, SQUIGGLE_REACH), y: box.y + box.height / 2 };
    });
  }

  async #hover(text: string, place: () => Promise<{ x: number; y: number }>): Promise<Locator> {
    const hovers = this.page.locator('.monaco-resizable-hover .monaco-hover-content');
    const hover = hovers.filter({ hasText: text }).first();
    await this.#retry(async (timeout) => {
      // From where nothing pops up, so that it is not the hover before that is found.
      await this.moveMouseAway();
      await hovers.first().waitFor({ state: 'hidden', timeout });
      const { x, y } = await place();
      await this.page.mouse.move(x, y, { steps: 4 });
      await hover.waitFor({ timeout });
    });
    return hover;
  }

  /** Onto the status bar, where nothing pops up. */
  async moveMouseAway(): Promise<void> {
    const { width, height } = this.page.viewportSize() ?? { width: 0, height: 0 };
    await this.page.mouse.move(width / 2, height - 4);
  }

  /** Opens the menu of the problem under the cursor with Ctrl+. and returns the entry with `title`. */
  async quickFix(title: string | RegExp): Promise<Locator> {
    const entry = this.#menuEntry(title);
    await this.#retry(async (timeout) => {
      await this.page.keyboard.press('Control+.');
      await entry.waitFor({ timeout });
    });
    return entry;
  }

  /** The same through the light bulb. */
  async lightBulb(title: string | RegExp): Promise<Locator> {
    const bulb = this.page.locator('.editor-instance').locator('[class*="codicon-gutter-lightbulb"], [class*="codicon-light-bulb"], [class*="codicon-lightbulb"]').first();
    const entry = this.#menuEntry(title);
    await this.#retry(async (timeout) => {
      await this.clickAt(bulb);
      await entry.waitFor({ timeout });
    });
    return entry;
  }

  #menuEntry(title: string | RegExp): Locator {
    return this.page.locator('.action-widget .monaco-list-row.action', { hasText: title }).first();
  }

  async #retry(attempt: (timeout: number) => Promise<void>): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    for (let timeout = FIRST_ATTEMPT_MS; ; timeout *= 2) {
      try {
        return await attempt(timeout);
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
  }

  async openProblems(): Promise<void> {
    const panel = this.page.locator('.markers-panel');
    if (await panel.isVisible()) return;
    await this.page.keyboard.press('Control+Shift+M');
    await panel.waitFor();
  }

  /** All rows of the Problems panel. It draws only what is on the screen, so this scrolls through it. */
  async problems(): Promise<ShownProblem[]> {
    const rows = new Map<number, ShownRow>();
    const list = await this.#box(this.page.locator('.markers-panel .monaco-list'));
    await this.page.mouse.move(list.x + list.width / 2, list.y + list.height / 2);
    for (const direction of [-1, 1]) {
      const isAtEnd = (row: ShownRow) => (direction < 0 ? row.index === 0 : row.isLast);
      await until('the Problems panel is scrolled through', async () => {
        const shown = await this.#shownRows();
        for (const row of shown) rows.set(row.index, row);
        if (shown.length === 0 || shown.some(isAtEnd)) return true;
        await this.page.mouse.wheel(0, (direction * list.height) / 2);
        return false;
      });
    }
    const problems: ShownProblem[] = [];
    let file = '';
    for (const row of [...rows.values()].sort((a, b) => a.index - b.index)) {
      if (row.file) file = row.folder ? `${row.folder}/${row.file}` : row.file;
      else if (row.source.includes('roundtrip')) {
        problems.push({ file: file.replaceAll('\\', '/'), message: row.message.trim(), line: Number(/\d+/.exec(row.line)?.[0]), rule: /[\w-]+/.exec(row.code)?.[0] ?? '' });
      }
    }
    return problems;
  }

  async #shownRows(): Promise<ShownRow[]> {
    const parts = ['.file-icon .label-name', '.file-icon .label-description', '.marker-message', '.marker-source', '.marker-code', '.marker-line'];
    const rows = await this.page
      .locator('.markers-panel .monaco-list-row')
      .evaluateAll(
        (elements: unknown, selectors) =>
          (elements as RowElement[]).map((element) => [element.getAttribute('data-index'), element.getAttribute('data-last-element'), ...selectors.map((selector) => element.querySelector(selector)?.textContent)]),
        parts,
      );
    return rows.map(([index, last, file, folder, message, source, code, line]) => ({
      index: Number(index),
      isLast: last === 'true',
      file: file ?? '',
      folder: folder ?? '',
      message: message ?? '',
      source: source ?? '',
      code: code ?? '',
      line: line ?? '',
    }));
  }

  /** A question that has to be answered before anything else. */
  question(text: string): Locator {
    return this.page.locator('.monaco-dialog-box', { hasText: text });
  }

  /** What stands behind a line of the active editor without being part of it. */
  async noteBehind(text: string): Promise<string> {
    const notes = await this.line(text)
      .locator('span')
      .evaluateAll((spans: unknown) => (spans as never[]).map((span) => (globalThis as unknown as StyledWindow).getComputedStyle(span, '::after').content));
    return notes.filter((content) => content !== 'none' && content !== 'normal').join('').replace(/^"|"$/g, '');
  }

  /** Rests the mouse behind a line's text until a hover shows this text. */
  async hoverBehind(line: string, text: string): Promise<Locator> {
    return this.#hover(text, async () => {
      const box = await this.#box(this.line(line).locator('span[class*="ced-"]').last());
      return { x: box.x + NOTE_REACH, y: box.y + box.height / 2 };
    });
  }

  /** Opens a terminal of the workbench's own, and ends those that are open, so that it is clear which one is typed into. */
  async newTerminal(): Promise<void> {
    await this.command('Terminal: Kill All Terminals');
    await this.page.locator('.terminal-wrapper').first().waitFor({ state: 'detached' });
    await this.command('Terminal: Create New Terminal');
  }

  /** Types a command into the terminal that was opened last. */
  async runInTerminal(command: string): Promise<void> {
    await this.page.locator('.terminal-wrapper.active .xterm-rows').waitFor();
    await until('the shell has come up', async () => /[$#%>]\s*$/.test((await this.terminalText()).trimEnd()));
    await this.clickAt(this.page.locator('.terminal-wrapper.active .xterm-screen'));
    await this.page.locator('.terminal-wrapper.active .xterm-helper-textarea:focus').waitFor({ state: 'attached' });
    await this.page.keyboard.type(command);
    await this.page.keyboard.press('Enter');
  }

  async terminalText(): Promise<string> {
    return (await this.page.locator('.terminal-wrapper.active .xterm-rows').innerText()).replaceAll('\u00a0', ' ');
  }

  /** Brings Roundtrip's view to the front and returns the content of its page. A click on its icon would hide it where it is open already. */
  async openPanel(): Promise<FrameLocator> {
    await this.command('Roundtrip: Focus on Query Timings View');
    await this.page.locator(SIDE_VIEW).waitFor();
    return this.panel;
  }

  /** Content of the page of Roundtrip's view. */
  get panel(): FrameLocator {
    return this.page.frameLocator(SIDE_VIEW).frameLocator('iframe#active-frame');
  }

  /** Content of the page of the active tab that shows one. */
  get tabPage(): FrameLocator {
    return this.page.frameLocator(TAB_VIEW).frameLocator('iframe#active-frame');
  }
}

/** Waits until `look` returns something true. `what` completes the sentence "waited in vain until …". */
export async function until<T>(what: string | (() => string), look: () => Promise<T | undefined | false>, patienceMs = PATIENCE_MS): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`Waited in vain until ${typeof what === 'string' ? what : what()}.`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
