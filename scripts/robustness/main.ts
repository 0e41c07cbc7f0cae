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

/** A file that takes longer than this hangs. */
const LIMIT_MS = 2_000;
/** The machine may be busy: what exceeds the limit gets this much time, alone, before it counts as a hang. */
const SECOND_CHANCE_MS = 5 * LIMIT_MS;

interface Outcome {
  files: number;
  /** Somebody must read them: in odd code, most findings are wrong ones. */
  findings: string[];
  problems: string[];
  slow: string[];
}

async function alone(files: readonly { file: string; text: string }[]): Promise<Outcome> {
  const outcome: Outcome = { files: files.length, findings: [], problems: [], slow: [] };
  const worker = new PatientWorker();
  for (const { file, text } of files) {
    let answer = await worker.check(file, text, LIMIT_MS);
    if (answer === 'timeout') {
      answer = await worker.check(file, text, SECOND_CHANCE_MS);
      if (answer !== 'timeout') outcome.slow.push(file);
    }
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
  const outcome: Outcome = { files: 0, findings: [], problems: [], slow: [] };
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
    if (performance.now() - started > LIMIT_MS) outcome.slow.push(file);
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

const SHOWN = 20;

function print(name: string, { files, findings, problems, slow }: Outcome): void {
  console.log(`${name}: ${files} files, ${problems.length} failures, ${slow.length} slower than ${LIMIT_MS / 1000} s, ${findings.length} findings`);
  for (const line of [...problems.slice(0, SHOWN), ...slow.slice(0, SHOWN).map((file) => `slow: ${file}`), ...findings]) console.log(`  ${line}`);
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
  const outcomes = [['alone', await alone(files)], [`cut off (seed ${values.seed})`, await alone(cut)], ['all together', await together(folder)]] as const;
  for (const [name, outcome] of outcomes) print(name, outcome);
  if (outcomes.some(([, { problems }]) => problems.length)) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 2;
});
