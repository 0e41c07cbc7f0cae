/** The real VS Code as a server on localhost, for tests, screenshots and `npm start`. */
import { execFile, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { hostIsMissing, installHost, nodeForHost, vscodeRoot } from './install.mjs';

export { launchChromium } from './chromium.mjs';
export { hostIsMissing, installHost };

/** The project's folder: the extension's own, as `--extensionDevelopmentPath` takes it. */
export const projectRoot = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../../..');

/** What an installed Roundtrip consists of. */
const extensionFiles = ['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE', 'dist', 'media', 'syntaxes'];

/** Quiet defaults; what a test is about comes on top. */
const quietSettings = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'chat.disableAIFeatures': true,
  'security.workspace.trust.enabled': false,
  'git.enabled': false,
  'window.titleBarStyle': 'custom',
};

/** Built-in extensions that play no part and cost start-up time. */
const unneededBuiltins = ['GitHub.copilot-chat', 'GitHub.copilot', 'vscode.git', 'vscode.github', 'vscode.github-authentication', 'vscode.microsoft-authentication', 'vscode.npm', 'vscode.emmet', 'vscode.ipynb', 'ms-vscode.js-debug', 'ms-vscode.js-debug-companion'];

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 5_000;

/**
 * @typedef {object} CodeOptions
 * @property {string} [extensionDir] A built extension's project folder, installed as its package would be.
 * @property {string} [vsix] A packaged extension, installed by VS Code itself.
 * @property {Record<string, unknown>} [settings] User settings.
 * @property {Record<string, string>} [env] Environment of the server and thus of the extensions.
 * @property {boolean} [testDriver] Lets the page run extension tests. It also hides notifications.
 * @property {boolean} [builtins] Keep all built-in extensions. Default: only those that tests need.
 * @property {number} [port] Taken when it is free. Default: any free one.
 * @property {boolean} [token] Only who knows the address may come in. For a person's machine, where other pages run beside it.
 */

/**
 * Starts VS Code's server with a home of its own in a temporary folder; both are gone when this process ends.
 * @param {CodeOptions} options
 */
export async function startCode({ extensionDir, vsix, settings = {}, env = {}, testDriver = false, builtins = false, port, token = false } = {}) {
  await installHost();
  const home = mkdtempSync(path.join(os.tmpdir(), 'roundtrip-code-'));
  let child;
  const sweep = () => {
    if (child) killGroup(child, 'SIGKILL');
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
  process.on('exit', sweep);
  try {
    const data = path.join(home, 'server');
    const extensions = path.join(home, 'extensions');
    const user = path.join(data, 'data/User');
    mkdirSync(user, { recursive: true });
    mkdirSync(extensions, { recursive: true });
    writeFileSync(path.join(user, 'settings.json'), JSON.stringify({ ...quietSettings, ...settings }, null, 2));
    if (extensionDir) copyExtension(extensionDir, extensions);
    const serverEnv = {
      ...ownEnvironment(),
      HOME: home,
      XDG_CONFIG_HOME: path.join(home, 'config'),
      XDG_DATA_HOME: path.join(home, 'share'),
      XDG_CACHE_HOME: path.join(home, 'cache'),
      XDG_RUNTIME_DIR: home,
      EXTENSIONS_GALLERY: '{}',
      ...(builtins ? {} : { VSCODE_SKIP_BUILTIN_EXTENSIONS: unneededBuiltins.join(',') }),
      ...env,
    };
    const main = path.join(vscodeRoot, 'out/server-main.js');
    const folders = ['--server-data-dir', data, '--user-data-dir', path.join(data, 'data'), '--extensions-dir', extensions];
    if (vsix) await promisify(execFile)(nodeForHost(), [main, ...folders, '--install-extension', vsix], { env: serverEnv });

    port = await freePort(port);
    const secret = token ? randomUUID() : undefined;
    const access = secret ? ['--connection-token', secret] : ['--without-connection-token'];
    const args = [main, '--host', '127.0.0.1', '--port', String(port), ...access, '--accept-server-license-terms', ...folders, '--telemetry-level', 'off', '--disable-workspace-trust'];
    if (testDriver) args.push('--enable-smoke-test-driver');
    child = spawn(nodeForHost(), args, { cwd: home, detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: serverEnv });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
    const exited = new Promise((resolve) => child.once('exit', resolve));
    await listening(port, child, () => output);

    const authority = `localhost:${port}`;
    return {
      url: `http://${authority}/`,
      authority,
      pid: child.pid,
      home,
      exited,
      output: () => output,
      /** Address that opens `folder` (or a .code-workspace file); `payload` is VS Code's own way to pass test options. */
      address(folder, payload = []) {
        const kind = folder.endsWith('.code-workspace') ? 'workspace' : 'folder';
        const query = new URLSearchParams({ [kind]: folder, ...(secret && { tkn: secret }), ...(payload.length > 0 && { payload: JSON.stringify(payload) }) });
        return `http://${authority}/?${query}`;
      },
      async stop() {
        process.off('exit', sweep);
        killGroup(child, 'SIGTERM');
        const timer = setTimeout(() => killGroup(child, 'SIGKILL'), STOP_TIMEOUT_MS);
        await exited;
        clearTimeout(timer);
        sweep();
      },
    };
  } catch (error) {
    process.off('exit', sweep);
    sweep();
    throw error;
  }
}

/** Copies what the package would contain. VS Code takes any folder with a package.json in its extensions folder. */
function copyExtension(from, extensions) {
  const { publisher, name, version } = JSON.parse(readFileSync(path.join(from, 'package.json'), 'utf8'));
  const to = path.join(extensions, `${publisher}.${name}-${version}`);
  for (const file of extensionFiles) {
    if (existsSync(path.join(from, file))) cpSync(path.join(from, file), path.join(to, file), { recursive: true });
  }
}

/** This process's environment without what npm, VS Code and Electron put there for their own children. */
function ownEnvironment() {
  const foreign = /^(npm_|VSCODE_|ELECTRON_|PORT$|PASSWORD$|NODE_OPTIONS$|DISPLAY$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

async function listening(port, child, output) {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`VS Code's server ended at once:\n${output()}`);
    if (Date.now() > deadline) throw new Error(`VS Code's server did not answer within ${START_TIMEOUT_MS / 1000} s:\n${output()}`);
    const answer = await fetch(`http://127.0.0.1:${port}/version`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The server has a process group of its own, so that extension hosts and language servers go with it. */
function killGroup(child, signal) {
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** `preferred` when nobody has it. */
export async function freePort(preferred = 0) {
  const probe = createServer();
  const listening = (port) =>
    new Promise((resolve, reject) => {
      probe.once('error', reject);
      probe.listen(port, '127.0.0.1', () => resolve(probe.address().port));
    });
  const port = await listening(preferred).catch((error) => {
    if (preferred === 0) throw error;
    return listening(0);
  });
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
