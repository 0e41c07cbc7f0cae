/**
 * Builds dist/. `node esbuild.mjs [--watch] [--production] [--metafile]`
 *
 * extension.js   the extension host's part: small, no parser, `vscode` external
 * client.js      the language client, loaded by the extension with the first file that is to be checked
 * found-databases.js  reads connections out of files, loaded with the panel
 * profiler-client.js  speaks to the profiler's process, loaded with the first session or connection
 * plan.js        the web view of a plan (browser)
 * server.js      the language server        cli.js      the `roundtrip` command
 * profiler.js    live sessions, as a process of their own
 * worker.js      fact extraction            panel.js    the web view (browser)
 * probe.cjs      what runs inside the program of the user while a session records: alone, tiny, for Node 18 and later
 * typescript.js  the TypeScript parser, shared by server, command line and worker, loaded at the first parse
 */
import { chmod, copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';
import { thirdPartyNotices } from './scripts/licences.mjs';
import { quickConversion } from './scripts/quick-conversion.mjs';
import { findRules, writeRegistry } from './scripts/rule-folders.mjs';
import { sharedParser } from './scripts/shared-parser.mjs';

const root = path.dirname(fileURLToPath(import.meta.url));
const dist = path.join(root, 'dist');
const require = createRequire(import.meta.url);
const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');
const wantsMetafile = process.argv.includes('--metafile');

/** Node's on-disk code cache (from 22.1) halves the start of the processes that parse. */
const compileCache = 'require("node:module").enableCompileCache?.();';

/** The first existing entry of `from` is built; an output without one is skipped with a line. */
const outputs = [
  { out: 'extension', from: ['src/extension/main.ts', 'src/extension/extension.ts', 'src/extension/index.ts'], host: true },
  { out: 'client', from: ['src/extension/client.ts'], host: true },
  { out: 'found-databases', from: ['src/database/found/find-databases.ts'] },
  { out: 'profiler-client', from: ['src/extension/session/profiler-process.ts'], host: true },
  { out: 'server', from: ['src/server/main.ts', 'src/server/server.ts', 'src/server/index.ts'], parser: true },
  { out: 'cli', from: ['src/cli/main.ts', 'src/cli/cli.ts', 'src/cli/index.ts'], parser: true, command: true },
  { out: 'profiler', from: ['src/profiler/main.ts'] },
  { out: 'worker', from: ['src/workspace/extraction-worker.ts'], parser: true },
  { out: 'probe', from: ['src/probe/start.ts'], probe: true },
  { out: 'panel', from: ['src/panel/main.ts', 'src/panel/main.tsx', 'src/panel/panel.ts', 'src/panel/index.ts'], browser: true },
  { out: 'plan', from: ['src/panel/plan/main.ts'], browser: true },
];

/** What the extension loads only when it is needed: source without ending → file in dist, and when that is. */
const LAZY_PARTS = {
  'src/database/found/find-databases': { out: './found-databases.js', when: 'the panel is opened' },
  'src/extension/session/profiler-process': { out: './profiler-client.js', when: 'a session or a connection is asked for' },
  'src/extension/client': { out: './client.js', when: 'the first file is to be checked' },
};

/** Keeps these parts out of the extension's bundle, so that activation stays quick. */
const lazyParts = {
  name: 'lazy-parts',
  setup(build) {
    build.onResolve({ filter: /^\.\.?\/(.*\/)?(find-databases|profiler-process|client)$/ }, ({ path: specifier, kind, resolveDir }) => {
      const part = LAZY_PARTS[path.relative(root, path.resolve(resolveDir, specifier)).replaceAll('\\', '/')];
      if (!part) return undefined;
      if (kind === 'dynamic-import') return { path: part.out, external: true };
      return { errors: [{ text: `This is loaded only when ${part.when}, so that activation stays quick: write \`await import('${specifier}')\` (types may use \`import type\`).` }] };
    });
  },
};

/** `vscode` for the modules of a bundle: each import of an external package copies the names of all that it exports, and this has hundreds. */
const vscodeOnce = {
  name: 'vscode-once',
  setup(build) {
    build.onResolve({ filter: /^vscode$/ }, ({ kind, namespace }) =>
      kind === 'import-statement' && namespace === 'file' ? { path: 'vscode', namespace: 'vscode-once' } : { path: 'vscode', external: true });
    build.onLoad({ filter: /^vscode$/, namespace: 'vscode-once' }, () => ({ contents: "export * from 'vscode';" }));
  },
};

/** Prints what the problem matcher of .vscode/tasks.json understands. */
const problemLines = {
  name: 'problem-lines',
  setup(build) {
    build.onStart(() => console.log('[watch] build started'));
    build.onEnd(({ errors, warnings }) => {
      for (const [severity, messages] of [['error', errors], ['warning', warnings]]) {
        for (const { text, location } of messages) {
          const place = location ? `${location.file}:${location.line}:${location.column + 1}` : 'esbuild.mjs:1:1';
          console.log(`${place}: ${severity}: ${text}`);
        }
      }
      console.log('[watch] build finished');
    });
  },
};

async function exists(file) {
  return stat(path.join(root, file)).then(() => true, () => false);
}

async function options({ out, from, host, parser, command, browser, probe }, folder, forPeople) {
  const candidates = await Promise.all(from.map(exists));
  const entry = from[candidates.indexOf(true)];
  if (!entry) {
    console.log(`skipped dist/${out}.js: ${from[0]} does not exist`);
    return undefined;
  }
  const banner = [];
  if (command && !(await readFile(path.join(root, entry), 'utf8')).startsWith('#!')) banner.push('#!/usr/bin/env node');
  if (parser) banner.push(compileCache);
  return {
    absWorkingDir: root,
    entryPoints: { [out]: entry },
    outdir: folder,
    bundle: true,
    charset: 'utf8',
    format: browser ? 'iife' : 'cjs',
    platform: browser ? 'browser' : 'node',
    target: browser ? 'chrome130' : probe ? 'node18' : 'node20',
    // In a package of modules, a program's own folder too, only this ending is CommonJS everywhere.
    outExtension: probe ? { '.js': '.cjs' } : {},
    // Optional parts of packages, which are never asked for: pg's native client, and how histograms become protocol buffers.
    external: [...(host ? ['vscode'] : []), 'pg-native', 'protobufjs/minimal'],
    // A host extension is CommonJS: `import()` of an external file becomes a `require`.
    supported: browser ? {} : { 'dynamic-import': false },
    banner: { js: banner.join('\n') },
    loader: { '.ttf': 'file', '.svg': 'text', '.wasm': 'file' },
    assetNames: '[name]',
    define: { 'process.env.NODE_ENV': forPeople ? '"production"' : '"development"' },
    minify: forPeople,
    // Programs that map their stacks would read the map of the probe too.
    sourcemap: forPeople || probe ? false : 'linked',
    metafile: true,
    logLevel: watch ? 'silent' : 'warning',
    plugins: [...(parser ? [sharedParser, quickConversion] : []), ...(host ? [lazyParts, vscodeOnce] : []), ...(watch ? [problemLines] : [])],
  };
}

/** One minified copy of TypeScript; made again only when its version changes. */
async function buildTypeScript(folder) {
  const { version } = require('typescript/package.json');
  const mark = `/*! TypeScript ${version}, Apache-2.0, Microsoft Corporation */`;
  const file = path.join(folder, 'typescript.js');
  if ((await readFile(file, 'utf8').catch(() => '')).startsWith(mark)) return;
  const text = await readFile(require.resolve('typescript'), 'utf8');
  const { code } = await esbuild.transform(text, { minify: true, format: 'cjs', target: 'node20', legalComments: 'none' });
  await writeFile(file, `${mark}\n${code}`);
}

/** PostgreSQL's parser, and the pages that code actions open. */
async function copyAssets(folder) {
  await copyFile(path.join(path.dirname(require.resolve('libpg-query')), 'libpg-query.wasm'), path.join(folder, 'libpg-query.wasm'));
  const pages = path.join(folder, 'rules');
  await mkdir(pages, { recursive: true });
  const rules = findRules(root);
  const wanted = new Set(rules.map(({ id }) => `${id}.md`));
  for (const name of await readdir(pages)) if (!wanted.has(name)) await rm(path.join(pages, name));
  for (const { id, folder } of rules) {
    await copyFile(path.join(folder, 'README.md'), path.join(pages, `${id}.md`)).catch(() => console.log(`skipped dist/rules/${id}.md: no README.md`));
  }
}

async function optionsOf(wanted, folder, forPeople) {
  return (await Promise.all(wanted.map((output) => options(output, folder, forPeople)))).filter((made) => made !== undefined);
}

/** What the bundles load beside themselves. */
async function prepare(folder) {
  await mkdir(folder, { recursive: true });
  await Promise.all([buildTypeScript(folder), copyAssets(folder)]);
}

/** Builds some of the outputs as people get them, with what they load, into a folder of their own. */
export async function buildInto(folder, names) {
  await prepare(folder);
  await Promise.all((await optionsOf(outputs.filter(({ out }) => names.includes(out)), folder, true)).map((made) => esbuild.build(made)));
}

async function main() {
  if (writeRegistry(root)) console.log('updated src/analysis/rules/registry.generated.ts');
  await prepare(dist);
  const wanted = await optionsOf(outputs, dist, production);
  if (watch) {
    for (const made of wanted) await (await esbuild.context(made)).watch();
    return;
  }
  const results = await Promise.all(wanted.map((made) => esbuild.build(made)));
  for (const name of await readdir(dist)) if (production && name.endsWith('.map')) await rm(path.join(dist, name));
  if (await exists('dist/cli.js')) await chmod(path.join(dist, 'cli.js'), 0o755);
  if (wantsMetafile) {
    const metafile = { inputs: {}, outputs: {} };
    for (const result of results) {
      Object.assign(metafile.inputs, result.metafile.inputs);
      Object.assign(metafile.outputs, result.metafile.outputs);
    }
    await writeFile(path.join(dist, 'metafile.json'), JSON.stringify(metafile));
    await writeFile(path.join(dist, 'THIRD-PARTY-NOTICES.txt'), thirdPartyNotices(metafile));
  }
  for (const { entryPoints, outExtension } of wanted) {
    const [name] = Object.keys(entryPoints);
    const file = `${name}${outExtension['.js'] ?? '.js'}`;
    console.log(`dist/${file}  ${Math.ceil((await stat(path.join(dist, file))).size / 1024)} KB`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    if (!error.errors) console.error(error);
    process.exitCode = 1;
  });
}
