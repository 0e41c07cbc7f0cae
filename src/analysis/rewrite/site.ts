import type { Span } from '../finding';
import type { HandleKind, LibraryId } from '../libraries/library';
import type { LoopKind } from '../facts/facts';

/** A query as a rewrite needs to know it: what it is and where it stands. Plain, serialisable data. */
export interface UnboundedQuery {
  library: LibraryId;
  /** The query's call expression, the whole chain without `await`. */
  query: Span;
  handle: HandleKind;
  /** SQL text, where the code spells it; holes are `$1`, `$2`, …. */
  sql?: string;
  /** As the code names them: model, table variable or SQL name. */
  tables: string[];
  /** The call that the reader recognises, such as `prisma.user.findMany`. */
  label: string;
}

/** A query that runs once per element of a loop. */
export interface LoopQuery extends UnboundedQuery {
  verb: 'read' | 'insert' | 'update' | 'delete';
  /** The loop statement, or the iteration call with the `Promise.all(…)` around it when `fanOut`. */
  loop: Span;
  loopKind: LoopKind;
  /** The array method of a `callback` loop. */
  method?: string;
  /** All results are awaited together. */
  fanOut: boolean;
  /** Name of the loop's element, where it is a plain identifier. */
  element?: string;
  /** The query stands in the function of the loop; false when a helper issues it. */
  direct: boolean;
  /** It writes all that has changed since the last time. */
  flushes?: true;
  /** It loads what a row refers to. */
  loadsAssociation?: true;
}
