import type { LineRow, RuntimeRepetition, StatementDetail } from '../../profiler/protocol';
import { histogramText } from './histogram-text';
import { counted, formatCount, formatDuration } from './note-text';

/** A statement longer than this is read in the panel. */
const SQL_LINES = 14;
const SQL_CHARACTERS = 1_200;

/** The commands that a hover may run; nothing else in it is a link. */
export const HOVER_COMMANDS = { reveal: 'roundtrip.revealStatement', explain: 'roundtrip.explainKnownStatement' } as const;

export interface HoverParts {
  row: LineRow;
  stale: boolean;
  repetitions: readonly RuntimeRepetition[];
  /** Undefined when the profiler does not answer: numbers and text are known without it. */
  detail: StatementDetail | undefined;
  text: string | undefined;
  /** Calls of other statements in the same line. */
  others: number;
}

/** Markdown of a line's hover. Whatever comes from programs and servers stands in fences of code or is escaped. */
export function hoverText({ row, stale, repetitions, detail, text, others }: HoverParts): string {
  const { measured } = row;
  const waited = measured.waitMs > 0 ? ` · ${formatDuration(measured.waitMs)} more for a connection` : '';
  const parts = [`**${row.sampled ? '≈ ' : ''}${formatCount(measured.calls)} ×**${row.requests > 0 ? ` in ${counted(row.requests, 'request')}` : ''} · ${formatDuration(measured.totalMs)} in all${waited} · ${counted(measured.rows, 'row')}`];
  const statement = detail?.row.id ?? row.statements[0];
  if (statement !== undefined) parts.push(`[Show in Panel](${commandLink(HOVER_COMMANDS.reveal, statement)}) · [Explain](${commandLink(HOVER_COMMANDS.explain, statement)})`);
  for (const together of alike(repetitions)) parts.push(repetitionSentence(together));
  parts.push(`mean ${formatDuration(measured.meanMs)} · median ${formatDuration(measured.p50Ms)} · p95 ${formatDuration(measured.p95Ms)} · p99 ${formatDuration(measured.p99Ms)} · longest ${formatDuration(measured.maxMs)}`);
  if (measured.errors > 0) {
    const first = detail?.errors[0];
    parts.push(`${counted(measured.errors, 'error')}${first === undefined ? '' : `, most often: ${escapeMarkdown(first.message)}`}`);
  }
  const chart = detail === undefined ? '' : histogramText(detail.histogram);
  if (chart !== '') parts.push(fenced(chart, 'text'));
  const sql = detail?.formatted ?? text;
  if (sql !== undefined) parts.push(fenced(shortened(sql), 'sql'));
  if (others > 0) parts.push(`And ${counted(others, 'other statement')} in this line.`);
  if (stale) parts.push('_The line was changed since its program was started: run it again for new numbers._');
  return parts.join('\n\n');
}

/** Statements of one line that repeat in the same way, as those of one call of a library do: they are told in one sentence. */
function alike(repetitions: readonly RuntimeRepetition[]): RuntimeRepetition[][] {
  const groups = new Map<string, RuntimeRepetition[]>();
  for (const repetition of repetitions) {
    const key = `${repetition.kind} ${repetition.label ?? ''}`;
    groups.set(key, [...(groups.get(key) ?? []), repetition]);
  }
  return [...groups.values()];
}

function repetitionSentence(together: readonly RuntimeRepetition[]): string {
  const { kind, label } = together[0]!;
  const most = Math.max(...together.map((one) => one.most));
  const wastedMs = together.reduce((sum, one) => sum + one.wastedMs, 0);
  const again = together.some(({ requests }) => requests > 1) ? (label === undefined ? ', each time,' : ' per request') : '';
  const where = label === undefined ? 'one transaction or one run of the program without a pause' : `one ${escapeMarkdown(label)}`;
  const several = together.length > 1 ? `${together.length} statements, each ` : '';
  const cost = `One query${several === '' ? '' : ' of each'}${again} would have saved about ${formatDuration(wastedMs)}.`;
  return kind === 'n-plus-one'
    ? `**N+1:** ${several}up to ${formatCount(most)} × in ${where}, each time with other values. ${cost}`
    : `**Repeated:** ${several}up to ${formatCount(most)} × in ${where} with the same values. ${cost}`;
}

/** Ids are hexadecimal, but a link must stay one whatever they are. */
function commandLink(command: string, statement: string): string {
  return `command:${command}?${encodeURIComponent(JSON.stringify([statement])).replace(/[()]/g, (bracket) => `%${bracket.charCodeAt(0).toString(16)}`)}`;
}

function shortened(sql: string): string {
  const lines = sql.slice(0, SQL_CHARACTERS).split('\n');
  const kept = lines.slice(0, SQL_LINES).join('\n');
  return kept.length < sql.length ? `${kept}\n…` : kept;
}

/** A fence that is longer than any row of backticks inside ends only at its end. */
export function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text.replaceAll('\r', '')}\n${fence}`;
}

/** Text as text, on one line. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_{}[\]()#+\-.!|~:$^=@]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;');
}
