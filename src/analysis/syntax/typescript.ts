import type { TSESTree } from '@typescript-eslint/typescript-estree';
import type * as Estree from '@typescript-eslint/typescript-estree';
import type * as TypeScript from 'typescript';
import type { Span } from '../finding';

export interface ParsedModule {
  /** ESTree with `range`s; without `loc`, tokens and comments. */
  tree: TSESTree.Program;
  /** The first syntax error, when there is one. */
  syntaxError?: { message: string } & Span;
}

/** Statements blanked out, one after another, before a file that cannot be converted is given up. */
const RECOVERY_ATTEMPTS = 8;

let loaded: { ts: typeof TypeScript; estree: typeof Estree } | undefined;

/** TypeScript is by far the heaviest part of the product: it is loaded when the first file is parsed, not before. */
function parsers(): { ts: typeof TypeScript; estree: typeof Estree } {
  loaded ??= {
    ts: require('typescript') as typeof TypeScript,
    estree: require('@typescript-eslint/typescript-estree') as typeof Estree,
  };
  return loaded;
}

/**
 * Parses TypeScript or JavaScript (JSX by the file's name). Never throws: half-typed code gives the tree of its intact
 * parts and the first error.
 */
export function parseModule(file: string, text: string): ParsedModule {
  const { ts, estree } = parsers();
  let attempt = text;
  let syntaxError: ParsedModule['syntaxError'];
  for (let i = 0; i <= RECOVERY_ATTEMPTS; i++) {
    const source = createSource(ts, file, attempt);
    const diagnostic = source.parseDiagnostics[0];
    if (diagnostic) {
      syntaxError ??= {
        message: ts.flattenDiagnosticMessageText(diagnostic.messageText, ' '),
        start: diagnostic.start,
        end: diagnostic.start + diagnostic.length,
      };
      // typescript-estree refuses a file with errors; TypeScript's own parser has already recovered from them.
      source.parseDiagnostics = [];
    }
    try {
      const tree = estree.parse(source as never, { range: true, allowInvalidAST: true }) as unknown as TSESTree.Program;
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

interface SourceWithDiagnostics extends TypeScript.SourceFile {
  parseDiagnostics: TypeScript.DiagnosticWithLocation[];
}

function createSource(ts: typeof TypeScript, file: string, text: string): SourceWithDiagnostics {
  const kind = /\.[cm]?ts$/.test(file) ? ts.ScriptKind.TS : /\.js$|x$/.test(file) ? (/tsx$/.test(file) ? ts.ScriptKind.TSX : ts.ScriptKind.JSX) : ts.ScriptKind.JS;
  return ts.createSourceFile(
    file,
    text,
    { languageVersion: ts.ScriptTarget.Latest, jsDocParsingMode: ts.JSDocParsingMode.ParseNone },
    true,
    kind,
  ) as SourceWithDiagnostics;
}
