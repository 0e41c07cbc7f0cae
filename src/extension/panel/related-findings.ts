import * as vscode from 'vscode';
import type { RelatedFinding } from '../../panel/messages';
import type { Place } from '../../profiler/protocol';

const SOURCE = 'roundtrip';

/** More findings than this at one statement's lines are a list of their own: the Problems panel. */
const MOST_FINDINGS = 8;

/** How often the editor is asked again: it drops the request when another extension wakes up meanwhile. */
const ATTEMPTS = 3;

/** The findings that the editor shows at these places. */
export async function findingsAt(places: readonly Place[]): Promise<RelatedFinding[]> {
  const found = new Map<string, { place: Place; diagnostic: vscode.Diagnostic }>();
  for (const place of places) {
    for (const diagnostic of diagnosticsAt(place)) {
      const rule = ruleOf(diagnostic);
      const at: Place = { file: place.file, line: diagnostic.range.start.line + 1, column: diagnostic.range.start.character + 1 };
      found.set(`${rule} ${at.file}:${at.line}:${at.column}`, { place: at, diagnostic });
    }
  }
  return Promise.all(
    [...found.values()].slice(0, MOST_FINDINGS).map(async ({ place, diagnostic }) => ({
      rule: ruleOf(diagnostic),
      message: diagnostic.message,
      place,
      hasFix: (await fixesOf(vscode.Uri.file(place.file), diagnostic)).length > 0,
    })),
  );
}

/** Opens the line of a finding and mends it where there is one way to; else its light bulb offers what there is. */
export async function fixFinding({ rule, place }: { rule: string; place: Place }): Promise<void> {
  const uri = vscode.Uri.file(place.file);
  const diagnostic = diagnosticsAt(place).find((candidate) => ruleOf(candidate) === rule);
  const editor = await vscode.window.showTextDocument(uri, { selection: diagnostic?.range ?? rangeOf(place) });
  if (diagnostic === undefined) return;
  editor.selection = new vscode.Selection(diagnostic.range.start, diagnostic.range.start);
  const [fix, ...others] = await fixesOf(uri, diagnostic);
  if (fix?.edit !== undefined && others.length === 0) await vscode.workspace.applyEdit(fix.edit);
  else await vscode.commands.executeCommand('editor.action.quickFix');
}

/** Opens a place of the source. @throws where the file is not there any more */
export async function openPlace(place: Place): Promise<void> {
  try {
    await vscode.window.showTextDocument(vscode.Uri.file(place.file), { selection: rangeOf(place) });
  } catch {
    throw new Error(`${vscode.workspace.asRelativePath(place.file)} could not be opened. It may have been moved or deleted since the program ran.`);
  }
}

function rangeOf({ line, column }: Place): vscode.Range {
  const start = new vscode.Position(Math.max(0, line - 1), Math.max(0, column - 1));
  return new vscode.Range(start, start);
}

function diagnosticsAt({ file, line }: Place): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(vscode.Uri.file(file)).filter(({ source, range }) => source === SOURCE && range.start.line <= line - 1 && range.end.line >= line - 1);
}

function ruleOf({ code }: vscode.Diagnostic): string {
  return String(typeof code === 'object' ? code.value : (code ?? ''));
}

/** The actions that mend a finding here, not all of its kind, and not those that only silence it; the safe one alone where there is one. */
async function fixesOf(uri: vscode.Uri, diagnostic: vscode.Diagnostic): Promise<vscode.CodeAction[]> {
  const start = new vscode.Range(diagnostic.range.start, diagnostic.range.start);
  const mending = (await codeActions(uri, start)).filter(({ kind, edit }) => edit !== undefined && kind?.value === vscode.CodeActionKind.QuickFix.value);
  const safe = mending.filter(({ isPreferred }) => isPreferred);
  return safe.length === 1 ? safe : mending;
}

async function codeActions(uri: vscode.Uri, range: vscode.Range): Promise<vscode.CodeAction[]> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    try {
      return await vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', uri, range, vscode.CodeActionKind.QuickFix.value);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'Canceled') return [];
    }
  }
  return [];
}
