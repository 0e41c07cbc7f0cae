/** `npm run check`: everything that can be said without running the product. Exits 1 and prints what is wrong. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');

/** A file that no longer fits into a head is cut into two with names of their own. */
const MAX_LINES = 600;

const node = process.execPath;
const bin = (name) => path.join(root, 'node_modules', name);
const types = (name, project) => ({
  name,
  needs: project,
  run: [bin('typescript/bin/tsc'), '--noEmit', '--pretty', 'false', '--incremental', '--tsBuildInfoFile', `.cache/${name.replace(' ', '-')}.tsbuildinfo`, '-p', project],
});

/** Longest first: two run at a time. */
const steps = [
  types('types', 'tsconfig.json'),
  { name: 'lint', run: [bin('eslint/bin/eslint.js'), '--cache', '--cache-location', '.cache/eslint', '--cache-strategy', 'content', '.'] },
  types('types panel', 'tsconfig.panel.json'),
  { ...types('types demo', 'demo/tsconfig.json'), first: ['scripts/start/generate-client.mjs'] },
  { name: 'architecture', run: ['scripts/architecture.mjs'] },
  { name: 'generated files', run: ['--import=tsx', 'scripts/generate.ts', '--check'] },
  // `npm test` has just built, and its suites are reading dist/.
  process.env.ROUNDTRIP_BUILT
    ? { name: 'licences', run: ['scripts/licences.mjs'] }
    : { name: 'bundles and licences', run: ['esbuild.mjs', '--production', '--metafile'], then: ['scripts/licences.mjs'] },
  { name: 'file lengths', check: longFiles },
];

function longFiles() {
  const long = [];
  for (const entry of readdirSync(path.join(root, 'src'), { recursive: true })) {
    if (!/\.[cm]?tsx?$/.test(entry) || entry.endsWith('.generated.ts')) continue;
    const lines = readFileSync(path.join(root, 'src', entry), 'utf8').split('\n').length - 1;
    if (lines > MAX_LINES) long.push(`src/${entry} has ${lines} lines, more than ${MAX_LINES}: cut it where two topics meet.`);
  }
  return long.join('\n');
}

function execute(args) {
  return new Promise((resolve) => {
    const child = spawn(node, args, { cwd: root, env: { ...process.env, FORCE_COLOR: '0' } });
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    child.on('close', (status) => resolve({ ok: status === 0, output }));
  });
}

async function perform(step) {
  if (step.check) {
    const output = step.check();
    return { ok: output === '', output };
  }
  let last = { ok: true, output: '' };
  for (const args of [step.first, step.run, step.then]) if (args && last.ok) last = await execute(args);
  return last;
}

const started = performance.now();
let failed = 0;
const queue = steps.filter(({ name, needs }) => {
  if (!needs || existsSync(path.join(root, needs))) return true;
  console.log(`skipped  ${name}: ${needs} does not exist`);
  return false;
});

async function work() {
  for (let step = queue.shift(); step; step = queue.shift()) {
    const from = performance.now();
    const { ok, output } = await perform(step);
    console.log(`${ok ? 'ok     ' : 'FAILED '}  ${step.name}  ${((performance.now() - from) / 1000).toFixed(1)} s`);
    if (ok) continue;
    failed += 1;
    console.log(output.trimEnd().replace(/^/gm, '  '));
  }
}

await Promise.all([work(), work()]);
console.log(`check: ${failed ? `${failed} failed` : 'all right'}, ${((performance.now() - started) / 1000).toFixed(1)} s`);
process.exitCode = failed ? 1 : 0;
