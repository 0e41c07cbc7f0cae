import type { Variable } from '@typescript-eslint/scope-manager';
import type { TSESTree } from '@typescript-eslint/typescript-estree';
import { lineAt } from '../lines';
import { MUTATING_METHODS } from './body-effects';
import { propertyName, type Code, type Node } from './code';
import { remove, replace, type Edit } from './edits';
import type { Loop } from './loop';
import { refuse } from './refusal';

/** What a query's call gives: one row or nothing, an array of rows, or an object that holds them in `rows`. */
export type ResultForm = 'row' | 'rows' | 'holder';

/** How the body takes what the query gives, and how it takes it from the map instead. */
export interface ResultUse {
  /** `one` row per key is used, or `many`. */
  takes: 'one' | 'many';
  /** The node whose evaluation was the query: `await …`, or the query that the callback returns. */
  value: Node;
  /** The result as a whole leaves the body: a column added to it would be seen. */
  exposed: boolean;
  /** The code has no answer for a missing row: it would fail on it. */
  assumesRow: boolean;
  /** Edits that take the rows from the map. */
  take(lookup: string): Edit[];
}

/** Finds how the result is used, or refuses a use that a map cannot serve. */
export function resultUse(code: Code, loop: Loop, query: Node, form: ResultForm): ResultUse {
  const value = valueNode(code, loop, query);
  const parent = code.parentOf(value);
  if (parent?.type === 'ExpressionStatement') refuse('nothing uses what the query returns.');
  if (form === 'row') return plain(code, value, value, 'one');
  if (form === 'rows') return ofRows(code, value, value);
  return ofHolder(code, value);
}

function valueNode(code: Code, loop: Loop, query: Node): Node {
  let node = query;
  for (let parent = code.parentOf(node); parent && (parent.type === 'ChainExpression' || parent.type === 'TSAsExpression' || parent.type === 'TSNonNullExpression'); parent = code.parentOf(node)) node = parent;
  const parent = code.parentOf(node);
  if (parent?.type === 'AwaitExpression') return parent;
  if (loop.callback && (parent === loop.callback || (parent?.type === 'ReturnStatement' && code.functionAround(parent) === loop.callback))) return node;
  if (parent?.type === 'MemberExpression') refuse('something is called on the promise of the query before it is awaited.');
  return refuse('the promise of the query is kept instead of awaited.');
}

/** The value stands where it is wanted: it is replaced by a look into the map. */
function plain(code: Code, value: Node, at: Node, takes: 'one' | 'many'): ResultUse {
  const parent = code.parentOf(at);
  const variable = parent?.type === 'VariableDeclarator' && parent.id.type === 'Identifier' ? code.variableOf(parent.id) : undefined;
  const seen = variable ? usesOf(code, variable) : usesAt(code, at);
  return { takes, value, ...seen, take: (lookup) => [replace(at, enclosed(code, at, lookup))] };
}

function ofRows(code: Code, value: Node, at: Node): ResultUse {
  const parent = code.parentOf(at);
  if (parent?.type === 'MemberExpression' && parent.object === at && isFirst(parent)) return plain(code, value, parent, 'one');
  if (parent?.type === 'VariableDeclarator') {
    const pattern = parent.id;
    if (pattern.type === 'ArrayPattern' && pattern.elements.length === 1 && pattern.elements[0]?.type === 'Identifier') {
      return declared(code, value, parent, pattern.elements[0]);
    }
    if (pattern.type === 'Identifier') return firstOfVariable(code, value, parent, pattern, (use) => use) ?? plain(code, value, at, 'many');
  }
  return plain(code, value, at, 'many');
}

function ofHolder(code: Code, value: Node): ResultUse {
  const parent = code.parentOf(value);
  if (parent?.type === 'MemberExpression' && propertyName(parent) === 'rows') return ofRows(code, value, parent);
  if (parent?.type !== 'VariableDeclarator') return refuse('the whole result of the query is used, not only its rows.');
  const pattern = parent.id;
  if (pattern.type === 'ObjectPattern') {
    const [only, ...others] = pattern.properties;
    if (others.length > 0 || only?.type !== 'Property' || propertyName(only) !== 'rows') return refuse('more of the result is used than its rows.');
    if (only.value.type === 'Identifier') {
      const variable = only.value;
      return firstOfVariable(code, value, parent, variable, (use) => use) ?? declared(code, value, parent, variable, 'many');
    }
    if (only.value.type === 'ArrayPattern' && only.value.elements.length === 1 && only.value.elements[0]?.type === 'Identifier') {
      return declared(code, value, parent, only.value.elements[0]);
    }
    return refuse('the rows are taken apart in a way that a map cannot serve.');
  }
  if (pattern.type !== 'Identifier') return refuse('the rows are taken apart in a way that a map cannot serve.');
  const rowsOf = (use: Node): Node | undefined => {
    const member = code.parentOf(use);
    return member?.type === 'MemberExpression' && member.object === use && propertyName(member) === 'rows' ? member : undefined;
  };
  const first = firstOfVariable(code, value, parent, pattern, rowsOf);
  if (first) return first;
  const variable = code.variableOf(pattern);
  const members = references(variable).map(rowsOf);
  if (members.some((member) => !member)) refuse('more of the result is used than its rows.');
  const seen = members.map((member) => usesAt(code, member!));
  return {
    takes: 'many',
    value,
    exposed: seen.some((use) => use.exposed),
    assumesRow: false,
    take: (lookup) => [replace(value, `{ rows: ${lookup} }`)],
  };
}

/** `const [row] = …`, `const { rows } = …`: the pattern becomes a plain name. */
function declared(code: Code, value: Node, declarator: TSESTree.VariableDeclarator, name: TSESTree.Identifier, takes: 'one' | 'many' = 'one'): ResultUse {
  const variable = code.variableOf(name);
  const seen = variable ? usesOf(code, variable) : { exposed: true, assumesRow: true };
  return { takes, value, ...seen, take: (lookup) => [replace(declarator.id, name.name), replace(declarator.init!, lookup)] };
}

/** `const rows = …; const row = rows[0];` where nothing else reads `rows`: the second statement takes the row itself. */
function firstOfVariable(code: Code, value: Node, declarator: TSESTree.VariableDeclarator, name: TSESTree.Identifier, rowsOf: (use: Node) => Node | undefined): ResultUse | undefined {
  const uses = references(code.variableOf(name));
  if (uses.length !== 1) return undefined;
  const rows = rowsOf(uses[0]!);
  const first = rows && code.parentOf(rows);
  const declaration = code.parentOf(declarator);
  if (first?.type !== 'MemberExpression' || first.object !== rows || !isFirst(first)) return undefined;
  if (declaration?.type !== 'VariableDeclaration' || declaration.declarations.length !== 1) return undefined;
  const inner = plain(code, value, first, 'one');
  return { ...inner, take: (lookup) => [removeStatement(code, declaration), ...inner.take(lookup)] };
}

/** Removes a statement with its line, when it has the line for itself. */
export function removeStatement(code: Code, statement: Node): Edit {
  const { text } = code;
  const line = lineAt(text, statement.range[0]).start;
  const rest = /^[ \t]*\r?\n/.exec(text.slice(statement.range[1]));
  if (text.slice(line, statement.range[0]).trim() === '' && rest) return remove(line, statement.range[1] + rest[0].length);
  return remove(statement.range[0], statement.range[1]);
}

function references(variable: Variable | undefined): Node[] {
  return (variable?.references ?? []).filter((reference) => !reference.init).map((reference) => reference.identifier as Node);
}

function isFirst(member: TSESTree.MemberExpression): boolean {
  return member.computed && member.property.type === 'Literal' && member.property.value === 0;
}

function usesOf(code: Code, variable: Variable): { exposed: boolean; assumesRow: boolean } {
  let exposed = false;
  let answered = false;
  let bold = false;
  if (variable.references.some((reference) => reference.isWrite() && !reference.init)) refuse(`\`${variable.name}\` is given another value in the loop.`);
  for (const use of references(variable)) {
    demandUnchanged(code, use);
    if (isTested(code, use)) answered = true;
    else if (isRead(code, use)) bold ||= !optional(code, use);
    else exposed = bold = true;
    answered ||= optional(code, use);
  }
  return { exposed, assumesRow: bold && !answered };
}

function usesAt(code: Code, at: Node): { exposed: boolean; assumesRow: boolean } {
  demandUnchanged(code, at);
  if (isTested(code, at)) return { exposed: false, assumesRow: false };
  const read = isRead(code, at);
  return { exposed: !read, assumesRow: !optional(code, at) };
}

/** `row.name`, `row?.name`: one column of it is read, and nothing is called on it. */
function isRead(code: Code, use: Node): boolean {
  const parent = code.parentOf(use);
  if (parent?.type === 'VariableDeclarator') return parent.id.type === 'ObjectPattern' && parent.id.properties.every((property) => property.type === 'Property');
  return parent?.type === 'MemberExpression' && parent.object === use;
}

function optional(code: Code, use: Node): boolean {
  const parent = code.parentOf(use);
  return parent?.type === 'MemberExpression' && parent.object === use && parent.optional;
}

function isTested(code: Code, use: Node): boolean {
  const parent = code.parentOf(use);
  switch (parent?.type) {
    case 'UnaryExpression':
      return parent.operator === '!' || parent.operator === 'typeof';
    case 'LogicalExpression':
      return parent.left === use;
    case 'IfStatement':
    case 'ConditionalExpression':
      return parent.test === use;
    case 'BinaryExpression':
      return /^[!=]==?$/.test(parent.operator);
    default:
      return false;
  }
}

/** Elements with the same key share one row object: changing it for one would change it for all. */
function demandUnchanged(code: Code, use: Node): void {
  let node = use;
  for (let parent = code.parentOf(node); parent; parent = code.parentOf(node)) {
    if (parent.type === 'MemberExpression' && parent.object === node) {
      const call = code.parentOf(parent);
      const method = propertyName(parent);
      if (call?.type === 'CallExpression' && call.callee === parent) {
        if (method && MUTATING_METHODS.has(method) && method !== 'set' && method !== 'add') shared();
        return;
      }
      node = parent;
      continue;
    }
    if (parent.type === 'ChainExpression' || parent.type === 'TSNonNullExpression' || parent.type === 'TSAsExpression') {
      node = parent;
      continue;
    }
    if (parent.type === 'AssignmentExpression' && parent.left === node && node !== use) shared();
    if (parent.type === 'UpdateExpression' && node !== use) shared();
    if (parent.type === 'UnaryExpression' && parent.operator === 'delete') shared();
    if (parent.type === 'CallExpression' && parent.arguments[0] === node && /^(Object\.(assign|defineProperty|freeze)|Reflect\.set)$/.test(code.textOf(parent.callee))) shared();
    return;
  }
}

function shared(): never {
  return refuse('the loop changes the row it read, and elements with the same key would share that row.');
}

const NEEDS_NO_PARENTHESES = new Set<string>(['VariableDeclarator', 'ReturnStatement', 'ArrowFunctionExpression', 'Property', 'ArrayExpression', 'ExpressionStatement', 'TemplateLiteral', 'IfStatement']);

/** A lookup in parentheses where an operator or a member would otherwise take only a part of it. */
function enclosed(code: Code, at: Node, lookup: string): string {
  if (!/ \?\? /.test(lookup)) return lookup;
  const parent = code.parentOf(at);
  if (!parent || NEEDS_NO_PARENTHESES.has(parent.type)) return lookup;
  if (parent.type === 'AssignmentExpression' && parent.right === at) return lookup;
  if (parent.type === 'CallExpression' && parent.callee !== at) return lookup;
  if (parent.type === 'ConditionalExpression') return parent.test === at ? `(${lookup})` : lookup;
  const before = code.text.slice(0, at.range[0]).trimEnd();
  return before.endsWith('(') && /^\s*\)/.test(code.text.slice(at.range[1])) && parent.type !== 'CallExpression' ? lookup : `(${lookup})`;
}
