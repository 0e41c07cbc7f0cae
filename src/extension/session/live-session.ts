import { readdir } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { describeAddress, type DatabaseLogin } from '../../database/address';
import { DEFAULT_TARGETS, type ConnectionState, type SavedSession, type SessionHead, type SessionState, type SessionTargets, type SessionUpdate } from '../../profiler/protocol';
import type { ProgramArming } from './arming';
import { hasEnded, isAlive } from './former-profiler';
import type { Profiler } from './profiler';

const SHOWN_KEY = 'session.shown';

/** What a window showed last, in its workspace's state. */
interface ShownLast {
  startedAt: number;
  /** Process number of the profiler that recorded it, while it did. */
  recordedBy?: number;
}

export const NO_SESSION: SessionHead = { id: '', name: '', state: 'none', startedAt: 0, recordedMs: 0 };

const EMPTY_TOTALS = { statements: 0, calls: 0, errors: 0, totalMs: 0, waitMs: 0 };

/** A full update that shows nothing but the state of things: for a page that no profiler speaks to. */
export function emptyUpdate(session: SessionHead, connection: ConnectionState, notices: SessionUpdate['notices'] = []): SessionUpdate {
  const empty = { statements: [], lines: [], requests: [], repetitions: [], activity: [], series: [], programs: [], targets: [] };
  return { full: true, session, connection, ageMs: 0, sparkSlot: 0, totals: EMPTY_TOTALS, ...empty, notices };
}

/** The one session of this window: what it is doing, and what can be asked of it. */
export class LiveSession implements vscode.Disposable {
  readonly #context: vscode.ExtensionContext;
  readonly #profiler: Profiler;
  readonly #arming: ProgramArming;
  readonly #log: vscode.LogOutputChannel;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #interrupted = new vscode.EventEmitter<SessionHead>();
  readonly #disposables: vscode.Disposable[];
  #head: SessionHead = NO_SESSION;
  #connection: ConnectionState = { kind: 'none' };
  #login: DatabaseLogin | undefined;
  #starting: Promise<void> | undefined;
  /** When the session began that a profiler took along that crashed, until a session is shown again. */
  #lost: number | undefined;

  /** Head or connection are others than before. */
  readonly onDidChange = this.#changed.event;
  /** This recording ended because the profiler crashed. */
  readonly onDidInterrupt = this.#interrupted.event;

  constructor(context: vscode.ExtensionContext, profiler: Profiler, arming: ProgramArming, log: vscode.LogOutputChannel) {
    this.#context = context;
    this.#profiler = profiler;
    this.#arming = arming;
    this.#log = log;
    this.#disposables = [
      profiler.onDidUpdate(({ session, connection }) => this.#take(session, connection)),
      profiler.onDidChangeState(({ session, connection }) => this.#take(session, connection)),
      profiler.onDidCrash(() => this.#recover()),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('roundtrip.targets')) void profiler.tell('setTargets', targets());
      }),
    ];
  }

  get head(): SessionHead {
    return this.#head;
  }

  get connection(): ConnectionState {
    return this.#connection;
  }

  /** Whom the profiler was told to connect to last. */
  get login(): DatabaseLogin | undefined {
    return this.#login;
  }

  get isRecording(): boolean {
    return this.#head.state === 'recording' || this.#head.state === 'paused';
  }

  /** The settings ask for a new session whenever the folder is opened. */
  get isBegunOnOpen(): boolean {
    return vscode.workspace.getConfiguration('roundtrip.session').get('recordOnOpen') === true;
  }

  /** Where session files are. */
  get folder(): string {
    const chosen = vscode.workspace.getConfiguration('roundtrip.session').get<string>('folder')?.trim();
    const root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
    if (chosen && (root !== undefined || path.isAbsolute(chosen))) return path.resolve(root ?? '', chosen);
    return vscode.Uri.joinPath(this.#context.storageUri ?? this.#context.globalStorageUri, 'sessions').fsPath;
  }

  async connect(login: DatabaseLogin): Promise<ConnectionState> {
    this.#login = login;
    this.#take(this.#head, { kind: 'connecting', target: describeAddress(login.address) });
    let connection: ConnectionState = { kind: 'none' };
    try {
      connection = await this.#profiler.request('connect', { login });
      return connection;
    } finally {
      if (this.#login === login) this.#take(this.#head, connection);
    }
  }

  async disconnect(): Promise<void> {
    this.#login = undefined;
    this.#take(this.#head, this.#profiler.isRunning ? await this.#profiler.request('disconnect', {}) : { kind: 'none' });
  }

  /**
   * Begins to record, or goes on with it. Asked again before it has begun, it is the same beginning.
   * @returns whether a session begins with this call, and not with another one
   */
  async start(): Promise<boolean> {
    const begins = this.#starting === undefined && !this.isRecording;
    this.#starting ??= this.#start().finally(() => (this.#starting = undefined));
    await this.#starting;
    return begins;
  }

  async #start(): Promise<void> {
    if (this.isRecording) {
      if (this.#head.state === 'paused') await this.setPaused(false);
      return;
    }
    const settings = vscode.workspace.getConfiguration('roundtrip.session');
    const { session, arming } = await this.#profiler.request('start', {
      folder: this.folder,
      workspaceFolders: workspaceFolders(),
      parameters: settings.get<boolean>('parameters') === true,
      targets: targets(),
    });
    this.#arming.arm(arming);
    this.#take(session, this.#connection);
  }

  async setPaused(paused: boolean): Promise<void> {
    if (this.isRecording) this.#take(await this.#profiler.request('pause', { paused }), this.#connection);
  }

  async stop(): Promise<void> {
    if (!this.isRecording) return;
    // First of all, so that no program is armed for a session that is about to be gone.
    this.#arming.disarm();
    this.#take(await this.#profiler.request('stop', {}), this.#connection);
  }

  async rename(name: string): Promise<void> {
    this.#take(await this.#profiler.request('rename', { name }), this.#connection);
  }

  async clear(): Promise<void> {
    this.#take(await this.#profiler.request('clear', {}), this.#connection);
  }

  async saved(): Promise<SavedSession[]> {
    return this.#profiler.request('list', { folder: this.folder });
  }

  /** The same, without starting a profiler where nothing was ever saved. */
  async savedIfAny(): Promise<SavedSession[]> {
    const files = await readdir(this.folder).catch(() => []);
    return files.length === 0 ? [] : this.saved();
  }

  async open(file: string): Promise<void> {
    await this.stop();
    this.#take(await this.#profiler.request('open', { file, workspaceFolders: workspaceFolders() }), this.#connection);
  }

  /** Shows again what this window showed before it was reloaded. Does nothing when there was nothing, it is gone, or another one is shown or begins. */
  async restore(): Promise<void> {
    if (!this.#isFree) return;
    const { startedAt, recordedBy } = this.#context.workspaceState.get<Partial<ShownLast>>(SHOWN_KEY) ?? {};
    if (startedAt === undefined || this.isBegunOnOpen) return;
    if (recordedBy === undefined || !isAlive(recordedBy)) await this.#reopen(startedAt);
    else void hasEnded(recordedBy).then((ended) => (ended ? this.#reopen(startedAt) : undefined));
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #take(head: SessionHead, connection: ConnectionState): void {
    const before: [SessionState, ConnectionState['kind']] = [this.#head.state, this.#connection.kind];
    const startedBefore = this.#head.startedAt;
    const changed = JSON.stringify([this.#head.state, this.#head.name, this.#connection]) !== JSON.stringify([head.state, head.name, connection]);
    this.#head = head;
    this.#connection = connection;
    if (head.state !== 'none') this.#lost = undefined;
    if (!this.isRecording) this.#arming.disarm();
    const state = before[0] !== head.state;
    if (state) {
      void vscode.commands.executeCommand('setContext', 'roundtrip.session', head.state);
      void vscode.commands.executeCommand('setContext', 'roundtrip.hasSession', head.state !== 'none');
    }
    // Clearing a session begins it anew, so that this is more than what start and open know.
    if (head.state !== 'none' && (state || head.startedAt !== startedBefore)) {
      const shown: ShownLast = { startedAt: head.startedAt, ...(this.isRecording ? { recordedBy: this.#profiler.pid } : {}) };
      void this.#context.workspaceState.update(SHOWN_KEY, shown);
    }
    if (before[1] !== connection.kind) void vscode.commands.executeCommand('setContext', 'roundtrip.connected', connection.kind === 'connected');
    if (changed) this.#changed.fire();
  }

  /** The profiler is gone. Another one shows what that had saved, and seeks the connection; to record again is for the person. */
  #recover(): void {
    // One that ends before it shows the session leaves that to the next.
    if (this.#head.state !== 'none') this.#lost = this.#head.startedAt;
    const login = this.#login;
    if (this.isRecording) this.#interrupted.fire(this.#head);
    this.#take(NO_SESSION, { kind: 'none' });
    const pause = this.#lost === undefined && login === undefined ? undefined : this.#profiler.pauseAfterCrash();
    if (pause === undefined) return;
    setTimeout(() => {
      if (this.#lost !== undefined) void this.#reopen(this.#lost);
      if (login !== undefined && this.#login === login) this.connect(login).catch((error: unknown) => this.#log.error(error instanceof Error ? error : String(error)));
    }, pause);
  }

  /** No session is shown, and none begins. */
  get #isFree(): boolean {
    return this.#head.state === 'none' && this.#starting === undefined;
  }

  /** Shows a session of this workspace, unless there is none like that or another one is shown or begins by then. */
  async #reopen(startedAt: number): Promise<void> {
    try {
      const before = (await this.savedIfAny()).find((session) => session.startedAt === startedAt);
      if (before !== undefined && this.#isFree) await this.open(before.file);
    } catch (error) {
      this.#log.warn(`The session shown last could not be opened: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** What the settings ask for; shares are written as percentages there. */
function targets(): SessionTargets {
  const settings = vscode.workspace.getConfiguration('roundtrip.targets');
  return {
    p95Ms: settings.get('p95', DEFAULT_TARGETS.p95Ms),
    connections: settings.get('connections', DEFAULT_TARGETS.connections * 100) / 100,
    cacheHits: settings.get('cacheHits', DEFAULT_TARGETS.cacheHits * 100) / 100,
  };
}

/** Paths of the open folders that lie on a disk, with `/`. */
function workspaceFolders(): string[] {
  return (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath.replaceAll('\\', '/'));
}
