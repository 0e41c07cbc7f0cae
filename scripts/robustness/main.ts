/**
 * `npm run robustness -- DIR [--cuts N] [--seed N]`: every TypeScript file of a folder goes through the analysis, alone and
 * all together, and a sample of them once more, cut off at a random place. Fails when one crashes, hangs or makes a rule fail.
 * Meant for odd code, such as the test cases of a compiler.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openWorkspace } from '../../src/workspace';
import { PatientWorker } from './patient-worker';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { cuts: { type: 'string', default: '2000' }, seed: { type: 'string', default: '1' } } });

/** A file that takes longer than this hangs, however busy the machine is. */
const LIMIT_MS = 20_000;
/** How many of the slowest files are told, to be looked at. */
const SLOWEST = 5;
const FILES_PER_SIGN_OF_LIFE = 1_000;

interface Outcome {
  files: number;
  /** Somebody must read them: in odd code, most findings are wrong ones. */
  findings: string[];
  problems: string[];
  slowest: { file: string; milliseconds: number }[];
}

function noteTime(outcome: Outcome, file: string, milliseconds: number): void {
  outcome.slowest = [...outcome.slowest, { file, milliseconds }].sort((a, b) => b.milliseconds - a.milliseconds).slice(0, SLOWEST);
}

async function alone(files: readonly { file: string; text: string }[]): Promise<Outcome> {
  const outcome: Outcome = { files: files.length, findings: [], problems: [], slowest: [] };
  const worker = new PatientWorker();
  for (const [index, { file, text }] of files.entries()) {
    if (index > 0 && index % FILES_PER_SIGN_OF_LIFE === 0) console.error(`${index} of ${files.length} files`);
    await worker.started();
    const started = performance.now();
    const answer = await worker.check(file, text, LIMIT_MS);
    noteTime(outcome, file, performance.now() - started);
    if (answer === 'timeout') outcome.problems.push(`${file}: does not come to an end`);
    else if ('crashed' in answer) outcome.problems.push(`${file}: ${answer.crashed}`);
    else {
      for (const failure of answer.failures) outcome.problems.push(`${file}: ${failure}`);
      outcome.findings.push(...answer.findings);
    }
  }
  worker.close();
  return outcome;
}

async function together(folder: string): Promise<Outcome> {
  const outcome: Outcome = { files: 0, findings: [], problems: [], slowest: [] };
  const workspace = await openWorkspace({
    roots: [folder],
    cache: false,
    overrides: { include: ['tests', 'seeds', 'migrations', 'scripts', 'generated'] },
    log: (level, message) => {
      if (level === 'error') outcome.problems.push(message);
    },
  });
  await workspace.index();
  outcome.files = workspace.files().length;
  for (const { file, message } of workspace.problems()) if (!/^syntax error|^not analysed: it is/.test(message)) outcome.problems.push(`${file}: ${message}`);
  for (const file of workspace.files()) {
    const started = performance.now();
    for (const { rule, from, message } of (await workspace.report(file)).findings) outcome.findings.push(`${path.relative(folder, file)}:${from.line}: ${rule}: ${message}`);
    noteTime(outcome, path.relative(folder, file), performance.now() - started);
  }
  await workspace.dispose();
  return outcome;
}

/** Mulberry32: the same seed gives the same cuts. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const PROBLEMS_SHOWN = 20;

function print(name: string, { files, findings, problems, slowest }: Outcome): void {
  console.log(`${name}: ${files} files, ${problems.length} failures, ${findings.length} findings`);
  console.log(`  slowest: ${slowest.map(({ file, milliseconds }) => `${file} ${milliseconds.toFixed(0)} ms`).join(', ')}`);
  for (const line of [...problems.slice(0, PROBLEMS_SHOWN), ...findings]) console.log(`  ${line}`);
}

async function main(): Promise<void> {
  const [given] = positionals;
  if (given === undefined) throw new Error('Name a folder: npm run robustness -- DIR');
  const folder = path.resolve(given);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.[cm]?tsx?$/.test(name))
    .sort()
    .map((name) => ({ file: name, text: readFileSync(path.join(folder, name), 'utf8') }));
  const next = random(Number(values.seed));
  const cut = Array.from({ length: files.length ? Number(values.cuts) : 0 }, () => {
    const { file, text } = files[Math.floor(next() * files.length)]!;
    return { file, text: text.slice(0, Math.floor(next() * text.length)) };
  });
  const parts = [['all together', () => together(folder)], ['alone', () => alone(files)], [`cut off (seed ${values.seed})`, () => alone(cut)]] as const;
  for (const [name, run] of parts) {
    const outcome = await run();
    print(name, outcome);
    if (outcome.problems.length) process.exitCode = 1;
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 2;
});
