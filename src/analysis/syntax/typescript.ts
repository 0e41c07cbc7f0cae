import type { TSESTree } from '@typescript-eslint/typescript-estree';
import type * as Estree from '@typescript-eslint/typescript-estree';
import type * as TypeScript from 'typescript';
import type { Span } from '../finding';
import { lineAt } from '../lines';

export interface ParsedModule {
  /** ESTree with `range`s; without `loc`, tokens and comments. */
  tree: TSESTree.Program;
  /** The first syntax error, when there is one. */
  syntaxError?: { message: string } & Span;
}

/** Statements blanked out, one after another, before a file that cannot be converted is given up. */
const RECOVERY_ATTEMPTS = 8;

/** The tree that was made last: a file that is being typed is asked for its facts, and then for its fixes. */
let latest: { file: string; text: string; parsed: ParsedModule } | undefined;

/**
 * With `loc`, which nobody reads, the converter need not walk all nodes once more to take it off; without warnings it makes
 * plain properties. Nor does it look up lines, a tenth of its time: see {@link NOWHERE}.
 */
const CONVERSION = { range: true, loc: true, allowInvalidAST: true, suppressDeprecatedPropertyWarnings: true };

/** The line of everything in a source that is converted. */
const NOWHERE = { line: 0, character: 0 };
/** The same for the converter of the build, which has all nodes share it (scripts/quick-conversion.mjs). */
const NOWHERE_AT_ALL = { end: { column: 0, line: 1 }, start: { column: 0, line: 1 } };

let loaded: { ts: typeof TypeScript; estree: typeof Estree } | undefined;

/** TypeScript is by far the heaviest part of the product: it is loaded when the first file is parsed, not before. */
function parsers(): { ts: typeof TypeScript; estree: typeof Estree } {
  loaded ??= {
    ts: require('typescript') as typeof TypeScript,
    estree: require('@typescript-eslint/typescript-estree') as typeof Estree,
  };
  return loaded;
}

/** Loads the parser ahead of the first file, where one is sure to come. */
export function loadParser(): void {
  parsers();
}

/**
 * Parses TypeScript or JavaScript (JSX by the file's name). Never throws: half-typed code gives the tree of its intact
 * parts and the first error.
 */
export function parseModule(file: string, text: string): ParsedModule {
  if (latest?.file !== file || latest.text !== text) latest = { file, text, parsed: parse(file, text) };
  return latest.parsed;
}

function parse(file: string, text: string): ParsedModule {
  const { ts, estree } = parsers();
  let attempt = text;
  let syntaxError: ParsedModule['syntaxError'];
  for (let i = 0; i <= RECOVERY_ATTEMPTS; i++) {
    let source = createSource(ts, file, attempt);
    const diagnostic = source.parseDiagnostics[0];
    if (diagnostic) {
      syntaxError ??= {
        message: ts.flattenDiagnosticMessageText(diagnostic.messageText, ' '),
        start: diagnostic.start,
        end: diagnostic.start + diagnostic.length,
      };
      // Each attempt uses up the source before it.
      if (i === 0) source = withoutHalfTypedLine(ts, file, text, diagnostic.start) ?? createSource(ts, file, attempt);
      // typescript-estree refuses a file with errors; TypeScript's own parser has already recovered from them.
      source.parseDiagnostics = [];
    }
    try {
      source.getLineAndCharacterOfPosition = () => NOWHERE;
      source.nowhere = NOWHERE_AT_ALL;
      const tree = estree.parse(source as never, CONVERSION) as unknown as TSESTree.Program;
      return syntaxError ? { tree, syntaxError } : { tree };
    } catch (error) {
      const at = (error as { index?: number }).index ?? diagnostic?.start ?? 0;
      syntaxError ??= { message: (error as Error).message, start: at, end: at + 1 };
      const statement = source.statements.find((s) => s.pos <= at && at < s.end) ?? source.statements[0];
      if (!statement) break;
      attempt = attempt.slice(0, statement.pos) + attempt.slice(statement.pos, statement.end).replace(/[^\r\n]/g, ' ') + attempt.slice(statement.end);
    }
  }
  return { tree: estree.parse('', { range: true }) as unknown as TSESTree.Program, ...(syntaxError && { syntaxError }) };
}

/**
 * The line that is being typed can swallow what follows it (`const x = {` takes the next function for a property). When
 * the text without that line has no errors, that is the better tree: all other code is intact, and keeps its findings.
 */
function withoutHalfTypedLine(ts: typeof TypeScript, file: string, text: string, errorAt: number): SourceWithDiagnostics | undefined {
  const line = lineAt(text, Math.min(errorAt, text.length - 1));
  let before = line.start > 0 ? lineAt(text, line.start - 1) : undefined;
  while (before && before.start > 0 && !text.slice(before.start, before.end).trim()) before = lineAt(text, before.start - 1);
  for (const blanked of [[line], before ? [before] : [], before ? [before, line] : []]) {
    if (!blanked.length) continue;
    const attempt = blanked.reduce((rest, { start, end }) => rest.slice(0, start) + rest.slice(start, end).replace(/[^\r\n]/g, ' ') + rest.slice(end), text);
    const source = createSource(ts, file, attempt);
    if (!source.parseDiagnostics.length) return source;
  }
  return undefined;
}

interface SourceWithDiagnostics extends TypeScript.SourceFile {
  parseDiagnostics: TypeScript.DiagnosticWithLocation[];
  nowhere?: typeof NOWHERE_AT_ALL;
}

/**
 * Parses a text. One that differs little from the text before it is parsed in part, by TypeScript's own incremental parser, which
 * uses up the source before it: only the last one that was made may be used.
 */
function createSource(ts: typeof TypeScript, file: string, text: string): SourceWithDiagnostics {
  const before = latestSource;
  latestSource = undefined;
  const change = before?.fileName === file ? changeBetween(before.text, text) : undefined;
  return (latestSource = (change && updated(ts, before!, text, change)) ?? parseWhole(ts, file, text));
}

let latestSource: SourceWithDiagnostics | undefined;

function updated(ts: typeof TypeScript, before: SourceWithDiagnostics, text: string, change: TypeScript.TextChangeRange): SourceWithDiagnostics | undefined {
  try {
    return ts.updateSourceFile(before, text, change) as SourceWithDiagnostics;
  } catch {
    // The whole text is parsed instead.
    return undefined;
  }
}

/** What lies between what is the same at the start of two texts and at their ends; undefined where they are the same, or quite different. */
function changeBetween(before: string, after: string): TypeScript.TextChangeRange | undefined {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let same = 0;
  while (same < most - start && before.charCodeAt(before.length - 1 - same) === after.charCodeAt(after.length - 1 - same)) same++;
  if ((start + same) * 2 < before.length || (start === before.length && start === after.length)) return undefined;
  return { span: { start, length: before.length - same - start }, newLength: after.length - same - start };
}

function parseWhole(ts: typeof TypeScript, file: string, text: string): SourceWithDiagnostics {
  const kind = /\.[cm]?ts$/.test(file) ? ts.ScriptKind.TS : /\.js$|x$/.test(file) ? (/tsx$/.test(file) ? ts.ScriptKind.TSX : ts.ScriptKind.JSX) : ts.ScriptKind.JS;
  return ts.createSourceFile(
    file,
    text,
    { languageVersion: ts.ScriptTarget.Latest, jsDocParsingMode: ts.JSDocParsingMode.ParseNone },
    true,
    kind,
  ) as SourceWithDiagnostics;
}
