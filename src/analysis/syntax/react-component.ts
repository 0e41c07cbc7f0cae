import type { TSESTree } from '@typescript-eslint/typescript-estree';
import { forEachBinding } from './binding-pattern';
import { eachChild } from './child-nodes';

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

/** Hooks whose first result is the state that makes the component render; the others change it. */
const STATE_HOOKS = new Set(['useState', 'useReducer', 'useOptimistic']);
/** Stands among names for the state of a class. */
const CLASS_STATE = 'this.state';

/**
 * Whether the component can render again, while its parent does not, for something that `value` is not made of: state, a context,
 * or the result of a hook. When its parent renders, the elements below it are new anyway; and when something in the value has
 * changed, what reads the value has to render. Names are not told apart by scope, which errs on the side of "made of it".
 */
export function rendersBesides({ node, ofClass }: Component, value: TSESTree.Expression): boolean {
  const names = namesBehind(value, node.body);
  if (ofClass) return !names.has(CLASS_STATE);
  let besides = false;
  walkRender(node.body, (one, declarator) => {
    // A hook whose result nobody takes gives the render nothing.
    if (one === value || (one.type === 'ExpressionStatement' && isHook(bareCall(one.expression)))) return false;
    if (one.type !== 'CallExpression' || !isHook(one)) return true;
    const results = declarator ? resultNames(declarator, one) : [];
    besides ||= results !== 'constant' && !results.some((name) => names.has(name));
    return true;
  });
  return besides;
}

/** A call of a hook that may make its component render again. */
function isHook(node: TSESTree.Node): boolean {
  if (node.type !== 'CallExpression') return false;
  const name = lastName(node.callee);
  return name !== undefined && /^use(?:[A-Z]|$)/.test(name) && !INERT_HOOKS.has(name);
}

function bareCall(expression: TSESTree.Expression): TSESTree.Expression {
  return expression.type === 'UnaryExpression' || expression.type === 'AwaitExpression' ? expression.argument : expression;
}

/** Names that hold what a hook gives for this render; state that nobody can set is constant. */
function resultNames({ id, init }: TSESTree.VariableDeclarator, call: TSESTree.CallExpression): string[] | 'constant' {
  if (id.type !== 'ArrayPattern' || init !== call || !STATE_HOOKS.has(lastName(call.callee) ?? '')) return boundNames(id);
  const [state, setter] = id.elements;
  if (!setter) return 'constant';
  return state ? boundNames(state) : [];
}

/** All names that the value is made of, through the constants and functions of the component. */
function namesBehind(value: TSESTree.Node, body: TSESTree.Node): Set<string> {
  const made = new Map<string, TSESTree.Node[]>();
  const makes = (name: string, node: TSESTree.Node | null): void => {
    if (node) made.set(name, [...(made.get(name) ?? []), node]);
  };
  walkRender(body, (one) => {
    if (one.type === 'FunctionDeclaration' && one.id) makes(one.id.name, one.body);
    else if (one.type === 'VariableDeclarator') for (const name of boundNames(one.id)) makes(name, one.init);
    else if (one.type === 'AssignmentExpression' && one.left.type === 'Identifier') makes(one.left.name, one.right);
    return true;
  });
  const names = new Set<string>();
  const open = [value];
  const meet = (name: string): void => {
    if (names.has(name)) return;
    names.add(name);
    open.push(...(made.get(name) ?? []));
  };
  for (let node = open.pop(); node; node = open.pop()) {
    if (node.type === 'Identifier' || node.type === 'JSXIdentifier') meet(node.name);
    else if (node.type === 'MemberExpression') {
      open.push(node.object);
      if (node.computed) open.push(node.property);
      else if (node.object.type === 'ThisExpression' && lastName(node) === 'state') meet(CLASS_STATE);
    } else if (node.type === 'Property') open.push(...(node.computed ? [node.key] : []), node.value);
    else eachChild(node, (child) => open.push(child));
  }
  return names;
}

/** Goes through what the render itself evaluates, not the functions in it; `enter` returns false to stay outside. */
function walkRender(body: TSESTree.Node, enter: (node: TSESTree.Node, declarator: TSESTree.VariableDeclarator | undefined) => boolean): void {
  const go = (node: TSESTree.Node, declarator: TSESTree.VariableDeclarator | undefined): void => {
    if (!enter(node, declarator)) return;
    if (node.type === 'ArrowFunctionExpression' || node.type === 'FunctionExpression' || node.type === 'FunctionDeclaration') return;
    eachChild(node, (child) => go(child, node.type === 'VariableDeclarator' ? node : declarator));
  };
  go(body, undefined);
}

function boundNames(pattern: TSESTree.Node): string[] {
  const names: string[] = [];
  forEachBinding(pattern, ({ name }) => names.push(name));
  return names;
}

function lastName(node: TSESTree.Node): string | undefined {
  if (node.type === 'Identifier') return node.name;
  if (node.type === 'TSInstantiationExpression') return lastName(node.expression);
  return node.type === 'MemberExpression' && !node.computed && node.property.type === 'Identifier' ? node.property.name : undefined;
}
