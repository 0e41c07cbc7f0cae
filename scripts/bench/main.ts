/**
 * `npm run bench [-- --corpus DIR] [--runs N] [--sizes LINES,…]`: Roundtrip beside its peers on the same files in one run, and
 * against its budgets; with `--sizes`, nothing but what projects of so many lines cost.
 * Ratios count: absolute times of a shared machine mean little. Needs `npm run build`, which it runs itself.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openBundled } from './bundled-workspace';
import { synthesise } from './corpus';
import { type EditLatency, measureEdits } from './edits';
import { installOxlint, type Oxlint } from './oxlint';
import { median, runNode, type Run } from './processes';
import { measureSize } from './scale';
import { serverMemory } from './server-memory';

const PROJECT = path.join(__dirname, '../..');
const dist = path.join(PROJECT, 'dist');

/** About 4,000 files of the synthetic project: the size that the budgets speak of. */
const LINES_OF_4000_FILES = 280_000;

const GOALS = { coldToEslint: 0.5, coldToParsePerCore: 1.3, editP95Ms: 50, coldOf4000: 10, warmOf4000: 2, extensionKilobytes: 200, vsixMegabytes: 6 };

const { values } = parseArgs({ options: { corpus: { type: 'string' }, runs: { type: 'string', default: '3' }, sizes: { type: 'string' } } });
const runs = Number(values.runs);
const scratch = mkdtempSync(path.join(tmpdir(), 'roundtrip-bench-'));

function line(name: string, value: string, note = ''): void {
  console.log(`  ${name.padEnd(44)}${value.padStart(12)}${note ? `   ${note}` : ''}`);
}

function goal(name: string, value: number, limit: number, unit: string): void {
  const shown = `${value.toFixed(unit === 'KB' || unit === 'ms' ? 1 : 2)}${unit ? ` ${unit}` : ''}`;
  const verdict = value <= limit ? 'ok' : `short by ${(100 * (value / limit - 1)).toFixed(0)} %`;
  line(name, shown, `goal ≤ ${limit}${unit ? ` ${unit}` : ''}: ${verdict}`);
}

const seconds = (measured: readonly Run[]): number => median(measured.map((run) => run.seconds));
function used(name: string, measured: readonly Run[], note = ''): void {
  const cpu = median(measured.map(({ cpuSeconds }) => cpuSeconds));
  const peak = median(measured.map(({ peakMegabytes }) => peakMegabytes));
  line(name, `${seconds(measured).toFixed(2)} s`, `${cpu.toFixed(2)} s of processor, peak ${megabytes(peak)}${note}`);
}

const megabytes = (value: number | undefined): string => (value === undefined ? 'unknown' : `${value.toFixed(0)} MB`);

/** The cache lies in the project's node_modules when it has some, otherwise where XDG_CACHE_HOME says. */
function emptyCache(folder: string, cache: string): void {
  rmSync(cache, { recursive: true, force: true });
  rmSync(path.join(folder, 'node_modules/.cache/roundtrip'), { recursive: true, force: true });
}

interface Comparison {
  parse: Run[];
  eslint: Run[];
  oxlint: Run[];
  cold: Run[];
  warm: Run[];
}

async function compare(folder: string, list: string, code: readonly string[], oxlint: Oxlint | undefined): Promise<Comparison> {
  const cache = path.join(scratch, 'cache');
  const peer = path.join(__dirname, 'peer.mjs');
  const check = (): Promise<Run> => runNode([path.join(dist, 'cli.js'), 'check', '--format', 'json'], folder, { XDG_CACHE_HOME: cache });
  const measured: Comparison = { parse: [], eslint: [], oxlint: [], cold: [], warm: [] };
  // One after another within each round, so that a busy minute of the machine hits all alike.
  for (let run = 0; run < runs; run += 1) {
    measured.parse.push(await runNode([peer, 'parse', list], PROJECT));
    measured.eslint.push(await runNode([peer, 'eslint', list, folder], PROJECT));
    if (oxlint) measured.oxlint.push(await runNode(oxlint.args(code), folder));
    emptyCache(folder, cache);
    measured.cold.push(await runNode([path.join(dist, 'cli.js'), 'check', '--format', 'json'], folder, { XDG_CACHE_HOME: cache }));
    measured.warm.push(await check());
  }
  emptyCache(folder, cache);
  return measured;
}

/** A `vscode` with all names of the real one, each of which answers whatever is read of it. */
function vscodeStub(): string {
  const types = readFileSync(path.join(PROJECT, 'node_modules/@types/vscode/index.d.ts'), 'utf8');
  const names = new Set(Array.from(types.matchAll(/^\texport (?:abstract )?(?:class|enum|const|function|namespace) (\w+)/gm), ([, name]) => name));
  return `const any = new Proxy(class {}, { get: (target, name) => (name in target ? target[name] : any) });
    for (const name of ${JSON.stringify([...names])}) exports[name] = any;`;
}

/** Time to load the extension's bundle with an empty `vscode`, without activating it. */
async function loadMilliseconds(): Promise<number> {
  const stub = path.join(scratch, 'node_modules/vscode');
  mkdirSync(stub, { recursive: true });
  writeFileSync(path.join(stub, 'index.js'), vscodeStub());
  const load = `const from = performance.now(); require(${JSON.stringify(path.join(dist, 'extension.js'))}); console.log(performance.now() - from);`;
  const times: number[] = [];
  for (let run = 0; run < 5; run += 1) times.push(JSON.parse((await runNode(['-e', load], scratch, { NODE_PATH: path.join(scratch, 'node_modules') })).stdout) as number);
  return median(times);
}

function vsixMegabytes(): number {
  const out = path.join(scratch, 'roundtrip.vsix');
  execFileSync(process.execPath, [path.join(PROJECT, 'node_modules/@vscode/vsce/vsce'), 'package', '--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links', '--out', out], { cwd: PROJECT, stdio: 'pipe' });
  return statSync(out).size / 1024 / 1024;
}

async function printSizes(sizes: readonly number[]): Promise<void> {
  console.log(`Synthetic projects: the demo again and again under other names. Node ${process.versions.node}\n`);
  const print = (cells: readonly (string | number)[]): void => console.log(cells.map((cell) => String(cell).padStart(11)).join(''));
  print(['', '', '', 'cold', '', 'CPU per', '', 'warm', '', 'CPU per', '']);
  print(['lines', 'files', 'findings', 'wall', 'CPU', '1,000 lines', 'peak', 'wall', 'CPU', '1,000 lines', 'peak']);
  for (const size of sizes) {
    const { lines, files, findings, cold, warm } = await measureSize(scratch, path.join(dist, 'cli.js'), size);
    const spent = ({ seconds, cpuSeconds, peakMegabytes }: Run): string[] =>
      [`${seconds.toFixed(2)} s`, `${cpuSeconds.toFixed(2)} s`, `${((cpuSeconds / lines) * 1e6).toFixed(1)} ms`, megabytes(peakMegabytes)];
    print([lines, files, findings, ...spent(cold), ...spent(warm)]);
  }
}

function printEdits(folder: string, { file, lines, edits, p50, p95, cpuP95, othersAtMost }: EditLatency): void {
  line('file', `${lines} lines`, path.relative(folder, file));
  line(`p50 of ${edits} edits`, `${p50.toFixed(1)} ms`, `other files affected: at most ${othersAtMost}`);
  goal('p95', p95, GOALS.editP95Ms, 'ms');
  line('p95 of processor time', `${cpuP95.toFixed(1)} ms`);
}

async function main(): Promise<void> {
  execFileSync(process.execPath, ['esbuild.mjs', '--production', '--metafile'], { cwd: PROJECT, stdio: 'pipe' });
  if (values.sizes !== undefined) {
    await printSizes(values.sizes.split(',').map(Number));
    return;
  }
  let folder = values.corpus ? path.resolve(values.corpus) : path.join(scratch, 'project');
  if (values.corpus) {
    if (!existsSync(folder)) throw new Error(`${folder} does not exist.`);
  } else {
    synthesise(folder, LINES_OF_4000_FILES);
    console.log('No --corpus DIR was given: the project is synthetic, the demo again and again under other names.');
  }
  folder = path.resolve(folder);
  const workspace = await openBundled(PROJECT, path.join(scratch, 'bundle'), folder);
  await workspace.index();
  const files = workspace.files();
  const code = files.filter((file) => !file.endsWith('.sql'));
  const list = path.join(scratch, 'files.json');
  writeFileSync(list, JSON.stringify(code));
  const cores = availableParallelism();
  console.log(`${folder}: ${files.length} files, ${code.length} of them TypeScript or JavaScript, ${workspace.lines} lines`);
  console.log(`Node ${process.versions.node}, ${cores} × ${cpus()[0]?.model ?? 'unknown processor'}, medians of ${runs} runs\n`);

  console.log('Checking all files');
  const oxlint = installOxlint(path.join(scratch, 'oxlint'));
  const { parse, eslint, oxlint: oxlintRuns, cold, warm } = await compare(folder, list, code, oxlint);
  used('parse only (typescript-estree, one thread)', parse);
  used('ESLint with no-await-in-loop', eslint);
  if (oxlint) used('oxlint with its closest rules', oxlintRuns, ', native code, one file at a time');
  used('roundtrip check, cold', cold, `, ${(JSON.parse(cold[0]!.stdout) as { findings: unknown[] }).findings.length} findings`);
  used('roundtrip check, warm', warm);
  goal('cold ÷ ESLint', seconds(cold) / seconds(eslint), GOALS.coldToEslint, '');
  goal(`cold ÷ (parse ÷ ${cores} cores)`, seconds(cold) / (seconds(parse) / cores), GOALS.coldToParsePerCore, '');
  goal('cold, per 4,000 files', (seconds(cold) / files.length) * 4000, GOALS.coldOf4000, 's');
  goal('warm, per 4,000 files', (seconds(warm) / files.length) * 4000, GOALS.warmOf4000, 's');

  console.log('\nAfter an edit, from changed text to findings, whole program linked');
  for (const kind of ['long', 'central'] as const) printEdits(folder, await measureEdits(workspace, kind));
  await workspace.dispose();

  console.log('\nMemory');
  const server = await serverMemory(dist, folder, { XDG_CACHE_HOME: path.join(scratch, 'server-cache') });
  line('language server, indexed', megabytes(server.indexed), `peak while indexing ${megabytes(server.peak)}`);

  console.log('\nSizes and start');
  goal('extension.js', statSync(path.join(dist, 'extension.js')).size / 1024, GOALS.extensionKilobytes, 'KB');
  for (const name of ['client', 'profiler', 'server', 'worker', 'cli', 'panel', 'plan', 'typescript']) line(`${name}.js`, `${(statSync(path.join(dist, `${name}.js`)).size / 1024).toFixed(0)} KB`);
  goal('package (.vsix)', vsixMegabytes(), GOALS.vsixMegabytes, 'MB');
  line('loading extension.js, without activation', `${(await loadMilliseconds()).toFixed(1)} ms`);
  const { version } = JSON.parse(readFileSync(path.join(PROJECT, 'node_modules/eslint/package.json'), 'utf8')) as { version: string };
  console.log(`\nPeers: ESLint ${version}, ${oxlint ? `oxlint ${oxlint.version}` : 'no oxlint, which could not be installed'}.`);
}

main()
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  })
  .finally(() => rmSync(scratch, { recursive: true, force: true }));
