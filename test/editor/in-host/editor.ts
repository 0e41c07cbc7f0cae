/** What the tests do to the editor and wait for, in the words of a person. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import * as vscode from 'vscode';

/** Roundtrip answers far sooner; the rest is for a busy machine, where only a hang may fail. */
const PATIENCE_MS = 60_000;

const POLL_MS = 100;

/** VS Code resolves that many actions, which fills in their edits. */
const RESOLVED_FIXES = 20;

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

/** The quick fix at a range whose title begins so, with its edit. VS Code drops the request when another extension wakes up meanwhile. */
export function quickFix(uri: vscode.Uri, range: vscode.Range, title: string): Promise<vscode.CodeAction> {
  let offered: string[] = [];
  return until(() => `${path.basename(uri.fsPath)} has the fix “${title}”; it has ${offered.join(', ') || 'none'}`, async () => {
    try {
      const found = await vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', uri, range, vscode.CodeActionKind.QuickFix.value, RESOLVED_FIXES);
      offered = found.map((fix) => fix.title);
      return found.find((fix) => fix.title.startsWith(title));
    } catch (error) {
      if ((error as Error).name === 'Canceled') return undefined;
      throw error;
    }
  });
}

/** Numbers of the processes that this extension host has started with a program of the extension. */
export function processesOf(program: string): number[] {
  const all = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,command='], { encoding: 'utf8' }).trim().split('\n');
  return all
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, state, ...command]) => parent === String(process.pid) && !state?.startsWith('Z') && command.some((word) => word.endsWith(program)))
    .map(([pid]) => Number(pid));
}

/** A way in which the extension asks a person, and that VS Code refuses to show while tests run. */
type Question = 'showWarningMessage' | 'showErrorMessage' | 'showInformationMessage' | 'showQuickPick' | 'showSaveDialog';

/** Answers questions of one kind for as long as the test runs, and notes what was asked: what is given to `answer` are the arguments. */
export class Answers {
  readonly asked: string[] = [];
  readonly #before = new Map<Question, unknown>();

  give(question: Question, answer: (...asked: never[]) => unknown): void {
    const window = vscode.window as unknown as Record<Question, unknown>;
    if (!this.#before.has(question)) this.#before.set(question, window[question]);
    window[question] = async (...asked: never[]): Promise<unknown> => {
      this.asked.push(typeof asked[0] === 'string' ? asked[0] : question);
      return answer(...asked);
    };
  }

  /** The person answers again. */
  end(): void {
    for (const [question, before] of this.#before) (vscode.window as unknown as Record<Question, unknown>)[question] = before;
    this.#before.clear();
  }
}

export async function replaceAll(editor: vscode.TextEditor, text: string): Promise<void> {
  const { document } = editor;
  const whole = new vscode.Range(document.positionAt(0), document.positionAt(document.getText().length));
  await editor.edit((edit) => edit.replace(whole, text));
}
