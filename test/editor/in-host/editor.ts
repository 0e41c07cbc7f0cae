/** What the tests do to the editor and wait for, in the words of a person. */
import path from 'node:path';
import * as vscode from 'vscode';

/** Roundtrip answers far sooner; the rest is for a busy machine. */
const PATIENCE_MS = 20_000;

const POLL_MS = 100;

export function folderOf(name: string): string {
  const folder = vscode.workspace.workspaceFolders?.find((candidate) => candidate.name === name);
  if (!folder) throw new Error(`The workspace has no folder ${name}.`);
  return folder.uri.fsPath;
}

export async function open(folder: string, file: string): Promise<vscode.TextEditor> {
  return vscode.window.showTextDocument(vscode.Uri.file(path.join(folderOf(folder), file)));
}

/** Waits until `look` finds something, and returns it. `what` completes the sentence "waited in vain until …". */
export async function until<T>(what: string | (() => string), look: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`Waited in vain until ${typeof what === 'string' ? what : what()}.`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Roundtrip's problems of one file. */
export function problems(uri: vscode.Uri): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(uri).filter((diagnostic) => diagnostic.source === 'roundtrip');
}

export function ruleOf({ code }: vscode.Diagnostic): string {
  return String(typeof code === 'object' ? code.value : code);
}

/** The problem of a rule, once it is there. */
export function problem(uri: vscode.Uri, rule: string): Promise<vscode.Diagnostic> {
  return until(
    () => `${path.basename(uri.fsPath)} has ${rule}; it has ${problems(uri).map(ruleOf).join(', ') || 'nothing'}`,
    () => problems(uri).find((diagnostic) => ruleOf(diagnostic) === rule),
  );
}

export function gone(uri: vscode.Uri, rule: string): Promise<true> {
  return until(`${path.basename(uri.fsPath)} has no ${rule} any more`, () => !problems(uri).some((diagnostic) => ruleOf(diagnostic) === rule));
}

/** Roundtrip's actions at a range. VS Code drops the request when another extension wakes up meanwhile. */
export function actions(uri: vscode.Uri, range: vscode.Range, kind: vscode.CodeActionKind, resolve: number): Promise<vscode.CodeAction[]> {
  return until(`there are actions for ${path.basename(uri.fsPath)}`, async () => {
    try {
      const found = await vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', uri, range, kind.value, resolve);
      return found.length > 0 && found;
    } catch (error) {
      if ((error as Error).name === 'Canceled') return undefined;
      throw error;
    }
  });
}

export async function replaceAll(editor: vscode.TextEditor, text: string): Promise<void> {
  const { document } = editor;
  const whole = new vscode.Range(document.positionAt(0), document.positionAt(document.getText().length));
  await editor.edit((edit) => edit.replace(whole, text));
}
