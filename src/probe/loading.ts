import { subscribe } from 'node:diagnostics_channel';
import { existsSync, readFileSync } from 'node:fs';
import Module from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { watchCompiling, type TakeEvaluated } from './compiling';
import { LIBRARIES } from './libraries';
import type { Library } from './libraries/library';
import type { Recorder } from './recorder';

type Resolve = (request: string, parent: unknown, isMain: boolean, ...more: unknown[]) => string;
interface ModuleInternals {
  _resolveFilename: Resolve;
  _load(request: string, parent: unknown, isMain: boolean): unknown;
  _cache: Record<string, { exports: unknown; loaded: boolean } | undefined>;
}

const internals = Module as unknown as ModuleInternals;

/** What takes the modules of libraries, CommonJS or not. */
type Take = (file: string, exports: unknown) => void;

/** What ES modules of libraries call at their end. Gives what they are to hand out instead, if anything. */
type TakeModule = (url: string, exports: object) => object | undefined;

/**
 * Hands each library's modules to what knows the library, right after they were loaded and before the program gets them.
 * Nothing of the probe stands on the stack while the program's own modules run.
 *
 * @returns what ES modules of libraries call at their end, under the global symbol `mark`.
 */
export function watchLibraries(recorder: Recorder, mark: string): TakeModule {
  // A test runner loads libraries anew for each file of tests: what is over must not stay.
  const seen = new WeakSet<object>();
  let compiling = false;
  const take: Take = (file, exports) => {
    const library = libraryOf(file);
    if (!library || (typeof exports !== 'object' && typeof exports !== 'function') || exports === null || seen.has(exports) || replaced.has(exports)) return;
    seen.add(exports);
    recorder.guard(() => {
      if (library.watch(exports, recorder)) recorder.found(`${library.name} ${versionOf(file)}`.trimEnd());
      if (!library.compiles || compiling) return;
      compiling = true;
      watchCompiling((name) => libraryOf(name) !== undefined, takeEvaluated);
    });
  };
  const takeEvaluated: TakeEvaluated = (evaluated, args) => recorder.guard(() => {
    // Whoever compiles chooses the order of the parameters.
    const module = args.find((value): value is { exports: unknown } => typeof value === 'object' && value !== null && Object.hasOwn(value, 'exports'));
    if (!module) return;
    take(evaluated, module.exports);
    const other = otherExports(evaluated, module.exports, recorder);
    if (other) module.exports = other;
  });
  if (Number.parseInt(process.versions.node, 10) >= 22) watchByChannel(take, recorder);
  else watchByResolution(take, recorder);
  recorder.guard(() => watchModules(mark));
  return (url, exports) => recorder.guard(() => {
    const file = fileURLToPath(url).replaceAll('\\', '/');
    take(file, exports);
    return otherExports(file, exports, recorder);
  });
}

function libraryOf(file: string): Library | undefined {
  return LIBRARIES.find(({ modules }) => modules.test(file));
}

/** A module that `import` names is in the cache before it is loaded. */
function isLoaded(file: string): boolean {
  return internals._cache[file]?.loaded === true;
}

/** What was handed out instead of a module's exports: it needs nothing more. */
const replaced = new WeakSet<object>();

/** Other exports for a module that cannot be changed in place, if a library has some. */
function otherExports(file: string, exports: unknown, recorder: Recorder): object | undefined {
  return recorder.guard(() => {
    if (replaced.has(exports as object)) return undefined;
    const slashed = file.replaceAll('\\', '/');
    const library = libraryOf(slashed);
    const other = library?.replace?.(exports, recorder);
    if (!other) return undefined;
    replaced.add(other);
    recorder.found(`${library!.name} ${versionOf(slashed)}`.trimEnd());
    return other;
  });
}

/** Before anybody has got the exports of a module that was just loaded. */
function replaceExports(file: string, recorder: Recorder): void {
  const module = internals._cache[file];
  const other = module && otherExports(file, module.exports, recorder);
  if (other) module.exports = other;
}

/** For `import`, which takes note of the exports while it loads: in the moment in which the module sets them. */
function replaceExportsOnceSet(file: string, module: object, recorder: Recorder): void {
  const define = (value: unknown): void => void Object.defineProperty(module, 'exports', { value, writable: true, enumerable: true, configurable: true });
  const first = (module as { exports: unknown }).exports;
  Object.defineProperty(module, 'exports', {
    configurable: true,
    enumerable: true,
    get: () => first,
    set: (exports: unknown) => define(otherExports(file, exports, recorder) ?? exports),
  });
}

/** Node 22 and later tell of each `require`, also of those that come from `import`. */
function watchByChannel(take: Take, recorder: Recorder): void {
  const fileOf = ({ id, parentFilename }: { id: string; parentFilename?: string }): string =>
    (id.startsWith('.') && parentFilename ? path.resolve(path.dirname(parentFilename), id) : id).replaceAll('\\', '/');
  const loading = new Set<string>();
  subscribe('tracing:module.require:start', (message) => {
    const { id, parentFilename } = message as { id: string; parentFilename?: string };
    if (typeof id !== 'string' || !libraryOf(fileOf({ id, parentFilename }))?.replace || loading.has(id)) return;
    loading.add(id);
    try {
      // Loaded a moment earlier than by the program, which then finds it loaded, with other exports.
      const require = Module.createRequire(parentFilename ?? id);
      const file = require.resolve(id);
      const named = internals._cache[file];
      if (named?.loaded) return;
      if (named) return replaceExportsOnceSet(file, named, recorder);
      require(file);
      replaceExports(file, recorder);
    } catch {
      // The program is about to see the same error.
    } finally {
      loading.delete(id);
    }
  });
  subscribe('tracing:module.require:end', (message) => {
    const { id, parentFilename, result } = message as { id: string; parentFilename?: string; result?: unknown };
    if (typeof id === 'string' && result !== undefined) take(fileOf({ id, parentFilename }), result);
  });
}

/** Before, a module that is about to be loaded is loaded a moment earlier: when its file's name has been found. */
function watchByResolution(take: Take, recorder: Recorder): void {
  const resolve = internals._resolveFilename;
  const loading = new Set<string>();
  internals._resolveFilename = function _resolveFilename(this: unknown, request, parent, isMain, ...more) {
    const file = resolve.call(this, request, parent, isMain, ...more);
    // With options it is `require.resolve`, which loads nothing.
    if (more[0] !== undefined || typeof file !== 'string' || loading.has(file) || isLoaded(file)) return file;
    const slashed = file.replaceAll('\\', '/');
    if (!libraryOf(slashed)) return file;
    const named = internals._cache[file];
    loading.add(file);
    try {
      if (named && libraryOf(slashed)?.replace) {
        replaceExportsOnceSet(file, named, recorder);
        return file;
      }
      const exports = internals._load(request, parent, isMain);
      if (isLoaded(file)) {
        take(slashed, exports);
        replaceExports(file, recorder);
      }
    } finally {
      loading.delete(file);
    }
    return file;
  };
}

/** Packages whose ES modules hold what is to be watched. */
const MODULE_PACKAGES = ['postgres', 'drizzle-orm', '@neondatabase/serverless'];

/**
 * ES modules hand over their classes with a line that is put behind their text. Node 22.15 and later do that in this thread;
 * older ones start a thread of their own for it, which only programs of modules pay.
 */
function watchModules(mark: string): void {
  const script = process.argv[1] ? path.resolve(process.argv[1]) : path.join(process.cwd(), 'index.js');
  if (!isAnyInstalled(MODULE_PACKAGES, new Set([...foldersAbove(path.dirname(script)), ...foldersAbove(process.cwd())]))) return;
  const endings: Ending[] = LIBRARIES.flatMap(({ modules, classes, replace }) => (classes ? [[modules.source, classes, replace !== undefined]] : []));
  const { registerHooks, register } = Module as unknown as { registerHooks?: (hooks: object) => void; register?: (url: string) => void };
  if (registerHooks) {
    registerHooks({ load: (url: string, context: unknown, next: (url: string, context: unknown) => LoadedSource) => extended(url, next(url, context), endings, mark) });
  } else if (register && isModule(script)) {
    const source = `const extended=${extended.toString()};export const load=async(url,context,next)=>extended(url,await next(url,context),${JSON.stringify(endings)},${JSON.stringify(mark)})`;
    register(`data:text/javascript,${encodeURIComponent(source)}`);
  }
}

/** Which modules get one, what it hands over, and whether it takes something else instead. */
type Ending = [pattern: string, names: readonly string[], replaces: boolean];

interface LoadedSource {
  format?: string;
  source?: string | ArrayBuffer | Uint8Array | null;
}

/**
 * Puts the ending behind a module's text, on one line, so that nothing of the module moves. Names of a module may be other ones inside.
 * Also runs as text in a thread of Node's loader: it may use nothing but its parameters.
 */
function extended(url: string, loaded: LoadedSource, endings: readonly Ending[], mark: string): LoadedSource {
  if (loaded.format !== 'module' || !loaded.source || !url.startsWith('file:')) return loaded;
  const ending = endings.find(([pattern]) => new RegExp(pattern).test(url));
  if (!ending) return loaded;
  const text = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
  // Node 20 preloads the thread of its loader too, which then does this once more.
  if (text.includes(mark)) return loaded;
  const inside = ending[1].map((name) => [name, new RegExp(`export\\s*\\{[^}]*?([\\w$]+) as ${name}\\b`).exec(text)?.[1] ?? name]);
  const all = inside.map(([name, local]) => `${name}:typeof ${local}=='undefined'?void 0:${local}`).join();
  const call = `globalThis[Symbol.for('${mark}')]?.(import.meta.url,{${all}})`;
  const taken = inside.map(([name, local]) => `if(other.${name}!==${local})${local}=other.${name}`).join(';');
  return { ...loaded, source: `${text}\n;${ending[2] ? `{const other=${call};if(other){${taken}}}` : call};` };
}

function* foldersAbove(folder: string): Iterable<string> {
  for (let at = folder; ; at = path.dirname(at)) {
    yield at;
    if (at === path.dirname(at)) return;
  }
}

function isAnyInstalled(names: readonly string[], folders: Iterable<string>): boolean {
  for (const folder of folders) {
    const modules = path.join(folder, 'node_modules');
    if (existsSync(modules) && names.some((name) => existsSync(path.join(modules, name)))) return true;
  }
  return false;
}

/** Whether the program's own files are ES modules. */
function isModule(script: string): boolean {
  if (/\.m[jt]s$/.test(script)) return true;
  for (const folder of foldersAbove(path.dirname(script))) {
    const file = path.join(folder, 'package.json');
    if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { type?: unknown }).type === 'module';
  }
  return false;
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
