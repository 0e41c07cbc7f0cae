import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { exports as resolveExports, imports as resolveImports, type Package } from 'resolve.exports';
import type { Resolver } from '../analysis';
import { fileName, isInside } from './file-name';
import { TsconfigPaths } from './tsconfig-paths';

const EXTENSIONS = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs'];
/** TypeScript lets an import name the file that it will be compiled to. */
const COMPILED_FROM: Record<string, string[]> = {
  '.js': ['.ts', '.tsx', '.js', '.jsx'],
  '.jsx': ['.tsx', '.jsx'],
  '.mjs': ['.mts', '.mjs'],
  '.cjs': ['.cts', '.cjs'],
};
/** Conditions tried one set after another: sources first, since built files are seldom among the workspace's files. */
const CONDITIONS = [['source', 'development', 'types', 'import', 'node'], ['import', 'node'], ['require', 'node'], ['types'], []];
const OUTPUT_FOLDERS = new Set(['dist', 'build', 'out', 'output', 'lib', 'esm', 'cjs', 'es', 'types', 'typings', '.build']);
const SOURCE_FOLDERS = ['src', '', 'source', 'lib'];
const ENTRY_STEMS = ['index', 'main'];

interface PackageFolder {
  folder: string;
  json: Package;
}

/**
 * Finds the file that an import names, among the files of the workspace: relative, through tsconfig paths, through
 * `imports`, or a package of the same workspace by its sources. Remembers its answers until {@link refresh}.
 */
export class ModuleResolver implements Resolver {
  readonly #answers = new Map<string, Map<string, string | undefined>>();
  #tsconfig: TsconfigPaths;
  #byName = new Map<string, PackageFolder[]>();
  #byFolder = new Map<string, PackageFolder>();

  /** @param has whether a file is part of the workspace */
  constructor(
    readonly has: (file: string) => boolean,
    readonly log: (level: 'info' | 'warn', message: string) => void,
  ) {
    this.#tsconfig = this.#newTsconfig();
  }

  /** Forgets all answers; call when files came or went, or a package.json or tsconfig.json changed. */
  refresh(packages: readonly string[]): void {
    this.#answers.clear();
    this.#tsconfig = this.#newTsconfig();
    this.#byName = new Map();
    this.#byFolder = new Map();
    for (const file of packages) {
      let json: Package;
      try {
        json = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, '')) as Package;
      } catch (error) {
        this.log('warn', `${file}: not read as a package: ${error instanceof Error ? error.message : String(error)}`);
        continue;
      }
      if (typeof json !== 'object' || json === null) continue;
      const entry = { folder: dirname(file), json };
      this.#byFolder.set(entry.folder, entry);
      if (typeof json.name === 'string') this.#byName.set(json.name, [...(this.#byName.get(json.name) ?? []), entry]);
    }
  }

  /** Looks again at every answer, after files came or went. Returns which imports now lead elsewhere. */
  filesChanged(): { has(fromFile: string, specifier: string): boolean } {
    const moved = new Set<string>();
    for (const [folder, answers] of this.#answers) {
      for (const [specifier, before] of answers) {
        const after = this.#find(folder, `${folder}/-`, specifier.replace(/\?.*$/, ''), 0);
        if (after === before) continue;
        answers.set(specifier, after);
        moved.add(`${folder}\0${specifier}`);
      }
    }
    return { has: (fromFile, specifier) => moved.has(`${dirname(fromFile)}\0${specifier}`) };
  }

  resolve(fromFile: string, specifier: string): string | undefined {
    const folder = dirname(fromFile);
    let answers = this.#answers.get(folder);
    if (!answers) this.#answers.set(folder, (answers = new Map()));
    if (answers.has(specifier)) return answers.get(specifier);
    const answer = this.#find(folder, fromFile, specifier.replace(/\?.*$/, ''), 0);
    answers.set(specifier, answer);
    return answer;
  }

  #newTsconfig(): TsconfigPaths {
    return new TsconfigPaths(this.log, (name) => this.#byName.get(name)?.[0]?.folder);
  }

  #find(folder: string, fromFile: string, specifier: string, depth: number): string | undefined {
    if (specifier === '' || specifier.startsWith('node:')) return undefined;
    if (/^\.{0,2}(?:\/|$)/.test(specifier)) return this.#probe(fileName(folder, specifier));
    for (const candidate of this.#tsconfig.candidates(fromFile, specifier)) {
      const found = this.#probe(fileName(candidate));
      if (found) return found;
    }
    if (specifier.startsWith('#')) return depth === 0 ? this.#findAlias(folder, fromFile, specifier) : undefined;
    return this.#findPackage(folder, specifier);
  }

  /** `#alias` of the nearest package.json. */
  #findAlias(folder: string, fromFile: string, specifier: string): string | undefined {
    const owner = this.#owner(folder);
    if (!owner?.json.imports) return undefined;
    for (const target of attempt((conditions) => resolveImports(owner.json, specifier, { conditions, unsafe: true }))) {
      const found = target.startsWith('.') ? this.#target(owner.folder, target) : this.#find(owner.folder, fromFile, target, 1);
      if (found) return found;
    }
    return undefined;
  }

  #owner(folder: string): PackageFolder | undefined {
    for (let at = folder; ; at = dirname(at)) {
      const found = this.#byFolder.get(at);
      if (found) return found;
      if (at === dirname(at)) return undefined;
    }
  }

  /** A package of the workspace, by its name. */
  #findPackage(folder: string, specifier: string): string | undefined {
    const parts = specifier.split('/');
    const name = parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
    const candidates = this.#byName.get(name);
    if (!candidates) return undefined;
    const subpath = parts.slice(specifier.startsWith('@') ? 2 : 1).join('/');
    // Templates and fixtures may share a name: the one with the most folders in common is meant.
    const [nearest] = candidates.length === 1 ? candidates : [...candidates].sort((a, b) => shared(folder, b.folder) - shared(folder, a.folder));
    return nearest && this.#entry(nearest, subpath);
  }

  #entry({ folder, json }: PackageFolder, subpath: string): string | undefined {
    if (json.exports) {
      for (const target of attempt((conditions) => resolveExports(json, subpath || '.', { conditions, unsafe: true }))) {
        const found = this.#target(folder, target);
        if (found) return found;
      }
    }
    if (subpath) {
      for (const source of SOURCE_FOLDERS) {
        const found = this.#probe(fileName(folder, source, subpath));
        if (found) return found;
      }
      return this.#target(folder, subpath);
    }
    for (const field of ['source', 'module', 'main', 'types', 'typings']) {
      const target = json[field] as unknown;
      const found = typeof target === 'string' ? this.#target(folder, target) : undefined;
      if (found) return found;
    }
    for (const source of SOURCE_FOLDERS) {
      for (const stem of ENTRY_STEMS) {
        const found = this.#probe(fileName(folder, source, stem), false);
        if (found) return found;
      }
    }
    return undefined;
  }

  /** What a package.json points to; a built file leads back to the source with the same stem. */
  #target(folder: string, target: string): string | undefined {
    const exact = this.#probe(fileName(folder, target));
    if (exact) return exact;
    const parts = target.replace(/^\.\//, '').replace(/\.d(\.[cm]?ts)$/, '$1').replace(/\.(?:[cm]?[jt]s|[jt]sx)$/, '').split('/');
    while (parts.length > 1 && OUTPUT_FOLDERS.has(parts[0]!)) {
      parts.shift();
      for (const source of SOURCE_FOLDERS) {
        const found = this.#probe(fileName(folder, source, ...parts));
        if (found) return found;
      }
    }
    return this.#probe(fileName(folder, ...parts));
  }

  #probe(path: string, folders = true): string | undefined {
    const extension = /\.[cm]?jsx?$/.exec(path)?.[0];
    const sources = extension === undefined ? undefined : COMPILED_FROM[extension];
    if (sources) {
      const stem = path.slice(0, -extension!.length);
      for (const source of sources) if (this.has(stem + source)) return stem + source;
    }
    if (this.has(path)) return path;
    for (const each of EXTENSIONS) if (this.has(path + each)) return path + each;
    if (!folders) return undefined;
    for (const each of EXTENSIONS) if (this.has(`${path}/index${each}`)) return `${path}/index${each}`;
    const nested = this.#byFolder.get(path);
    return nested && nested.json.main ? this.#probe(fileName(path, nested.json.main), false) : undefined;
  }
}

/** All targets that some set of conditions gives. Libraries throw when a package exports no such path. */
function* attempt(resolve: (conditions: string[]) => string[] | void): Generator<string> {
  for (const conditions of CONDITIONS) {
    try {
      yield* resolve(conditions) ?? [];
    } catch {
      // Not exported under these conditions.
    }
  }
}

/** Folders that two paths have in common. */
function shared(a: string, b: string): number {
  const left = a.split('/');
  const right = b.split('/');
  let count = 0;
  while (count < left.length && left[count] === right[count]) count++;
  return count - (isInside(b, a) ? 0 : 0.5);
}
