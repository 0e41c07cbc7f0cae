/**
 * `npm test [suite…]`: builds, checks, runs every mocha suite two at a time, then the editor suite alone, and ends with one line:
 * `N passed, N failed` (`, N skipped`). A suite is all *.test.ts below src (`unit`) or below one folder of test/.
 * Totals are those of mocha's own JSON; a step that fails without a test counts as one failure.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const results = path.join(root, '.cache/test-results');

/** No suite takes a quarter of this; a hanging one must not hold up the rest. */
const SUITE_LIMIT_MS = 8 * 60_000;

/** These take longest, so they start first. */
const SLOW_FIRST = ['half-typed', 'cli', 'panel', 'server', 'fixes', 'profiler', 'probe', 'database', 'workspace'];

/** Suites that compute, start processes or wait for pages to be drawn all the time, in files that share nothing: two of them run at a time. */
const PARALLEL = new Set(['half-typed', 'cli', 'panel']);

const wanted = new Set(process.argv.slice(2));
const selected = (name) => wanted.size === 0 || wanted.has(name);
const totals = { passed: 0, failed: 0, skipped: 0 };
const running = new Set();

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    for (const child of running) process.kill(-child.pid, 'SIGKILL');
    process.exit(130);
  });
}

/** A process group of its own, so that nothing it started outlives it. */
function execute(command, args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, FORCE_COLOR: '0', ...env } });
    running.add(child);
    let output = '';
    let overdue = false;
    const limit = setTimeout(() => {
      overdue = true;
      process.kill(-child.pid, 'SIGKILL');
    }, SUITE_LIMIT_MS);
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    child.on('close', (status) => {
      clearTimeout(limit);
      running.delete(child);
      resolve({ status, output: overdue ? `${output}\nstopped after ${SUITE_LIMIT_MS / 60_000} minutes` : output });
    });
  });
}

const indent = (text) => text.trimEnd().replace(/^/gm, '    ');

function report(name, ok, what, from, details = '') {
  console.log(`${ok ? 'ok     ' : 'FAILED '}  ${name}  ${what ? `${what}, ` : ''}${((performance.now() - from) / 1000).toFixed(1)} s`);
  if (details.trim()) console.log(indent(details));
}

/** A step without tests of its own. */
async function step(name, args, env) {
  const from = performance.now();
  const { status, output } = await execute(process.execPath, args, env);
  if (status !== 0) totals.failed += 1;
  report(name, status === 0, '', from, status === 0 ? '' : output);
  return status === 0;
}

function describeFailure({ fullTitle, err }) {
  return `✖ ${fullTitle}\n${indent(err.stack || err.message || 'failed without a message')}`;
}

/** Adds the totals of the JSON that a suite wrote into `.cache/test-results/<name>.json`. */
async function suite(name, command, args, env) {
  const file = path.join(results, `${name}.json`);
  const from = performance.now();
  const { status, output } = await execute(command, args(file), env?.(file));
  let run;
  try {
    run = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    totals.failed += 1;
    report(name, false, 'no results', from, output.slice(-8000));
    return;
  }
  const [passed, failed, skipped] = [run.passes.length, run.failures.length, run.pending.length];
  totals.passed += passed;
  totals.skipped += skipped;
  const empty = passed + failed === 0;
  const broken = failed === 0 && (status !== 0 || empty);
  totals.failed += failed + (broken ? 1 : 0);
  const what = `${passed} passed${failed ? `, ${failed} failed` : ''}${skipped ? `, ${skipped} skipped` : ''}`;
  const details = run.failures.map(describeFailure).join('\n\n');
  report(name, failed === 0 && !broken, what, from, broken ? `${empty ? 'It ran no test.' : `It exited with ${status}.`}\n${output.slice(-8000)}` : details);
}

const mocha = (name, files) => () =>
  suite(name, process.execPath, (file) => ['node_modules/mocha/bin/mocha.js', '--reporter', 'json', '--reporter-option', `output=${file}`, ...(PARALLEL.has(name) ? ['--parallel', '--jobs', '2'] : []), ...files], () => ({ ROUNDTRIP_BUILT: '1' }));

function suites() {
  const testsIn = (folder) =>
    readdirSync(path.join(root, folder), { recursive: true })
      .filter((file) => file.endsWith('.test.ts') && !file.includes('node_modules'))
      .map((file) => path.join(folder, file))
      .sort();
  const areas = readdirSync(path.join(root, 'test'), { withFileTypes: true }).filter((entry) => entry.isDirectory() && entry.name !== 'editor').map(({ name }) => name);
  const rank = (name) => (SLOW_FIRST.includes(name) ? SLOW_FIRST.indexOf(name) : SLOW_FIRST.length);
  return [{ name: 'unit', files: testsIn('src') }, ...areas.map((name) => ({ name, files: testsIn(`test/${name}`) }))]
    .filter(({ name, files }) => files.length > 0 && selected(name))
    .sort((a, b) => rank(a.name) - rank(b.name))
    .map(({ name, files }) => mocha(name, files));
}

mkdirSync(results, { recursive: true });
for (const old of readdirSync(results)) rmSync(path.join(results, old), { recursive: true });

await step('build', ['esbuild.mjs', '--production', '--metafile']);
const queue = [...(selected('check') ? [() => step('check', ['scripts/check.mjs'], { ROUNDTRIP_BUILT: '1' })] : []), ...suites()];
const work = async () => {
  for (let next = queue.shift(); next; next = queue.shift()) await next();
};
await Promise.all([work(), work()]);

if (selected('editor')) {
  const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  if (scripts['test:editor']) {
    await suite('editor', 'npm', () => ['run', '--silent', 'test:editor'], (file) => ({ ROUNDTRIP_TEST_RESULTS: file }));
  } else {
    console.log('skipped  editor: package.json has no script test:editor');
  }
}

console.log(`${totals.passed} passed, ${totals.failed} failed${totals.skipped ? `, ${totals.skipped} skipped` : ''}`);
// The check has no tests of its own.
process.exitCode = totals.failed > 0 || (totals.passed === 0 && !selected('check')) ? 1 : 0;
