import type { TSESTree } from '@typescript-eslint/typescript-estree';
import type { ModuleFacts } from '../program/facts';

/** What a module says about React contexts. */
export interface ReactFacts {
  placeholder?: never;
}

/** Finds what the React rules need. Returns undefined for files without React. */
export function extractReact(_tree: TSESTree.Program, _text: string, _facts: ModuleFacts): ReactFacts | undefined {
  return undefined;
}
