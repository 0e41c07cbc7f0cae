import type { TSESTree } from '@typescript-eslint/typescript-estree';
import type { LoopKind } from './facts';

/** Array methods that call their first argument once per element. */
export const ITERATION_METHODS: ReadonlySet<string> = new Set([
  'map', 'forEach', 'flatMap', 'filter', 'some', 'every', 'find', 'findIndex', 'findLast', 'findLastIndex', 'reduce', 'reduceRight',
]);

type LoopNode = TSESTree.ForOfStatement | TSESTree.ForInStatement | TSESTree.ForStatement | TSESTree.WhileStatement | TSESTree.DoWhileStatement;

/** What the syntax of a loop tells about how often it runs. */
export interface LoopShape {
  kind: LoopKind;
  /** `xs` of a condition such as `i < xs.length` or `xs.length > 0`. */
  counted?: TSESTree.Expression;
  counter?: string;
  turns?: number;
  strided: boolean;
  leavesAtOnce: boolean;
  conditionNames: string[];
}

const KINDS: Record<LoopNode['type'], LoopKind> = {
  ForOfStatement: 'for-of',
  ForInStatement: 'for-in',
  ForStatement: 'for',
  WhileStatement: 'while',
  DoWhileStatement: 'do-while',
};

export function loopShape(node: LoopNode): LoopShape {
  const kind = node.type === 'ForOfStatement' && node.await ? 'for-await' : KINDS[node.type];
  const shape: LoopShape = { kind, strided: false, leavesAtOnce: endsByLeaving(node.body), conditionNames: [] };
  if (!('test' in node) || !node.test) return shape;
  shape.conditionNames = namesIn(node.test);
  const counted = lengthIn(node.test) ?? (node.type === 'ForStatement' ? lengthInInit(node) : undefined);
  if (counted) shape.counted = counted;
  if (node.type === 'ForStatement') {
    const declared = node.init?.type === 'VariableDeclaration' ? node.init.declarations[0] : undefined;
    if (declared?.id.type === 'Identifier') shape.counter = declared.id.name;
    shape.strided = isStride(node.update);
    const turns = turnsOf(node);
    if (turns !== undefined) shape.turns = turns;
  }
  return shape;
}

/** The statement's last effect is to leave the loop. */
function endsByLeaving(body: TSESTree.Statement): boolean {
  const last = body.type === 'BlockStatement' ? body.body.at(-1) : body;
  return last?.type === 'ReturnStatement' || (last?.type === 'BreakStatement' && !last.label);
}

function isStride(update: TSESTree.Expression | null): boolean {
  if (update?.type !== 'AssignmentExpression') return false;
  return !(update.right.type === 'Literal' && (update.right.value === 1 || update.right.value === -1));
}

/** The literal of `i < 3`, or of `let i = 3; i > 0; i--`. */
function turnsOf({ init, test }: TSESTree.ForStatement): number | undefined {
  if (test?.type !== 'BinaryExpression') return undefined;
  const start = init?.type === 'VariableDeclaration' ? init.declarations[0]?.init : undefined;
  const bound = test.operator.startsWith('>') ? start : test.right;
  return bound?.type === 'Literal' && typeof bound.value === 'number' ? bound.value : undefined;
}

/** The `xs` of `let i = xs.length - 1; i >= 0; i--` and of `let i = 0, n = xs.length; i < n; i++`. */
function lengthInInit({ init, test, update }: TSESTree.ForStatement): TSESTree.Expression | undefined {
  if (init?.type !== 'VariableDeclaration' || test?.type !== 'BinaryExpression') return undefined;
  const countsDown = update?.type === 'UpdateExpression' && update.operator === '--' && test.operator.startsWith('>');
  const bound = test.right.type === 'Identifier' ? test.right.name : undefined;
  const declared = init.declarations.find(({ id }) => id.type === 'Identifier' && (countsDown || id.name === bound));
  return declared?.init ? lengthIn(declared.init) : undefined;
}

/** The `xs` of the first `xs.length` or `xs.size` in a condition. */
function lengthIn(node: TSESTree.Node): TSESTree.Expression | undefined {
  const inner = peel(node);
  if (inner.type === 'MemberExpression' && !inner.computed && inner.property.type === 'Identifier' && (inner.property.name === 'length' || inner.property.name === 'size')) return inner.object;
  if (inner.type === 'BinaryExpression' || inner.type === 'LogicalExpression') return lengthIn(inner.left) ?? lengthIn(inner.right);
  return undefined;
}

function namesIn(node: TSESTree.Node): string[] {
  const inner = peel(node);
  switch (inner.type) {
    case 'Identifier':
      return [inner.name];
    case 'BinaryExpression':
    case 'LogicalExpression':
      return [...namesIn(inner.left), ...namesIn(inner.right)];
    case 'UnaryExpression':
      return namesIn(inner.argument);
    case 'MemberExpression':
      return namesIn(inner.object);
    case 'AssignmentExpression':
      return namesIn(inner.left);
    default:
      return [];
  }
}

/** How a branch leaves the loop or function, if it always does. */
export function exitsOf(branch: TSESTree.Statement, insideSwitch: boolean): 'return' | 'break' | undefined {
  const last = branch.type === 'BlockStatement' ? branch.body.at(-1) : branch;
  if (last?.type === 'ReturnStatement') return 'return';
  return last?.type === 'BreakStatement' && !insideSwitch ? 'break' : undefined;
}

/** Names whose being there, being true or being more than zero makes the test true. */
export function positivelyTested(test: TSESTree.Expression): string[] {
  const inner = peel(test);
  switch (inner.type) {
    case 'Identifier':
      return [inner.name];
    case 'MemberExpression':
      return namesIn(inner.object);
    case 'LogicalExpression':
      return [...positivelyTested(inner.left), ...positivelyTested(inner.right)];
    case 'BinaryExpression':
      return (inner.operator.startsWith('!=') && isNothing(inner.right)) || inner.operator.startsWith('>') || (inner.operator.startsWith('==') && !isNothing(inner.right))
        ? namesIn(inner.left)
        : [];
    case 'CallExpression':
      return inner.callee.type === 'MemberExpression' ? namesIn(inner.callee.object) : [];
    default:
      return [];
  }
}

/** `null`, `undefined` or `0`. */
export function isNothing(node: TSESTree.Node): boolean {
  return (node.type === 'Literal' && (node.value === null || node.value === 0)) || (node.type === 'Identifier' && node.name === 'undefined');
}

/** Takes off parentheses-like wrappers that do not change a value; `await` too unless told otherwise. */
export function peel(node: TSESTree.Node, throughAwait = false): TSESTree.Node {
  let inner = node;
  for (;;) {
    switch (inner.type) {
      case 'ChainExpression':
      case 'TSNonNullExpression':
      case 'TSAsExpression':
      case 'TSSatisfiesExpression':
      case 'TSTypeAssertion':
        inner = inner.expression;
        break;
      case 'AwaitExpression':
        if (!throughAwait) return inner;
        inner = inner.argument;
        break;
      default:
        return inner;
    }
  }
}
