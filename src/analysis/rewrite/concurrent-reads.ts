import type { TSESTree } from '@typescript-eslint/typescript-estree';
import type { Span } from '../finding';
import type { FixOutcome, SourceFile } from '../rules/rule';
import { Code, type Node } from './code';
import { type Edit, fixOf, reindented, spliced } from './edits';
import { indentationAt, styleOf } from './file-style';
import { refuse } from './refusal';

/** Reads that wait for each other: the statements that hold them, in order. */
export interface AwaitedReads {
  statements: Span[];
}

interface Read {
  statement: TSESTree.VariableDeclaration;
  target: Node;
  /** What is awaited. */
  awaited: TSESTree.Expression;
}

/** `const a = await f(); const b = await g();` → `const [a, b] = await Promise.all([f(), g()]);` */
export function rewriteAwaits({ statements }: AwaitedReads, source: SourceFile): FixOutcome {
  const code = Code.of(source) ?? refuse('the file is not a module.');
  const style = styleOf(code, source.file);
  const reads = statements.map((span) => readOf(code, span));
  const kinds = new Set(reads.map(({ statement }) => statement.kind));
  if (kinds.size > 1) refuse('some of the results are constants, and others are assigned again.');
  for (const [index, { statement }] of reads.entries()) {
    const next = reads[index + 1]?.statement;
    if (next && !isBlank(withoutComments(code.text.slice(statement.range[1], next.range[0])))) refuse('other statements stand between them.');
  }

  const first = reads[0]!.statement;
  const last = reads.at(-1)!.statement;
  const indent = indentationAt(code.text, first.range[0]);
  const ending = code.text[last.range[1] - 1] === ';' ? ';' : '';
  const head = `${first.kind} [${reads.map(({ target }) => code.textOf(target)).join(', ')}] = await Promise.all([`;
  const short = `${head}${reads.map(({ awaited }) => code.textOf(awaited)).join(', ')}])${ending}`;
  const bare = reads.slice(1).every(({ statement }, index) => isBlank(code.text.slice(reads[index]!.statement.range[1], statement.range[0])));
  const title = `Start these ${reads.length} reads together (each takes a connection; when one fails, the others still run)`;
  const whole = { start: first.range[0], end: last.range[1] };
  const text = bare && !short.includes('\n') && indent.length + short.length <= style.width
    ? short
    : `${head}${style.newline}${indent}${style.indent}${listed(code, reads, indent, style.indent)}${style.newline}${indent}])${ending}`;
  return { fixes: [fixOf(title, 'suggestion', source.file, style.newline, [{ ...whole, text }])] };
}

/** The awaited expressions as elements of a list, with the comments between the statements. */
function listed(code: Code, reads: readonly Read[], indent: string, step: string): string {
  const edits: Edit[] = [];
  for (const [index, { statement, awaited }] of reads.entries()) {
    edits.push({ start: statement.range[0], end: awaited.range[0], text: '' }, { start: awaited.range[1], end: statement.range[1], text: ',' });
    edits.push(...reindented(code, awaited, indent, indent + step, []));
    const next = reads[index + 1]?.statement;
    if (next) edits.push({ start: statement.range[1], end: next.range[0], text: gapText(code.text.slice(statement.range[1], next.range[0]), indent + step) });
  }
  return spliced(code.text, { start: reads[0]!.statement.range[0], end: reads.at(-1)!.statement.range[1] }, edits);
}

/** What stands between two statements, without blank lines, at another indentation. */
function gapText(gap: string, indent: string): string {
  const [sameLine = '', ...lines] = gap.split(/\r?\n/);
  const comments = lines.slice(0, -1).map((line) => line.trim()).filter((line) => line !== '');
  const before = lines.at(-1)?.trim() ?? '';
  return [sameLine.trimEnd(), ...comments.map((line) => `${indent}${line.startsWith('*') ? ' ' : ''}${line}`), `${indent}${before === '' ? '' : `${before} `}`].join('\n');
}

function readOf(code: Code, span: Span): Read {
  const statement = code.nodeAt(span);
  if (statement?.type !== 'VariableDeclaration') return refuse('a result is assigned to something that exists already.');
  const [declarator] = statement.declarations;
  if (declarator?.init?.type !== 'AwaitExpression') return refuse('a statement computes something from what it waits for.');
  if (declarator.id.typeAnnotation) refuse('a result has a type of its own, which a list of results has no place for.');
  const awaited = declarator.init.argument;
  if (awaited.type === 'SequenceExpression') refuse('a statement computes something from what it waits for.');
  const { id } = declarator;
  const plain = /^\s*=\s*await\s+$/.test(code.text.slice(id.range[1], awaited.range[0])) && /^\s*;?$/.test(code.text.slice(awaited.range[1], statement.range[1]));
  if (!plain) refuse('a comment or parentheses stand inside a statement that would be taken apart.');
  return { statement, target: id, awaited };
}

/** The text between two statements without its comments. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[^]*?\*\/|\/\/.*/g, '');
}

function isBlank(text: string): boolean {
  return text.trim() === '';
}
