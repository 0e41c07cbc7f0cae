import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { addressUrl } from '../../database/address';
import type { DatabaseLogin, LiveTimings, TimingReport } from '../../database/index';
import { readMessageFromPanel, type MessageFromPanel, type MessageToPanel } from '../../panel/messages';
import { askForDatabase, askForPassword } from '../connections/ask-for-database';
import { findDatabases } from '../connections/found-databases';
import { panelPage } from './page';
import { RememberedDatabases } from '../connections/remembered-databases';
import { logLine, stateForPanel, timingsForPanel } from './state-for-panel';

export const VIEW_ID = 'roundtrip.timings';
const CONNECTED_KEY = 'roundtrip.connected';

type DatabasePart = typeof import('../../database/index');

/**
 * The view with query timings. Relays between the page and the database part, which is loaded when a person connects first, so
 * that activation stays quick.
 */
export class TimingsPanel implements vscode.WebviewViewProvider, vscode.Disposable {
  readonly #context: vscode.ExtensionContext;
  readonly #log: vscode.LogOutputChannel;
  readonly #remembered: RememberedDatabases;
  #database: DatabasePart | undefined;
  #live: LiveTimings | undefined;
  #login: DatabaseLogin | undefined;
  #view: vscode.WebviewView | undefined;
  /** The page has said that it listens. */
  #ready = false;
  #told = new Set<string>();
  #sentReport: TimingReport | undefined;
  #logged = '';
  #connected = false;

  constructor(context: vscode.ExtensionContext, log: vscode.LogOutputChannel) {
    this.#context = context;
    this.#log = log;
    this.#remembered = new RememberedDatabases(context);
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.#view = view;
    this.#ready = false;
    const { webview } = view;
    const dist = vscode.Uri.joinPath(this.#context.extensionUri, 'dist');
    webview.options = { enableScripts: true, localResourceRoots: [dist, vscode.Uri.joinPath(this.#context.extensionUri, 'media')] };
    webview.onDidReceiveMessage((message: unknown) => this.#receive(message));
    // A hidden page is thrown away. When it is made again it says that it is ready, and is told everything anew.
    view.onDidChangeVisibility(() => this.#live?.setVisible(view.visible));
    view.onDidDispose(() => {
      if (this.#view !== view) return;
      this.#view = undefined;
      this.#ready = false;
      this.#live?.setVisible(false);
    });
    webview.html = panelPage({
      script: webview.asWebviewUri(vscode.Uri.joinPath(dist, 'panel.js')).toString(),
      style: webview.asWebviewUri(vscode.Uri.joinPath(dist, 'panel.css')).toString(),
      cspSource: webview.cspSource,
      nonce: randomBytes(16).toString('base64'),
    });
    this.#live?.setVisible(view.visible);
  }

  /** Lets a person choose or type a database, and connects. */
  async connect(): Promise<void> {
    const answer = await askForDatabase(await findDatabases(this.#remembered), (login) => this.#remembered.forget(login));
    if (answer === undefined) return;
    if (answer.typed) await this.#remembered.remember(answer.login);
    await vscode.commands.executeCommand(`${VIEW_ID}.focus`);
    await this.#connectTo(answer.login);
  }

  /** Connects to the first database found, and asks nothing: nobody has asked for it either. */
  async connectOnOpen(): Promise<void> {
    const [candidate] = await findDatabases(this.#remembered);
    if (candidate === undefined) {
      this.#log.info('No database to connect to was found.');
      return;
    }
    this.#login = candidate.login;
    await (await this.#load()).connect(candidate.login);
  }

  async disconnect(): Promise<void> {
    await this.#live?.disconnect();
  }

  async startAfresh(): Promise<void> {
    await this.#live?.startAfresh();
  }

  dispose(): void {
    void this.#live?.disconnect();
  }

  async #connectTo(login: DatabaseLogin): Promise<void> {
    this.#login = login;
    const live = await this.#load();
    await live.connect(login);
    const { state } = live;
    if (state.kind !== 'failed' || state.problem.kind !== 'authentication') return;
    const again = await askForPassword(login);
    if (again === undefined || again.password === undefined || this.#login !== login) return;
    this.#login = again;
    await this.#remembered.remember(again);
    await live.connect(again);
  }

  async #connectToFound(id: string | undefined): Promise<void> {
    const candidate = id === undefined ? undefined : (await findDatabases(this.#remembered)).find(({ found }) => found.id === id);
    await (candidate === undefined ? this.connect() : this.#connectTo(candidate.login));
  }

  async #load(): Promise<LiveTimings> {
    this.#database ??= await import('../../database/index');
    this.#live ??= new this.#database.LiveTimings({ onChange: () => this.#show() });
    this.#live.setVisible(this.#view?.visible === true);
    return this.#live;
  }

  #show(): void {
    const live = this.#live;
    if (live === undefined || this.#database === undefined) return;
    const { state } = live;
    const line = logLine(state, this.#database.explainProblem);
    if (line !== this.#logged) {
      this.#logged = line;
      if (state.kind === 'failed') this.#log.warn(line);
      else this.#log.info(line);
    }
    const connected = state.kind === 'connected';
    if (connected !== this.#connected) {
      this.#connected = connected;
      void vscode.commands.executeCommand('setContext', CONNECTED_KEY, connected);
    }
    if (state.kind === 'disconnected') {
      void this.#showFound();
      return;
    }
    this.#post({ type: 'state', state: stateForPanel(state, this.#database.explainProblem) });
    if (state.kind === 'connected' && state.report !== undefined && state.report !== this.#sentReport && this.#ready) {
      this.#sentReport = state.report;
      this.#post(timingsForPanel(state.report, this.#told));
    }
  }

  async #showFound(): Promise<void> {
    const found = (await findDatabases(this.#remembered)).map((candidate) => candidate.found);
    if (this.#live !== undefined && this.#live.state.kind !== 'disconnected') return;
    this.#post({ type: 'state', state: { kind: 'disconnected', found, restricted: !vscode.workspace.isTrusted } });
  }

  /** Environment files may have changed, or the folder may be trusted now. */
  refreshFound(): void {
    if (this.#ready && (this.#live === undefined || this.#live.state.kind === 'disconnected')) void this.#showFound();
  }

  #post(message: MessageToPanel): void {
    if (this.#ready) void this.#view?.webview.postMessage(message);
  }

  #receive(value: unknown): void {
    const message = readMessageFromPanel(value);
    if (message === undefined) {
      this.#log.warn('The timings panel sent a message that is none. It was ignored.');
      return;
    }
    this.#answer(message).catch((error: unknown) => {
      this.#log.error(error instanceof Error ? error : String(error));
    });
  }

  async #answer(message: MessageFromPanel): Promise<void> {
    switch (message.type) {
      case 'ready':
        this.#ready = true;
        this.#told = new Set();
        this.#sentReport = undefined;
        if (this.#live === undefined) await this.#showFound();
        else this.#show();
        return;
      case 'connect':
        await this.#connectToFound(message.id);
        return;
      case 'retry':
        await this.#retry();
        return;
      case 'disconnect':
        await this.disconnect();
        return;
      case 'pause':
        this.#live?.setPaused(message.paused);
        return;
      case 'startAfresh':
        await this.startAfresh();
        return;
      case 'copy':
        await vscode.env.clipboard.writeText(message.text);
        return;
      case 'showLog':
        this.#log.show();
        return;
    }
  }

  /** The password may have been corrected in the file meanwhile, so the same database is looked up again. */
  async #retry(): Promise<void> {
    if (this.#login === undefined) return;
    const id = addressUrl(this.#login.address);
    const fresh = (await findDatabases(this.#remembered)).find(({ found }) => found.id === id);
    await this.#connectTo(fresh?.login ?? this.#login);
  }
}
