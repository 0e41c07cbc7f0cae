import type { Span } from '../finding';

/** Words with which a statement can start; a line that starts with one is where a broken statement is taken to end. */
const STATEMENT_START =
  /^(?:select|insert|update|delete|with|values|table|merge|create|alter|drop|truncate|begin|start|commit|rollback|savepoint|release|end|set|reset|show|grant|revoke|copy|explain|analyze|vacuum|comment|do|call|declare|fetch|close|prepare|execute|deallocate|lock|listen|notify|refresh|reindex|cluster|import|security|reassign)\b/i;

/** What stands before a line that goes on with the same statement: the end of a CTE or column list, a set operation. */
const GOES_ON = /(?:[(),]|\b(?:as|union|all|except|intersect|explain|analyze|in|exists|not|then|else))[ \t]*\r?$/i;
/** After the last CTE, people leave a blank line. */
const ENDS_CTE = /\)\s*$/;
const LOOK_BACK = 200;

/** Broken statements that are split again at line starts, before the rest of a text is given up: keeps a text of nothing but errors linear. */
const RECOVERIES = 50;

/**
 * Splits SQL into statements the way psql does: at semicolons outside of quotes, comments, parentheses' strings,
 * dollar quotes and `BEGIN ATOMIC` bodies. psql's meta commands and the data of `COPY … FROM stdin` belong to no statement.
 * `parses` says whether a piece is whole; a piece that is not ends at the next line that looks like a new statement,
 * so that one broken statement does not take the following ones with it.
 */
export function splitStatements(text: string, parses: (span: Span) => boolean): void {
  let position = 0;
  let recoveries = 0;
  while (position < text.length) {
    position = skipBlank(text, position);
    if (position >= text.length) return;
    if (text[position] === '\\') {
      position = lineEnd(text, position);
      continue;
    }
    const { end, next } = statementEnd(text, position);
    if (end > position && !parses({ start: position, end })) {
      const line = recoveries < RECOVERIES ? statementLine(text, position, next) : undefined;
      if (line !== undefined) {
        recoveries++;
        parses({ start: position, end: line });
        position = line;
        continue;
      }
    }
    position = /^copy\b[^;]*\bfrom\s+(?:stdin|pstdin)\b/i.test(text.slice(position, Math.min(end, position + 2_000)))
      ? copyDataEnd(text, next)
      : next;
  }
}

/** Offset of the first line after the first one that starts a statement, within a broken piece. */
function statementLine(text: string, start: number, end: number): number | undefined {
  const cte = /^with\b/i.test(text.slice(start, start + 5));
  for (let i = text.indexOf('\n', start); i >= 0 && i + 1 < end; i = text.indexOf('\n', i + 1)) {
    if (STATEMENT_START.test(text.slice(i + 1, i + 24))) {
      const before = text.slice(Math.max(start, i - LOOK_BACK), i);
      if (!GOES_ON.test(before) && !(cte && ENDS_CTE.test(before))) return i + 1;
    }
  }
  return undefined;
}

function lineEnd(text: string, position: number): number {
  const end = text.indexOf('\n', position);
  return end < 0 ? text.length : end + 1;
}

function copyDataEnd(text: string, position: number): number {
  const pattern = /^\\\.[ \t\r]*$/gm;
  pattern.lastIndex = position;
  return pattern.exec(text) ? pattern.lastIndex : text.length;
}

/** Skips white space, comments and stray semicolons. */
function skipBlank(text: string, position: number): number {
  for (;;) {
    const rest = position;
    while (position < text.length && /[\s;]/.test(text[position]!)) position++;
    if (text.startsWith('--', position)) position = lineEnd(text, position);
    else if (text.startsWith('/*', position)) position = commentEnd(text, position);
    if (position === rest) return position;
  }
}

/** End of what stands between the offsets, without the white space and comments at its end. */
export function significantEnd(text: string, start: number, end: number): number {
  let last = start;
  const mark = /--|\/\*|'|"|\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$|\S/g;
  mark.lastIndex = start;
  for (let found = mark.exec(text); found && found.index < end; found = mark.exec(text)) {
    const at = found.index;
    if (found[0] === '--') mark.lastIndex = lineEnd(text, at);
    else if (found[0] === '/*') mark.lastIndex = commentEnd(text, at);
    else {
      if (found[0] === "'" || found[0] === '"') mark.lastIndex = quoteEnd(text, at, found[0], found[0] === "'" && isEscapeString(text, at));
      else if (found[0].length > 1) {
        const close = text.indexOf(found[0], mark.lastIndex);
        mark.lastIndex = close < 0 ? text.length : close + found[0].length;
      }
      last = Math.min(mark.lastIndex, end);
    }
  }
  return last;
}

/** `E'…'`: a quote in which backslashes escape. */
function isEscapeString(text: string, quote: number): boolean {
  return /e/i.test(text[quote - 1] ?? '') && !/\w/.test(text[quote - 2] ?? '');
}

function commentEnd(text: string, position: number): number {
  let depth = 0;
  const mark = /\/\*|\*\//g;
  mark.lastIndex = position;
  for (let found = mark.exec(text); found; found = mark.exec(text)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return text.length;
}

/** End of the statement that starts at `start` (without its semicolon), and where the next one may start. */
function statementEnd(text: string, start: number): { end: number; next: number } {
  // What can hide a semicolon, and the words that open and close the body of a SQL function.
  const mark = /--|\/\*|'|"|\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$|;|\\|\b(?:begin\s+atomic|case|end)\b/gi;
  mark.lastIndex = start;
  let atomic = 0;
  for (let found = mark.exec(text); found; found = mark.exec(text)) {
    const at = found.index;
    switch (found[0][0]) {
      case '-':
        mark.lastIndex = lineEnd(text, at);
        break;
      case '/':
        mark.lastIndex = commentEnd(text, at);
        break;
      case "'":
        mark.lastIndex = quoteEnd(text, at, "'", isEscapeString(text, at));
        break;
      case '"':
        mark.lastIndex = quoteEnd(text, at, '"', false);
        break;
      case '$': {
        if (/[\w$]/.test(text[at - 1] ?? '')) {
          mark.lastIndex = at + 1;
          break;
        }
        const close = text.indexOf(found[0], at + found[0].length);
        mark.lastIndex = close < 0 ? text.length : close + found[0].length;
        break;
      }
      case ';':
        if (atomic === 0) return { end: at, next: at + 1 };
        break;
      case '\\':
        // \gexec, \gset and the like end a statement; so does any other meta command within it.
        return { end: at, next: lineEnd(text, at) };
      default: {
        const word = found[0].toLowerCase();
        if (word.startsWith('begin')) atomic++;
        else if (atomic > 0) atomic += word === 'case' ? 1 : -1;
      }
    }
  }
  return { end: text.length, next: text.length };
}

function quoteEnd(text: string, position: number, quote: string, escapes: boolean): number {
  for (let i = position + 1; i < text.length; i++) {
    if (escapes && text[i] === '\\') i++;
    else if (text[i] === quote) {
      if (text[i + 1] !== quote) return i + 1;
      i++;
    }
  }
  return text.length;
}
