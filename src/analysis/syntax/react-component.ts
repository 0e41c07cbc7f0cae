import type { TSESTree } from '@typescript-eslint/typescript-estree';
import { visitorKeys } from '@typescript-eslint/visitor-keys';

/** A function that React calls on each render: a component, a hook, or the `render` method of a class. */
export interface Component {
  node: TSESTree.ArrowFunctionExpression | TSESTree.FunctionDeclaration | TSESTree.FunctionExpression;
  name?: string;
  /** Server components are async; they render once. */
  async: boolean;
  /** It is the `render` method of a class, where no hook may be called. */
  ofClass: boolean;
}

/** Functions whose argument is the component. */
const WRAPPERS = new Set(['memo', 'forwardRef', 'observer']);
/** What a memoised callback returns is kept between renders. */
const MEMO_HOOKS = new Set(['useMemo', 'useCallback', 'useState', 'useRef']);
/** Hooks that never make their component render again. */
const INERT_HOOKS = new Set(
  ('useCallback useMemo useRef useId useEffect useLayoutEffect useInsertionEffect useImperativeHandle useDebugValue useEffectEvent useIsomorphicLayoutEffect').split(' '),
);

/**
 * The component or hook in whose render an element is made, callbacks in between included; undefined outside of any, and
 * inside of a memoised callback. `ancestors` are those of `node`, outermost first.
 */
export function componentAround(node: TSESTree.Node, ancestors: readonly TSESTree.Node[]): Component | undefined {
  for (let i = ancestors.length - 1; i >= 0; i--) {
    const candidate = ancestors[i]!;
    if (candidate.type !== 'ArrowFunctionExpression' && candidate.type !== 'FunctionExpression' && candidate.type !== 'FunctionDeclaration') continue;
    const parent = ancestors[i - 1];
    if (parent?.type === 'MethodDefinition') {
      const type = ancestors.slice(0, i).findLast((one) => one.type === 'ClassDeclaration' || one.type === 'ClassExpression');
      const base = type?.superClass && lastName(type.superClass);
      if (parent.key.type !== 'Identifier' || parent.key.name !== 'render' || !base || !/Component$/.test(base)) return undefined;
      return { node: candidate, ...(type.id && { name: type.id.name }), async: false, ofClass: true };
    }
    const called = parent?.type === 'CallExpression' && parent.callee !== candidate ? lastName(parent.callee) : undefined;
    if (called !== undefined && MEMO_HOOKS.has(called)) return undefined;
    const name = nameOfFunction(candidate, ancestors.slice(0, i));
    const unnamed = name === undefined && (parent?.type === 'ExportDefaultDeclaration' || candidate.type === 'FunctionDeclaration' || (called !== undefined && WRAPPERS.has(called)));
    if (unnamed || (name !== undefined && /^(?:[A-Z]|use[A-Z])/.test(name))) {
      return { node: candidate, ...(name !== undefined && { name }), async: candidate.async, ofClass: false };
    }
  }
  return undefined;
}

/** The function's own name, or that of the variable or property that it is assigned to, through `memo` and `forwardRef`. */
function nameOfFunction(node: Component['node'], ancestors: readonly TSESTree.Node[]): string | undefined {
  if (node.id) return node.id.name;
  for (let i = ancestors.length - 1; i >= 0; i--) {
    const parent = ancestors[i]!;
    if (parent.type === 'VariableDeclarator') return parent.id.type === 'Identifier' ? parent.id.name : undefined;
    if (parent.type === 'AssignmentExpression') return lastName(parent.left);
    const transparent = parent.type === 'TSAsExpression' || parent.type === 'TSSatisfiesExpression' || (parent.type === 'CallExpression' && WRAPPERS.has(lastName(parent.callee) ?? ''));
    if (!transparent) return undefined;
  }
  return undefined;
}

/**
 * Whether the component can render again while its parent does not: it has state, reads a context, or calls a hook that may.
 * Otherwise it renders only with its parent, which has then made the elements below it anew anyway.
 */
export function componentMayRender({ node, ofClass }: Component): boolean {
  if (ofClass) return true;
  const open: TSESTree.Node[] = node.body ? [node.body] : [];
  for (let one = open.pop(); one; one = open.pop()) {
    if (one.type === 'ArrowFunctionExpression' || one.type === 'FunctionExpression' || one.type === 'FunctionDeclaration') continue;
    if (one.type === 'CallExpression') {
      const name = lastName(one.callee);
      if (name !== undefined && /^use(?:[A-Z]|$)/.test(name) && !INERT_HOOKS.has(name)) return true;
    }
    for (const key of visitorKeys[one.type] ?? []) {
      const child = (one as unknown as Record<string, unknown>)[key] as TSESTree.Node | (TSESTree.Node | null)[] | null | undefined;
      if (Array.isArray(child)) open.push(...child.filter((part) => part !== null));
      else if (child && typeof child.type === 'string') open.push(child);
    }
  }
  return false;
}

function lastName(node: TSESTree.Node): string | undefined {
  if (node.type === 'Identifier') return node.name;
  if (node.type === 'TSInstantiationExpression') return lastName(node.expression);
  return node.type === 'MemberExpression' && !node.computed && node.property.type === 'Identifier' ? node.property.name : undefined;
}
