import type { Fix, Span, TextEdit } from '../finding';
import type { Code, Node } from './code';
import { indentationAt } from './file-style';

/** A replacement in the file that is rewritten. */
export interface Edit extends Span {
  text: string;
}

export function replace(node: { range: readonly [number, number] }, text: string): Edit {
  return { start: node.range[0], end: node.range[1], text };
}

/** Removes a span. */
export function remove(start: number, end: number): Edit {
  return { start, end, text: '' };
}

/** Copies a span of the file with edits inside it applied; offsets are those of the file. */
export function spliced(text: string, span: Span, edits: readonly Edit[]): string {
  let result = '';
  let at = span.start;
  for (const edit of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at, span.end);
}

/**
 * Text of a node for another place: edits applied, and its further lines moved from their indentation to the new one.
 * Lines inside template literals stay as they are, since their white space may count.
 */
export function movedText(code: Code, node: Node, edits: readonly Edit[], indent: string): string {
  const span = { start: node.range[0], end: node.range[1] };
  return spliced(code.text, span, [...edits, ...reindented(code, node, indentationAt(code.text, span.start), indent, edits)]);
}

/** Edits that move the lines after the first of a node from one indentation to another, where nothing else is edited. */
export function reindented(code: Code, node: Node, from: string, to: string, besides: readonly Span[]): Edit[] {
  if (from === to) return [];
  const quoted: Span[] = [];
  code.walk(node, (inner) => {
    if (inner.type === 'TemplateLiteral') quoted.push({ start: inner.range[0], end: inner.range[1] });
  });
  const edits: Edit[] = [];
  for (let at = code.text.indexOf('\n', node.range[0]); at >= 0 && at < node.range[1]; at = code.text.indexOf('\n', at + 1)) {
    const start = at + 1;
    if (!code.text.startsWith(from, start)) continue;
    if (quoted.some((span) => start > span.start && start < span.end)) continue;
    if (besides.some((span) => start + from.length > span.start && start < span.end)) continue;
    edits.push({ start, end: start + from.length, text: to });
  }
  return edits;
}

/** A fix from edits of one file, in the file's own line ends; joined where they touch. */
export function fixOf(title: string, safety: Fix['safety'], file: string, newline: string, edits: readonly Edit[]): Fix {
  const ordered = [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
  return { title, safety, edits: ordered.map((edit): TextEdit => ({ file, start: edit.start, end: edit.end, text: edit.text.replace(/\r?\n/g, newline) })) };
}
