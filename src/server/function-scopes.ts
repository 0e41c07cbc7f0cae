import { parseModule } from '../analysis/syntax/typescript';
import { nodesAround } from './nodes-around';

/** Tells which outermost function a place of a text lies in, as an opaque number: names that are declared in different ones never meet. */
export function functionScopes(file: string, text: string): (offset: number) => number {
  if (file.endsWith('.sql')) return () => 0;
  const { tree } = parseModule(file, text);
  return (offset) => nodesAround(tree, offset).find(({ type }) => /Function/.test(type))?.range[0] ?? -1;
}
