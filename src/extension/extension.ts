import * as vscode from 'vscode';
import { registerCommands } from './commands';
import { LanguageServer } from './language-server';
import { registerSession } from './session';
import { StatusItem } from './status';

let server: LanguageServer | undefined;
let session: { stop(): Promise<void> } | undefined;

/** Registers what can be asked for, and starts nothing: the server follows the first document, the profiler a click. */
export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Roundtrip', { log: true });
  const status = new StatusItem();
  const built = (name: string): vscode.Uri => vscode.Uri.joinPath(context.extensionUri, 'dist', name);
  server = new LanguageServer(built('server.js').fsPath, log, status);
  context.subscriptions.push(log, status, registerCommands(server, log, built('rules')), server.startWithFirstDocument());
  session = registerSession(context, server, log);
}

/** The processes end before the editor does; a session that still records is saved. */
export async function deactivate(): Promise<void> {
  await Promise.all([server?.stop(), session?.stop()]);
}
