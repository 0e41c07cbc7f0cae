/** The door of the rewrites: a detected problem and its source in, a fix or the condition that failed out. */
import type { FixOutcome, SourceFile } from '../rules/rule';
import { rewriteInsert } from './batched-insert';
import { rewriteRead } from './batched-read';
import { rewriteUnbounded } from './bounded-query';
import { type AwaitedReads, rewriteAwaits } from './concurrent-reads';
import { parseModule } from '../syntax/typescript';
import { spliced } from './edits';
import { orRefused, refuse } from './refusal';
import { rewriteSelection, type WholeRowsQuery } from './selected-columns';
import type { LoopQuery, UnboundedQuery } from './site';

export type { AwaitedReads } from './concurrent-reads';
export type { WholeRowsQuery } from './selected-columns';
export type { LoopQuery, UnboundedQuery } from './site';

/** Turns a read that runs once per element into one query before the loop and a `Map`. */
export function batchedRead(site: LoopQuery, source: SourceFile): FixOutcome {
  return orRefused(() => reparsed(rewriteRead(site, source), source));
}

/** Turns an insert that runs once per element into multi-row inserts below the bind limit. */
export function batchedInsert(site: LoopQuery, source: SourceFile): FixOutcome {
  return orRefused(() => reparsed(rewriteInsert(site, source), source));
}

/** Gives a query without a limit one, with a cursor where the function's parameters can carry it. */
export function boundedQuery(site: UnboundedQuery, source: SourceFile): FixOutcome {
  return orRefused(() => reparsed(rewriteUnbounded(site, source), source));
}

/** Asks for the columns that are used, in the place of all. */
export function selectedColumns(site: WholeRowsQuery, source: SourceFile): FixOutcome {
  return orRefused(() => reparsed(rewriteSelection(site, source), source));
}

/** Starts reads together that are awaited one after another. */
export function concurrentReads(reads: AwaitedReads, source: SourceFile): FixOutcome {
  return orRefused(() => reparsed(rewriteAwaits(reads, source), source));
}

/** Offers only fixes whose result is again a program: a file that is being typed may hold more than its tree shows. */
function reparsed(outcome: FixOutcome, source: SourceFile): FixOutcome {
  if ('refused' in outcome) return outcome;
  for (const fix of outcome.fixes) {
    if (fix.edits.some((edit, i) => i > 0 && edit.start < fix.edits[i - 1]!.end)) refuse('the rewritten parts would overlap.');
    const text = spliced(source.text, { start: 0, end: source.text.length }, fix.edits);
    if (parseModule(source.file, text).syntaxError) refuse('the file has syntax errors.');
  }
  return outcome;
}
