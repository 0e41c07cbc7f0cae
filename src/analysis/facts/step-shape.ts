import type { TSESTree } from '@typescript-eslint/typescript-estree';
import type { StepFact } from './facts';
import { peel } from './loop-shape';

/** What kind of step a statement is, when it waits `awaits` times. */
export function formOf(node: TSESTree.Statement, awaits: number): StepFact['form'] {
  if (awaits > 0) return awaits === 1 && plainAwait(node) ? 'await' : 'control';
  switch (node.type) {
    case 'VariableDeclaration':
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
    case 'TSTypeAliasDeclaration':
    case 'TSInterfaceDeclaration':
    case 'TSEnumDeclaration':
    case 'EmptyStatement':
      return 'declaration';
    case 'ExpressionStatement':
      return 'expression';
    default:
      return 'control';
  }
}

/** The `await` of a statement that always waits, once, and keeps the result: `const a = await f()`, `a = (await f()).rows`. */
export function plainAwait(node: TSESTree.Statement): TSESTree.AwaitExpression | undefined {
  if (node.type === 'VariableDeclaration') return node.declarations.length === 1 && node.declarations[0]!.init ? awaitIn(node.declarations[0]!.init) : undefined;
  if (node.type !== 'ExpressionStatement') return undefined;
  const assignment = peel(node.expression);
  return assignment.type === 'AssignmentExpression' && assignment.operator === '=' ? awaitIn(assignment.right) : undefined;
}

/** The `await` that an expression surely evaluates. */
function awaitIn(node: TSESTree.Node): TSESTree.AwaitExpression | undefined {
  const inner = peel(node);
  switch (inner.type) {
    case 'AwaitExpression': {
      const { type } = peel(inner.argument);
      return type === 'ConditionalExpression' || type === 'LogicalExpression' ? undefined : inner;
    }
    case 'MemberExpression':
      return awaitIn(inner.object);
    case 'CallExpression':
      return awaitIn(inner.callee) ?? first(inner.arguments);
    case 'NewExpression':
      return first(inner.arguments);
    case 'LogicalExpression':
      return awaitIn(inner.left);
    case 'BinaryExpression':
      return first([inner.left, inner.right]);
    case 'UnaryExpression':
      return awaitIn(inner.argument);
    case 'ConditionalExpression':
      return awaitIn(inner.test);
    default:
      return undefined;
  }
}

function first(nodes: readonly TSESTree.Node[]): TSESTree.AwaitExpression | undefined {
  for (const node of nodes) {
    const found = awaitIn(node);
    if (found) return found;
  }
  return undefined;
}
