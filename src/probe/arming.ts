import { existsSync, readdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { PROBE_OPTIONS_VARIABLE, WIRE_VERSION, type ProbeOptions } from './wire';

/** Programs that only start others or build: they ask no database, and some of them fail on any surprise. */
const TOOLS = /(?:^|[\\/])(?:(?:npm|npx|pnpm|pnpx|yarn|yarnpkg|corepack)(?:-cli)?(?:-\d[^\\/]*)?|npm-prefix|node-gyp)(?:\.c?js)?$/i;

/** Build steps that run in processes or threads of their own. */
const BUILD_WORKERS = /[\\/](?:next[\\/]dist[\\/]build|thread-loader[\\/]dist|terser-webpack-plugin|fork-ts-checker-webpack-plugin|turbopack)[\\/]/;

/** What this program was told, if it is to be watched and somebody listens. */
export function wantedOptions(): ProbeOptions | undefined {
  const text = process.env[PROBE_OPTIONS_VARIABLE];
  if (!text || process.versions.electron) return undefined;
  const script = process.argv[1] ?? '';
  if (TOOLS.test(script) || BUILD_WORKERS.test(script)) return undefined;
  const options = JSON.parse(text) as ProbeOptions;
  if (options.version !== WIRE_VERSION || typeof options.socket !== 'string' || !Array.isArray(options.folders)) return undefined;
  return isWatchedFolder(options.folders) && isListening(options.socket) ? options : undefined;
}

function isWatchedFolder(folders: readonly string[]): boolean {
  const folder = process.cwd();
  // Links are followed only where the names do not tell: it takes a look at each folder on the way.
  return folders.length === 0 || folders.some((watched) => isInside(folder, watched)) || isAnywhereInside(realpathSync(folder), folders);
}

function isAnywhereInside(folder: string, parents: readonly string[]): boolean {
  return parents.some((parent) => {
    try {
      return isInside(folder, realpathSync(parent));
    } catch {
      // It is gone; its name has told already.
      return false;
    }
  });
}

function isInside(folder: string, parent: string): boolean {
  const relative = path.relative(parent, folder);
  return relative === '' || (!relative.startsWith('..') && !path.isAbsolute(relative));
}

/**
 * A socket that is left over without a listener passes; the connection then fails and the probe sleeps. Its status is never asked for:
 * after that of a socket, Node's `realpathSync` stops at the first folder that it knows, and modules behind links get other paths.
 */
function isListening(socket: string): boolean {
  if (process.platform !== 'win32') return existsSync(socket);
  // To ask for the status of a pipe would connect to it.
  return readdirSync('\\\\.\\pipe\\').includes(path.win32.basename(socket));
}
