import * as vscode from 'vscode';
import { COMMANDS, LANGUAGES, STATUS_ITEM } from './manifest';
import { statusText, type ShownStatus } from './status-text';

const SEVERITIES = {
  information: vscode.LanguageStatusSeverity.Information,
  warning: vscode.LanguageStatusSeverity.Warning,
  error: vscode.LanguageStatusSeverity.Error,
};

/** The item behind the braces in the status bar of files that are checked. */
export class StatusItem implements vscode.Disposable {
  readonly #item = vscode.languages.createLanguageStatusItem(STATUS_ITEM, LANGUAGES.map((language) => ({ scheme: 'file', language })));

  constructor() {
    this.#item.name = 'Roundtrip';
  }

  show(status: ShownStatus): void {
    const { text, detail, severity, busy, link } = statusText(status);
    const { command, title } = COMMANDS[link];
    this.#item.text = text;
    this.#item.detail = detail;
    this.#item.severity = SEVERITIES[severity];
    this.#item.busy = busy;
    this.#item.command = { command, title };
  }

  dispose(): void {
    this.#item.dispose();
  }
}
