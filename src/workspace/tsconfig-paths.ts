import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createPathsMatcher, parseTsconfig, type TsConfigJsonResolved } from 'get-tsconfig';
import { parseCommentedJson } from './code-outline';
import { fileName } from './file-name';

type Log = (level: 'info' | 'warn', message: string) => void;
type Matcher = (specifier: string) => string[];

interface Options {
  paths?: Record<string, string[]>;
  baseUrl?: string;
}

const CONFIG_NAMES = ['tsconfig.json', 'jsconfig.json', 'tsconfig.base.json'];

/** What `paths` and `baseUrl` of the nearest tsconfig.json make of a specifier. A broken tsconfig is logged and passed over. */
export class TsconfigPaths {
  readonly #byFolder = new Map<string, Matcher>();
  readonly #byFile = new Map<string, Matcher>();
  readonly #parsed = new Map<string, string>();

  /** @param packageFolder folder of a workspace's package, for bases that are packages not installed */
  constructor(
    readonly log: Log,
    readonly packageFolder: (name: string) => string | undefined,
  ) {}

  /** Stems of files to try, best first. */
  candidates(fromFile: string, specifier: string): string[] {
    return this.#matcherOf(dirname(fromFile))(specifier);
  }

  #matcherOf(folder: string): Matcher {
    const known = this.#byFolder.get(folder);
    if (known) return known;
    const name = CONFIG_NAMES.find((each) => existsSync(`${folder}/${each}`));
    const parent = dirname(folder);
    const matcher = name ? this.#read(`${folder}/${name}`) : parent === folder ? none : this.#matcherOf(parent);
    this.#byFolder.set(folder, matcher);
    return matcher;
  }

  /** The configuration itself, then the projects that it refers to (a "solution" file has no paths of its own). */
  #read(file: string): Matcher {
    const known = this.#byFile.get(file);
    if (known) return known;
    this.#byFile.set(file, none);
    const matchers: Matcher[] = [];
    let references: unknown;
    try {
      // The library reads on over syntax errors, as TypeScript does; someone should know of them.
      const flaw = syntaxError(file);
      if (flaw) this.log('warn', `${file}: ${flaw} (what can be read of it is used)`);
      const config = parseTsconfig(file, this.#parsed);
      checkPaths(config.compilerOptions?.paths);
      const own = createPathsMatcher({ path: file, config });
      if (own) matchers.push(own);
      references = config.references;
    } catch (error) {
      const recovered = this.#readAlone(file, error);
      if (recovered) matchers.push(recovered.matcher);
      references = recovered?.references;
    }
    if (Array.isArray(references)) {
      for (const reference of references as { path?: unknown }[]) {
        if (typeof reference?.path !== 'string') continue;
        const there = fileName(dirname(file), reference.path);
        const config = there.endsWith('.json') ? there : `${there}/tsconfig.json`;
        // A reference to another folder is another project, not a part of this one.
        if (dirname(config) === dirname(file) && existsSync(config)) matchers.push(this.#read(config));
      }
    }
    const matcher: Matcher = matchers.length ? (specifier) => matchers.flatMap((each) => each(specifier)) : none;
    this.#byFile.set(file, matcher);
    return matcher;
  }

  /** When `extends` names what is not installed, the file's own paths, and those of its relative bases, still hold. */
  #readAlone(file: string, cause: unknown): { matcher: Matcher; references: unknown } | undefined {
    try {
      const { options, from, references } = this.#ownOptions(file, 0);
      checkPaths(options.paths);
      this.log('info', `${file}: ${firstLine(cause)} (its own settings are used)`);
      if (!options.paths && !options.baseUrl) return { matcher: none, references };
      const config = { compilerOptions: options } as TsConfigJsonResolved;
      return { matcher: createPathsMatcher({ path: from, config }) ?? none, references };
    } catch {
      this.log('warn', `${file}: not used: ${firstLine(cause)}`);
      return undefined;
    }
  }

  #ownOptions(file: string, depth: number): { options: Options; from: string; references?: unknown } {
    const config = parseCommentedJson(readFileSync(file, 'utf8')) as { compilerOptions?: Options; extends?: string | string[]; references?: unknown };
    const { paths, baseUrl } = config.compilerOptions ?? {};
    const { references } = config;
    if (paths || baseUrl || depth === MAX_EXTENDS) return { options: { ...(paths && { paths }), ...(baseUrl && { baseUrl }) }, from: file, references };
    for (const base of [config.extends ?? []].flat().reverse()) {
      const there = base.startsWith('.') ? fileName(dirname(file), base) : this.#inPackage(base);
      const found = [there, `${there}.json`, `${there}/tsconfig.json`].find((each) => each.endsWith('.json') && existsSync(each));
      if (found) return { ...this.#ownOptions(found, depth + 1), references };
    }
    return { options: {}, from: file, references };
  }

  /** A base that is a package of this workspace, which need not be installed. */
  #inPackage(base: string): string {
    const parts = base.split('/');
    const nameLength = base.startsWith('@') ? 2 : 1;
    const folder = this.packageFolder(parts.slice(0, nameLength).join('/'));
    return folder ? [folder, ...parts.slice(nameLength)].join('/') : base;
  }
}

const none: Matcher = () => [];
const MAX_EXTENDS = 8;

function syntaxError(file: string): string | undefined {
  const text = readFileSync(file, 'utf8');
  if (text.trim() === '') return undefined;
  try {
    parseCommentedJson(text);
    return undefined;
  } catch (error) {
    return `not valid JSON: ${firstLine(error)}`;
  }
}

/** Throws unless `paths` has the form that a matcher can be made of. */
function checkPaths(paths: unknown): void {
  if (paths === undefined) return;
  const isMap = typeof paths === 'object' && paths !== null && Object.values(paths).every((targets) => Array.isArray(targets) && targets.every((target) => typeof target === 'string'));
  if (!isMap) throw new Error('its paths are no lists of names');
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
