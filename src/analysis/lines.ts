import type { Span } from './finding';

/** The line of a text that a place lies in, without its `\n`; at a `\n`, the line that it ends. `offset` is in UTF-16 code units. */
export function lineAt(text: string, offset: number): Span {
  const end = text.indexOf('\n', offset);
  // Not `lastIndexOf('\n', offset - 1)`: before the first character that finds a `\n` which is the first character.
  return { start: text.slice(0, offset).lastIndexOf('\n') + 1, end: end < 0 ? text.length : end };
}
