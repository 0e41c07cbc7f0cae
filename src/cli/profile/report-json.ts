import type { Change, LineRow, Place, RuntimeRepetition } from '../../profiler/protocol';
import { programName } from '../../profiler/record';
import { shownName } from '../outcome';
import { hasRegressed, type ProfileOutcome } from './outcome';

/** Raised when readers of the former output would misread the new one. */
const VERSION = 1;

/** The contract of `--format json`: the README describes it. Milliseconds; paths relative to the working directory with `/`. */
export function reportJson({ command, ending, seconds, session, budgets, targets, comparison, folder }: ProfileOutcome): string {
  const place = ({ file, line, column, function: name }: Place) => ({ file: shownName(folder, file), line, column, ...(name !== undefined && { function: name }) });
  const texts = new Map(session.statements.map(({ id, text }) => [id, text]));
  const lines = new Map(session.lines.map((row) => [row.key, row]));
  const placed = (row: LineRow | undefined) => (row ? place(row.place) : {});
  const repetition = ({ statement, place: at, ...others }: RuntimeRepetition) => ({ ...others, statement, text: texts.get(statement) ?? '', ...place(at) });
  const change = ({ id, text, place: at, ...others }: Change) => ({ ...(at ? place(at) : { id }), text, ...others });
  return `${JSON.stringify(
    {
      version: VERSION,
      command: programName(command.join(' '), [folder]),
      exitCode: ending.code,
      signal: ending.signal,
      seconds: Number(seconds.toFixed(3)),
      programs: session.programs.map(({ command: program, node, libraries, queries, dropped, overheadUs }) => ({ command: programName(program, [folder]), node, libraries, queries, dropped, overheadUs })),
      totals: session.totals,
      statements: session.statements.map(({ id, text, kind, tables, measured, counted, share, lines: keys }) => ({ id, text, kind, tables, share, ...placed(lines.get(keys[0] ?? '')), ...(measured && { measured }), ...(counted && { counted }) })),
      lines: session.lines.map(({ place: at, measured, requests, mostInOneRequest, share, statements }) => ({ ...place(at), measured, requests, mostInOneRequest, share, statements })),
      requests: session.requests,
      repetitions: session.repetitions.map(repetition),
      budgets,
      targets,
      ...(comparison && {
        comparison: {
          before: { ...comparison.before, file: shownName(folder, comparison.before.file) },
          regressed: hasRegressed(comparison),
          summary: comparison.summary,
          totals: comparison.totals,
          statements: comparison.statements.map(change),
          lines: comparison.lines.map(change),
          repetitionsNew: comparison.repetitionsNew.map(repetition),
          repetitionsGone: comparison.repetitionsGone.map(repetition),
        },
      }),
      notices: session.notices,
    },
    null,
    2,
  )}\n`;
}
