import type { TSESTree } from '@typescript-eslint/typescript-estree';

/** The nodes around an offset (begun before it, and not ended), outermost first. */
export function nodesAround(tree: TSESTree.Node, offset: number): TSESTree.Node[] {
  const found: TSESTree.Node[] = [];
  visit(tree);
  return found;

  function visit(node: TSESTree.Node): void {
    const [start, end] = node.range;
    if (offset <= start || offset > end) return;
    found.push(node);
    for (const [key, value] of Object.entries(node)) {
      if (key === 'parent') continue;
      for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) if (isNode(child)) visit(child);
    }
  }
}

function isNode(value: unknown): value is TSESTree.Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'range' in value;
}
