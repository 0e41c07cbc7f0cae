import * as vscode from 'vscode';
import { TimingsPanel, VIEW_ID } from './timings-panel';

/** Registers the view with query timings and its commands. Connects by itself only where the user's settings ask for it. */
export function registerPanel(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): void {
  const panel = new TimingsPanel(context, log);
  const environmentFiles = vscode.workspace.createFileSystemWatcher('**/.env*');
  const refresh = (): void => panel.refreshFound();
  context.subscriptions.push(
    panel,
    vscode.window.registerWebviewViewProvider(VIEW_ID, panel),
    vscode.commands.registerCommand('roundtrip.connect', () => panel.connect()),
    vscode.commands.registerCommand('roundtrip.disconnect', () => panel.disconnect()),
    vscode.commands.registerCommand('roundtrip.resetTimings', () => panel.startAfresh()),
    environmentFiles,
    environmentFiles.onDidCreate(refresh),
    environmentFiles.onDidChange(refresh),
    environmentFiles.onDidDelete(refresh),
    vscode.workspace.onDidGrantWorkspaceTrust(refresh),
  );
  if (vscode.workspace.isTrusted && vscode.workspace.getConfiguration('roundtrip.database').get('connectOnOpen') === true) {
    panel.connectOnOpen().catch((error: unknown) => log.error(error instanceof Error ? error : String(error)));
  }
}
