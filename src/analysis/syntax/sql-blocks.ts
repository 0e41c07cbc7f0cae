import type { Span } from '../finding';

/** A named part of a `.sql` file: what stands between its mark and the next one. */
export interface SqlBlock extends Span {
  name: string;
}

/** `-- BLOCK name`, `-- name: name` and the block comment with `@name` (loaders of several languages share these marks). */
const MARK = /^[ \t]*(?:--|\/\*)[ \t]*(?:BLOCK[ \t]+|@?name[ \t]*:?[ \t]+)([A-Za-z_][\w-]*)[^\n]*$/gm;

/** The named blocks of a `.sql` file, in order. Offsets are those of the file; a block begins behind the line of its mark. */
export function sqlBlocks(text: string): SqlBlock[] {
  const blocks: SqlBlock[] = [];
  for (const match of text.matchAll(MARK)) {
    const last = blocks.at(-1);
    if (last) last.end = match.index;
    const end = match[0].trimStart().startsWith('/*') ? commentEnd(text, match.index) : match.index + match[0].length;
    blocks.push({ name: match[1]!, start: end, end: text.length });
  }
  return blocks;
}

function commentEnd(text: string, start: number): number {
  const close = text.indexOf('*/', start);
  return close < 0 ? text.length : close + 2;
}
