import path from 'node:path';
import { DEFAULT_TARGETS, type Change, type Comparison, type Place, type ReportFormat, type SessionTargets, type StatementRow } from '../protocol.js';
import type { SessionSnapshot } from '../snapshot.js';
import { SessionStore } from '../store/store.js';
import type { Block, Inline, Table } from './report-blocks.js';
import { htmlOf } from './report-html.js';
import { markdownOf } from './report-markdown.js';
import { programName, sessionText } from './session-text.js';
import { changeInNumbers } from './summary.js';
import { targetResults, type ConnectionUse } from './targets.js';
import { withoutValues } from './without-values.js';
import { count, duration, number, shortText } from './words.js';

/** Rows of each table. Whoever looks for more opens the session itself. */
const ROWS = 30;

export interface ReportOptions {
  format: ReportFormat;
  /** Folders of the workspace; paths are shown relative to the first. */
  roots: readonly string[];
  targets?: SessionTargets;
  connections?: ConnectionUse;
  comparison?: Comparison;
}

/** A session as a document for people (Markdown, or one HTML page without scripts), or as the JSON of its file. */
export function sessionReport(snapshot: SessionSnapshot, options: ReportOptions): string {
  if (options.format === 'json') return sessionText(snapshot, options.roots);
  const blocks = blocksOf(snapshot, options);
  return options.format === 'html' ? htmlOf(`${snapshot.name} · Roundtrip`, blocks) : markdownOf(blocks);
}

function blocksOf(snapshot: SessionSnapshot, { roots, targets = DEFAULT_TARGETS, connections, comparison }: ReportOptions): Block[] {
  const rows = SessionStore.restore(snapshot).changes(0, snapshot.startedAt + snapshot.recordedMs);
  const statements = rows.statements.toSorted((a, b) => b.share - a.share);
  const texts = new Map(statements.map(({ id, text }) => [id, text]));
  const place = ({ file, line }: Place): Inline => ({ code: file === '' ? 'not in your code' : `${path.relative(roots[0] ?? '', file).replaceAll('\\', '/')}:${line}` });
  return [
    { is: 'heading', level: 1, text: { code: snapshot.name } },
    aboutSession(snapshot, statements, roots),
    ...(comparison ? comparisonBlocks(comparison, place) : []),
    { is: 'heading', level: 2, text: 'Targets' },
    {
      is: 'table',
      columns: [{ title: 'Target' }, { title: 'Met' }, { title: 'Result' }],
      rows: targetResults(statements, targets, connections).map(({ target, met, result }) => [target, met === undefined ? 'unknown' : met ? 'met' : 'missed', result]),
    },
    ...section('N+1s and repeated queries', ['What', 'Line', 'Request', '#Requests', '#Executions', '#Most in one', '#Time', '#Could be saved', 'Statement'], snapshot.repetitions.toSorted((a, b) => b.wastedMs - a.wastedMs).map((one) => [
      one.kind === 'repeated' ? 'repeated' : 'N+1', place(one.place), one.label === undefined ? '–' : { code: one.label }, number(one.requests), number(one.executions), number(one.most), duration(one.totalMs), duration(one.wastedMs), statementText(texts.get(one.statement)),
    ])),
    ...section('Statements by time', ['Statement', '#Calls', '#Total', '#Mean', '#p95', '#Rows per call', '#Share', '#Errors', 'Line'], statements.map((row) => {
      const numbers = row.measured ?? row.counted;
      const [first] = row.lines;
      const line = rows.lines.find(({ key }) => key === first);
      return [
        statementText(row.text), number(numbers?.calls ?? 0), duration(numbers?.totalMs ?? 0), duration(numbers?.meanMs ?? 0), row.measured ? duration(row.measured.p95Ms) : '–',
        number((numbers?.rows ?? 0) / Math.max(numbers?.calls ?? 0, 1)), `${number(row.share * 100)} %`, row.measured ? number(row.measured.errors) : '–', line ? place(line.place) : '–',
      ];
    })),
    ...section('Lines by time', ['Line', '#Calls', '#Total', '#p95', '#Requests', '#Most in one'], rows.lines.toSorted((a, b) => b.measured.totalMs - a.measured.totalMs).map((row) => [
      place(row.place), number(row.measured.calls), duration(row.measured.totalMs), duration(row.measured.p95Ms), number(row.requests), number(row.mostInOneRequest),
    ])),
    ...section('Requests by time in the database', ['Request', '#Requests', '#Queries', '#Most in one', '#In the database', '#Errors'], rows.requests.toSorted((a, b) => b.databaseMs - a.databaseMs).map((row) => [
      { code: row.label }, number(row.requests), number(row.queries), number(row.mostQueries), duration(row.databaseMs), number(row.errors),
    ])),
    ...section('Errors', ['Code', 'Message', '#Times', 'Statement'], snapshot.statements.flatMap(({ text, errors }) => errors.map((error) => ({ text, ...error }))).sort((a, b) => b.count - a.count).map((error) => [
      { code: error.code }, { code: withoutValues(error.code, error.message) }, number(error.count), statementText(error.text),
    ])),
    ...(snapshot.notices.length ? [{ is: 'heading', level: 2, text: 'What limits this picture' } as const, { is: 'list', items: snapshot.notices.map(({ text }) => [text]) } as const] : []),
  ];
}

function aboutSession({ startedAt, recordedMs, target, server, programs }: SessionSnapshot, statements: readonly StatementRow[], roots: readonly string[]): Block {
  const calls = statements.reduce((sum, { measured, counted }) => sum + ((measured ?? counted)?.calls ?? 0), 0);
  const totalMs = statements.reduce((sum, { measured, counted }) => sum + ((measured ?? counted)?.totalMs ?? 0), 0);
  const moment = Math.abs(startedAt) < 8e15 ? new Date(startedAt).toISOString().slice(0, 16).replace('T', ' ') : 'an unknown time';
  return {
    is: 'list',
    items: [
      [`Recorded ${duration(recordedMs)} from ${moment} UTC on`],
      ...(target === undefined && server === undefined ? [] : [['Database: ', ...[target, server].flatMap((text, index): Inline[] => (text === undefined ? [] : [...(index ? [', '] : []), { code: text }]))]]),
      [`${count(calls, 'query', 'queries')} of ${count(statements.length, 'statement')}, ${duration(totalMs)} in the database`],
      ...(programs.length ? [['Programs: ', ...programs.slice(0, 10).flatMap(({ command }, index): Inline[] => [...(index ? [', '] : []), { code: programName(command, roots) }]), programs.length > 10 ? ` and ${programs.length - 10} more` : '']] : []),
    ],
  };
}

function comparisonBlocks({ before, summary, statements, lines, repetitionsNew, repetitionsGone }: Comparison, place: (place: Place) => Inline): Block[] {
  const significant = (changes: readonly Change[]): Change[] => changes.filter((change) => change.significant);
  return [
    { is: 'heading', level: 2, text: 'Compared with an earlier session' },
    { is: 'paragraph', words: ['Before: ', { code: before.name }, '. ', ...summary.join(' ').split(/(`[^`]*`)/).map((part): Inline => (part.length > 1 && part.startsWith('`') && part.endsWith('`') ? { code: part.slice(1, -1) } : part))] },
    ...section('Changed statements', ['Statement', 'Change', 'In numbers', '#Calls before', '#Calls after', '#Total before', '#Total after'], significant(statements).map((change) => [statementText(change.text), ...sides(change)])),
    ...section('Changed lines', ['Line', 'Change', 'In numbers', '#Calls before', '#Calls after', '#Total before', '#Total after'], significant(lines).map((change) => [change.place ? place(change.place) : '–', ...sides(change)])),
    ...section('N+1s and repeated queries that are new', ['Line', '#Executions', '#Most in one'], repetitionsNew.map((one) => [place(one.place), number(one.executions), number(one.most)])),
    ...section('N+1s and repeated queries that are gone', ['Line', '#Executions', '#Most in one'], repetitionsGone.map((one) => [place(one.place), number(one.executions), number(one.most)])),
  ];
}

function sides(change: Change): Inline[] {
  const { kind, before, after } = change;
  return [kind, changeInNumbers(change), number(before?.calls ?? 0), number(after?.calls ?? 0), duration(before?.totalMs ?? 0), duration(after?.totalMs ?? 0)];
}

/** A heading with a table of at most {@link ROWS} rows; nothing without rows. A title that begins with `#` is of a column of numbers. */
function section(title: string, columns: readonly string[], rows: Inline[][]): Block[] {
  if (!rows.length) return [];
  const table: Table = { is: 'table', columns: columns.map((column) => ({ title: column.replace(/^#/, ''), isNumber: column.startsWith('#') })), rows: rows.slice(0, ROWS) };
  return [{ is: 'heading', level: 2, text: title }, table, ...(rows.length > ROWS ? [{ is: 'paragraph', words: [`… and ${number(rows.length - ROWS)} more.`] } as const] : [])];
}

function statementText(text = ''): Inline {
  return { code: shortText(text, 200) };
}
