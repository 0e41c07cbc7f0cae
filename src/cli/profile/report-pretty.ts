import picocolors from 'picocolors';
import type { LineRow, RuntimeRepetition } from '../../profiler/protocol';
import { changeInNumbers, count, duration, number, shortText } from '../../profiler/record';
import { shownName } from '../outcome';
import { printable, wantsColors, width } from '../terminal-text';
import { BUDGETS } from './budgets';
import { hasRegressed, type ProfileOutcome } from './outcome';

/** Statements and repetitions of a report for a terminal; `--format json` has all of them. */
const ROWS = 20;
/** Where the output is no terminal. */
const USUAL_WIDTH = 140;
const LEAST_TEXT = 30;

/** For a person at a terminal: statements by time with their line, what repeats, and whether budgets are met. */
export function reportPretty(outcome: ProfileOutcome, stream: { isTTY?: boolean; columns?: number }): string {
  const colors = picocolors.createColors(wantsColors(stream.isTTY, process.env));
  const { session, folder, budgets, comparison } = outcome;
  const lines = new Map(session.lines.map((row) => [row.key, row]));
  const place = (row: { place: LineRow['place'] } | undefined): string => (row && row.place.file !== '' ? printable(`${shownName(folder, row.place.file)}:${row.place.line}`) : '–');
  const out: string[] = ['', summary(outcome)];

  const statements = session.statements.toSorted((a, b) => b.share - a.share || (b.measured?.totalMs ?? 0) - (a.measured?.totalMs ?? 0));
  const rows = statements.slice(0, ROWS).map(({ text, share, measured, counted, lines: [first = ''] }) => {
    const numbers = measured ?? counted;
    return [duration(numbers?.totalMs ?? 0), `${number(share * 100)} %`, number(numbers?.calls ?? 0), measured ? duration(measured.p95Ms) : '–', place(lines.get(first)), text];
  });
  if (rows.length) out.push('', ...table(['time', 'share', 'calls', 'p95', 'line', 'statement'], rows, stream.isTTY ? (stream.columns ?? USUAL_WIDTH) : USUAL_WIDTH, colors.bold));
  if (statements.length > ROWS) out.push(colors.dim(`… and ${count(statements.length - ROWS, 'more statement')}`));

  const texts = new Map(statements.map(({ id, text }) => [id, text]));
  if (session.repetitions.length) out.push('', colors.bold('Queries that repeat'));
  for (const repetition of session.repetitions.slice(0, ROWS)) out.push(...repetitionLines(repetition, place(repetition), texts.get(repetition.statement) ?? '', colors));
  if (session.repetitions.length > ROWS) out.push(colors.dim(`… and ${number(session.repetitions.length - ROWS)} more`));

  if (comparison) {
    out.push('', colors.bold(`Compared with ${printable(comparison.before.name)}`), ...comparison.summary.map((sentence) => `  ${printable(sentence)}`));
    for (const change of comparison.statements.filter(({ significant }) => significant).slice(0, ROWS)) {
      const bad = change.kind === 'slower' || change.kind === 'more';
      out.push(`  ${(bad ? colors.red : colors.green)(change.kind.padEnd(6))}  ${changeInNumbers(change)}  ${printable(shortText(change.text))}`);
    }
    out.push(`  ${hasRegressed(comparison) ? colors.red('Worse than before') : colors.green('Not worse than before')}`);
  }
  if (budgets.length) out.push('', colors.bold('Budgets'));
  for (const { name, limit, value, met } of budgets) {
    const show = name === 'p95' || name === 'total' ? duration : number;
    out.push(`  ${met ? colors.green('met   ') : colors.red('missed')}  ${name}: ${show(value)}, at most ${show(limit)}  ${colors.dim(BUDGETS[name])}`);
  }
  for (const { text } of session.notices) out.push('', printable(text));
  return [...out, ''].join('\n');
}

function summary({ session: { totals, programs, connection } }: ProfileOutcome): string {
  if (totals.calls || totals.statements) return `roundtrip: ${count(totals.calls, 'query', 'queries')} of ${count(totals.statements, 'statement')}, ${duration(totals.totalMs)} in the database${totals.errors ? `; ${number(totals.errors)} failed` : ''}`;
  if (programs.length) return 'roundtrip: no query was seen: the program has loaded a database library and asked nothing.';
  return connection.kind === 'connected' ? 'roundtrip: the server counted no query meanwhile.' : 'roundtrip: no query was seen: no Node.js program loaded one of the database libraries that are watched. Other programs are watched through their server: give its address with --connect.';
}

function repetitionLines({ kind, most, executions, requests, label, totalMs, wastedMs }: RuntimeRepetition, place: string, text: string, colors: ReturnType<typeof picocolors.createColors>): string[] {
  const times = requests > 1 ? `${number(executions)} × in ${number(requests)} requests or transactions, at most ${number(most)} in one` : `${number(executions)} ×`;
  return [
    `  ${colors.yellow(kind === 'repeated' ? 'repeated' : 'N+1')}  ${colors.bold(place)}  ${times}${label === undefined ? '' : `, ${printable(label)}`}: ${duration(totalMs)}, of which ${duration(wastedMs)} could be saved`,
    `       ${colors.dim(printable(shortText(text)))}`,
  ];
}

/** Columns of numbers and one of text at the end, which takes what is left of the width. */
function table(titles: readonly string[], rows: readonly string[][], columns: number, bold: (text: string) => string): string[] {
  const last = titles.length - 1;
  const widths = titles.map((title, index) => Math.max(...[title, ...rows.map((row) => row[index]!)].map(width)));
  const room = Math.max(LEAST_TEXT, columns - widths.slice(0, last).reduce((sum, one) => sum + one + 2, 2));
  const line = (cells: readonly string[]): string =>
    `  ${cells.map((cell, index) => (index === last ? cell : index < 4 ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!))).join('  ')}`.trimEnd();
  return [bold(line(titles)), ...rows.map((row) => line([...row.slice(0, last), printable(shortText(row[last]!, room))]))];
}
