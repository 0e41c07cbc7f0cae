import { existsSync, readFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import picomatch from 'picomatch';
import { fileName, isInside, relativeName } from './file-name';
import { MAX_FILE_BYTES, tooLarge } from './source-text';

/** A file to analyse, as it stands on the disk. */
export interface DiscoveredFile {
  file: string;
  size: number;
  modified: number;
}

export interface Discovery {
  files: DiscoveredFile[];
  /** Every `package.json` that is not excluded. */
  packages: string[];
  problems: { file: string; message: string }[];
}

const SOURCE_FILE = /\.(?:[cm]?[jt]s|[jt]sx|sql|prisma)$/;
const DECLARATION_FILE = /\.d\.(?:[^./]+\.)?[cm]?ts$/;
const MINIFIED_NAME = /[.-]min\.[cm]?js$/;
const SKIPPED_EVERYWHERE = new Set(['node_modules', 'bower_components', 'jspm_packages', 'dist', 'storybook-static']);
/** These hold output only beside a package or at the root; deeper down they are ordinary names (`src/vendor`). */
const SKIPPED_IN_PACKAGES = new Set(['build', 'out', 'coverage', 'vendor']);
/** Directories read at the same time: enough to keep the disk busy, few enough not to run out of handles. */
const PARALLEL_READS = 64;

export function isSourceFile(file: string): boolean {
  return SOURCE_FILE.test(file) && !DECLARATION_FILE.test(file) && !MINIFIED_NAME.test(file);
}

/** Says which files of one root are analysed: the rules of .gitignore, of build folders and of `exclude`. */
export class FileFilter {
  readonly #ignores = new Map<string, Ignore | undefined>();
  readonly #packages = new Map<string, boolean>();
  readonly #excluded: (path: string) => boolean;
  readonly #top: string;

  /** @param exclude globs relative to `excludeFrom`; a pattern without a slash matches in every folder */
  constructor(
    readonly root: string,
    exclude: readonly string[] = [],
    readonly excludeFrom: string = root,
  ) {
    const globs = exclude.flatMap((glob) => {
      const clean = glob.replace(/^\.?\//, '').replace(/\/$/, '');
      const anywhere = clean.includes('/') ? clean : `**/${clean}`;
      return [anywhere, `${anywhere}/**`];
    });
    this.#excluded = globs.length ? picomatch(globs, { dot: true }) : () => false;
    this.#top = repositoryOf(root) ?? root;
  }

  /** Whether a file that may not exist yet belongs to the root's files. */
  accepts(file: string): boolean {
    if (!isInside(this.root, file) || !isSourceFile(file)) return false;
    return this.entersDeep(dirname(file)) && this.takes(file);
  }

  /** Whether a folder and all folders above it are entered. */
  entersDeep(folder: string): boolean {
    for (let at = folder; at !== this.root && isInside(this.root, at); at = dirname(at)) if (!this.#entersAlone(at)) return false;
    return true;
  }

  /** Whether a file is taken, given that its folder was entered. */
  takes(file: string): boolean {
    return !this.#excluded(relativeName(this.excludeFrom, file)) && !this.#ignored(file, false);
  }

  /** Whether a folder is entered, given that its parent was. */
  enters(folder: string, parentIsPackage: boolean): boolean {
    const name = folder.slice(folder.lastIndexOf('/') + 1);
    if (name.startsWith('.') || SKIPPED_EVERYWHERE.has(name)) return false;
    if (SKIPPED_IN_PACKAGES.has(name) && (parentIsPackage || dirname(folder) === this.root)) return false;
    return !this.#excluded(relativeName(this.excludeFrom, folder)) && !this.#ignored(folder, true);
  }

  /** Forgets what was read of .gitignore and package.json files. */
  refresh(): void {
    this.#ignores.clear();
    this.#packages.clear();
  }

  #entersAlone(folder: string): boolean {
    const parent = dirname(folder);
    let isPackage = this.#packages.get(parent);
    if (isPackage === undefined) this.#packages.set(parent, (isPackage = existsSync(`${parent}/package.json`)));
    return this.enters(folder, isPackage);
  }

  /** The nearest .gitignore that says anything decides, as in git. */
  #ignored(path: string, folder: boolean): boolean {
    for (let at = dirname(path); ; at = dirname(at)) {
      const rules = this.#ignoreOf(at);
      if (rules) {
        const verdict = rules.test(relativeName(at, path) + (folder ? '/' : ''));
        if (verdict.ignored) return true;
        if (verdict.unignored) return false;
      }
      if (at === this.#top || at === dirname(at)) return false;
    }
  }

  #ignoreOf(folder: string): Ignore | undefined {
    if (this.#ignores.has(folder)) return this.#ignores.get(folder);
    let text = readIfThere(`${folder}/.gitignore`);
    if (folder === this.#top) text = `${readIfThere(`${folder}/.git/info/exclude`) ?? ''}\n${text ?? ''}`.trim() || undefined;
    const rules = text === undefined ? undefined : ignore({ allowRelativePaths: true }).add(text);
    this.#ignores.set(folder, rules);
    return rules;
  }
}

/**
 * Finds the files of a root. Symbolic links are not followed: what they point to is either found by its own name or
 * lies outside. An unreadable folder is a problem; the rest goes on. `onFile` hears of each file at once, in any order.
 */
export async function discover(filter: FileFilter, from = filter.root, others: readonly string[] = [], signal?: AbortSignal, onFile?: (file: DiscoveredFile) => void): Promise<Discovery> {
  const found: Discovery = { files: [], packages: [], problems: [] };
  const waiting = [from];
  const visit = async (folder: string): Promise<void> => {
    signal?.throwIfAborted();
    let entries;
    try {
      entries = await readdir(folder, { withFileTypes: true });
    } catch (error) {
      if (!isMissing(error)) found.problems.push({ file: folder, message: `folder not read: ${describeError(error)}` });
      return;
    }
    const isPackage = entries.some((entry) => entry.name === 'package.json');
    const sources: string[] = [];
    for (const entry of entries) {
      const path = folder === '/' ? `/${entry.name}` : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (filter.enters(path, isPackage) && !others.includes(path)) waiting.push(path);
      } else if (entry.isFile()) {
        if (entry.name === 'package.json') found.packages.push(path);
        else if (isSourceFile(entry.name) && filter.takes(path)) sources.push(path);
      }
    }
    await Promise.all(sources.map(async (file) => {
      try {
        const { size, mtimeMs } = await stat(file);
        if (size > MAX_FILE_BYTES) found.problems.push({ file, message: tooLarge(size) });
        else {
          const one = { file, size, modified: mtimeMs };
          found.files.push(one);
          onFile?.(one);
        }
      } catch (error) {
        if (!isMissing(error)) found.problems.push({ file, message: `not read: ${describeError(error)}` });
      }
    }));
  };
  while (waiting.length) await Promise.all(waiting.splice(0, PARALLEL_READS).map(visit));
  found.files.sort((a, b) => (a.file < b.file ? -1 : 1));
  found.packages.sort();
  found.problems.sort((a, b) => (a.file < b.file ? -1 : 1));
  return found;
}

/** Whether an error says that the file is gone: no problem, it was deleted while we looked. */
export function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** A system error in a person's words. */
export function describeError(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  if (code === 'ENOENT') return 'no such file or folder';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'ELOOP') return 'its symbolic links go in circles';
  if (code === 'EMFILE') return 'too many open files';
  return error instanceof Error ? error.message : String(error);
}

/** The git repository that holds a folder, so that its .gitignore files count too. */
export function repositoryOf(folder: string): string | undefined {
  for (let at = fileName(folder); ; at = dirname(at)) {
    if (existsSync(`${at}/.git`)) return at;
    if (at === dirname(at)) return undefined;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
