import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { FACTS_VERSION } from '../analysis';
import { hashText } from './source-text';

/** Folder for a root's cache: where tools keep theirs when the project has installed packages, otherwise the system's. */
export function cacheFolder(root: string): string {
  if (statSync(`${root}/node_modules`, { throwIfNoEntry: false })?.isDirectory()) return `${root}/node_modules/.cache/roundtrip`;
  return join(systemCacheFolder(), hashText(root));
}

/** Roundtrip's folder among those that the system keeps for what can be made again. */
export function systemCacheFolder(): string {
  const { env, platform } = process;
  if (env['XDG_CACHE_HOME']) return join(env['XDG_CACHE_HOME'], 'roundtrip');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'roundtrip');
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'roundtrip');
  return join(homedir(), '.cache', 'roundtrip');
}

let factsVersion: string | undefined;
let findingsVersion: string | undefined;

/** What was computed by another build of the analysis is worth nothing: this tells builds apart. */
export function cacheVersion(): string {
  return (factsVersion ??= versionOf('worker.js', ['analysis']));
}

/** As {@link cacheVersion}, for what the whole of this program has computed. */
export function findingsCacheVersion(): string {
  return (findingsVersion ??= versionOf(basename(__filename), ['analysis', 'workspace']));
}

/** Of a bundle, or of the folders of sources that it would be made of. */
function versionOf(bundle: string, folders: readonly string[]): string {
  const hash = createHash('sha256').update(`${FACTS_VERSION} ${process.versions.v8}`);
  const isBuilt = existsSync(join(__dirname, 'worker.js'));
  if (isBuilt) hash.update(readFileSync(join(__dirname, bundle)));
  else for (const folder of folders) hashSources(join(__dirname, '..', folder), hash);
  return hash.digest('base64url').slice(0, 22);
}

function hashSources(folder: string, hash: ReturnType<typeof createHash>): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) hashSources(path, hash);
    else if (entry.name.endsWith('.ts')) hash.update(path).update(readFileSync(path));
  }
}
