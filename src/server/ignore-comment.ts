import { lineAt } from '../analysis';
import { parseModule } from '../analysis/syntax/typescript';
import { nodesAround } from './nodes-around';

/** A comment that makes one rule silent at one line; the reason is still to be typed between `before` and `after`. */
export interface IgnoreComment {
  /** Where the line begins: the comment becomes a line of its own above it. */
  offset: number;
  before: string;
  after: string;
}

/** What stands where the reason belongs until the user has typed one. */
export const REASON_PLACEHOLDER = 'reason';

/**
 * The comment above the line of `start` (a finding's place) that ignores `rule` there, written as the place wants it:
 * SQL, JSX children or TypeScript. Undefined where no comment can stand, such as inside a string of several lines.
 */
export function ignoreComment(file: string, text: string, start: number, rule: string, isSql: boolean): IgnoreComment | undefined {
  const offset = lineAt(text, start).start;
  const indent = /^[^\S\r\n]*/.exec(text.slice(offset, start))![0];
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const place = file.endsWith('.sql') ? 'sql' : placeOf(file, text, offset);
  if (place === 'template' && !isSql) return undefined;
  const words = `roundtrip-ignore ${rule}: `;
  if (place === 'jsx') return { offset, before: `${indent}{/* ${words}`, after: ` */}${end}` };
  return { offset, before: `${indent}${place === 'code' ? '//' : '--'} ${words}`, after: end };
}

/** What a line is the beginning of. */
function placeOf(file: string, text: string, offset: number): 'code' | 'jsx' | 'template' {
  const innermost = nodesAround(parseModule(file, text).tree, offset).at(-1);
  if (innermost?.type === 'JSXText') return 'jsx';
  return innermost?.type === 'TemplateElement' && offset < innermost.range[1] ? 'template' : 'code';
}
