import {
  CodeActionKind,
  type CodeAction,
  type Diagnostic,
  type Range,
  type SnippetTextEdit,
  type TextDocumentEdit,
  type TextEdit as LspTextEdit,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { rules } from '../analysis';
import { editsByFile, selectFixes, type ChosenFix, type PlacedFinding } from '../workspace';
import { hasPage } from './diagnostics';
import { functionScopes } from './function-scopes';
import { ignoreComment, REASON_PLACEHOLDER } from './ignore-comment';
import { rangeOf, touches, uriOf } from './locations';
import { FIX_ALL_KIND, FIX_ALL_OF_RULE_KIND, IGNORE_KIND, type InitializationOptions } from './protocol';

export const CODE_ACTION_KINDS = [CodeActionKind.QuickFix, FIX_ALL_KIND];

/** A text that edits may go to. `version` is null for files that are not open in the editor. */
export interface EditableText {
  uri: string;
  version: number | null;
  text: string;
}

export interface CodeActionRequest {
  /** The open document; the findings are those of this very text. */
  file: string;
  document: EditableText;
  findings: readonly PlacedFinding[];
  range: Range;
  /** Kinds that the editor asks for; undefined for all that a light bulb shows. */
  only?: readonly string[];
  /** Diagnostics that the editor shows at the range. */
  diagnostics: readonly Diagnostic[];
  client: InitializationOptions;
  /** The editor can put the cursor on a placeholder. */
  snippets: boolean;
  /** Text of another file that an edit goes to. */
  read(file: string): Promise<EditableText | undefined>;
}

/** What can be done here, in the order of the menu: the fixes, all fixes of the rule, ignore, the rule's page. */
export async function codeActions(request: CodeActionRequest): Promise<CodeAction[]> {
  const actions: CodeAction[] = [];
  if (asksFor(request, CodeActionKind.QuickFix)) actions.push(...(await quickFixes(request)));
  if (request.only && asksFor(request, FIX_ALL_KIND)) {
    const action = await fixAll(request, request.findings, 'Fix all safe Roundtrip problems in this file', FIX_ALL_KIND, 1);
    if (action) actions.push(action);
  }
  return actions;
}

function asksFor({ only }: CodeActionRequest, kind: string): boolean {
  return !only || only.some((asked) => kind === asked || kind.startsWith(`${asked}.`) || asked === '');
}

async function quickFixes(request: CodeActionRequest): Promise<CodeAction[]> {
  const here = request.findings.filter((finding) => touches(rangeOf(finding.from, finding.to), request.range));
  const actions: CodeAction[] = [];
  for (const finding of here) {
    const safe = finding.fixes.filter((fix) => fix.safety === 'safe');
    for (const fix of finding.fixes) {
      const documentChanges = await changesOf(request, [{ finding, fix }]);
      if (!documentChanges) continue;
      actions.push({
        title: fix.title,
        kind: CodeActionKind.QuickFix,
        ...diagnosticsOf(request, finding),
        ...(safe.length === 1 && fix === safe[0] && { isPreferred: true }),
        edit: { documentChanges },
      });
    }
  }
  for (const rule of new Set(here.map((finding) => finding.rule))) {
    const same = request.findings.filter((finding) => finding.rule === rule);
    const action = await fixAll(request, same, `Fix all ${rule} problems in this file`, FIX_ALL_OF_RULE_KIND, 2);
    if (action) actions.push(action);
  }
  const ignored = new Set<string>();
  for (const finding of here) {
    const key = `${finding.rule} ${finding.from.line}`;
    if (ignored.has(key) || !hasPage(finding.rule)) continue;
    ignored.add(key);
    const action = ignore(request, finding);
    if (action) actions.push(action);
  }
  const { openRulePage } = request.client;
  if (openRulePage) {
    for (const rule of new Set(here.map((finding) => finding.rule))) {
      if (!hasPage(rule)) continue;
      const title = `Open the page of rule ${rule}`;
      const shown = here.filter((finding) => finding.rule === rule);
      actions.push({
        title,
        kind: CodeActionKind.QuickFix,
        ...diagnosticsOf(request, ...shown),
        command: { title, command: openRulePage, arguments: [rule] },
      });
    }
  }
  return actions;
}

/** The safe fixes of the findings that can be applied together; undefined when fewer than `least` findings have one. */
async function fixAll(
  request: CodeActionRequest,
  findings: readonly PlacedFinding[],
  title: string,
  kind: string,
  least: number,
): Promise<CodeAction | undefined> {
  if (findings.filter(({ fixes }) => fixes.some(({ safety }) => safety === 'safe')).length < least) return undefined;
  const scopeOf = functionScopes(request.file, request.document.text);
  const chosen = selectFixes(findings, { safety: 'safe' }, (a, b) => a.file !== request.file || scopeOf(a.start) === scopeOf(b.start));
  const documentChanges = await changesOf(request, chosen);
  return documentChanges && { title, kind, ...diagnosticsOf(request, ...chosen.map(({ finding }) => finding)), edit: { documentChanges } };
}

function ignore(request: CodeActionRequest, finding: PlacedFinding): CodeAction | undefined {
  const { file, document, snippets } = request;
  const comment = ignoreComment(file, document.text, finding.start, finding.rule, rules.get(finding.rule)?.family === 'sql');
  if (!comment) return undefined;
  const start = positionsOf(document).positionAt(comment.offset);
  const range = { start, end: start };
  const edit: LspTextEdit | SnippetTextEdit = snippets
    ? { range, snippet: { kind: 'snippet', value: `${escapeSnippet(comment.before)}\${1:${REASON_PLACEHOLDER}}${escapeSnippet(comment.after)}` } }
    : { range, newText: `${comment.before}${REASON_PLACEHOLDER}${comment.after}` };
  return {
    title: `Ignore ${finding.rule} on this line with a reason`,
    kind: IGNORE_KIND,
    ...diagnosticsOf(request, finding),
    edit: { documentChanges: [{ textDocument: { uri: document.uri, version: document.version }, edits: [edit] }] },
  };
}

function escapeSnippet(text: string): string {
  return text.replace(/[\\$}]/g, '\\$&');
}

/** Edits with the versions that they are made for, so that the editor refuses them when the text has moved on. */
async function changesOf(request: CodeActionRequest, chosen: readonly ChosenFix[]): Promise<TextDocumentEdit[] | undefined> {
  const changes: TextDocumentEdit[] = [];
  for (const [file, edits] of editsByFile(chosen)) {
    const target = file === request.file ? request.document : await request.read(file);
    if (!target) return undefined;
    const positions = positionsOf(target);
    changes.push({
      textDocument: { uri: target.uri, version: target.version },
      edits: edits.map(({ start, end, text }) => ({
        range: { start: positions.positionAt(start), end: positions.positionAt(end) },
        newText: text,
      })),
    });
  }
  return changes;
}

function positionsOf({ uri, text }: EditableText): TextDocument {
  return TextDocument.create(uri, '', 0, text);
}

/** The shown diagnostics that are these findings: the editor ties the action to them. */
function diagnosticsOf({ diagnostics }: CodeActionRequest, ...findings: PlacedFinding[]): { diagnostics?: Diagnostic[] } {
  const shown = diagnostics.filter((diagnostic) =>
    findings.some(
      ({ rule, from }) =>
        diagnostic.code === rule && diagnostic.range.start.line === from.line - 1 && diagnostic.range.start.character === from.column - 1,
    ),
  );
  return shown.length ? { diagnostics: shown } : {};
}

/** Name of a file in the protocol, for a text that is not open. */
export function closedText(file: string, text: string): EditableText {
  return { uri: uriOf(file), version: null, text };
}
