import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Environment } from '../analysis';
import { withoutComments } from './code-outline';
import { isInside } from './file-name';

type Mode = Environment['reactCompiler'];

const BABEL_FILE = /^(?:babel\.config\.(?:[cm]?[jt]s|json)|\.babelrc(?:\.(?:[cm]?js|json))?)$/;
const BUNDLER_FILE = /^(?:(?:electron\.)?vite|astro|rsbuild|rspack|webpack|craco|metro|rollup|rolldown|react-router|tanstack)\.config\.[cm]?[jt]s$/;
const FRAMEWORK_FILE = /^(?:next|app)\.config\.[cm]?[jt]s$/;
const PLUGIN = /['"`](?:babel-plugin-react-compiler|module:babel-plugin-react-compiler)['"`]|\breactCompilerPreset\s*\(/;
/** `reactCompiler: x` or `config.reactCompiler = x`; what is plainly false does not count. */
const SWITCH = /\breactCompiler['"]?\s*(?::|=(?!=))\s*(?!false\b|undefined\b|null\b|!1\b)\S/;
const COMPILATION_MODE = /\bcompilationMode['"]?\s*:\s*['"`](\w+)['"`]/;

/**
 * Whether React Compiler compiles the components of a file: switched on in the configuration of the project around it,
 * not merely installed. Configuration files are read as text and never run.
 */
export class ReactCompilerDetector {
  readonly #byFolder = new Map<string, Mode>();

  constructor(readonly roots: readonly string[]) {}

  modeOf(file: string): Mode {
    return this.#modeOfFolder(dirname(file));
  }

  refresh(): void {
    this.#byFolder.clear();
  }

  /** Whether a change of this file may change an answer. */
  static reads(file: string): boolean {
    const name = file.slice(file.lastIndexOf('/') + 1);
    return name === 'package.json' || name === 'app.json' || BABEL_FILE.test(name) || BUNDLER_FILE.test(name) || FRAMEWORK_FILE.test(name);
  }

  /** The nearest folder with a package.json decides; a Babel configuration above it holds for all below. */
  #modeOfFolder(folder: string): Mode {
    const known = this.#byFolder.get(folder);
    if (known) return known;
    const parent = dirname(folder);
    const above = folder !== parent && this.roots.some((root) => root !== folder && isInside(root, folder)) ? parent : undefined;
    const names = namesIn(folder);
    let mode: Mode = configuredIn(folder, names) ?? 'off';
    if (mode === 'off' && above) {
      mode = names.includes('package.json') ? this.#babelAbove(above) : this.#modeOfFolder(above);
    }
    this.#byFolder.set(folder, mode);
    return mode;
  }

  #babelAbove(folder: string): Mode {
    for (let at = folder; this.roots.some((root) => isInside(root, at)); at = dirname(at)) {
      const mode = configuredIn(at, namesIn(at).filter((name) => name.startsWith('babel.config.')));
      if (mode) return mode;
      if (at === dirname(at)) break;
    }
    return 'off';
  }
}

function configuredIn(folder: string, names: readonly string[]): Mode | undefined {
  for (const name of names) {
    if (name === 'package.json' || name === 'app.json') {
      const json = readJson(`${folder}/${name}`);
      const part = name === 'package.json' ? json?.['babel'] : (json?.['expo'] as Record<string, unknown> | undefined)?.['experiments'];
      if (!part) continue;
      const text = JSON.stringify(part);
      if (name === 'package.json' ? PLUGIN.test(text) : SWITCH.test(text)) return compilationMode(text);
    } else if (BABEL_FILE.test(name) || BUNDLER_FILE.test(name)) {
      const text = readCode(`${folder}/${name}`);
      if (PLUGIN.test(text)) return compilationMode(text);
    } else if (FRAMEWORK_FILE.test(name)) {
      const text = readCode(`${folder}/${name}`);
      if (SWITCH.test(text)) return compilationMode(text);
    }
  }
  return undefined;
}

function compilationMode(text: string): Mode {
  switch (COMPILATION_MODE.exec(text)?.[1]) {
    case 'annotation':
      return 'annotation';
    case 'all':
      return 'all';
    // Compiles Flow's component syntax only, which TypeScript does not have.
    case 'syntax':
      return 'off';
    default:
      return 'infer';
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function readCode(file: string): string {
  try {
    return withoutComments(readFileSync(file, 'utf8'));
  } catch {
    return '';
  }
}

function readJson(file: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
