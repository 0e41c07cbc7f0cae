import { AST_NODE_TYPES, parse, simpleTraverse, type TSESTree } from '@typescript-eslint/typescript-estree';

const SQL_TOKEN = /--.*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|\w+|[^\s\w]/g;
const PRISMA_TOKEN = /\/\/.*|"[^"\n]*"|\w+|[^\s\w]/g;

function parsed(file: string, text: string): TSESTree.Program {
  return parse(text, { range: true, tokens: true, comment: true, jsx: file.endsWith('x'), filePath: file });
}

/** Where each token ends. */
export function tokenEnds(file: string, text: string): number[] {
  if (file.endsWith('.sql')) return [...text.matchAll(SQL_TOKEN)].map((match) => match.index + match[0].length);
  if (file.endsWith('.prisma')) return [...text.matchAll(PRISMA_TOKEN)].map((match) => match.index + match[0].length);
  return (parsed(file, text).tokens ?? []).map(({ range }) => range[1]);
}

/** What the comments say, in order. */
export function commentsOf(file: string, text: string): string[] {
  if (file.endsWith('.sql')) return [...text.matchAll(/--.*|\/\*[\s\S]*?\*\//g)].map(([comment]) => comment.trim());
  if (file.endsWith('.prisma')) return [...text.matchAll(/\/\/.*/g)].map(([comment]) => comment.trim());
  return (parsed(file, text).comments ?? []).map(({ value }) => value.trim());
}

/** Shorter literals are names, separators and plural endings. */
const SENTENCE_LENGTH = 12;

/** Texts in a rule's code that a person will read: the fixed parts of its messages and titles. */
export function sentencesIn(code: string): string[] {
  const sentences: string[] = [];
  const take = (node: TSESTree.Node, text: string): void => {
    if (text.trim().length < SENTENCE_LENGTH || !text.trim().includes(' ')) return;
    for (let at: TSESTree.Node | undefined = node; at; at = at.parent) {
      if (at.type === AST_NODE_TYPES.ThrowStatement || at.type === AST_NODE_TYPES.ImportDeclaration) return;
      if (at.type === AST_NODE_TYPES.Property && at.key.type === AST_NODE_TYPES.Identifier && ['summary', 'description'].includes(at.key.name)) return;
    }
    sentences.push(text.trim());
  };
  simpleTraverse(
    parse(code, { range: true }),
    {
      enter(node) {
        if (node.type === AST_NODE_TYPES.Literal && typeof node.value === 'string') take(node, node.value);
        if (node.type === AST_NODE_TYPES.TemplateElement) take(node, node.value.cooked ?? '');
      },
    },
    true,
  );
  return sentences;
}
