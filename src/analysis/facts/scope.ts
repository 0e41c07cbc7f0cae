import type { TSESTree } from '@typescript-eslint/typescript-estree';

/** What a name in a scope stands for. */
export type Binding =
  | { kind: 'import'; import: number }
  | { kind: 'variable'; variable: number }
  | { kind: 'function'; function: number }
  | { kind: 'class'; class: number };

/** Names of one block; looked up from the inside out. */
export class Scope {
  readonly #names = new Map<string, Binding>();

  constructor(
    readonly parent: Scope | undefined,
    /** Function whose code this is; `var`s belong to its outermost scope. */
    readonly owner: number,
  ) {}

  declare(name: string, binding: Binding): void {
    this.#names.set(name, binding);
  }

  own(name: string): Binding | undefined {
    return this.#names.get(name);
  }

  resolve(name: string): Binding | undefined {
    return this.#names.get(name) ?? this.parent?.resolve(name);
  }
}

/** Identifiers that a pattern binds, each with the pattern's path to it. */
export type PatternStep = { key: string } | { index: number } | { rest: true } | { computed: true };

/** Calls `bind` for every identifier in a pattern. `path` leads from the whole value to the identifier's value. */
export function forEachBinding(
  pattern: TSESTree.Node,
  bind: (identifier: TSESTree.Identifier, path: PatternStep[], fallback: TSESTree.Expression | undefined) => void,
  path: PatternStep[] = [],
  fallback?: TSESTree.Expression,
): void {
  switch (pattern.type) {
    case 'Identifier':
      bind(pattern, path, fallback);
      break;
    case 'AssignmentPattern':
      forEachBinding(pattern.left, bind, path, pattern.right);
      break;
    case 'RestElement':
      forEachBinding(pattern.argument, bind, [...path, { rest: true }]);
      break;
    case 'TSParameterProperty':
      forEachBinding(pattern.parameter, bind, path, fallback);
      break;
    case 'ArrayPattern':
      pattern.elements.forEach((element, index) => {
        if (element) forEachBinding(element, bind, element.type === 'RestElement' ? path : [...path, { index }]);
      });
      break;
    case 'ObjectPattern':
      for (const property of pattern.properties) {
        if (property.type === 'RestElement') forEachBinding(property, bind, path);
        else forEachBinding(property.value, bind, [...path, keyStep(property)]);
      }
      break;
    default:
      break;
  }
}

function keyStep(property: TSESTree.Property): PatternStep {
  if (!property.computed && property.key.type === 'Identifier') return { key: property.key.name };
  if (property.key.type === 'Literal') return { key: String(property.key.value) };
  return { computed: true };
}
