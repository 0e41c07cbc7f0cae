import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import * as library from '@typescript-eslint/typescript-estree';
import esbuild from 'esbuild';
import ts from 'typescript';
import { quickConversion } from '../../scripts/quick-conversion.mjs';

const root = path.join(__dirname, '../..');

/** Kinds of nodes that the product's own code does not have. */
const RARE = `
  abstract class A<in out T extends object = {}> extends B<T> implements C, D { static { x(); } declare readonly x?: string; get y(): number { return 1; } set y(v) {} accessor z = 1;
    constructor(private a: string, @inject() readonly b = 2) { super(); } @deco() static async *m?(this: A, ...rest: any[]): AsyncGenerator<1> {} #p = 1; [key: string]: unknown; }
  interface I<T> extends J<T> { (a: string): void; new (a: string): I; readonly b?: number; get c(): 1; set c(v: 1); m?(): this is string; [k: string]: any }
  type M = { readonly [K in keyof T as \`get\${K}\`]-?: T[K] } & Array<[a?: string, ...b: number[]]> | (abstract new () => void) | typeof import('x', { with: { type: 'json' } }) | unique symbol | (infer U extends 1)[];
  type N = T extends (infer U)[] ? asserts : never; declare function f(x: unknown): asserts x is string; declare global { var q: bigint } namespace A.B.C { export import d = E.F }
  enum E { a = 1, 'b', c = a << 1 } declare module 'm' { export default x } export = y; export as namespace Z; import z = require('z'); import type { t } from 't'; import u, * as v from 'u' with { type: 'json' };
  export * as w from 'w'; export { a as 'b c', type d } from 'e'; export default abstract class {}
  label: for (const [a, , { b = 1, ...c }] of d) { if (a) continue label; else break label; } for await (const x of y) ; for (let i in j) ; for (;;) {} do {} while (0); while (1) { debugger }
  switch (a) { case 1: default: } try { throw 1 } catch { } finally { } with (a) {} var x = <any>y; let g = a?.b?.[c]?.(d)!.e ?? f; ({ a, 'b': 1, [c]: 2, get d() { return 1 }, set d(v) {}, async *e() {}, ...f }); [a, ...b] = c; ({ a = 1, b: [c] } = d);
  tag\`a\${b}\\u{1F600}\`; new.target; import.meta; import('x'); void 0; typeof x; delete a.b; a ||= b; a **= 2; -a ** 0; x++; --x; /re/giu; 1n; 0x1f; 'a\\'b'; async () => await x; function* gen() { yield* y } (a, b); a as const; a satisfies B; f<string>; new (class {})<T>(); using r = s; await using t = u;`;
const RARE_JSX = `const a = <A.B.c x y="1 &amp; 2" z={1} {...d} ns:k={<></>}>{...e}{/* no */} text &nbsp; {f}<ns:tag<string> /></A.B.c>;`;
const BROKEN = ['const a = {', 'class { x', 'function f( { return', 'a..b', '<A', 'import {', 'x = `a${', 'for (', '@', 'if ('];

const NOWHERE = { start: {}, end: {} };

describe('typescript-estree in the build', () => {
  it('converts every file as the library itself does', async () => {
    const built = await esbuild.build({
      stdin: { contents: `export { parse } from '@typescript-eslint/typescript-estree';`, resolveDir: root },
      bundle: true, write: false, platform: 'node', format: 'cjs', external: ['typescript'], plugins: [quickConversion], logLevel: 'silent',
    });
    const module = { exports: {} as Pick<typeof library, 'parse'> };
    const text = built.outputFiles[0]!.text;
    assert.match(text, /convertNode1\(node, parent\)/, 'the conversion was not split');
    new Function('module', 'exports', 'require', text)(module, module.exports, createRequire(import.meta.url));

    const files = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((file, index) => /\.tsx?$/.test(file) && index % 6 === 0);
    assert.ok(files.length > 25);
    const samples = [
      ...files.map((file): [string, string] => [file, readFileSync(path.join(root, 'src', file), 'utf8')]),
      ['rare.ts', RARE] as const, ['rare.tsx', RARE_JSX] as const, ...BROKEN.map((code) => ['broken.ts', code] as const),
    ];
    for (const [file, code] of samples) {
      assert.deepEqual(converted(module.exports, file, code), converted(library, file, code), file);
      assert.deepEqual(converted(module.exports, file, code, NOWHERE).map(withoutLines), converted(library, file, code).map(withoutLines), file);
    }
    const failed = converted(library, 'rare.ts', RARE).filter((tree) => typeof tree === 'string');
    assert.ok(failed.length < 10, 'too little of the rare code can be converted');
  });
});

/** Statements one by one, so that one which cannot be converted does not hide the others; errors of syntax are passed over. */
function converted({ parse }: Pick<typeof library, 'parse'>, file: string, code: string, nowhere?: object): unknown[] {
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true);
  Object.assign(source, { parseDiagnostics: [], nowhere });
  return source.statements.map((statement) => {
    Object.assign(source, { statements: [statement] });
    try {
      return parse(source as never, { range: true, loc: true, allowInvalidAST: true, suppressDeprecatedPropertyWarnings: true }).body;
    } catch (error) {
      return (error as Error).message;
    }
  });
}

function withoutLines(tree: unknown): unknown {
  return JSON.parse(JSON.stringify(tree, (key, value: unknown) => (key === 'loc' ? undefined : typeof value === 'bigint' ? String(value) : value)) ?? 'null');
}
