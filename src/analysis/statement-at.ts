import { extractFacts } from './facts/extract';
import type { ModuleFacts, SiteFact } from './facts/facts';
import type { Span } from './finding';
import { lineAt } from './lines';
import { UNKNOWN_NAME, type EmbeddedSql } from './syntax/embedded-sql';
import { describeSql, isIntactSql, withNumberedParameters } from './syntax/sql';

/** A statement that PostgreSQL takes as it is, or why there is none, in a sentence. */
export type StatementAt = { text: string } | { reason: string };

const NO_SQL = 'There is no SQL here. Put the cursor into the text of a query; what an ORM builds is explained from the panel, once it ran while a session recorded.';
const SEVERAL = 'Several queries stand on this line. Put the cursor into the text of one of them.';
const NOT_WHOLE = 'The statement is not complete, or PostgreSQL does not understand it';
const PUT_TOGETHER = 'The statement is put together from parts that only the running program knows. Run it while a session records, and explain it from the panel.';

/**
 * The statement at a place of a file: of a `.sql` file the one there, of a module the one whose text the place is in, else the only one of its line, or of
 * the calls there. Values in a tagged template become parameters. Needs `initSql`; never throws.
 */
export function statementAt(file: string, text: string, offset: number): StatementAt {
  if (file.endsWith('.sql')) return inSqlFile(text, offset);
  const facts = extractFacts(file, text);
  if (facts.kind !== 'module') return { reason: NO_SQL };
  // A text inside of another one is the nearer.
  const here = facts.sql.filter(({ start, end }) => start - 1 <= offset && offset <= end + 1).sort((a, b) => a.end - a.start - (b.end - b.start))[0];
  if (here !== undefined) return inModule(here, text);
  const [only, ...others] = onLine(facts, lineAt(text, offset));
  if (only === undefined) return { reason: NO_SQL };
  return others.length > 0 ? { reason: SEVERAL } : inModule(only, text);
}

/** The texts whose call begins on a line, or that stand on it themselves; where there is none, those of a call that goes on there. */
function onLine(facts: ModuleFacts, line: Span): EmbeddedSql[] {
  const starting = new Set<EmbeddedSql>();
  const goingOn = new Set<EmbeddedSql>();
  for (const sql of facts.sql) {
    if (sql.start <= line.end && sql.end >= line.start) starting.add(sql);
    for (const { start, end } of callsOf(sql, facts)) {
      if (line.start <= start && start <= line.end) starting.add(sql);
      else if (start <= line.end && end >= line.start) goingOn.add(sql);
    }
  }
  return [...(starting.size > 0 ? starting : goingOn)];
}

/** The calls and tagged templates that a text, or the name of it, is given to: the nearest ones, and those that are given these. */
function callsOf({ start, names = [] }: EmbeddedSql, { sites, functions }: ModuleFacts): SiteFact[] {
  const calls: SiteFact[] = [];
  for (const place of [start, ...names]) {
    const around = (span: Span): boolean => span.start <= place && place < span.end;
    // What a text is given to stands in its own function. Functions are listed before those inside of them.
    const within = Math.max(0, functions.findLastIndex(around));
    let call = sites.filter((site) => site.function === within && around(site)).sort((a, b) => b.start - a.start)[0];
    while (call !== undefined && !calls.includes(call)) {
      calls.push(call);
      const { use } = call;
      call = use.kind === 'argument' ? sites.find(({ value }) => value === use.call) : undefined;
    }
  }
  return calls;
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
