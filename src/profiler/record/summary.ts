import type { Change, Comparison } from '../protocol.js';
import { count, duration, listed, number, shortText } from './words.js';

/** A drift below this is not worth a word. */
const DRIFT_FLOOR = 1.1;

/** The outcome in at most three sentences: the whole, what changed, and what limits the comparison or remains to be said. */
export function summaryOf({ totals: { before, after }, statements, repetitionsGone, repetitionsNew }: Omit<Comparison, 'summary'>, drift: number): string[] {
  if (before.calls === 0 || after.calls === 0) return [`The ${before.calls === 0 ? 'first' : 'second'} session has no queries, so there is nothing to compare.`];
  const significant = statements.filter((change) => change.significant);
  const sentences = [
    `The database took ${duration(after.totalMs)} for ${count(after.calls, 'query', 'queries')}, where it took ${duration(before.totalMs)} for ${number(before.calls)}.`,
    capitalized(`${[repetitionsSentence(repetitionsGone.length, repetitionsNew.length), changesSentence(significant)].filter(Boolean).join('; ')}.`),
  ];
  if (Math.max(drift, 1 / drift) >= DRIFT_FLOOR) {
    sentences.push(`The typical statement took ${number(Math.abs(drift - 1) * 100)} % ${drift > 1 ? 'longer' : 'less'} than before, which is more likely the machine than the code, and is not counted as a change.`);
  }
  return sentences;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function repetitionsSentence(gone: number, young: number): string {
  if (!gone && !young) return '';
  return listed([...(gone ? [`${count(gone, 'N+1 or repeated query', 'N+1s and repeated queries')} ${gone === 1 ? 'is' : 'are'} gone`] : []), ...(young ? [`${number(young)} ${young === 1 ? 'is' : 'are'} new`] : [])]);
}

const WORDS: Record<Exclude<Change['kind'], 'same'>, string> = { slower: 'slower', faster: 'faster', more: 'run more often', less: 'run less often', new: 'new', gone: 'gone' };

function changesSentence(significant: readonly Change[]): string {
  const [first] = significant;
  if (!first) return 'no statement has changed by more than noise';
  const kinds = Object.entries(WORDS).flatMap(([kind, word]) => {
    const some = significant.filter((change) => change.kind === kind).length;
    return some ? [`${number(some)} ${word}`] : [];
  });
  return `of the statements, ${listed(kinds)}, most of all \`${shortText(first.text, 60)}\` (${changeInNumbers(first)})`;
}

/** `p95 4 ms → 9 ms`, `41 → 1 per request` */
export function changeInNumbers({ kind, before, after }: Change): string {
  if (!before || !after) return `${count((before ?? after)!.calls, 'execution')}, ${duration((before ?? after)!.totalMs)}`;
  if (kind === 'more' || kind === 'less') {
    return before.perRequest !== undefined && after.perRequest !== undefined ? `${number(before.perRequest)} → ${number(after.perRequest)} per request` : `${number(before.calls)} → ${number(after.calls)} executions`;
  }
  const [was, is] = [before.totalMs / before.calls, after.totalMs / after.calls];
  return before.p95Ms !== undefined && after.p95Ms !== undefined ? `mean ${duration(was)} → ${duration(is)}, p95 ${duration(before.p95Ms)} → ${duration(after.p95Ms)}` : `mean ${duration(was)} → ${duration(is)}`;
}
