import { LIBRARY_NAMES, type LibraryId } from '../libraries/library';
import type { FixOutcome } from '../rules/rule';

/** A condition of a rewrite that does not hold. The message ends the sentence "No fix is offered: …". */
class Refusal extends Error {}

/** Gives up a rewrite, with the condition that failed. */
export function refuse(condition: string): never {
  throw new Refusal(condition);
}

/** Runs a rewrite and turns a refusal inside it into its outcome. */
export function orRefused(rewrite: () => FixOutcome): FixOutcome {
  try {
    return rewrite();
  } catch (error) {
    if (error instanceof Refusal) return { refused: error.message };
    throw error;
  }
}

/** The rewriter of a library; refuses for the libraries that have none. */
export function ofLibrary<T>(rewriters: Partial<Record<LibraryId, T>>, library: LibraryId): T {
  return rewriters[library] ?? refuse(`${LIBRARY_NAMES[library]} queries are not rewritten yet.`);
}
