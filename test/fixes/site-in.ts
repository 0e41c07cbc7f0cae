import type { TSESTree } from '@typescript-eslint/typescript-estree';
import type { LoopQuery } from '../../src/analysis/rewrite';
import { Code, methodOf, type Node } from '../../src/analysis/rewrite/code';
import type { Span } from '../../src/analysis/finding';
import type { SourceFile } from '../../src/analysis/rules/rule';
import { describeSql } from '../../src/analysis/syntax/sql';
import { parseModule } from '../../src/analysis/syntax/typescript';

const HANDLES = { prisma: 'prisma', tx: 'transaction', trx: 'transaction', db: 'drizzle', pool: 'pg', client: 'pg' } as const;
const ITERATIONS = new Set(['map', 'forEach', 'flatMap', 'filter']);

export function sourceOf(file: string, text: string): SourceFile {
  return { file, text, tree: parseModule(file, text).tree };
}

/**
 * The query of a case as detection would report it: the first one of its verb, in a loop if there is one. Works by spelling
 * (`prisma`, `tx`, `db`, `pool`, `client`), so that these tests stand without detection.
 */
export function siteIn(source: SourceFile, library: LoopQuery['library'], verb: LoopQuery['verb']): LoopQuery {
  const code = Code.of(source)!;
  const sites: LoopQuery[] = [];
  code.walk(code.tree, (node) => {
    if (node.type !== 'CallExpression' || !(handleOf(node) in HANDLES)) return true;
    const parent = code.parentOf(node);
    // The whole chain is the query, not the calls inside it.
    if (parent?.type === 'MemberExpression' && parent.object === node && code.parentOf(parent)?.type === 'CallExpression') return true;
    const loop = loopAround(code, node);
    const method = methodOf(node) ?? '';
    const argument = node.arguments[0];
    const sql = argument && library === 'pg' ? /^['"`]([^]*)['"`]$/.exec(code.textOf(argument))?.[1] : undefined;
    sites.push({
      library,
      verb: verbOf(code.textOf(node), sql),
      query: { start: node.range[0], end: node.range[1] },
      ...(loop ?? { loop: { start: 0, end: 0 }, loopKind: 'for-of', fanOut: false }),
      handle: handleOf(node) === 'tx' || handleOf(node) === 'trx' ? 'transaction' : handleOf(node) === 'client' ? 'connection' : 'pool',
      ...(sql ? { sql } : {}),
      tables: tablesOf(code, node, library, sql),
      label: `${handleOf(node)}.${method}`,
      direct: true,
    });
    return false;
  });
  const ofVerb = sites.filter((one) => one.verb === verb);
  const site = ofVerb.find((one) => one.loop.end > 0) ?? ofVerb[0];
  if (!site) throw new Error(`No query found in ${source.file}`);
  return site;
}

/** The statements of a case that await something, as detection would report them. */
export function awaitsIn(source: SourceFile): Span[] {
  const code = Code.of(source)!;
  const statements: Span[] = [];
  code.walk(code.tree, (node) => {
    if (node.type !== 'VariableDeclaration' && node.type !== 'ExpressionStatement') return true;
    if (/=[^=>]*\bawait\b/.test(code.textOf(node))) statements.push({ start: node.range[0], end: node.range[1] });
    return false;
  });
  return statements;
}

function handleOf(node: Node): string {
  let root: Node = node;
  while (root.type === 'CallExpression' || root.type === 'MemberExpression') root = root.type === 'CallExpression' ? root.callee : root.object;
  return root.type === 'Identifier' ? root.name : '';
}

function loopAround(code: Code, node: Node): Pick<LoopQuery, 'loop' | 'loopKind' | 'fanOut' | 'method' | 'element'> | undefined {
  for (const ancestor of code.ancestorsOf(node)) {
    const span = { start: ancestor.range[0], end: ancestor.range[1] };
    if (ancestor.type === 'ForOfStatement' && within(node, ancestor.body)) return { loop: span, loopKind: ancestor.await ? 'for-await' : 'for-of', fanOut: false };
    if (ancestor.type === 'ForStatement') return { loop: span, loopKind: 'for', fanOut: false };
    if (ancestor.type === 'WhileStatement') return { loop: span, loopKind: 'while', fanOut: false };
    const method = methodOf(ancestor);
    if (ancestor.type === 'CallExpression' && method && ITERATIONS.has(method) && ancestor.arguments.some((argument) => within(node, argument))) {
      const together = code.parentOf(ancestor);
      const fanOut = together?.type === 'CallExpression' && /^Promise\./.test(code.textOf(together.callee));
      return { loop: fanOut ? { start: together.range[0], end: together.range[1] } : span, loopKind: 'callback', method, fanOut };
    }
  }
  return undefined;
}

function within(inner: Node, outer: TSESTree.Node): boolean {
  return inner.range[0] >= outer.range[0] && inner.range[1] <= outer.range[1];
}

function verbOf(text: string, sql: string | undefined): LoopQuery['verb'] {
  if (sql) return /^\s*insert/i.test(sql) ? 'insert' : 'read';
  return /\.(create|insert|upsert)\b/.test(text) ? 'insert' : 'read';
}

function tablesOf(code: Code, node: TSESTree.CallExpression, library: LoopQuery['library'], sql: string | undefined): string[] {
  if (library === 'pg') {
    const statements = sql ? describeSql(sql) : [];
    return Array.isArray(statements) ? statements.flatMap((statement) => statement.tables) : [];
  }
  const text = code.textOf(node);
  if (library === 'prisma') return [/^\w+\.(\w+)/.exec(text)?.[1] ?? ''];
  return [/\.(?:from|insert|query\.)\(?(\w+)/.exec(text)?.[1] ?? ''];
}
