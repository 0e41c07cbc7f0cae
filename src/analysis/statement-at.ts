import { extractFacts } from './facts/extract';
import { UNKNOWN_NAME, type EmbeddedSql } from './syntax/embedded-sql';
import { describeSql, isIntactSql, withNumberedParameters } from './syntax/sql';

/** A statement that PostgreSQL takes as it is, or why there is none, in a sentence. */
export type StatementAt = { text: string } | { reason: string };

const NO_SQL = 'There is no SQL here. Put the cursor into the text of a query; what an ORM builds is explained from the panel, once it ran while a session recorded.';
const NOT_WHOLE = 'The statement is not complete, or PostgreSQL does not understand it';
const PUT_TOGETHER = 'The statement is put together from parts that only the running program knows. Run it while a session records, and explain it from the panel.';

/**
 * The statement at a place of a file: of a `.sql` file the one there, of a module the one whose text the place is in, or the only one of its line. Values in
 * a tagged template become parameters. Needs `initSql`; never throws.
 */
export function statementAt(file: string, text: string, offset: number): StatementAt {
  const { sql } = extractFacts(file, text);
  if (file.endsWith('.sql')) return inSqlFile(text, offset);
  // A text inside of another one is the nearer.
  const here = sql.filter(({ start, end }) => start - 1 <= offset && offset <= end + 1).sort((a, b) => a.end - a.start - (b.end - b.start))[0];
  if (here !== undefined) return inModule(here, text);
  // Beside the only text of a line, a person means that one.
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const lineEnd = text.indexOf('\n', offset) === -1 ? text.length : text.indexOf('\n', offset);
  const [only, ...others] = sql.filter(({ start, end }) => start <= lineEnd && end >= lineStart);
  return only === undefined || others.length > 0 ? { reason: NO_SQL } : inModule(only, text);
}

function inModule(sql: EmbeddedSql, source: string): StatementAt {
  if (hasHoles(sql, source) && !isTagged(sql, source)) return { reason: PUT_TOGETHER };
  if (sql.text.includes(`"${UNKNOWN_NAME}"`)) return { reason: PUT_TOGETHER };
  return whole(sql.text);
}

function inSqlFile(text: string, offset: number): StatementAt {
  const statements = describeSql(text);
  if (!Array.isArray(statements)) return text.trim() === '' ? { reason: NO_SQL } : { reason: `${NOT_WHOLE}: ${statements.error}.` };
  // Behind the last semicolon of a line, a person still means the statement before it.
  const here = statements.find(({ start, end }) => start <= offset && offset <= end) ?? statements.findLast(({ end }) => end < offset && /^[\s;]*$/.test(text.slice(end, offset)));
  const broken = text.trim() !== '' && !isIntactSql(text);
  if (here === undefined) return { reason: broken ? `${NOT_WHOLE}.` : NO_SQL };
  return { text: withNumberedParameters(text.slice(here.start, here.end)) };
}

function whole(text: string): StatementAt {
  const statements = describeSql(text);
  if (!Array.isArray(statements)) return { reason: `${NOT_WHOLE}: ${statements.error}.` };
  if (!isIntactSql(text)) return { reason: `${NOT_WHOLE}.` };
  if (statements.length > 1) return { reason: 'There are several statements in this text, and PostgreSQL explains one at a time.' };
  return { text: withNumberedParameters(text.trim()) };
}

/** A tag gives the driver texts and values apart; a template without one is pasted together. */
function isTagged({ start }: EmbeddedSql, source: string): boolean {
  return source[start - 1] === '`' && /[\w$)>\]]$/.test(source.slice(Math.max(0, start - 2), start - 1));
}

/** Something stands in the text for a value of the program: a parameter or a name that no character of the source gives. */
function hasHoles({ runs, text }: EmbeddedSql, source: string): boolean {
  return runs.some((run, index) => {
    const next = runs[index + 1];
    const from = run.text + run.length;
    const between = next === undefined ? '' : source.slice(run.source + run.length, next.source);
    return /[$"]/.test(text.slice(from, next?.text)) && !/^(?:\\[^])+$/.test(between);
  });
}
