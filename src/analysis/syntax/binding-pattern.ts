import type { TSESTree } from '@typescript-eslint/typescript-estree';

/** A step from a value to a part of it that a pattern takes. */
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
