import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import esbuild, { type BuildOptions } from 'esbuild';
import { PROGRAMS, ROOT, WORK } from './program';

/** A way to run a program's text. */
export interface Loader {
  name: string;
  /** First major and minor version of Node that has it. */
  since: [major: number, minor: number];
  flags: string[];
  /** Programs that it can run, when it cannot run all. */
  programs?: readonly string[];
  /** Environment that its tool needs. */
  env?: Record<string, string>;
  /** Writes the program for this loader. */
  write(program: string): Promise<Written>;
}

interface Written {
  /** What Node runs. */
  script: string;
  /** What a person reads: lines are those of this file. */
  source: string;
}

/** Types in front, which move every line in what runs. */
const TYPES = `
interface Shape {
  id: number;
  name?: string;
}

function shaped(shape: Shape): Shape {
  return shape;
}

shaped({ id: 1 } satisfies Shape);
`;

export const readProgram = (program: string): string => readFileSync(path.join(PROGRAMS, `${program}.mjs`), 'utf8');

/** With types, and parameters that may be anything. */
const typescript = (program: string): string => `// @ts-nocheck\n${readProgram(program).replace(/\n\n/, `\n${TYPES}\n`)}`;

const commonjs = (program: string): string => readProgram(program).replace(/^import (.+) from ('[^']+');$/gm, 'const $1 = require($2);');

/** A folder of its own for each loader, in a package of the wanted kind. */
function folder(name: string, type: 'commonjs' | 'module'): string {
  const made = path.join(WORK, name);
  mkdirSync(made, { recursive: true });
  writeFileSync(path.join(made, 'package.json'), JSON.stringify({ type }));
  return made;
}

function written(directory: string, file: string, text: string): Written {
  const script = path.join(directory, file);
  mkdirSync(path.dirname(script), { recursive: true });
  writeFileSync(script, text);
  return { script, source: script };
}

const tsx = path.join(ROOT, 'node_modules/tsx/dist');

async function bundled(program: string, name: string, more: BuildOptions = { packages: 'external' }): Promise<Written> {
  const directory = folder(name, 'commonjs');
  const { source } = written(directory, `src/${program}.ts`, typescript(program));
  const script = path.join(directory, `dist/${program}.${more.format === 'esm' ? 'mjs' : 'js'}`);
  await esbuild.build({ entryPoints: [source], outfile: script, bundle: true, platform: 'node', format: 'cjs', sourcemap: 'linked', minify: true, ...more });
  return { script, source };
}

/** Programs whose libraries ask their driver while the program is on the stack, and can be bundled. */
const BUNDLED_WHOLE = ['pg', 'postgres-js', 'kysely'];
/** Inside a bundle of ES modules there is no `require`, which pg needs for Node's own modules. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

export const LOADERS: readonly Loader[] = [
  { name: 'import', since: [18, 0], flags: [], write: async (program) => written(folder('esm', 'module'), `${program}.mjs`, readProgram(program)) },
  { name: 'require', since: [18, 0], flags: [], write: async (program) => written(folder('cjs', 'commonjs'), `${program}.cjs`, commonjs(program)) },
  {
    name: 'tsx (CommonJS)',
    since: [18, 19],
    flags: ['--require', path.join(tsx, 'preflight.cjs'), '--import', path.join(tsx, 'loader.mjs')],
    write: async (program) => written(folder('tsx-cjs', 'commonjs'), `${program}.ts`, typescript(program)),
  },
  {
    name: 'tsx (modules)',
    since: [18, 19],
    flags: ['--require', path.join(tsx, 'preflight.cjs'), '--import', path.join(tsx, 'loader.mjs')],
    write: async (program) => written(folder('tsx-esm', 'module'), `${program}.ts`, typescript(program)),
  },
  {
    name: 'ts-node',
    since: [18, 0],
    flags: ['--require', path.join(ROOT, 'node_modules/ts-node/register/transpile-only.js')],
    env: { TS_NODE_SKIP_PROJECT: 'true', TS_NODE_COMPILER_OPTIONS: JSON.stringify({ module: 'commonjs', target: 'es2022', esModuleInterop: true }) },
    write: async (program) => written(folder('ts-node', 'commonjs'), `${program}.ts`, typescript(program)),
  },
  { name: 'type stripping', since: [22, 18], flags: [], write: async (program) => written(folder('stripped', 'module'), `${program}.ts`, typescript(program)) },
  { name: 'bundle, --enable-source-maps', since: [18, 0], flags: ['--enable-source-maps'], write: (program) => bundled(program, 'bundle-mapped') },
  { name: 'bundle', since: [18, 0], flags: [], write: (program) => bundled(program, 'bundle') },
  { name: 'bundle with drivers', since: [18, 0], flags: [], programs: BUNDLED_WHOLE, write: (program) => bundled(program, 'bundle-whole', { external: ['pg-native'] }) },
  {
    name: 'bundle with drivers (modules)',
    since: [18, 0],
    flags: ['--enable-source-maps'],
    programs: BUNDLED_WHOLE,
    write: (program) => bundled(program, 'bundle-whole-esm', { external: ['pg-native'], format: 'esm', banner: { js: REQUIRE } }),
  },
];
