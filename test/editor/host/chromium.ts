/** Starts a headless Chromium that Playwright drives; installs one where that needs no questions. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** Browsers of the Chromium family where their packages put them. */
const places = [
  process.env.ROUNDTRIP_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/usr/bin/microsoft-edge',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium() ?? installChromium();
  // Chromium writes crash reports and caches under HOME.
  const home = mkdtempSync(path.join(os.tmpdir(), 'roundtrip-chromium-'));
  const sweep = () => rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  process.on('exit', sweep);
  const browser = await chromium.launch({
    executablePath,
    headless: process.env.HEADED !== '1',
    handleSIGINT: false,
    env: { ...(process.env as Record<string, string>), HOME: home, XDG_CONFIG_HOME: path.join(home, 'config'), XDG_CACHE_HOME: path.join(home, 'cache') },
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  browser.on('disconnected', () => {
    process.off('exit', sweep);
    sweep();
  });
  return browser;
}

function findChromium(): string | undefined {
  const own = chromium.executablePath();
  return [...places, own].find((place) => place && existsSync(place));
}

function installChromium(): string {
  if (isDebian()) {
    const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
    const [command = '', ...prefix] = [...asRoot, 'apt-get', '-qq'];
    console.error('Installing Chromium with apt-get …');
    const run = (...args: string[]) => spawnSync(command, [...prefix, ...args], { encoding: 'utf8', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
    let installed = run('install', '-y', '--no-install-recommends', 'chromium');
    if (installed.status !== 0) {
      run('update');
      installed = run('install', '-y', '--no-install-recommends', 'chromium');
    }
    const found = findChromium();
    if (found) return found;
    throw new Error(`Chromium is missing and could not be installed: run \`sudo apt-get install chromium\` and try again.\n${installed.stderr ?? ''}`);
  }
  console.error('Installing Chromium with Playwright …');
  const cli = path.join(path.dirname(createRequire(import.meta.url).resolve('playwright-core/package.json')), 'cli.js');
  spawnSync(process.execPath, [cli, 'install', 'chromium'], { stdio: ['ignore', 2, 2] });
  const found = findChromium();
  if (found) return found;
  throw new Error('Chromium is missing: install Chromium, Chrome or Edge, or set ROUNDTRIP_CHROMIUM to one, and try again.');
}

/** Debian itself; Ubuntu's package of that name is a snap, which does not run in containers. */
function isDebian(): boolean {
  return process.platform === 'linux' && existsSync('/etc/os-release') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
}
