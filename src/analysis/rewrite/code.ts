import { analyze, type Variable } from '@typescript-eslint/scope-manager';
import type { TSESTree } from '@typescript-eslint/typescript-estree';
import type { Span } from '../finding';
import type { SourceFile } from '../rules/rule';
import { eachChild } from '../syntax/child-nodes';

export type Node = TSESTree.Node;
export type FunctionNode = TSESTree.ArrowFunctionExpression | TSESTree.FunctionExpression | TSESTree.FunctionDeclaration;

/** A file as rewrites ask for it: parents, names and the text of each node. */
export class Code {
  readonly text: string;
  readonly tree: TSESTree.Program;
  /** Every identifier of the file: a name that is not among them is free everywhere. */
  readonly names = new Set<string>();
  readonly #parents = new Map<Node, Node>();
  readonly #variables = new Map<Node, Variable>();

  private constructor(tree: TSESTree.Program, text: string) {
    this.tree = tree;
    this.text = text;
    this.walk(tree, (node, parent) => {
      if (parent) this.#parents.set(node, parent);
      if (node.type === 'Identifier' || node.type === 'JSXIdentifier') this.names.add(node.name);
    });
    const scopes = analyze(tree, { sourceType: 'module', lib: [] });
    for (const scope of scopes.scopes) {
      for (const reference of scope.references) {
        if (reference.resolved) this.#variables.set(reference.identifier, reference.resolved);
      }
      for (const variable of scope.variables) {
        for (const name of variable.identifiers) this.#variables.set(name, variable);
      }
    }
  }

  static readonly #made = new WeakMap<TSESTree.Program, Code>();

  /** The index of a file; made once per tree, however many findings the file has. */
  static of(source: SourceFile): Code | undefined {
    if (!source.tree) return undefined;
    let code = Code.#made.get(source.tree);
    if (!code) Code.#made.set(source.tree, (code = new Code(source.tree, source.text)));
    return code;
  }

  textOf(span: { range: readonly [number, number] }): string {
    return this.text.slice(span.range[0], span.range[1]);
  }

  parentOf(node: Node): Node | undefined {
    return this.#parents.get(node);
  }

  *ancestorsOf(node: Node): Generator<Node> {
    for (let parent = this.parentOf(node); parent; parent = this.parentOf(parent)) yield parent;
  }

  /** The innermost function around a node. */
  functionAround(node: Node): FunctionNode | undefined {
    for (const ancestor of this.ancestorsOf(node)) if (isFunction(ancestor)) return ancestor;
    return undefined;
  }

  /** What a name means where it stands; undefined for globals. */
  variableOf(identifier: Node): Variable | undefined {
    return this.#variables.get(identifier);
  }

  /** Goes through a node and all below it, parents first, in the order of the text; `enter` returns false to stay outside. */
  walk(root: Node, enter: (node: Node, parent: Node | undefined) => boolean | void): void {
    const go = (node: Node, parent: Node | undefined): void => {
      if (enter(node, parent) === false) return;
      for (const child of childrenOf(node)) go(child, node);
    };
    go(root, undefined);
  }

  /** The outermost node that fills a span exactly. */
  nodeAt(span: Span): Node | undefined {
    let found: Node | undefined;
    this.walk(this.tree, (node) => {
      if (found || node.range[0] > span.start || node.range[1] < span.end) return node.type === 'Program' && !found;
      if (node.range[0] === span.start && node.range[1] === span.end && node.type !== 'Program') found = node;
      return !found;
    });
    return found;
  }

  /** Names read or written under a node, with what they mean. */
  identifiersIn(root: Node): { node: TSESTree.Identifier; variable: Variable | undefined }[] {
    const found: { node: TSESTree.Identifier; variable: Variable | undefined }[] = [];
    this.walk(root, (node, parent) => {
      if (node.type !== 'Identifier') return;
      if (parent?.type === 'MemberExpression' && parent.property === node && !parent.computed) return;
      if (parent?.type === 'Property' && parent.key === node && !parent.computed && !parent.shorthand) return;
      found.push({ node, variable: this.variableOf(node) });
    });
    return found;
  }

  /** A variable is declared under a node. */
  declaredIn(variable: Variable, root: Node): boolean {
    return variable.identifiers.some((name) => within(name, root));
  }
}

export function within(inner: { range: readonly [number, number] }, outer: { range: readonly [number, number] }): boolean {
  return inner.range[0] >= outer.range[0] && inner.range[1] <= outer.range[1];
}

export function isFunction(node: Node): node is FunctionNode {
  return node.type === 'ArrowFunctionExpression' || node.type === 'FunctionExpression' || node.type === 'FunctionDeclaration';
}

/** An expression without what only the type checker sees: `as`, `satisfies`, `!`. */
export function bare(node: Node): Node {
  while (node.type === 'TSAsExpression' || node.type === 'TSNonNullExpression' || node.type === 'TSSatisfiesExpression' || node.type === 'ChainExpression') node = node.expression;
  return node;
}

/** Name of a property that is written out. */
export function propertyName(node: TSESTree.Property | TSESTree.MemberExpression): string | undefined {
  const key = node.type === 'Property' ? node.key : node.property;
  if (key.type === 'Identifier' && !node.computed) return key.name;
  if (key.type === 'Literal' && typeof key.value === 'string') return key.value;
  return undefined;
}

/** Name of the method that a call calls. */
export function methodOf(call: Node): string | undefined {
  return call.type === 'CallExpression' && call.callee.type === 'MemberExpression' ? propertyName(call.callee) : undefined;
}

function childrenOf(node: Node): Node[] {
  const children: Node[] = [];
  eachChild(node, (child) => children.push(child));
  // A shorthand property holds its name twice: as key and as value.
  if (node.type === 'Property' && node.shorthand) return children.slice(1);
  return children.sort((a, b) => a.range[0] - b.range[0]);
}
