import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import esbuild from 'esbuild';
import type { WireFrame } from '../../src/probe/wire';
import { PROGRAMS, ROOT, WORK } from './program';

/** A way to run a program's text. */
export interface Loader {
  name: string;
  /** First major and minor version of Node that has it. */
  since: [major: number, minor: number];
  flags: string[];
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
  /** Maps a frame as the profiler would, where the loader does not. */
  map?: (frame: WireFrame) => WireFrame;
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

const read = (program: string): string => readFileSync(path.join(PROGRAMS, `${program}.mjs`), 'utf8');

/** With types, and parameters that may be anything. */
const typescript = (program: string): string => `// @ts-nocheck\n${read(program).replace(/\n\n/, `\n${TYPES}\n`)}`;

const commonjs = (program: string): string => read(program).replace(/^import (.+) from ('[^']+');$/gm, 'const $1 = require($2);');

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

async function bundled(program: string, name: string): Promise<Written> {
  const directory = folder(name, 'commonjs');
  const { source } = written(directory, `src/${program}.ts`, typescript(program));
  const script = path.join(directory, `dist/${program}.js`);
  await esbuild.build({ entryPoints: [source], outfile: script, bundle: true, packages: 'external', platform: 'node', format: 'cjs', sourcemap: 'linked', minify: true });
  return { script, source };
}

export const LOADERS: readonly Loader[] = [
  { name: 'import', since: [18, 0], flags: [], write: async (program) => written(folder('esm', 'module'), `${program}.mjs`, read(program)) },
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
  {
    name: 'bundle',
    since: [18, 0],
    flags: [],
    write: async (program) => {
      const made = await bundled(program, 'bundle');
      const map = new TraceMap(readFileSync(`${made.script}.map`, 'utf8'));
      return {
        ...made,
        map: (frame) => {
          const { source, line, column } = originalPositionFor(map, { line: frame.line, column: frame.column - 1 });
          if (!frame.raw || source === null) return frame;
          return { file: path.resolve(path.dirname(made.script), source), line, column: column + 1 };
        },
      };
    },
  },
];
