/**
 * `npm start`: the shop in VS Code with Roundtrip, beside its own PostgreSQL. A recording begins with the window, and runs the shop.
 *
 *   --browser   VS Code in the browser although `code` is installed
 *   --check     without a person: waits for the expected problems and for what the recording shows, prints both and ends
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { hostIsMissing, installHost, projectRoot, startCode } from '../../test/editor/host/host.ts';
import { Leftovers } from './leftovers.mjs';
import { demo, firstFile, prepareShop, userSettings } from './shop.mjs';

const cache = path.join(projectRoot, '.cache/demo');

/** Kept between starts, so that the browser remembers what was open. Another one is taken when it is in use. */
const PREFERRED_PORT = 4321;

const { values: options } = parseArgs({ options: { browser: { type: 'boolean' }, check: { type: 'boolean' } } });
const leftovers = new Leftovers(cache);

/** What to stop at the end, last started first. */
const stops = [];
let stopping;
function stopAll() {
  stopping ??= (async () => {
    for (const stop of stops.reverse()) await stop().catch((error) => console.error(error.message));
    leftovers.forget();
  })();
  return stopping;
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, async () => {
    if (!stopping) console.log('\nStopping …');
    await stopAll();
    process.exit(signal === 'SIGINT' ? 0 : 1);
  });
}

/** One line for each step, with its time. */
async function step(name, work) {
  const from = performance.now();
  process.stdout.write(`${name} …`);
  try {
    const result = await work();
    process.stdout.write(` ${((performance.now() - from) / 1000).toFixed(1)} s\n`);
    return result;
  } catch (error) {
    process.stdout.write(' failed\n');
    throw error;
  }
}

try {
  await leftovers.clear();
  await step('Building the extension', () => run(['esbuild.mjs', '--production'], projectRoot));
  const shop = await prepareShop(cache, step, (stop, process) => {
    stops.push(stop);
    if (process) leftovers.addProcess(process);
  });

  const desktop = !options.browser && !options.check && findCode();
  if (desktop) {
    console.log('VS Code opens with the shop. Close its window or press Ctrl+C here to end.');
    const window = spawn(desktop, [`--extensionDevelopmentPath=${projectRoot}`, '--new-window', '--wait', demo, '--goto', firstFile], {
      stdio: 'ignore',
      shell: process.platform === 'win32',
      env: { ...process.env, ...shop },
    });
    await once(window, 'exit');
  } else {
    await openInBrowser(shop);
  }
  await stopAll();
} catch (error) {
  if (!stopping) {
    console.error(`\n${error.message}`);
    await stopAll();
    process.exit(1);
  }
}

/** @param {Record<string, string>} shop environment that the shop is run in */
async function openInBrowser(shop) {
  if (hostIsMissing()) await step('Installing VS Code from npm, once: 570 MB', () => installHost());
  const code = await step('Starting VS Code', () =>
    startCode({
      extensionDir: projectRoot,
      env: shop,
      settings: userSettings,
      builtins: !options.check,
      port: options.check ? undefined : PREFERRED_PORT,
      token: !options.check,
    }),
  );
  stops.push(code.stop);
  leftovers.addProcess({ pid: code.pid, command: code.home, group: true });
  leftovers.addFolder(code.home);
  if (options.check) {
    const { check } = await import('./check.mjs');
    await check(code.addressWithFile(demo, firstFile), { demo, screenshot: path.join(projectRoot, '.cache/start.png'), step });
    return;
  }
  console.log(`\nVS Code with Roundtrip and the shop:\n\n  ${code.addressWithFile(demo, firstFile)}\n\nPress Ctrl+C to stop.`);
  await code.exited;
  if (!stopping) throw new Error(`VS Code's server ended by itself:\n${code.output()}`);
  await stopping;
}

async function run(args, cwd) {
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  const [status] = await once(child, 'exit');
  if (status !== 0) throw new Error(output);
}

/** VS Code of the desktop. It does not start as root. */
function findCode() {
  if (process.getuid?.() === 0) return undefined;
  const found = spawnSync(process.platform === 'win32' ? 'where' : 'which', ['code'], { encoding: 'utf8' });
  return found.status === 0 ? found.stdout.trim().split(/\r?\n/)[0] : undefined;
}
