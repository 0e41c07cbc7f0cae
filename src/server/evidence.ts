import { rules, type Severity } from '../analysis';
import { N_PLUS_ONE_LEAST, type Evidence, type LineRow, type RuntimeRepetition } from '../profiler/protocol';
import type { PlacedFinding } from '../workspace';
import type { SeenLine, SeenPlaces } from './seen-places';

/** A finding as it is shown: what a session saw of it may make it louder, or a hint. */
export interface ShownFinding extends Omit<PlacedFinding, 'severity'> {
  severity: Severity | 'hint';
  /** What was seen of it, in one sentence. */
  evidence?: string;
}

/** Sentry's limit for the queries of one N+1, too: a request that waits so long for one line is slower to a person. */
const COSTLY_MS = 50;
/** Or a line that takes a tenth of all time in the database: whatever it is, there is no larger thing to mend nearby. */
const COSTLY_SHARE = 0.1;
/** Batching two queries saves one round trip. */
const TINY_LOOP = 2;
/** Fewer requests may all have been of the same, small kind. */
const TINY_REQUESTS = 10;

/** Rules about queries that run again and again: their remedy is one query for all. */
const LOOP_RULES: ReadonlySet<string> = new Set(['n-plus-one', 'sequential-write', 'repeated-query']);

/** What a repetition that was seen is called, and the rule that says the same of code. */
const SEEN_RULES = {
  'n-plus-one': { code: 'seen-n-plus-one', rule: 'n-plus-one' },
  repeated: { code: 'seen-repeated-query', rule: 'repeated-query' },
} as const;

/** Whether a message can be evidence: clients of other versions may say something else. */
export function isEvidence(value: unknown): value is Evidence {
  const { lines, repetitions, tables, texts } = Object(value) as Partial<Evidence>;
  return Array.isArray(lines) && Array.isArray(repetitions) && Array.isArray(tables) && typeof texts === 'object' && texts !== null;
}

/** The findings of a file with what was seen of them: at their own lines, and at those that they lead to. */
export function withEvidence(findings: readonly PlacedFinding[], seen: SeenPlaces): ShownFinding[] {
  return findings.map((finding): ShownFinding => {
    const own = rowsBetween(seen, finding.file, finding.from.line, finding.to.line);
    const led = finding.related.flatMap(({ file, from, to }) => rowsBetween(seen, file, from.line, to.line));
    const rows = [...new Set([...own, ...led])];
    if (!rows.length) return finding;
    const tiny = LOOP_RULES.has(finding.rule) && isTiny(rows);
    const severity = !isByDefault(finding) ? finding.severity : tiny ? 'hint' : finding.severity === 'info' && rows.some(isCostly) ? 'warning' : finding.severity;
    return { ...finding, severity, evidence: tiny ? tinySentence(rows) : sentence(rows, finding.rule, own.length > 0) };
  });
}

/** Repetitions of a file that no finding explains, as findings of their own. */
export function seenFindings(file: string, seen: SeenPlaces, shows: (rule: string, line: number) => boolean, isExplained: (line: number) => boolean): ShownFinding[] {
  return seen.lines(file).flatMap((line) => {
    if (isExplained(line.line)) return [];
    return line.repetitions.filter(({ kind, most }) => most >= N_PLUS_ONE_LEAST && shows(SEEN_RULES[kind].rule, line.line)).map((repetition) => seenFinding(file, line, repetition, seen));
  });
}

/** Whether a finding is about the repetition of queries at a line: then it says itself what was seen. */
export function explains(finding: PlacedFinding, file: string, line: number): boolean {
  if (!LOOP_RULES.has(finding.rule)) return false;
  return [{ file: finding.file, from: finding.from, to: finding.to }, ...finding.related].some((place) => place.file === file && place.from.line <= line && line <= place.to.line);
}

function rowsBetween(seen: SeenPlaces, file: string, from: number, to: number): LineRow[] {
  return seen.lines(file).filter(({ line }) => from <= line && line <= to).flatMap(({ rows }) => rows);
}

/** Whether nobody has chosen how loud it is. */
function isByDefault({ rule, confidence, severity }: PlacedFinding): boolean {
  return severity === (confidence === 'high' ? rules.get(rule)?.severity : 'info');
}

function isCostly({ measured, requests, mostInOneRequest, share }: LineRow): boolean {
  const inOneRequest = requests > 0 ? mostInOneRequest * measured.meanMs : measured.totalMs;
  return inOneRequest >= COSTLY_MS || (share >= COSTLY_SHARE && measured.totalMs >= COSTLY_MS);
}

function isTiny(rows: readonly LineRow[]): boolean {
  return rows.every(({ requests, mostInOneRequest }) => requests >= TINY_REQUESTS && mostInOneRequest <= TINY_LOOP);
}

function tinySentence(rows: readonly LineRow[]): string {
  const most = Math.max(...rows.map(({ mostInOneRequest }) => mostInOneRequest));
  const requests = Math.max(...rows.map((row) => row.requests));
  return `Seen in ${count(requests, 'request')} with at most ${count(most, 'query')} in each: batching them would save next to nothing`;
}

function sentence(rows: readonly LineRow[], rule: string, own: boolean): string {
  const calls = sum(rows, ({ measured }) => measured.calls);
  const requests = Math.max(...rows.map((row) => row.requests));
  const milliseconds = sum(rows, ({ measured }) => measured.totalMs);
  const about = rows.some(({ sampled }) => sampled) ? 'about ' : '';
  const ran = `${own ? 'Ran' : 'The query that it leads to ran'} ${about}${number(calls)} ×${requests ? ` in ${count(requests, 'request')}` : ''}, ${duration(milliseconds)} in the database`;
  const repeats = rows.some(({ requests: known, mostInOneRequest, measured }) => (known ? mostInOneRequest : measured.calls) > 1);
  if (LOOP_RULES.has(rule)) return repeats ? `${ran}; the batched form is 1 query${requests ? ' per request' : ''}` : ran;
  return `${ran}, ${count(sum(rows, ({ measured }) => measured.rows), 'row')}`;
}

function seenFinding(file: string, { line, column, start, end }: SeenLine, repetition: RuntimeRepetition, seen: SeenPlaces): ShownFinding {
  const { kind, executions, most, requests, totalMs, wastedMs, label } = repetition;
  const text = seen.statement(repetition.statement) ?? '';
  const writes = /^\s*(?:insert|update|delete|merge)\b/i.test(text);
  const where = `${count(requests, 'request')}${label === undefined ? '' : `, such as ${label}`}`;
  const severity = (most * totalMs) / Math.max(executions, 1) >= COSTLY_MS ? 'warning' : 'info';
  return {
    rule: SEEN_RULES[kind].code,
    severity,
    confidence: 'high',
    context: 'production',
    file,
    start,
    end,
    from: { line, column },
    to: { line, column: column + end - start },
    message: `${kind === 'repeated' ? 'The same query was asked again and again' : writes ? 'One statement was run per element' : 'One query was run per element'}: ${number(most)} × in one request${seen.session === undefined ? '' : `, in the session “${seen.session}”`}`,
    reason: `It ran ${number(executions)} × in ${where}: ${duration(totalMs)} in the database, of which one query per request would have saved about ${duration(wastedMs)}.`,
    help:
      kind === 'repeated'
        ? 'Ask once and keep the answer for the rest of the request: the parameters were the same each time.'
        : writes
          ? 'Write all rows with one statement: several rows in `VALUES`, or `unnest` of arrays.'
          : 'Read the rows of all elements with one query (`IN` or `= ANY`) and look each one up in a `Map`.',
    related: [],
    fixes: [],
  };
}

function sum(rows: readonly LineRow[], of: (row: LineRow) => number): number {
  return rows.reduce((total, row) => total + of(row), 0);
}

function number(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function count(value: number, noun: 'request' | 'query' | 'row'): string {
  return `${number(value)} ${value === 1 ? noun : noun === 'query' ? 'queries' : `${noun}s`}`;
}

/** `0.4 ms`, `12 ms`, `1.9 s`, `3 min` */
function duration(milliseconds: number): string {
  if (milliseconds < 10) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  return milliseconds < 60_000 ? `${(milliseconds / 1000).toFixed(1)} s` : `${Math.round(milliseconds / 60_000)} min`;
}
