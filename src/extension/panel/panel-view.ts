import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { readMessageFromPanel, type MessageFromPanel, type MessageToPanel } from '../../panel/messages';
import type { ActivityRow, Comparison, Notice, SessionUpdate, StatementDetail } from '../../profiler/protocol';
import type { Connections } from '../connections/connections';
import { emptyUpdate, type LiveSession } from '../session/live-session';
import type { Profiler } from '../session/profiler';
import type { SessionCommands } from '../session/session-commands';
import { panelPage } from './page';
import { findingsAt, fixFinding, openPlace } from './related-findings';

export const VIEW_ID = 'roundtrip.timings';

/** A statement may have as many lines as callers; findings at the costliest ones are enough. */
const MOST_PLACES = 20;

const CRASHED = 'The profiler ended unexpectedly. The log says more.';

export const INTERRUPTED = 'The profiler ended unexpectedly, and the recording with it. What it had saved, up to some seconds before, is shown again. To go on, record again and start your program anew.';

/** What the page may ask for that is done elsewhere. */
export interface PanelActions {
  explain(statement: string, analyze: boolean): Promise<void>;
  showLog(): void;
}

/** The view of the session. Relays between its page and the profiler, and asks the person before anything is done to the server. */
export class PanelView implements vscode.WebviewViewProvider, vscode.Disposable {
  readonly #context: vscode.ExtensionContext;
  readonly #session: LiveSession;
  readonly #profiler: Profiler;
  readonly #connections: Connections;
  readonly #log: vscode.LogOutputChannel;
  readonly #actions: PanelActions;
  readonly #disposables: vscode.Disposable[];
  #commands: SessionCommands | undefined;
  #view: vscode.WebviewView | undefined;
  /** The page has said that it listens. */
  #ready = false;
  #selected: string | null = null;
  #activity: ActivityRow[] = [];
  #comparison: Comparison | null = null;
  #restored = false;
  #toReveal: string | undefined;
  /** What happened to the profiler. It is told until that works again; where a recording ended, as long as that session is shown. */
  #mishap: { text: string; startedAt?: number } | undefined;

  constructor(context: vscode.ExtensionContext, session: LiveSession, profiler: Profiler, connections: Connections, actions: PanelActions, log: vscode.LogOutputChannel) {
    this.#context = context;
    this.#session = session;
    this.#profiler = profiler;
    this.#connections = connections;
    this.#actions = actions;
    this.#log = log;
    this.#disposables = [
      profiler.onDidUpdate((update) => this.#show(update)),
      session.onDidChange(() => void this.#showChange()),
      session.onDidInterrupt(({ startedAt }) => (this.#mishap = { text: INTERRUPTED, startedAt })),
      profiler.onDidCrash(() => {
        this.#mishap ??= { text: CRASHED };
        this.#showNothing();
      }),
    ];
  }

  /** Commands and panel need each other: a comparison is shown here, and asked for here as well. */
  set commands(commands: SessionCommands) {
    this.#commands = commands;
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.#view = view;
    this.#ready = false;
    const { webview } = view;
    const dist = vscode.Uri.joinPath(this.#context.extensionUri, 'dist');
    webview.options = { enableScripts: true, localResourceRoots: [dist, vscode.Uri.joinPath(this.#context.extensionUri, 'media')] };
    webview.onDidReceiveMessage((message: unknown) => this.#receive(message));
    // A hidden page is thrown away. When it is made again it says that it is ready, and is told everything anew.
    view.onDidChangeVisibility(() => void this.#profiler.setVisible(view.visible));
    view.onDidDispose(() => {
      if (this.#view !== view) return;
      this.#view = undefined;
      this.#ready = false;
      void this.#profiler.setVisible(false);
    });
    webview.html = panelPage({
      script: webview.asWebviewUri(vscode.Uri.joinPath(dist, 'panel.js')).toString(),
      style: webview.asWebviewUri(vscode.Uri.joinPath(dist, 'panel.css')).toString(),
      cspSource: webview.cspSource,
      nonce: randomBytes(16).toString('base64'),
    });
    void this.#profiler.setVisible(view.visible);
  }

  /** Brings a statement before the person's eyes, once there is a page to do so. */
  async reveal(statement: string): Promise<void> {
    this.#toReveal = statement;
    await vscode.commands.executeCommand(`${VIEW_ID}.focus`);
    if (this.#ready) this.#sendReveal();
  }

  showComparison(comparison: Comparison | null): void {
    this.#comparison = comparison;
    this.#post({ type: 'comparison', comparison });
  }

  /** Environment files may have changed, or the folder may be trusted now. */
  refreshFound(): void {
    if (this.#ready) void this.#sendStart();
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #show(update: SessionUpdate): void {
    this.#activity = update.activity;
    const { state, startedAt } = update.session;
    if (this.#mishap?.startedAt === undefined || state === 'recording' || (state === 'stopped' && startedAt !== this.#mishap.startedAt)) this.#mishap = undefined;
    this.#post({ type: 'update', update: { ...update, notices: [...this.#mishaps(), ...update.notices] } });
    const selected = this.#selected;
    if (selected !== null && this.#ready && update.statements.some(({ id }) => id === selected)) void this.#sendDetail(selected);
  }

  /** A change that no update tells: there is no profiler yet, or none any more, or it is still connecting. */
  async #showChange(): Promise<void> {
    if (!this.#ready) return;
    if (!this.#profiler.isRunning) this.#showNothing();
    else await this.#profiler.tell('refresh', {});
    if (this.#session.connection.kind === 'none' || this.#session.head.state === 'stopped') await this.#sendStart();
  }

  #showNothing(): void {
    this.#post({ type: 'update', update: emptyUpdate(this.#session.head, this.#session.connection, this.#mishaps()) });
  }

  #mishaps(): Notice[] {
    return this.#mishap === undefined ? [] : [{ text: this.#mishap.text }];
  }

  async #sendStart(): Promise<void> {
    const found = (await this.#connections.find()).map((candidate) => candidate.found);
    const sessions = await this.#session.savedIfAny();
    const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath.replaceAll('\\', '/'));
    this.#post({ type: 'start', found, restricted: !vscode.workspace.isTrusted, sessions, folders });
  }

  async #sendDetail(statement: string): Promise<void> {
    let detail: StatementDetail | null = null;
    try {
      detail = await this.#profiler.request('detail', { statement });
    } catch (error) {
      this.#log.warn(`No detail of a statement: ${sentence(error)}`);
    }
    if (this.#selected !== statement) return;
    const findings = detail === null ? [] : await findingsAt(detail.lines.slice(0, MOST_PLACES).map(({ place }) => place));
    this.#post({ type: 'detail', statement, detail, findings });
  }

  #post(message: MessageToPanel): void {
    if (this.#ready) void this.#view?.webview.postMessage(message);
  }

  #receive(value: unknown): void {
    const message = readMessageFromPanel(value);
    if (message === undefined) {
      this.#log.warn('The panel sent a message that is none. It was ignored.');
      return;
    }
    this.#answer(message)
      .catch((error: unknown) => {
        this.#log.error(error instanceof Error ? error : String(error));
        this.#post({ type: 'problem', title: 'That did not work.', detail: sentence(error) });
      })
      .finally(() => this.#post({ type: 'answered', to: message.type }));
  }

  async #answer(message: MessageFromPanel): Promise<void> {
    const commands = this.#commands;
    if (commands === undefined) return;
    switch (message.type) {
      case 'ready':
        return this.#greet();
      case 'connect':
        await this.#connections.connectToFound(message.id);
        return;
      case 'retry':
        await this.#connections.retry();
        return;
      case 'disconnect':
        return this.#session.disconnect();
      case 'record':
        return commands.start();
      case 'pause':
        return this.#session.setPaused(message.paused);
      case 'stop':
        return this.#session.stop();
      case 'clear':
        return commands.clear();
      case 'rename':
        return commands.rename();
      case 'openSession':
        return commands.openSaved(message.file);
      case 'compare':
        return commands.compare(message.file);
      case 'closeComparison':
        return commands.closeComparison();
      case 'export':
        return commands.export();
      case 'newTerminal':
        return commands.newTerminal();
      case 'select':
        this.#selected = message.statement;
        if (message.statement !== null) await this.#sendDetail(message.statement);
        return;
      case 'openPlace':
        return openPlace(message.place);
      case 'fix':
        return fixFinding(message.finding);
      case 'explain':
        return this.#actions.explain(message.statement, message.analyze);
      case 'cancel':
        return this.#cancel(message.pid);
      case 'copy':
        await vscode.env.clipboard.writeText(message.text);
        return;
      case 'showLog':
        this.#actions.showLog();
        return;
    }
  }

  /** A new page knows nothing. The first one of a window brings back what the window showed before it was reloaded. */
  async #greet(): Promise<void> {
    this.#ready = true;
    this.#selected = null;
    await this.#sendStart();
    if (!this.#restored) {
      this.#restored = true;
      await this.#session.restore();
    }
    if (this.#profiler.isRunning) await this.#profiler.tell('refresh', {});
    else this.#showNothing();
    if (this.#comparison !== null) this.#post({ type: 'comparison', comparison: this.#comparison });
    this.#sendReveal();
  }

  #sendReveal(): void {
    const statement = this.#toReveal;
    this.#toReveal = undefined;
    if (statement !== undefined) this.#post({ type: 'reveal', statement });
  }

  async #cancel(pid: number): Promise<void> {
    const row = this.#activity.find((candidate) => candidate.pid === pid);
    const { connection } = this.#session;
    const target = connection.kind === 'connected' ? connection.target : 'the database';
    const yes = 'Cancel the Statement';
    const who = row === undefined ? '' : `${row.user}${row.application === '' ? '' : `, ${row.application}`}, since ${Math.round(row.runningMs / 1_000)} s:\n\n${row.text.slice(0, 500)}`;
    const answer = await vscode.window.showWarningMessage(
      `Cancel what process ${pid} of ${target} is running?`,
      { modal: true, detail: `Its program gets an error, and its transaction has to start again.\n\n${who}`.trim() },
      yes,
    );
    if (answer !== yes) return;
    if (!(await this.#profiler.request('cancel', { pid }))) throw new Error('The server did not cancel it: it was done already, or this role may not cancel it.');
  }
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
