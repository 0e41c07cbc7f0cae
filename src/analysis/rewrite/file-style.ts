import { lineAt } from '../lines';
import type { Code } from './code';

/** How a file is written, so that new code looks like the rest of it. */
export interface FileStyle {
  quote: "'" | '"';
  semicolon: ';' | '';
  /** One step of indentation. */
  indent: string;
  newline: '\n' | '\r\n';
  /** Width that lines keep to. */
  width: number;
  /** TypeScript, not JavaScript: type arguments may be written. */
  typed: boolean;
}

/** Prettier's default, and the widest line that reviewers commonly accept. */
const NARROWEST = 80;
const WIDEST = 120;

/** Looks at the file as it is; a file that tells nothing gets the commonest form. */
export function styleOf(code: Code, file: string): FileStyle {
  const counts = { single: 0, double: 0, ended: 0, open: 0 };
  code.walk(code.tree, (node) => {
    if (node.type === 'Literal' && typeof node.value === 'string') counts[code.text[node.range[0]] === '"' ? 'double' : 'single'] += 1;
    if (node.type === 'ExpressionStatement' || node.type === 'VariableDeclaration' || node.type === 'ImportDeclaration' || node.type === 'ReturnStatement') {
      counts[code.text[node.range[1] - 1] === ';' ? 'ended' : 'open'] += 1;
    }
  });
  const lines = code.text.split(/\r?\n/);
  return {
    quote: counts.double > counts.single ? '"' : "'",
    semicolon: counts.open > counts.ended ? '' : ';',
    indent: indentOf(lines),
    newline: code.text.includes('\r\n') ? '\r\n' : '\n',
    width: Math.min(WIDEST, Math.max(NARROWEST, ...lines.map((line) => line.length))),
    typed: /\.[cm]?tsx?$/.test(file),
  };
}

function indentOf(lines: readonly string[]): string {
  if (lines.some((line) => line.startsWith('\t'))) return '\t';
  const steps = lines.map((line) => /^ +(?=[^\s*])/.exec(line)?.[0].length ?? 0).filter((spaces) => spaces > 0);
  const smallest = Math.min(...steps);
  return ' '.repeat(Number.isFinite(smallest) && smallest >= 2 ? Math.min(smallest, 8) : 2);
}

/** White space before the first character of the line at an offset. */
export function indentationAt(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineAt(text, offset).start))![0];
}
