import path from 'node:path';
import * as vscode from 'vscode';
import type { Comparison, ReportFormat, SavedSession } from '../../profiler/protocol';
import type { ProgramArming } from './arming';
import type { LiveSession } from './live-session';
import type { Profiler } from './profiler';
import type { ProgramTask } from './program-task';

const FORMATS: readonly (vscode.QuickPickItem & { format: ReportFormat; ending: string })[] = [
  { label: 'HTML', detail: 'One page that opens in any browser, to be sent around', format: 'html', ending: 'html' },
  { label: 'Markdown', detail: 'For a pull request or an issue', format: 'markdown', ending: 'md' },
  { label: 'JSON', detail: 'All numbers, for other programs', format: 'json', ending: 'json' },
];

const TRUST_NEEDED = 'Programs are watched only in a workspace that you trust.';

/** What a person can do with the session. Each resolves when it is done; a failure is thrown as a sentence. */
export class SessionCommands {
  /** A person is told once how programs in old terminals come to be seen. */
  #explainedTerminals = false;
  #compared: SavedSession | undefined;

  constructor(
    private readonly session: LiveSession,
    private readonly profiler: Profiler,
    private readonly arming: ProgramArming,
    private readonly program: ProgramTask,
    private readonly showComparison: (comparison: Comparison | null) => void,
  ) {}

  async start(): Promise<void> {
    if (!vscode.workspace.isTrusted) {
      const manage = 'Manage Workspace Trust';
      if ((await vscode.window.showWarningMessage(TRUST_NEEDED, manage)) === manage) await vscode.commands.executeCommand('workbench.trust.manage');
      return;
    }
    const unwatched = this.arming.unwatchedTerminals;
    const begins = await this.session.start();
    this.#compared = undefined;
    this.showComparison(null);
    if (!begins) return;
    if (unwatched > 0 && !this.#explainedTerminals) {
      this.#explainedTerminals = true;
      void this.#offerTerminal();
    }
    await this.program.run();
  }

  async newTerminal(): Promise<void> {
    if (!this.session.isRecording) await this.start();
    if (!this.session.isRecording) return;
    vscode.window.createTerminal({ name: 'Watched', iconPath: new vscode.ThemeIcon('eye') }).show();
  }

  async rename(): Promise<void> {
    const { name } = this.session.head;
    const given = await vscode.window.showInputBox({ title: 'Rename Session', value: name, validateInput: (text) => (text.trim() === '' ? 'The name is missing.' : undefined) });
    if (given !== undefined && given.trim() !== name) await this.session.rename(given.trim());
  }

  async clear(): Promise<void> {
    await this.session.clear();
    this.closeComparison();
  }

  async openSaved(file?: string): Promise<void> {
    const chosen = file ?? (await this.#choose('Open a Saved Session', 'Open'));
    if (chosen === undefined) return;
    await this.session.open(chosen);
    this.closeComparison();
    await vscode.commands.executeCommand('roundtrip.timings.focus');
  }

  /** Compares what is shown with an earlier session. */
  async compare(file?: string): Promise<void> {
    const before = file ?? (await this.#choose('Compare With an Earlier Session', 'Compare'));
    if (before === undefined) return;
    const comparison = await this.profiler.request('compare', { before });
    this.#compared = comparison.before;
    this.showComparison(comparison);
    await vscode.commands.executeCommand('roundtrip.timings.focus');
  }

  closeComparison(): void {
    this.#compared = undefined;
    this.showComparison(null);
  }

  /** Writes what is shown, with the comparison where one is shown, to a file that the person chooses. */
  async export(): Promise<void> {
    const chosen = await vscode.window.showQuickPick(FORMATS, { title: 'Export Report', placeHolder: 'As what?' });
    if (chosen === undefined) return;
    const text = await this.profiler.request('report', { format: chosen.format, ...(this.#compared === undefined ? {} : { comparison: { before: this.#compared.file } }) });
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    const name = `${fileName(this.session.head.name)}.${chosen.ending}`;
    const target = await vscode.window.showSaveDialog({ filters: { [chosen.label]: [chosen.ending] }, ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, name) }) });
    if (target === undefined) return;
    await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
    const open = chosen.format === 'html' ? 'Open in Browser' : 'Open';
    if ((await vscode.window.showInformationMessage(`The report was written to ${path.posix.basename(target.path)}.`, open)) !== open) return;
    if (chosen.format === 'html') await vscode.env.openExternal(target);
    else await vscode.window.showTextDocument(target);
  }

  async #offerTerminal(): Promise<void> {
    const open = 'New Watched Terminal';
    const chosen = await vscode.window.showInformationMessage('Recording. Programs are seen when they start in a new terminal, as a task or by the debugger; terminals that were open before are not watched.', open);
    if (chosen === open) await this.newTerminal();
  }

  /** The file of a session other than the one that is shown. */
  async #choose(title: string, verb: string): Promise<string | undefined> {
    const shown = this.session.head;
    const sessions = (await this.session.saved()).filter(({ startedAt }) => startedAt !== shown.startedAt);
    const other = { label: '$(folder-opened) Choose a file…', file: undefined };
    const items = sessions.map((session) => ({
      label: session.name.replaceAll('$(', '\\$('),
      description: `${session.calls.toLocaleString('en')} queries${session.target === undefined ? '' : ` · ${session.target}`}`,
      detail: new Date(session.startedAt).toLocaleString(),
      file: session.file,
    }));
    const chosen = await vscode.window.showQuickPick<vscode.QuickPickItem & { file: string | undefined }>([...items, other], { title, placeHolder: `Sessions are kept in ${this.session.folder}` });
    if (chosen === undefined || chosen.file !== undefined) return chosen?.file;
    const files = await vscode.window.showOpenDialog({ title, openLabel: verb, filters: { 'Session files': ['json'] }, defaultUri: vscode.Uri.file(this.session.folder) });
    return files?.[0]?.fsPath;
  }
}

/** A session's name as that of a file. */
function fileName(name: string): string {
  const usable = name.replace(/[^\p{L}\p{N} ._-]+/gu, ' ').trim();
  return usable === '' ? 'session' : usable;
}
