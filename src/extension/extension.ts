import * as vscode from 'vscode';
import { registerCommands } from './commands';
import { LanguageServer } from './language-server';
import { registerPanel } from './panel';
import { StatusItem } from './status';

let server: LanguageServer | undefined;

/** Registers what can be asked for, and starts nothing: the server follows the first document, the database a click. */
export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Roundtrip', { log: true });
  const status = new StatusItem();
  const built = (name: string): vscode.Uri => vscode.Uri.joinPath(context.extensionUri, 'dist', name);
  server = new LanguageServer(built('server.js').fsPath, log, status);
  context.subscriptions.push(log, status, registerCommands(server, log, built('rules')), server.startWithFirstDocument());
  registerPanel(context, log);
}

/** The server ends before the editor does. */
export async function deactivate(): Promise<void> {
  await server?.stop();
}
