/** The door of the rewrites: a detected problem and its source in, a fix or the condition that failed out. */
import type { FixOutcome, SourceFile } from '../rules/rule';
import { rewriteInsert } from './batched-insert';
import { rewriteRead } from './batched-read';
import { orRefused } from './refusal';
import type { LoopQuery, UnboundedQuery } from './site';

export type { LoopQuery, UnboundedQuery } from './site';

/** Turns a read that runs once per element into one query before the loop and a `Map`. */
export function batchedRead(site: LoopQuery, source: SourceFile): FixOutcome {
  return orRefused(() => rewriteRead(site, source));
}

/** Turns an insert that runs once per element into multi-row inserts below the bind limit. */
export function batchedInsert(site: LoopQuery, source: SourceFile): FixOutcome {
  return orRefused(() => rewriteInsert(site, source));
}

/** Gives a query without a limit one, with a cursor where the function's parameters can carry it. */
export function boundedQuery(_site: UnboundedQuery, _source: SourceFile): FixOutcome {
  return { refused: 'unbounded queries are not rewritten yet.' };
}
