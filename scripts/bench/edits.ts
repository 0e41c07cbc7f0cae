import { openWorkspace, type Workspace } from '../../src/workspace';
import { memoryOf, percentile } from './processes';

export interface EditLatency {
  file: string;
  lines: number;
  edits: number;
  p50: number;
  p95: number;
  /** Other files whose findings an edit may have changed, at most. */
  othersAtMost: number;
  /** Of this process with the whole program in memory. */
  megabytes: number | undefined;
}

const EDITS = 200;
/** The first edits run code that is not compiled yet; a person's first keystrokes too, but they are not the 95th percentile. */
const WARM_UP = 30;
const WANTED_LINES = 1_000;

/** Typed one character at a time, over and over: a query in a loop, so that facts, links and findings all change. */
const TYPED = "\n  for (const benchId of [1, 2, 3]) { await benchPool.query('SELECT 1 FROM bench WHERE id = $1', [benchId]); }\n";

/** All analysed files of a folder, indexed without a cache. */
export async function index(folder: string): Promise<Workspace> {
  const workspace = await openWorkspace({ roots: [folder], cache: false });
  await workspace.index();
  return workspace;
}

/** From changed text to findings, in the file that is nearest to 1,000 lines, with the whole program linked. */
export async function measureEdits(workspace: Workspace): Promise<EditLatency> {
  const sized = await Promise.all(
    workspace.files().filter((name) => /\.tsx?$/.test(name)).map(async (name) => ({ name, lines: ((await workspace.text(name)) ?? '').split('\n').length })),
  );
  const [chosen] = sized.sort((a, b) => Math.abs(a.lines - WANTED_LINES) - Math.abs(b.lines - WANTED_LINES));
  if (!chosen) throw new Error('The folder has no TypeScript file.');
  const text = (await workspace.text(chosen.name))!;
  const place = middleOfAFunction(text);
  const times: number[] = [];
  let othersAtMost = 0;
  for (let edit = 0; edit < EDITS + WARM_UP; edit += 1) {
    const typed = TYPED.slice(0, 1 + (edit % TYPED.length));
    const changed = text.slice(0, place) + typed + text.slice(place);
    const started = performance.now();
    const affected = workspace.setBuffer(chosen.name, changed);
    await workspace.report(chosen.name);
    if (edit >= WARM_UP) times.push(performance.now() - started);
    othersAtMost = Math.max(othersAtMost, affected.length - 1);
  }
  return { file: chosen.name, lines: chosen.lines, edits: times.length, p50: percentile(times, 0.5), p95: percentile(times, 0.95), othersAtMost, megabytes: memoryOf(process.pid, 'VmRSS') };
}

/** Behind the brace that opens the function nearest to the middle. */
function middleOfAFunction(text: string): number {
  const middle = text.length / 2;
  const opened = [...text.matchAll(/(?:\)|=>|async [^;{}]*\))[^;{}()]{0,80}\{(?=\n)/g)].map((match) => match.index + match[0].length);
  return opened.sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle))[0] ?? text.length;
}
