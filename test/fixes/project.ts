import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import ts from 'typescript';

const ROOT = join(__dirname, '../..');

/** A throw-away TypeScript project in which the cases run as an application would: real packages, a generated Prisma client. */
export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), 'roundtrip-fixes-'));
  readonly #files: string[] = [];

  constructor() {
    symlinkSync(join(ROOT, 'node_modules'), join(this.folder, 'node_modules'));
    writeFileSync(join(this.folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    cpSync(join(__dirname, 'cases/shop'), join(this.folder, 'cases/shop'), { recursive: true });
    writeFileSync(join(this.folder, 'prisma.config.ts'), "export default { schema: 'cases/shop/schema.prisma' };\n");
    // Generating needs no engine and no network: the schema engine is only looked for.
    execFileSync(process.execPath, [join(ROOT, 'node_modules/prisma/build/index.js'), 'generate', '--no-hints'], {
      cwd: this.folder,
      env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true', CHECKPOINT_DISABLE: '1' },
      stdio: 'pipe',
    });
  }

  /** Adds a program; `path` is relative to the project. */
  add(path: string, text: string): void {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    this.#files.push(path);
  }

  /** What TypeScript says of the programs, by path; those without an error are not in it. */
  typeErrors(): Map<string, string[]> {
    const program = ts.createProgram(
      this.#files.map((path) => join(this.folder, path)),
      {
        target: ts.ScriptTarget.ES2022,
        lib: ['lib.es2023.d.ts'],
        module: ts.ModuleKind.ESNext,
        moduleResolution: ts.ModuleResolutionKind.Bundler,
        strict: true,
        skipLibCheck: true,
        noEmit: true,
        types: ['node'],
        typeRoots: [join(ROOT, 'node_modules/@types')],
        preserveSymlinks: false,
      },
    );
    const errors = new Map<string, string[]>();
    for (const path of this.#files) {
      const source = program.getSourceFile(join(this.folder, path))!;
      const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
      if (found.length > 0) {
        errors.set(
          path,
          found.map((one) => `${source.getLineAndCharacterOfPosition(one.start ?? 0).line + 1}: ${ts.flattenDiagnosticMessageText(one.messageText, '\n')}`),
        );
      }
    }
    return errors;
  }

  /** Compiles the programs and loads them, by path. */
  async load<Module>(): Promise<Map<string, Module>> {
    const entry = this.#files.map((path) => `export * as ${nameOf(path)} from './${path.replace(/\.ts$/, '')}';`);
    writeFileSync(
      join(this.folder, 'all.ts'),
      [...entry, "export * as schema from './cases/shop/schema';", "export { PrismaClient } from './generated/prisma/client';"].join('\n'),
    );
    await build({
      entryPoints: [join(this.folder, 'all.ts')],
      outfile: join(this.folder, 'all.cjs'),
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'cjs',
      logLevel: 'error',
      define: { 'import.meta.url': JSON.stringify(`file://${this.folder}/all.cjs`) },
    });
    const all = require(join(this.folder, 'all.cjs')) as Record<string, Module>;
    return new Map([...this.#files.map((path): [string, Module] => [path, all[nameOf(path)]!]), ['schema', all['schema']!], ['PrismaClient', all['PrismaClient']!]]);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function nameOf(path: string): string {
  return path.replace(/\W/g, '_');
}
