import type { Page } from 'playwright-core';
import { UPDATE_INTERVAL_MS, type SessionUpdate } from '../../src/profiler/protocol.js';

export const MANY = 5_000;
/** Statements that change within a second in a program that is busy. */
const CHANGED = 400;

/** What one run of updates cost the page. Counts are exact; times are those of this machine at this moment. */
export interface UpdateCosts {
  updates: number;
  /** Layouts per update that the browser did. */
  layouts: number;
  /** Elements that were put into the page or taken out of it per update. */
  elements: number;
  /** Milliseconds on the processor for script, style and layout, per update. */
  scriptMs: number;
  styleMs: number;
  layoutMs: number;
  /** Tasks of more than 50 ms, and the longest one. */
  longTasks: number;
  longestMs: number;
  /** Milliseconds between two frames: median and the slowest of twenty. */
  frameMs: number;
  frame95Ms: number;
}

/** Reads the page's counters; its times are those on the processor, so that other programs on the machine do not count. */
async function processorTime(page: Page): Promise<() => Promise<Record<string, number>>> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  return async () => Object.fromEntries((await cdp.send('Performance.getMetrics')).metrics.map(({ name, value }) => [name, value]));
}

/** Shows {@link MANY} statements, then sends one update per frame, each of which changes some of them and their order. */
export async function measureUpdates(page: Page, base: SessionUpdate, updates: number): Promise<UpdateCosts> {
  const metrics = await processorTime(page);
  await page.evaluate(
    async ({ update, many }) => {
      const row = update.statements[0]!;
      const make = (index: number, round: number): SessionUpdate['statements'][number] => {
        const totalMs = ((index * 7919 + round * 104_729) % 10_007) / 3;
        return { ...row, id: `many${index}`, text: `SELECT column_${index}, other FROM table_${index % 97} WHERE id = $1`, measured: { ...row.measured!, totalMs }, share: totalMs / 1e7, spark: row.spark.map((value, slot) => (value + slot * round) % 17) };
      };
      Object.assign(window, { makeStatement: make });
      window.postMessage({ type: 'update', update: { ...update, statements: Array.from({ length: many }, (_, index) => make(index, 0)) } }, '*');
      await new Promise((resolve) => setTimeout(resolve));
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    },
    { update: base, many: MANY },
  );
  const before = await metrics();
  const { frames, tasks, elements } = await page.evaluate(
    async ({ update, changed, rounds, many }) => {
      const { makeStatement } = window as unknown as { makeStatement: (index: number, round: number) => SessionUpdate['statements'][number] };
      const frames: number[] = [];
      const tasks: number[] = [];
      let elements = 0;
      const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration)));
      observer.observe({ type: 'longtask' });
      const mutations = new MutationObserver((records) => records.forEach(({ addedNodes, removedNodes }) => (elements += [...addedNodes, ...removedNodes].filter((node) => node.nodeType === Node.ELEMENT_NODE).length)));
      mutations.observe(document.querySelector('main')!, { subtree: true, childList: true });
      const ready = Array.from({ length: rounds }, (_, round) => ({
        ...update,
        full: false,
        statements: Array.from({ length: changed }, (_unused, index) => makeStatement((index * 12 + round) % many, round + 1)),
        series: [{ ...update.series.at(-1)!, at: update.series.at(-1)!.at + (round + 1) * 1000 }],
      }));
      let last = performance.now();
      for (const one of ready) {
        window.postMessage({ type: 'update', update: one }, '*');
        await new Promise((resolve) => requestAnimationFrame(resolve));
        const now = performance.now();
        frames.push(now - last);
        last = now;
      }
      observer.disconnect();
      mutations.disconnect();
      return { frames, tasks, elements };
    },
    { update: base, changed: CHANGED, rounds: updates, many: MANY },
  );
  const after = await metrics();
  const perUpdate = (name: string, factor = 1): number => ((after[name]! - before[name]!) * factor) / updates;
  const sorted = [...frames].sort((a, b) => a - b);
  return {
    updates,
    layouts: perUpdate('LayoutCount'),
    elements: elements / updates,
    scriptMs: perUpdate('ScriptDuration', 1000),
    styleMs: perUpdate('RecalcStyleDuration', 1000),
    layoutMs: perUpdate('LayoutDuration', 1000),
    longTasks: tasks.length,
    longestMs: Math.max(0, ...tasks),
    frameMs: sorted[Math.floor(sorted.length / 2)] ?? 0,
    frame95Ms: sorted[Math.floor(sorted.length * 0.95)] ?? 0,
  };
}

/** A frame of a screen with 60 of them a second; one that takes half as long again was dropped. */
const FRAME_MS = 1_000 / 60;
const DROPPED_FACTOR = 1.5;

/** How smoothly the page scrolled. All but counts are times of this machine at this moment. */
export interface ScrollCosts {
  frames: number;
  /** Frames that came too late, and the longest one. */
  dropped: number;
  longestMs: number;
  /** Milliseconds on the processor per frame: script, and all that the page's main thread did. */
  scriptMs: number;
  mainMs: number;
}

/** Twenty notches of a wheel a second, as quick as a hand turns it, in pixels a second: Chromium scrolls 120 pixels for one. */
export const QUICK_HAND = 20 * 120;

/** Puts {@link MANY} lines of plain text where the panel was: what this machine's browser can do, without the panel. */
export async function showPlainLines(page: Page): Promise<void> {
  await page.evaluate((many) => {
    const list = document.createElement('div');
    list.className = 'scroller';
    list.style.cssText = 'height: 100vh; overflow: auto; line-height: 27px';
    list.append(...Array.from({ length: many }, (_, index) => Object.assign(document.createElement('div'), { textContent: `SELECT id, column_${index} FROM table_${index % 97}` })));
    document.body.replaceChildren(list);
  }, MANY);
}

/**
 * Turns the wheel evenly, while `updates` arrive at the profiler's pace.
 * @param speed pixels a second; from the first row to the last one in the time of the updates where it is left out
 */
export async function measureScrolling(page: Page, updates: readonly SessionUpdate[], speed?: number): Promise<ScrollCosts> {
  await page.locator('.scroller').evaluate((scroller) => (scroller.scrollTop = 0));
  const seconds = (updates.length * UPDATE_INTERVAL_MS) / 1_000;
  const height = await page.locator('.scroller').evaluate((scroller) => scroller.scrollHeight - scroller.clientHeight);
  const distance = speed === undefined ? height : Math.min(height, speed * seconds);
  const cdp = await page.context().newCDPSession(page);
  const metrics = await processorTime(page);
  const before = await metrics();
  // Brought into the page before, since that alone takes it a second.
  const messages = await page.evaluateHandle((list) => list.map((update) => ({ type: 'update', update })), updates);
  const scrolled = cdp.send('Input.synthesizeScrollGesture', { x: 100, y: 600, yDistance: -distance, speed: Math.round(distance / seconds), gestureSourceType: 'mouse', preventFling: true });
  const frames = await page.evaluate(
    async ({ messages, interval }) => {
      const frames: number[] = [];
      const from = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
      let sent = 0;
      for (let last = from; last - from < messages.length * interval; ) {
        const now = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
        frames.push(now - last);
        last = now;
        // Between two frames, where messages arrive.
        if (now - from > (sent + 0.5) * interval && sent < messages.length) setTimeout((message) => window.postMessage(message, '*'), 0, messages[sent++]);
      }
      return frames;
    },
    { messages, interval: UPDATE_INTERVAL_MS },
  );
  await scrolled;
  const after = await metrics();
  const perFrame = (name: string): number => ((after[name]! - before[name]!) * 1_000) / frames.length;
  return {
    frames: frames.length,
    dropped: frames.filter((duration) => duration > DROPPED_FACTOR * FRAME_MS).length,
    longestMs: Math.max(...frames),
    scriptMs: perFrame('ScriptDuration'),
    mainMs: perFrame('TaskDuration'),
  };
}
