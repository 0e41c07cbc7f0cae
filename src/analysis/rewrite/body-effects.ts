import type { TSESTree } from '@typescript-eslint/typescript-estree';
import { describeSql } from '../syntax/sql';
import { bare, isFunction, methodOf, propertyName, within, type Code, type Node } from './code';
import type { Loop } from './loop';
import { refuse } from './refusal';
import type { LoopQuery } from './site';

/** Calls that do nothing but compute: as method names of built-in values, and as whole callees. */
const PURE_METHODS = new Set(
  ('map filter flatMap find findIndex some every reduce slice concat join includes indexOf at flat keys values entries get has toString toFixed toISOString getTime trim ' +
    'toLowerCase toUpperCase split replace replaceAll startsWith endsWith padStart padEnd charAt localeCompare toSorted toReversed toJSON valueOf').split(' '),
);
const PURE_CALLEES = /^(String|Number|Boolean|BigInt|Symbol|parseInt|parseFloat|isNaN|structuredClone|Math\.\w+|Number\.\w+|Object\.(keys|values|entries|fromEntries|freeze)|Array\.(isArray|from|of)|JSON\.(stringify|parse)|Date\.(now|parse|UTC)|(crypto\.)?randomUUID|encodeURIComponent|decodeURIComponent)$/;
const PURE_CLASSES = new Set(['Map', 'Set', 'Date', 'Error', 'URL', 'Array', 'RegExp', 'TypeError', 'RangeError', 'WeakMap', 'WeakSet']);
/** Methods that change the value that they are called on. */
export const MUTATING_METHODS = new Set(['push', 'pop', 'shift', 'unshift', 'splice', 'sort', 'reverse', 'fill', 'copyWithin', 'set', 'add', 'delete', 'clear']);
const READING = /^(find|count|aggregate|groupBy|select|selectDistinct|exists)/;
const WRITING = /^(create|insert|update|upsert|delete|save|remove|execute|transaction|\$)/;

/** What the body of a loop does besides the query that is moved out of it. */
export interface BodyEffects {
  /** Something outside of the function can see how far the loop came when it fails. */
  visible: boolean;
  /** Awaited calls after the query whose work is not known. */
  unknownAwaits: string[];
}

/**
 * Looks at everything in the loop's body but `moved`. Refuses what forbids to run the query before the first turn:
 * writes, unknown work that is awaited before it, early ends of the loop.
 */
export function effectsAround(code: Code, loop: Loop, moved: Node, site: LoopQuery): BodyEffects {
  const effects: BodyEffects = { visible: false, unknownAwaits: [] };
  const judged = new Set<Node>();
  code.walk(loop.body, (node, parent) => {
    if (node === moved) return false;
    switch (node.type) {
      case 'AwaitExpression':
      case 'CallExpression': {
        const call = bare(node.type === 'AwaitExpression' ? node.argument : node);
        if (judged.has(call)) break;
        judged.add(call);
        if (within(moved, node)) {
          // A chain or an argument around the query: it runs with the query's result.
          if (node.type === 'CallExpression' && !isPureCall(code, node) && !changesLocal(code, loop, node)) effects.visible = true;
          break;
        }
        judge(code, loop, call, node.type === 'AwaitExpression', node.range[0] < moved.range[0], site, effects);
        break;
      }
      case 'NewExpression':
        if (!PURE_CLASSES.has(code.textOf(node.callee))) effects.visible = true;
        break;
      case 'TaggedTemplateExpression':
        effects.visible = true;
        break;
      case 'ThrowStatement':
        effects.visible = true;
        break;
      case 'YieldExpression':
        refuse('the loop hands its results out one at a time.');
        break;
      case 'BreakStatement':
        if (!node.label && leaves(code, node, loop.node)) refuse('the loop may stop early, and one query would read more than it needs.');
        if (node.label) refuse('the loop may end by a label.');
        break;
      case 'ContinueStatement':
        if (node.label) refuse('the loop may go on with an outer loop.');
        break;
      case 'ReturnStatement':
        if (!loop.callback && code.functionAround(node) === code.functionAround(loop.node)) {
          refuse('the loop may stop early, and one query would read more than it needs.');
        }
        break;
      case 'AssignmentExpression':
        judgeWrite(code, loop, node.left, effects);
        break;
      case 'UpdateExpression':
        judgeWrite(code, loop, node.argument, effects);
        break;
      case 'UnaryExpression':
        if (node.operator === 'delete') judgeWrite(code, loop, node.argument, effects);
        break;
      case 'TryStatement':
        if (within(moved, node)) refuse('`try` inside the loop handles the error of each element by itself, and one query fails as a whole.');
        break;
      default:
        break;
    }
    return !(isFunction(node) && parent?.type === 'VariableDeclarator');
  });
  for (const ancestor of code.ancestorsOf(loop.node)) {
    if (isFunction(ancestor)) break;
    if (ancestor.type === 'TryStatement' && within(loop.node, ancestor.block)) effects.visible = true;
  }
  return effects;
}

function judge(code: Code, loop: Loop, call: Node, awaited: boolean, before: boolean, site: LoopQuery, effects: BodyEffects): void {
  if (call.type !== 'CallExpression') {
    if (!awaited) return;
    if (before) refuse(`the body awaits \`${shortText(code, call)}\` before the query, which may change what it reads.`);
    effects.unknownAwaits.push(shortText(code, call));
    return;
  }
  const database = databaseWork(code, call, site);
  if (database === 'read') return;
  if (database === 'write') refuse(`the loop writes to \`${site.tables[0] ?? 'the table'}\` between the reads.`);
  if (database === 'builder') return;
  if (awaited || database === 'other-write') {
    if (before) refuse(`the body awaits \`${shortText(code, call.callee)}\` before the query, which may change what it reads.`);
    effects.unknownAwaits.push(shortText(code, call.callee));
    effects.visible = true;
    return;
  }
  if (isPureCall(code, call)) return;
  if (changesLocal(code, loop, call)) return;
  effects.visible = true;
}

type DatabaseWork = 'read' | 'write' | 'other-write' | 'builder' | undefined;

/** What a call does to the database, as far as its own spelling tells; undefined when it is not on the query's handle. */
function databaseWork(code: Code, call: TSESTree.CallExpression, site: LoopQuery): DatabaseWork {
  const handle = rootText(code, code.nodeAt(site.query) ?? call);
  const chain = namesOf(call);
  if (site.library === 'pg') {
    if (methodOf(call) !== 'query') return undefined;
    const argument = call.arguments[0];
    const text = argument?.type === 'Literal' && typeof argument.value === 'string' ? argument.value : argument?.type === 'TemplateLiteral' && argument.quasis.length === 1 ? argument.quasis[0]!.value.cooked : undefined;
    if (text === undefined || text === null) return 'other-write';
    const statements = describeSql(text);
    if (!Array.isArray(statements)) return 'other-write';
    if (statements.every((statement) => statement.verb === 'read')) return 'read';
    return statements.some((statement) => statement.tables.some((table) => site.tables.includes(table))) ? 'write' : 'other-write';
  }
  if (rootText(code, call) !== handle) return undefined;
  if (chain.some((name) => WRITING.test(name))) {
    const touched = [...chain, ...tablesIn(code, call)];
    return site.tables.some((table) => touched.includes(table)) ? 'write' : 'other-write';
  }
  return chain.some((name) => READING.test(name)) ? 'read' : undefined;
}

/** Names of members along a chain, from the outermost in. */
function namesOf(node: Node): string[] {
  const names: string[] = [];
  for (let step: Node = bare(node); ; ) {
    if (step.type === 'CallExpression') step = bare(step.callee);
    else if (step.type === 'MemberExpression') {
      names.push(propertyName(step) ?? '');
      step = bare(step.object);
    } else return names;
  }
}

function tablesIn(code: Code, call: Node): string[] {
  const found: string[] = [];
  code.walk(call, (node) => {
    if (node.type === 'CallExpression' && /^(insert|update|delete)$/.test(methodOf(node) ?? '') && node.arguments[0]) found.push(code.textOf(node.arguments[0]));
  });
  return found;
}

/** Text of what a chain starts from: `prisma`, `this.db`, `ctx.prisma`. */
export function rootText(code: Code, chain: Node): string {
  let step = bare(chain);
  for (;;) {
    if (step.type === 'CallExpression') step = bare(step.callee);
    else if (step.type === 'MemberExpression' && bare(step.object).type !== 'ThisExpression') step = bare(step.object);
    else return code.textOf(step);
  }
}

/** A call that only computes, by its name. */
export function isPureCall(code: Code, call: TSESTree.CallExpression): boolean {
  const callee = code.textOf(call.callee);
  if (PURE_CALLEES.test(callee)) return true;
  const method = methodOf(call);
  return method !== undefined && PURE_METHODS.has(method) && !/^console\b/.test(callee);
}

/** `results.push(…)` and its like on something that only this function knows. */
function changesLocal(code: Code, loop: Loop, call: TSESTree.CallExpression): boolean {
  const method = methodOf(call);
  if (!method || !MUTATING_METHODS.has(method) || call.callee.type !== 'MemberExpression') return false;
  if (code.textOf(bare(call.callee.object)) === code.textOf(bare(loop.iterable))) refuse('the loop changes the list that it goes through.');
  return isLocal(code, loop, call.callee.object);
}

function judgeWrite(code: Code, loop: Loop, target: Node, effects: BodyEffects): void {
  const written = bare(target);
  if (code.textOf(written) === code.textOf(bare(loop.iterable))) refuse('the loop changes the list that it goes through.');
  if (!isLocal(code, loop, written)) effects.visible = true;
}

/** Made by this function's own code: a variable that it declares, and what hangs on it. */
function isLocal(code: Code, loop: Loop, target: Node): boolean {
  let root = bare(target);
  const member = root.type === 'MemberExpression';
  while (root.type === 'MemberExpression') root = bare(root.object);
  if (root.type !== 'Identifier') return root.type === 'ObjectPattern' || root.type === 'ArrayPattern';
  const definition = code.variableOf(root)?.defs[0];
  if (!definition || definition.type !== 'Variable') return false;
  if (code.functionAround(definition.node as Node) === undefined && code.functionAround(loop.node) !== undefined) return false;
  // The element itself belongs to whoever made the list.
  if (member && within(definition.name, loop.element)) return false;
  const value = definition.node.type === 'VariableDeclarator' ? definition.node.init : undefined;
  return !member || value?.type === 'ObjectExpression' || value?.type === 'ArrayExpression' || value?.type === 'NewExpression';
}

/** A `break` ends this loop and not one inside it. */
function leaves(code: Code, node: Node, loop: Node): boolean {
  for (const ancestor of code.ancestorsOf(node)) {
    if (ancestor === loop) return true;
    if (/^(For|While|DoWhile|Switch)/.test(ancestor.type) || isFunction(ancestor)) return false;
  }
  return false;
}

export function shortText(code: Code, node: Node): string {
  const text = code.textOf(node).replace(/\s+/g, ' ');
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

/**
 * Looks at a loop whose inserts are put off until after it: nothing else may be awaited in between, and no early
 * `return` may leave rows behind.
 */
export function insertBodyEffects(code: Code, loop: Loop, insert: Node, statement: Node): Pick<BodyEffects, 'visible'> {
  let visible = false;
  code.walk(loop.body, (node) => {
    if (node.type === 'AwaitExpression' && node.argument !== insert) refuse(`the loop awaits \`${shortText(code, bare(node.argument))}\` between the inserts.`);
    if (node.type === 'YieldExpression') refuse('the loop hands its results out one at a time.');
    if (node.type === 'TryStatement' && within(insert, node)) refuse('`try` inside the loop handles the error of each row by itself, and one statement fails as a whole.');
    if (node.type === 'ReturnStatement' && !loop.callback && code.functionAround(node) === code.functionAround(loop.node)) refuse('the loop may return before its end, after some of the inserts.');
    if ((node.type === 'BreakStatement' || node.type === 'ContinueStatement') && node.label) refuse('the loop may end by a label.');
    if (node.type === 'CallExpression' && node !== insert && !within(node, insert) && !isPureCall(code, node) && !changesLocal(code, loop, node)) visible = true;
    if (node.type === 'ThrowStatement') visible = true;
    return true;
  });
  for (const ancestor of code.ancestorsOf(statement)) {
    if (ancestor === loop.node) break;
    if (isFunction(ancestor) && ancestor !== loop.callback) refuse('the insert runs in a function inside the loop.');
    if (/^(For|While|DoWhile)/.test(ancestor.type)) refuse('the insert runs in a loop inside the loop.');
  }
  return { visible };
}
