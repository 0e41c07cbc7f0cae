/** The real VS Code as a server on localhost, for tests, screenshots and `npm start`. */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { type AddressInfo, createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { hostIsMissing, installHost, nodeForHost, vscodeRoot } from './install';

export { launchChromium } from './chromium';
export { hostIsMissing, installHost };

const here = path.dirname(fileURLToPath(import.meta.url));

/** The project's folder: the extension's own, as `--extensionDevelopmentPath` takes it. */
export const projectRoot = path.resolve(here, '../../..');

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
  'security.workspace.trust.startupPrompt': 'never',
  'git.enabled': false,
  // In a browser VS Code saves what is typed by itself, in an installed one it does not.
  'files.autoSave': 'off',
  'window.titleBarStyle': 'custom',
};

/** Built-in extensions that play no part and cost start-up time: TypeScript's own takes more of it than all the rest of VS Code. */
const unneededBuiltins = [
  ...['GitHub.copilot-chat', 'GitHub.copilot', 'ms-vscode.js-debug', 'ms-vscode.js-debug-companion'],
  ...['git', 'github', 'github-authentication', 'microsoft-authentication', 'emmet', 'ipynb', 'typescript-language-features', 'npm', 'grunt', 'gulp', 'jake', 'terminal-suggest'].map((name) => `vscode.${name}`),
];

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 5_000;
const STOP_POLL_MS = 50;

export interface CodeOptions {
  /** A built extension's project folder, installed as its package would be. */
  extensionDir?: string;
  /** A packaged extension, installed by VS Code itself. */
  vsix?: string;
  /** User settings. */
  settings?: Record<string, unknown>;
  /** Environment of the server and thus of the extensions. */
  env?: Record<string, string>;
  /** Lets the page run extension tests. It also hides notifications. */
  testDriver?: boolean;
  /** Keep all built-in extensions, or these of the unneeded ones. Default: only those that all tests need. */
  builtins?: boolean | readonly string[];
  /** Folders are trusted only when a person says so. Default: all are. */
  asksForTrust?: boolean;
  /** Taken when it is free. Default: any free one. */
  port?: number;
  /** Only who knows the address may come in. For a person's machine, where other pages run beside it. */
  token?: boolean;
}

export interface RunningCode {
  /** What `vscode-remote://` addresses of this server name. */
  authority: string;
  pid: number;
  /** Temporary folder with all that the server writes. */
  home: string;
  exited: Promise<unknown>;
  output(): string;
  /** Address that opens a folder or .code-workspace file. `payload` is VS Code's own way to pass options. */
  address(folder: string, payload?: [string, string][]): string;
  /** The same, with a file of it open at a line: `/…/file.ts:12`. */
  addressWithFile(folder: string, file: string): string;
  stop(): Promise<void>;
}

/** Starts VS Code's server with a home of its own in a temporary folder; both are gone when this process ends. */
export async function startCode({ extensionDir, vsix, settings = {}, env = {}, testDriver = false, builtins = false, asksForTrust = false, port, token = false }: CodeOptions = {}): Promise<RunningCode> {
  await installHost();
  const home = mkdtempSync(path.join(os.tmpdir(), 'roundtrip-code-'));
  let child: ChildProcess | undefined;
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
    writeFileSync(path.join(user, 'settings.json'), JSON.stringify({ ...quietSettings, 'security.workspace.trust.enabled': asksForTrust, ...settings }, null, 2));
    if (extensionDir) copyExtension(extensionDir, extensions);
    const serverEnv = {
      ...ownEnvironment(),
      HOME: home,
      XDG_CONFIG_HOME: path.join(home, 'config'),
      XDG_DATA_HOME: path.join(home, 'share'),
      XDG_CACHE_HOME: path.join(home, 'cache'),
      XDG_RUNTIME_DIR: home,
      EXTENSIONS_GALLERY: '{}',
      // Shells of terminals outlive the server for a moment, and would write it into the home.
      HISTFILE: '',
      ...(builtins === true ? {} : { VSCODE_SKIP_BUILTIN_EXTENSIONS: unneededBuiltins.filter((id) => builtins === false || !builtins.includes(id)).join(',') }),
      ...env,
    };
    const main = path.join(vscodeRoot, 'out/server-main.js');
    const folders = ['--server-data-dir', data, '--user-data-dir', path.join(data, 'data'), '--extensions-dir', extensions];
    if (vsix) await promisify(execFile)(nodeForHost(), [main, ...folders, '--install-extension', vsix], { env: serverEnv });

    port = await freePort(port);
    const secret = token ? randomUUID() : undefined;
    const access = secret ? ['--connection-token', secret] : ['--without-connection-token'];
    const args = [main, '--host', '127.0.0.1', '--port', String(port), ...access, '--accept-server-license-terms', ...folders, '--telemetry-level', 'off'];
    if (!asksForTrust) args.push('--disable-workspace-trust');
    if (testDriver) args.push('--enable-smoke-test-driver');
    const server = spawn(nodeForHost(), ['--require', path.join(here, 'end-with-parent.cjs'), ...args], {
      cwd: home,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...serverEnv, ROUNDTRIP_HOME_OF_PARENT: home },
    });
    child = server;
    let output = '';
    for (const stream of [server.stdout, server.stderr]) stream.on('data', (text) => (output += text));
    const exited = new Promise((resolve) => server.once('exit', resolve));
    await listening(port, server, () => output);

    const authority = `localhost:${port}`;
    const address: RunningCode['address'] = (folder, payload = []) => {
      const kind = folder.endsWith('.code-workspace') ? 'workspace' : 'folder';
      const query = new URLSearchParams({ [kind]: folder, ...(secret ? { tkn: secret } : {}), ...(payload.length > 0 ? { payload: JSON.stringify(payload) } : {}) });
      return `http://${authority}/?${query}`;
    };
    return {
      authority,
      pid: server.pid!,
      home,
      exited,
      output: () => output,
      address,
      addressWithFile: (folder, file) =>
        address(folder, [
          ['openFile', `vscode-remote://${authority}${file}`],
          ['gotoLineMode', 'true'],
        ]),
      async stop() {
        process.off('exit', sweep);
        killGroup(server, 'SIGTERM');
        const timer = setTimeout(() => killGroup(server, 'SIGKILL'), STOP_TIMEOUT_MS);
        await exited;
        // What it started is saving its last words, some of them in the home that is about to be removed.
        while (lives(server)) await new Promise((resolve) => setTimeout(resolve, STOP_POLL_MS));
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
function copyExtension(from: string, extensions: string): void {
  const { publisher, name, version } = JSON.parse(readFileSync(path.join(from, 'package.json'), 'utf8')) as Record<string, string>;
  const to = path.join(extensions, `${publisher}.${name}-${version}`);
  for (const file of extensionFiles) {
    if (existsSync(path.join(from, file))) cpSync(path.join(from, file), path.join(to, file), { recursive: true });
  }
}

/** This process's environment without what npm, VS Code and Electron put there for their own children. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(npm_|VSCODE_|ELECTRON_|PORT$|PASSWORD$|NODE_OPTIONS$|DISPLAY$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

async function listening(port: number, server: ChildProcess, output: () => string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    if (server.exitCode !== null) throw new Error(`VS Code's server ended at once:\n${output()}`);
    if (Date.now() > deadline) throw new Error(`VS Code's server did not answer within ${START_TIMEOUT_MS / 1000} s:\n${output()}`);
    const answer = await fetch(`http://127.0.0.1:${port}/version`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The server has a process group of its own, so that extension hosts and language servers go with it. */
function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid!, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Whether any process of the group runs; those that nobody has asked for their end do not. */
function lives({ pid }: ChildProcess): boolean {
  if (process.platform === 'win32') return false;
  const all = execFileSync('ps', ['-A', '-o', 'pgid=,stat='], { encoding: 'utf8' }).trim().split('\n');
  return all.map((line) => line.trim().split(/\s+/)).some(([group, state]) => group === String(pid) && !state?.startsWith('Z'));
}

/** `preferred` when nobody has it. */
export async function freePort(preferred = 0): Promise<number> {
  const probe = createServer();
  const listen = (port: number) =>
    new Promise<number>((resolve, reject) => {
      probe.once('error', reject);
      probe.listen(port, '127.0.0.1', () => resolve((probe.address() as AddressInfo).port));
    });
  const port = await listen(preferred).catch((error) => {
    if (preferred === 0) throw error;
    return listen(0);
  });
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
