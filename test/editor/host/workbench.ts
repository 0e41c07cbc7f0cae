/** Drives VS Code's workbench in a page the way a person does: by keys, by the mouse and by what is on the screen. */
import type { FrameLocator, Locator, Page } from 'playwright-core';

/** The workbench answers within a second; the rest is for a busy machine. */
const PATIENCE_MS = 30_000;

/** How often a menu is asked for again: any edit or new diagnostic closes it. */
const ATTEMPTS = 6;

const POLL_MS = 100;

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
    await page.locator('.monaco-workbench .part.activitybar').waitFor();
    // The folder's files, or a view that comes to the front by itself.
    await page.locator('.explorer-viewlet .monaco-list-row, iframe.webview.ready').filter({ visible: true }).first().waitFor();
    return workbench;
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
    await this.#pick('Control+P', path, this.page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first());
    await this.page.locator('.tab.active', { hasText: name }).waitFor();
    if (line !== undefined) await this.goToLine(line);
  }

  async goToLine(line: number): Promise<void> {
    await this.#pick('Control+G', `:${line}`, this.page.locator('.quick-input-list .monaco-list-row', { hasText: String(line) }).first());
  }

  async command(title: string): Promise<void> {
    await this.#pick('F1', `>${title}`, this.page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first());
  }

  async #pick(keys: string, text: string, row: Locator): Promise<void> {
    const input = this.page.locator('.quick-input-widget input[type="text"]');
    await this.page.keyboard.press(keys);
    // Until it has the keyboard, the widget may still put its own first text into it.
    await this.page.locator('.quick-input-widget input[type="text"]:focus').waitFor();
    await input.fill(text);
    await row.waitFor();
    await this.page.keyboard.press('Enter');
    await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  }

  /** Clicks without Playwright's scrolling, which shifts the whole workbench. */
  async clickAt(target: Locator): Promise<void> {
    const box = await this.#box(target);
    await this.page.mouse.click(box.x + Math.min(box.width / 2, SQUIGGLE_REACH), box.y + box.height / 2);
  }

  async #box(target: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
    await target.waitFor();
    const box = await target.boundingBox();
    if (!box) throw new Error(`${String(target)} is not on the screen.`);
    return box;
  }

  /** Puts the cursor into the first underlined code. */
  async clickSquiggle(): Promise<void> {
    await this.clickAt(this.squiggles.first());
  }

  /** Rests the mouse on the first underlined code until its hover shows. */
  async hoverSquiggle(): Promise<Locator> {
    const hover = this.page.locator('.monaco-resizable-hover .monaco-hover-content').first();
    await this.#retry(async () => {
      const box = await this.#box(this.squiggles.first());
      await this.page.mouse.move(box.x, box.y + 60);
      await this.page.mouse.move(box.x + Math.min(box.width / 2, SQUIGGLE_REACH), box.y + box.height / 2, { steps: 4 });
      await hover.waitFor({ timeout: 3_000 });
    });
    return hover;
  }

  /** Opens the menu of the problem under the cursor with Ctrl+. and returns the entry with `title`. */
  async quickFix(title: string | RegExp): Promise<Locator> {
    const entry = this.#menuEntry(title);
    await this.#retry(async () => {
      await this.page.keyboard.press('Control+.');
      await entry.waitFor({ timeout: 5_000 });
    });
    return entry;
  }

  /** The same through the light bulb. */
  async lightBulb(title: string | RegExp): Promise<Locator> {
    const bulb = this.page.locator('.editor-instance').locator('[class*="codicon-gutter-lightbulb"], [class*="codicon-light-bulb"], [class*="codicon-lightbulb"]').first();
    const entry = this.#menuEntry(title);
    await this.#retry(async () => {
      await this.clickAt(bulb);
      await entry.waitFor({ timeout: 3_000 });
    });
    return entry;
  }

  #menuEntry(title: string | RegExp): Locator {
    return this.page.locator('.action-widget .monaco-list-row.action', { hasText: title }).first();
  }

  async #retry(attempt: () => Promise<void>): Promise<void> {
    for (let count = 1; ; count += 1) {
      try {
        return await attempt();
      } catch (error) {
        if (count === ATTEMPTS) throw error;
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

  /** What stands behind a line of the active editor without being part of it. */
  async noteBehind(text: string): Promise<string> {
    const notes = await this.line(text)
      .locator('span')
      .evaluateAll((spans: unknown) => (spans as never[]).map((span) => (globalThis as unknown as StyledWindow).getComputedStyle(span, '::after').content));
    return notes.filter((content) => content !== 'none' && content !== 'normal').join('').replace(/^"|"$/g, '');
  }

  /** Rests the mouse behind a line's text until a hover shows. */
  async hoverBehind(text: string): Promise<Locator> {
    const hover = this.page.locator('.monaco-resizable-hover .monaco-hover-content').first();
    await this.#retry(async () => {
      const box = await this.#box(this.line(text).locator('span[class*="ced-"]').last());
      await this.page.mouse.move(box.x, box.y + 120);
      await this.page.mouse.move(box.x + NOTE_REACH, box.y + box.height / 2, { steps: 4 });
      await hover.waitFor({ timeout: 3_000 });
    });
    return hover;
  }

  /** Types a command into the terminal that has the focus. */
  async runInTerminal(command: string): Promise<void> {
    await this.page.locator('.terminal-wrapper.active .xterm-rows').waitFor();
    await until('the shell has come up', async () => /[$#%>]\s*$/.test((await this.terminalText()).trimEnd()));
    await this.page.keyboard.type(command);
    await this.page.keyboard.press('Enter');
  }

  async terminalText(): Promise<string> {
    return (await this.page.locator('.terminal-wrapper.active .xterm-rows').innerText()).replaceAll('\u00a0', ' ');
  }

  /** Opens a view container of the activity bar and returns the content of its web view. */
  async openWebview(title: string): Promise<FrameLocator> {
    const frame = this.page.locator('iframe.webview.ready');
    if (!(await frame.isVisible())) await this.page.locator(`.activitybar .action-label[aria-label^="${title}"]`).click();
    await frame.waitFor();
    return this.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
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
