import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  BaselineError,
  compareWithBaseline,
  fileName,
  isInside,
  openWorkspace,
  optimizeLater,
  readBaseline,
  writeBaseline,
  type FileProblem,
  type FileReport,
  type FindingIdentity,
  type FixOutcome,
  type PlacedFinding,
  type Workspace,
} from '../workspace';
import type { CheckArguments, Format } from './arguments';
import { identify } from './finding-identity';
import { count, type Reporter } from './outcome';
import { Progress } from './progress';
import { reportGithub } from './reporters/github';
import { reportJson } from './reporters/json';
import { reportPretty } from './reporters/pretty';
import { reportSarif } from './reporters/sarif';
import { printable } from './terminal-text';
import { UsageError } from './usage-error';

/** Files that are checked between two looks at what threads have to say. */
const FILES_PER_TURN = 50;

const REPORTERS: Record<Format, Reporter> = { pretty: reportPretty, json: reportJson, sarif: reportSarif, github: reportGithub };

/** Checks the working directory and prints what was found. Returns the exit code. Throws a {@link UsageError} when it cannot run. */
export async function check(options: CheckArguments): Promise<0 | 1> {
  const started = performance.now();
  optimizeLater();
  const folder = fileName(process.cwd());
  const targets = targetsOf(options.paths, folder);
  const config = options.config === undefined ? undefined : fileName(options.config);
  if (config !== undefined && !existsSync(config)) throw new UsageError(`The configuration ${options.config} does not exist.`);
  const accepted = options.baseline === undefined ? undefined : await usable(() => readBaseline(options.baseline!));

  const notes: string[] = [];
  const workspace = await openWorkspace({
    roots: [folder, ...outsideRoots(targets, folder)],
    cache: options.cache,
    reuseFindings: true,
    ...(config !== undefined && { configurationFile: config }),
    overrides: { rules: options.rules, ...(options.include && { include: options.include }), ...(options.confidence && { confidence: options.confidence }) },
    log: (level, message) => {
      if (level === 'warn' || level === 'error') notes.push(message);
    },
  });
  const progress = new Progress(process.stderr);
  try {
    const [wrong] = workspace.configurationErrors();
    if (wrong !== undefined) throw new UsageError(wrong);
    await workspace.index((state) => progress.show('Reading files', state));
    const shown = workspace.files().filter((file) => isTarget(file, targets));
    progress.show('Checking files', { done: 0, total: shown.length });
    const fixes: FixOutcome = options.fix ? await workspace.fix(shown) : { fixed: [], written: [], problems: [] };
    let findings = await findingsOf(workspace, shown);
    const problems = [...workspace.problems().filter(({ file }) => isTarget(file, targets)), ...fixes.problems];
    progress.clear();
    tellNotes(notes, workspace.problems());
    if (!shown.length) say(`There is nothing to check in ${options.paths.map((path) => `“${printable(path)}”`).join(', ') || 'this folder'}: tests, seeds, migrations and scripts count only with --include.`);
    if (options.baseline !== undefined) findings = await applyBaseline(options.baseline, accepted, findings, workspace, folder, targets);

    const report = await REPORTERS[options.format]({
      files: workspace.files().length,
      lines: workspace.lines,
      seconds: (performance.now() - started) / 1000,
      problems,
      findings,
      fixed: fixes.fixed,
      folder,
      text: (file) => workspace.text(file),
    });
    process.exitCode = findings.length ? 1 : 0;
    process.stdout.write(report);
    return findings.length ? 1 : 0;
  } finally {
    progress.clear();
    await workspace.dispose();
  }
}

/** The chosen files and folders, absolute; the working directory when none is named. */
function targetsOf(paths: readonly string[], folder: string): string[] {
  if (!paths.length) return [folder];
  return paths.map((path) => {
    const target = fileName(folder, path);
    if (!existsSync(target)) throw new UsageError(`${printable(path)} does not exist.`);
    return target;
  });
}

/** Folders to analyse besides the working directory, for paths that lie elsewhere. */
function outsideRoots(targets: readonly string[], folder: string): string[] {
  return targets.filter((target) => !isInside(folder, target)).map((target) => (statSync(target).isDirectory() ? target : fileName(dirname(target))));
}

function isTarget(file: string, targets: readonly string[]): boolean {
  return targets.some((target) => isInside(target, file));
}

async function findingsOf(workspace: Workspace, files: readonly string[]): Promise<PlacedFinding[]> {
  const reports: Promise<FileReport>[] = [];
  for (const file of files) {
    reports.push(workspace.report(file));
    // Threads word the findings of these while the next ones are looked for.
    if (reports.length % FILES_PER_TURN) continue;
    await new Promise(setImmediate);
    workspace.ensureRoom();
  }
  return (await Promise.all(reports)).flatMap(({ findings }) => findings);
}

/** Writes the baseline when there is none, otherwise leaves only what is new. */
async function applyBaseline(
  path: string,
  accepted: FindingIdentity[] | undefined,
  findings: PlacedFinding[],
  workspace: Workspace,
  folder: string,
  targets: readonly string[],
): Promise<PlacedFinding[]> {
  const files = [...new Set(findings.map(({ file }) => file))];
  const texts = new Map(await Promise.all(files.map(async (file) => [file, (await workspace.text(file)) ?? ''] as const)));
  const identity = (finding: PlacedFinding): FindingIdentity => identify(finding, folder, texts);
  if (!accepted) {
    await usable(() => writeBaseline(path, findings.map(identity)));
    say(`${count(findings.length, 'finding')} accepted in the new baseline ${path}. From now on only new ones fail.`);
    return [];
  }
  const { fresh, stale } = compareWithBaseline(findings, identity, accepted);
  const gone = stale.filter(({ file }) => isTarget(fileName(folder, file), targets));
  if (gone.length) {
    const [example] = gone as [FindingIdentity];
    say(`${count(gone.length, 'accepted finding')} of ${path} ${gone.length === 1 ? 'is' : 'are'} gone (such as ${example.rule} in ${example.file}). Delete the file and run again to renew it.`);
  }
  return fresh;
}

async function usable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof BaselineError ? new UsageError(error.message) : error;
  }
}

/** Warnings of the log; what a reporter prints as a problem of a file is not said twice. */
function tellNotes(notes: readonly string[], problems: readonly FileProblem[]): void {
  const known = new Set(problems.map(({ file, message }) => `${file}: ${message}`));
  for (const note of new Set(notes)) if (!known.has(note)) say(note);
}

function say(message: string): void {
  process.stderr.write(`roundtrip: ${printable(message)}\n`);
}
