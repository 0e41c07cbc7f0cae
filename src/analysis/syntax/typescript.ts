import { parse, type TSESTree } from '@typescript-eslint/typescript-estree';
import type { Span } from '../finding';

export interface ParsedModule {
  tree: TSESTree.Program;
  syntaxError?: { message: string } & Span;
}

/**
 * Parses TypeScript or JavaScript (JSX by the file's name). Never throws: half-typed code gives the tree of its intact
 * parts and the first error.
 */
export function parseModule(file: string, text: string): ParsedModule {
  const jsx = /\.[cm]?[jt]sx$|\.[cm]?js$/.test(file);
  return { tree: parse(text, { jsx, range: true, comment: false, filePath: file, allowInvalidAST: true, errorOnUnknownASTType: false }) };
}
