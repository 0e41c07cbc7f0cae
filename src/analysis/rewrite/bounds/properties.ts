import type { TSESTree } from '@typescript-eslint/typescript-estree';
import type { Code } from '../code';
import type { Edit } from '../edits';
import { indentationAt, type FileStyle } from '../file-style';

/** Adds properties to the end of an object literal, each on its own line where the literal has them so. */
export function addedTo(code: Code, object: TSESTree.ObjectExpression, properties: readonly string[], style: FileStyle): Edit {
  const last = object.properties.at(-1);
  if (!last) return { start: object.range[0], end: object.range[1], text: `{ ${properties.join(', ')} }` };
  const rest = code.text.slice(last.range[1], object.range[1]);
  const comma = /^\s*,/.exec(rest);
  if (!code.text.slice(object.range[0], last.range[0]).includes('\n')) {
    return { start: last.range[1], end: last.range[1] + (comma?.[0].length ?? 0), text: `, ${properties.join(', ')}` };
  }
  const indent = indentationAt(code.text, last.range[0]) || style.indent;
  // Behind the comma stand the comments of the last property: the new ones begin on the next line.
  const end = comma ? last.range[1] + comma[0].length : last.range[1];
  const line = /^[^\n]*/.exec(code.text.slice(end))![0].replace(/\r$/, '');
  const trailing = comma && /^\s*\/\//.test(line) ? line : '';
  return { start: last.range[1], end: end + trailing.length, text: `,${trailing}${properties.map((property) => `\n${indent}${property}`).join(',')}${comma ? ',' : ''}` };
}
