import type { Fix } from '../finding';
import type { FixOutcome, SourceFile } from '../rules/rule';
import { queryNode, words } from './batched-read';
import { drizzlePage } from './bounds/drizzle';
import { pgPage } from './bounds/pg';
import { prismaPage } from './bounds/prisma';
import { shortText } from './body-effects';
import { Code, methodOf, propertyName, type FunctionNode, type Node } from './code';
import { fixOf, type Edit } from './edits';
import { styleOf } from './file-style';
import { Names, plural, singular } from './naming';
import { ofLibrary, refuse } from './refusal';
import type { UnboundedQuery } from './site';

/** Rows per call: what fits a page of a list, and what a caller can change in one place. */
const ROWS = 100;

const PAGES = { pg: pgPage, drizzle: drizzlePage, prisma: prismaPage };

/** Methods that answer a request with what they are given. */
const ANSWERS = /^(json|send|render|status|success|ok)$/;

/** Limits a query, by pages after a cursor where the function can take one. */
export function rewriteUnbounded(site: UnboundedQuery, source: SourceFile): FixOutcome {
  const code = Code.of(source) ?? refuse('the file is not a module.');
  const query = queryNode(code, site);
  const returned = demandList(code, query);
  const style = styleOf(code, source.file);
  const page = ofLibrary(PAGES, site.library)(code, query, ROWS, style);
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

/**
 * The rows are handed on as a list and nothing else: returned, or sent as an answer. Anything that the code itself does
 * with them may need all. Tells whether the function returns them as they are.
 */
function demandList(code: Code, query: Node): boolean {
  const value = rowsAt(code, query);
  const parent = code.parentOf(value);
  if (parent?.type !== 'VariableDeclarator') return outlet(code, value);
  const names: Node[] = [];
  code.walk(parent.id, (inner, around) => {
    if (inner.type === 'Identifier' && !(around?.type === 'Property' && around.key === inner && !around.shorthand)) names.push(inner);
  });
  const uses = names.flatMap((name) => (code.variableOf(name)?.references ?? []).filter((reference) => !reference.init));
  if (uses.length === 0) refuse('nothing uses the rows.');
  return uses.map((use) => outlet(code, rowsAt(code, use.identifier as Node))).some(Boolean);
}

/** The outermost expression that is still the rows: awaited, typed, `.rows` of a result. */
function rowsAt(code: Code, inner: Node): Node {
  let node = inner;
  for (let parent = code.parentOf(node); parent; parent = code.parentOf(node)) {
    const same = parent.type === 'AwaitExpression' || parent.type === 'TSAsExpression' || parent.type === 'TSNonNullExpression' || parent.type === 'ChainExpression';
    if (!same && !(parent.type === 'MemberExpression' && parent.object === node && propertyName(parent) === 'rows')) break;
    node = parent;
  }
  return node;
}

/** Follows a list to where it leaves the code; true when the function returns it as it is, or one value for each row. */
function outlet(code: Code, list: Node): boolean {
  let node = list;
  let wrapped = false;
  for (let parent = code.parentOf(node); parent; parent = code.parentOf(node)) {
    switch (parent.type) {
      case 'ReturnStatement':
        return !wrapped;
      case 'ArrowFunctionExpression':
        return !wrapped;
      case 'MemberExpression': {
        const call = code.parentOf(parent);
        const name = propertyName(parent) ?? '…';
        if (name !== 'map' || call?.type !== 'CallExpression') return refuse(`the code goes on with \`${name}\` over all rows, and a limit would give it a part of them.`);
        node = call;
        continue;
      }
      case 'CallExpression':
        if (ANSWERS.test(methodOf(parent) ?? '')) return false;
        return refuse(`all rows are given to \`${shortText(code, parent.callee)}\`, and a limit would give it a part of them.`);
      case 'ForOfStatement':
        return refuse('the code goes through all rows, and a limit would leave some out.');
      case 'Property':
      case 'ObjectExpression':
        wrapped = true;
        node = parent;
        continue;
      case 'AwaitExpression':
      case 'ConditionalExpression':
      case 'TSAsExpression':
      case 'TSSatisfiesExpression':
        node = parent;
        continue;
      default:
        return refuse('the code goes on with all rows, and a limit would give it a part of them.');
    }
  }
  return false;
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
