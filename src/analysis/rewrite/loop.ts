import type { TSESTree } from '@typescript-eslint/typescript-estree';
import type { Code, FunctionNode, Node } from './code';
import { methodOf } from './code';
import { refuse } from './refusal';
import type { LoopQuery } from './site';

/** A loop that a rewrite can take apart: `for (const x of xs)` or `Promise.all(xs.map(async (x) => …))`. */
export interface Loop {
  /** The `for…of` statement, or the call of `map`. */
  node: TSESTree.ForOfStatement | TSESTree.CallExpression;
  /** The pattern that each element is bound to. */
  element: Node;
  /** What is gone through. */
  iterable: Node;
  /** Runs once per element. */
  body: TSESTree.BlockStatement | TSESTree.Expression;
  callback?: TSESTree.ArrowFunctionExpression;
  /** `Promise.all(…)` around the call of `map`. */
  together?: TSESTree.CallExpression;
  /** The statement of a list that the loop stands in: new statements go before it. */
  statement: Node;
}

/** Takes the loop of a site apart, or refuses a form whose turns cannot be told apart from the rest. */
export function loopOf(code: Code, site: LoopQuery): Loop {
  if (!site.direct) refuse('the query runs in another function, which other callers use too.');
  const found = code.nodeAt(site.loop) ?? refuse('the loop could not be found in the file.');
  const loop = found.type === 'ForOfStatement' ? statementLoop(found) : callbackLoop(code, found);
  const statement = statementAround(code, loop.node);
  return { ...loop, statement };
}

function statementLoop(node: TSESTree.ForOfStatement): Omit<Loop, 'statement'> {
  if (node.await) refuse('`for await` takes its elements one at a time, so the keys are not known before it.');
  if (node.left.type !== 'VariableDeclaration') refuse('the loop assigns its element to a variable that lives outside.');
  if (node.body.type !== 'BlockStatement') refuse('the body of the loop has no braces.');
  const element = node.left.declarations[0]!.id;
  return { node, element, iterable: node.right, body: node.body };
}

function callbackLoop(code: Code, found: Node): Omit<Loop, 'statement'> {
  const node = found.type === 'AwaitExpression' ? found.argument : found;
  if (node.type !== 'CallExpression') return refuse(formRefusal(node));
  const around = code.textOf(node.callee);
  if (around === 'Promise.allSettled') refuse('`Promise.allSettled` keeps the error of each element apart, and one query fails as a whole.');
  const inner = around === 'Promise.all' ? node.arguments[0] : node;
  if (inner?.type !== 'CallExpression' || inner.callee.type !== 'MemberExpression') return refuse('the promises are collected before they are awaited.');
  const method = methodOf(inner);
  if (method !== 'map') refuse(`\`${method ?? 'the call'}\` does not give one result per element, in order.`);
  const together = around === 'Promise.all' ? node : code.parentOf(inner);
  if (together?.type !== 'CallExpression' || together.arguments[0] !== inner) return refuse('the promises are not awaited together where they are made.');
  if (code.textOf(together.callee) === 'Promise.allSettled') refuse('`Promise.allSettled` keeps the error of each element apart, and one query fails as a whole.');
  if (code.textOf(together.callee) !== 'Promise.all') refuse('the promises are not awaited together where they are made.');
  const callback = inner.arguments[0];
  if (callback?.type !== 'ArrowFunctionExpression') return refuse('the callback is not an arrow function that stands here.');
  const element = callback.params[0] ?? refuse('the callback does not use its element.');
  return { node: inner, element, iterable: inner.callee.object, body: callback.body, callback, together };
}

function formRefusal(node: Node): string {
  switch (node.type) {
    case 'ForStatement':
      return 'the loop counts an index, and what it goes through is not spelled as a list of elements.';
    case 'ForInStatement':
      return '`for…in` goes through the names of properties, not through elements.';
    case 'WhileStatement':
    case 'DoWhileStatement':
      return 'the number of turns depends on what the loop does.';
    default:
      return 'the form of the loop is not one that can be taken apart.';
  }
}

/** Parts of a statement that are evaluated once, without a condition, so that what they hold may be computed before it. */
const PLAIN = new Set<string>([
  'AwaitExpression', 'VariableDeclarator', 'VariableDeclaration', 'ReturnStatement', 'ExpressionStatement', 'AssignmentExpression', 'ObjectExpression',
  'Property', 'ArrayExpression', 'CallExpression', 'NewExpression', 'MemberExpression', 'TSAsExpression', 'TSNonNullExpression', 'TSSatisfiesExpression', 'SpreadElement',
  'ForOfStatement', 'ExportNamedDeclaration',
]);
const LISTS = new Set<string>(['BlockStatement', 'Program', 'SwitchCase', 'StaticBlock', 'TSModuleBlock']);

function statementAround(code: Code, loop: Node): Node {
  let statement = loop;
  for (const ancestor of code.ancestorsOf(loop)) {
    if (LISTS.has(ancestor.type)) break;
    if (ancestor.type === 'ArrowFunctionExpression') refuse('the loop stands in an arrow function without a body, so there is no place before it.');
    if (ancestor.type === 'LabeledStatement') refuse('the loop has a label, so another loop may end it.');
    if (!PLAIN.has(ancestor.type)) refuse('the loop stands inside an expression or a statement that may not run it.');
    statement = ancestor;
  }
  if (loop.type === 'ForOfStatement' && statement !== loop) refuse('the loop is the body of another statement without braces.');
  const around = code.functionAround(loop);
  if (around ? !around.async : loop.type !== 'ForOfStatement' && !awaitsAtTop(code, loop)) {
    refuse('the function around the loop is not async, so nothing can be awaited before the loop.');
  }
  code.walk(statement, (node) => {
    if (node.range[0] >= loop.range[0] || node === loop) return false;
    const runs = node.type === 'CallExpression' || node.type === 'NewExpression' || node.type === 'AwaitExpression' || node.type === 'TaggedTemplateExpression';
    if (runs && node.range[1] <= loop.range[0]) refuse('the statement computes something else before the loop, which would then run after the query.');
    return true;
  });
  return statement;
}

function awaitsAtTop(code: Code, loop: Node): boolean {
  for (const ancestor of code.ancestorsOf(loop)) if (ancestor.type === 'AwaitExpression') return true;
  return false;
}

/** The function that the loop's own statements belong to; undefined for the module. */
export function ownerOf(code: Code, loop: Loop): FunctionNode | undefined {
  return code.functionAround(loop.node);
}
