import type { Variable } from '@typescript-eslint/scope-manager';
import { within, type Code, type FunctionNode, type Node } from '../code';
import { refuse } from '../refusal';
import { byName } from '../../names';

/** One entry of a hook's dependency list, as the `exhaustive-deps` rule of eslint-plugin-react-hooks wants it. */
export interface Dependency {
  variable: Variable;
  /** `user`, `user.name` or `user?.name`. */
  path: string;
  /** The variable itself, not a property of it. */
  whole: boolean;
  /** React promises that it never changes (setters, dispatch, refs), or it is a plain constant: it need not be listed. */
  stable: boolean;
}

/** Nodes of types that hold an expression; all others that start with TS hold types alone. */
const TYPED_EXPRESSIONS = new Set(['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression', 'TSInstantiationExpression']);

/** What a value takes from the render that it is made in, in the order of the text. */
export function dependenciesOf(code: Code, value: Node, component: FunctionNode): Dependency[] {
  const found = new Map<string, Dependency & { optional: boolean }>();
  code.walk(value, (node, parent) => {
    if (node.type.startsWith('TS') && !TYPED_EXPRESSIONS.has(node.type)) return false;
    if (node.type !== 'Identifier' && node.type !== 'JSXIdentifier') return true;
    if (parent?.type === 'MemberExpression' && parent.property === node && !parent.computed) return false;
    if (parent?.type === 'Property' && parent.key === node && !parent.computed && !parent.shorthand) return false;
    const variable = code.variableOf(node);
    if (!variable || code.declaredIn(variable, value)) return true;
    if (!code.declaredIn(variable, component)) {
      if (variable.references.some((reference) => reference.isWrite() && !reference.init)) refuse(`\`${variable.name}\` changes outside of the component, which no dependency shows.`);
      return true;
    }
    const { path, optional } = pathFrom(code, node, value);
    const known = found.get(path);
    if (known) known.optional &&= optional;
    else found.set(path, { variable, path, whole: path === variable.name, stable: isStable(code, variable, component), optional });
    return true;
  });
  return [...found.values()]
    // A whole value makes its properties needless.
    .filter(({ path }) => ![...found.keys()].some((other) => other !== path && path.startsWith(`${other}.`)))
    .map(({ optional, path, ...rest }) => ({ ...rest, path: optional ? path.replace('.', '?.') : path }));
}

/** The longest chain of properties that is read; the object of a method that is called, or of what is written. */
function pathFrom(code: Code, identifier: Node, value: Node): { path: string; optional: boolean } {
  let path = code.textOf(identifier);
  let node = identifier;
  let optional = false;
  for (let parent = code.parentOf(node); parent?.type === 'MemberExpression' && parent.object === node && within(parent, value); parent = code.parentOf(node)) {
    if (parent.computed || parent.property.type !== 'Identifier' || parent.property.name === 'current') break;
    const use = code.parentOf(parent);
    if (use?.type === 'CallExpression' && use.callee === parent) break;
    if ((use?.type === 'AssignmentExpression' && use.left === parent) || use?.type === 'UpdateExpression') break;
    // Only a first step is written with `?.`; further ones are rare and the plain form lists more.
    if (node === identifier) optional = parent.optional;
    else if (parent.optional) break;
    path += `.${parent.property.name}`;
    node = parent;
  }
  return { path, optional };
}

/** Which element of what a hook returns never changes. */
const STABLE_ELEMENTS: Record<string, number> = byName({ useState: 1, useReducer: 1, useTransition: 1, useActionState: 1 });

function isStable(code: Code, variable: Variable, component: FunctionNode): boolean {
  const definition = variable.defs[0];
  // A parameter's definition also names the function that it belongs to.
  if (definition === undefined || definition.type === 'Parameter') return false;
  const node = definition.node as Node;
  if (node.type === 'FunctionDeclaration') return takesNothing(code, node, component);
  if (node.type !== 'VariableDeclarator' || !node.init) return false;
  const init = node.init;
  const declaration = code.parentOf(node);
  if (declaration?.type !== 'VariableDeclaration' || declaration.kind !== 'const') return false;
  if (init.type === 'Literal') return node.id.type === 'Identifier';
  if (init.type === 'ArrowFunctionExpression' || init.type === 'FunctionExpression') return takesNothing(code, init, component);
  const hook = init.type === 'CallExpression' ? calledName(init.callee) : undefined;
  if (hook === 'useRef' || hook === 'useEffectEvent') return node.id.type === 'Identifier';
  const element = hook === undefined ? undefined : STABLE_ELEMENTS[hook];
  if (element === undefined || node.id.type !== 'ArrayPattern') return false;
  const stable = node.id.elements[element];
  return stable !== undefined && stable !== null && definition.name === stable;
}

/** A function that takes nothing from the render is as good as one from outside, however often it is made. */
function takesNothing(code: Code, fn: Node, component: FunctionNode): boolean {
  return code.identifiersIn(fn).every(({ variable }) => !variable || code.declaredIn(variable, fn) || !code.declaredIn(variable, component));
}

function calledName(callee: Node): string | undefined {
  if (callee.type === 'TSInstantiationExpression') return calledName(callee.expression);
  if (callee.type === 'Identifier') return callee.name;
  return callee.type === 'MemberExpression' && callee.property.type === 'Identifier' ? callee.property.name : undefined;
}
