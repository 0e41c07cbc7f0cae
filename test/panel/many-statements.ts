import type { Page } from 'playwright-core';
import type { SessionUpdate } from '../../src/profiler/protocol.js';

export const MANY = 5_000;
/** Statements that change within a second in a program that is busy. */
const CHANGED = 400;

/** What one run of updates cost the page. Counts are exact; times are those of this machine at this moment. */
export interface UpdateCosts {
  updates: number;
  /** Layouts per update that the browser did. */
  layouts: number;
  /** Elements that were made or thrown away per update. */
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

/** Shows {@link MANY} statements, then sends one update per frame, each of which changes some of them and their order. */
export async function measureUpdates(page: Page, base: SessionUpdate, updates: number): Promise<UpdateCosts> {
  const cdp = await page.context().newCDPSession(page);
  // Time on the processor, so that other programs on the machine do not count.
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  const metrics = async (): Promise<Record<string, number>> => Object.fromEntries((await cdp.send('Performance.getMetrics')).metrics.map(({ name, value }) => [name, value]));
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
