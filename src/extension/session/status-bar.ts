import * as vscode from 'vscode';
import type { LiveSession } from './live-session';
import { statusBarText } from './status-bar-text';

/** The item itself. A press opens the panel. */
export class SessionStatusBar implements vscode.Disposable {
  readonly #item = vscode.window.createStatusBarItem('roundtrip.session', vscode.StatusBarAlignment.Left);
  readonly #session: LiveSession;
  readonly #following: vscode.Disposable;

  constructor(session: LiveSession, view: string) {
    this.#session = session;
    this.#item.name = 'Roundtrip Session';
    this.#item.command = `${view}.focus`;
    this.#following = session.onDidChange(() => this.#show());
  }

  dispose(): void {
    this.#following.dispose();
    this.#item.dispose();
  }

  #show(): void {
    const shown = statusBarText(this.#session.head, this.#session.connection);
    if (shown === undefined) {
      this.#item.hide();
      return;
    }
    this.#item.text = shown.text;
    this.#item.tooltip = shown.tooltip;
    this.#item.backgroundColor = shown.warns ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    this.#item.show();
  }
}
