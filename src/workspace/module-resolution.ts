import { dirname } from 'node:path';
import type { Resolver } from '../analysis';
import { fileName } from './file-name';

const EXTENSIONS = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs'];

/** Finds the file that an import names, among the files of the workspace. */
export class ModuleResolver implements Resolver {
  readonly #has: (file: string) => boolean;

  constructor(has: (file: string) => boolean) {
    this.#has = has;
  }

  resolve(fromFile: string, specifier: string): string | undefined {
    if (!specifier.startsWith('.')) return undefined;
    const stem = fileName(dirname(fromFile), specifier);
    if (this.#has(stem)) return stem;
    for (const extension of EXTENSIONS) if (this.#has(stem + extension)) return stem + extension;
    for (const extension of EXTENSIONS) if (this.#has(`${stem}/index${extension}`)) return `${stem}/index${extension}`;
    return undefined;
  }
}
