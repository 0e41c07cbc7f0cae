import { subscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import Module from 'node:module';
import path from 'node:path';
import { LIBRARIES } from './libraries';
import type { Recorder } from './recorder';

/** A module of a library, as it was loaded. */
interface Loaded {
  /** Path with `/`, or the bare name of a package where Node does not tell more. */
  file: string;
  exports: unknown;
}

type Resolve = (request: string, parent: unknown, isMain: boolean, ...more: unknown[]) => string;
interface ModuleInternals {
  _resolveFilename: Resolve;
  _load(request: string, parent: unknown, isMain: boolean): unknown;
  _cache: Record<string, unknown>;
}

/**
 * Hands each library's modules to what knows the library, right after they were loaded and before the program gets them.
 * Nothing of the probe stands on the stack while the program's own modules run.
 */
export function watchLibraries(recorder: Recorder): void {
  const seen = new Set<unknown>();
  const loaded = ({ file, exports }: Loaded): void => {
    if (seen.has(exports)) return;
    const library = LIBRARIES.find(({ modules }) => modules.test(file));
    if (!library) return;
    seen.add(exports);
    recorder.guard(() => {
      if (!library.watch(exports, recorder)) return;
      recorder.found(`${library.name} ${versionOf(file)}`.trimEnd());
    });
  };
  if (Number.parseInt(process.versions.node, 10) >= 22) watchByChannel(loaded);
  else watchByResolution(loaded);
}

/** Node 22 and later tell of each `require`, also of those that come from `import`. */
function watchByChannel(loaded: (module: Loaded) => void): void {
  subscribe('tracing:module.require:end', (message) => {
    const { id, parentFilename, result } = message as { id: string; parentFilename?: string; result?: unknown };
    if (typeof id !== 'string' || result === undefined) return;
    const file = id.startsWith('.') && parentFilename ? path.resolve(path.dirname(parentFilename), id) : id;
    loaded({ file: file.replaceAll('\\', '/'), exports: result });
  });
}

/** Before, a module that is about to be loaded is loaded a moment earlier: when its file's name has been found. */
function watchByResolution(loaded: (module: Loaded) => void): void {
  const internals = Module as unknown as ModuleInternals;
  const resolve = internals._resolveFilename;
  const loading = new Set<string>();
  internals._resolveFilename = function _resolveFilename(this: unknown, request, parent, isMain, ...more) {
    const file = resolve.call(this, request, parent, isMain, ...more);
    // Node's own loader gives three arguments; `require.resolve`, which must load nothing, gives four.
    if (arguments.length !== 3 || typeof file !== 'string' || loading.has(file) || file in internals._cache) return file;
    const slashed = file.replaceAll('\\', '/');
    if (!LIBRARIES.some(({ modules }) => modules.test(slashed))) return file;
    loading.add(file);
    try {
      loaded({ file: slashed, exports: internals._load(request, parent, isMain) });
    } finally {
      loading.delete(file);
    }
    return file;
  };
}

/** Of the package that a file lies in, if it can be read. */
function versionOf(file: string): string {
  const folder = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
  try {
    return folder ? String((JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as { version?: unknown }).version ?? '') : '';
  } catch {
    return '';
  }
}
