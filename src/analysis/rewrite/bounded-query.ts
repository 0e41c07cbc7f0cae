import type { TSESTree } from '@typescript-eslint/typescript-estree';
import type { Fix } from '../finding';
import type { FixOutcome, SourceFile } from '../rules/rule';
import { queryNode, words } from './batched-read';
import { drizzlePage } from './bounds/drizzle';
import { pgPage } from './bounds/pg';
import { prismaPage } from './bounds/prisma';
import { Code, methodOf, propertyName, type FunctionNode, type Node } from './code';
import { fixOf, type Edit } from './edits';
import { styleOf } from './file-style';
import { Names, plural, singular } from './naming';
import { refuse } from './refusal';
import type { UnboundedQuery } from './site';

/** Rows per call: what fits a page of a list, and what a caller can change in one place. */
const ROWS = 100;

const PAGES = { pg: pgPage, drizzle: drizzlePage, prisma: prismaPage };

/** What goes on with all rows in memory: a limit would give it a part of them. */
const NEEDS_ALL = new Set(['length', 'filter', 'reduce', 'find', 'findIndex', 'findLast', 'some', 'every', 'sort', 'toSorted', 'includes', 'rowCount', 'slice']);

/** Limits a query, by pages after a cursor where the function can take one. */
export function rewriteUnbounded(site: UnboundedQuery, source: SourceFile): FixOutcome {
  const code = Code.of(source) ?? refuse('the file is not a module.');
  const query = queryNode(code, site);
  const returned = demandList(code, query);
  const style = styleOf(code, source.file);
  const page = PAGES[site.library](code, query, ROWS, style);
  const what = words(plural(singular(page.noun)));

  const fixes: Fix[] = [];
  const owner = code.functionAround(query);
  const gate = owner && returned && page.after ? parameterGate(code, owner) : undefined;
  if (gate && page.after) {
    const after = new Names(code).fresh('after', 'afterId');
    const paged = page.after(after);
    if (paged) {
      const parameter = `${after}${style.typed ? `?: ${paged.type}` : ''}`;
      const edits: Edit[] = [{ ...gate.at, text: `${gate.first ? '' : ', '}${parameter}` }, ...paged.edits];
      fixes.push(fixOf(`Read ${ROWS} ${what} per call, after a cursor (returns fewer rows)`, 'suggestion', source.file, style.newline, edits));
    }
  }
  fixes.push(fixOf(`Read at most ${ROWS} ${what} (returns fewer rows)`, 'suggestion', source.file, style.newline, page.limited));
  return { fixes };
}

/** The rows are handed on as a list; refuses code that computes something from all of them. Tells whether the function returns them. */
function demandList(code: Code, query: Node): boolean {
  let node: Node = query;
  for (let parent = code.parentOf(node); parent; parent = code.parentOf(node)) {
    if (parent.type === 'AwaitExpression' || parent.type === 'TSAsExpression' || parent.type === 'TSNonNullExpression' || parent.type === 'ChainExpression') node = parent;
    else if (parent.type === 'MemberExpression' && parent.object === node && propertyName(parent) === 'rows') node = parent;
    else break;
  }
  const parent = code.parentOf(node);
  demandUse(code, node);
  if (parent?.type === 'ReturnStatement' || parent?.type === 'ArrowFunctionExpression') return true;
  if (parent?.type !== 'VariableDeclarator') return false;
  const names: TSESTree.Identifier[] = [];
  code.walk(parent.id, (inner, around) => {
    if (inner.type === 'Identifier' && !(around?.type === 'Property' && around.key === inner && !around.shorthand)) names.push(inner);
  });
  let returned = false;
  for (const name of names) {
    for (const reference of code.variableOf(name)?.references ?? []) {
      if (reference.init) continue;
      let use = reference.identifier as Node;
      const member = code.parentOf(use);
      if (member?.type === 'MemberExpression' && member.object === use && propertyName(member) === 'rows') use = member;
      demandUse(code, use);
      const holder = code.parentOf(use);
      if (holder?.type === 'ReturnStatement') returned = true;
      if (holder?.type === 'MemberExpression' && code.parentOf(code.parentOf(holder)!)?.type === 'ReturnStatement' && methodOf(code.parentOf(holder)!) === 'map') returned = true;
      if (holder?.type === 'ForOfStatement' && holder.right === use) refuse('the code goes through all rows, and a limit would leave some out.');
    }
  }
  return returned;
}

function demandUse(code: Code, use: Node): void {
  const member = code.parentOf(use);
  const name = member?.type === 'MemberExpression' && member.object === use ? propertyName(member) : undefined;
  if (name !== undefined && NEEDS_ALL.has(name)) refuse(`the code goes on with \`${name}\` over all rows, and a limit would give it a part of them.`);
  if (member?.type === 'ForOfStatement' && member.right === use) refuse('the code goes through all rows, and a limit would leave some out.');
}

/** Where an optional last parameter can be added: to an exported function whose callers then stay right. */
function parameterGate(code: Code, owner: FunctionNode): { at: { start: number; end: number }; first: boolean } | undefined {
  const holder = code.parentOf(owner);
  const declaration = holder?.type === 'VariableDeclarator' && !holder.id.typeAnnotation ? code.parentOf(holder) : undefined;
  const exported = holder?.type === 'ExportNamedDeclaration' || (declaration && code.parentOf(declaration)?.type === 'ExportNamedDeclaration');
  if (!exported) return undefined;
  const last = owner.params.at(-1);
  if (!last) {
    const from = owner.typeParameters?.range[1] ?? (owner.type === 'FunctionDeclaration' ? owner.id!.range[1] : owner.range[0]);
    const open = code.text.indexOf('(', from) + 1;
    return { at: { start: open, end: open }, first: true };
  }
  if (last.type === 'RestElement') return undefined;
  const behind = /^\s*,?\s*\)/.exec(code.text.slice(last.range[1]));
  return behind ? { at: { start: last.range[1], end: last.range[1] }, first: false } : undefined;
}
