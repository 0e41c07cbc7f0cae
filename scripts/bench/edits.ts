import type { Workspace } from '../../src/workspace';
import { percentile } from './processes';

export interface EditLatency {
  file: string;
  lines: number;
  edits: number;
  p50: number;
  p95: number;
  /** Of the processor, which other programs take away less of. */
  cpuP95: number;
  /** Other files whose findings an edit may have changed, at most. */
  othersAtMost: number;
}

const EDITS = 200;
/** The first edits run code that is not compiled yet; a person's first keystrokes too, but they are not the 95th percentile. */
const WARM_UP = 30;
const WANTED_LINES = 1_000;
/** Files tried in the search for a central one. */
const SAMPLE = 300;

const HANDLE = "import { Pool as BenchPool } from 'pg';\nconst benchPool = new BenchPool();\n";
/** Typed one character at a time, over and over: a query in a loop, so that facts, links and findings all change. */
const TYPED = "\n  for (const benchId of [1, 2, 3]) { await benchPool.query('SELECT 1 FROM bench WHERE id = $1', [benchId]); }\n";

/** From changed text to findings, with the whole program linked: in the file that is nearest to 1,000 lines, or in one that many others build on. */
export async function measureEdits(workspace: Workspace, kind: 'long' | 'central'): Promise<EditLatency> {
  const chosen = kind === 'long' ? await longFile(workspace) : await centralFile(workspace);
  const original = (await workspace.text(chosen))!;
  const text = HANDLE + original;
  const place = middleOfAFunction(text);
  const times: number[] = [];
  const cpuTimes: number[] = [];
  let othersAtMost = 0;
  for (let edit = 0; edit < EDITS + WARM_UP; edit += 1) {
    const typed = TYPED.slice(0, 1 + (edit % TYPED.length));
    const changed = text.slice(0, place) + typed + text.slice(place);
    const started = performance.now();
    const before = process.cpuUsage();
    const affected = workspace.setBuffer(chosen, changed);
    await workspace.report(chosen);
    const { user, system } = process.cpuUsage(before);
    if (edit >= WARM_UP) {
      times.push(performance.now() - started);
      cpuTimes.push((user + system) / 1000);
    }
    othersAtMost = Math.max(othersAtMost, affected.length - 1);
  }
  await workspace.closeBuffer(chosen);
  return { file: chosen, lines: original.split('\n').length, edits: times.length, p50: percentile(times, 0.5), p95: percentile(times, 0.95), cpuP95: percentile(cpuTimes, 0.95), othersAtMost };
}

async function longFile(workspace: Workspace): Promise<string> {
  const sized = await Promise.all(modules(workspace).map(async (name) => ({ name, lines: ((await workspace.text(name)) ?? '').split('\n').length })));
  const [chosen] = sized.sort((a, b) => Math.abs(a.lines - WANTED_LINES) - Math.abs(b.lines - WANTED_LINES));
  if (!chosen) throw new Error('The folder has no TypeScript file.');
  return chosen.name;
}

/** Of a sample, the file whose change may change the findings of the most others. */
async function centralFile(workspace: Workspace): Promise<string> {
  const all = modules(workspace);
  let chosen = { name: all[0]!, others: -1 };
  for (const name of all.filter((_, index) => index % Math.ceil(all.length / SAMPLE) === 0)) {
    const others = workspace.setBuffer(name, `${(await workspace.text(name)) ?? ''}\n${HANDLE}`).length;
    await workspace.closeBuffer(name);
    if (others > chosen.others) chosen = { name, others };
  }
  return chosen.name;
}

function modules(workspace: Workspace): string[] {
  return workspace.files().filter((name) => /\.tsx?$/.test(name));
}

/** Behind the brace that opens the function nearest to the middle. */
function middleOfAFunction(text: string): number {
  const middle = text.length / 2;
  const opened = [...text.matchAll(/(?:\)|=>|async [^;{}]*\))[^;{}()]{0,80}\{(?=\n)/g)].map((match) => match.index + match[0].length);
  return opened.sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle))[0] ?? text.length;
}
