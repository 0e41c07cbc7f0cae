import { fork, type ChildProcess } from 'node:child_process';
import { PassThrough } from 'node:stream';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  CodeActionRequest,
  ConfigurationRequest,
  DidChangeConfigurationNotification,
  DidChangeTextDocumentNotification,
  DidChangeWatchedFilesNotification,
  DidChangeWorkspaceFoldersNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  ExitNotification,
  IPCMessageReader,
  IPCMessageWriter,
  InitializeRequest,
  InitializedNotification,
  LogMessageNotification,
  ProgressType,
  PublishDiagnosticsNotification,
  RegistrationRequest,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  WorkDoneProgressCancelNotification,
  WorkDoneProgressCreateRequest,
  createConnection,
  createProtocolConnection,
  type ClientCapabilities,
  type CodeAction,
  type Diagnostic,
  type FileEvent,
  type ProgressToken,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  type Range,
  type Registration,
  type TextDocumentEdit,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { STATUS, type EditorSettings, type InitializationOptions, type ServerStatus } from '../../src/server/protocol';
import { serve } from '../../src/server/server';
import type { Workspace, WorkspaceOptions } from '../../src/workspace';
import { build, builtFile } from '../built';

export interface EditorOptions {
  folders: string[];
  settings?: EditorSettings;
  /** The server runs in this process over such a workspace; without one it is the real server in a process of its own. */
  openWorkspace?: (options: WorkspaceOptions) => Promise<Workspace>;
  capabilities?: ClientCapabilities;
  client?: InitializationOptions;
}

/** What VS Code tells a server about itself, as far as this server asks. */
export const CAPABILITIES: ClientCapabilities = {
  workspace: {
    configuration: true,
    workspaceFolders: true,
    didChangeConfiguration: { dynamicRegistration: true },
    didChangeWatchedFiles: { dynamicRegistration: true },
    workspaceEdit: { documentChanges: true, snippetEditSupport: true },
  },
  window: { workDoneProgress: true },
};

export const CLIENT: InitializationOptions = { rulePage: 'command:roundtrip.openRulePage?%5B%22{rule}%22%5D', openRulePage: 'roundtrip.openRulePage' };

/** An editor as the language server sees one: it opens, types, saves, asks for actions and applies them. */
export class Editor {
  readonly published: PublishDiagnosticsParams[] = [];
  readonly statuses: ServerStatus[] = [];
  readonly log: string[] = [];
  readonly progress: { kind: string; message?: string }[] = [];
  readonly registrations: Registration[] = [];
  #progressToken: ProgressToken | undefined;
  readonly #documents = new Map<string, TextDocument>();
  readonly #waiting = new Set<() => void>();
  #ended = false;
  #errorOutput = '';

  private constructor(
    readonly connection: ProtocolConnection,
    private settings: EditorSettings,
    readonly process?: ChildProcess,
  ) {}

  static async start({ folders, settings = {}, openWorkspace, capabilities = CAPABILITIES, client = CLIENT }: EditorOptions): Promise<Editor> {
    if (!openWorkspace) await build();
    const server = openWorkspace ? undefined : fork(builtFile('server.js'), ['--node-ipc'], { execArgv: [], silent: true });
    const editor = new Editor(server ? overIpc(server) : overStreams(openWorkspace!), settings, server);
    editor.#listen();
    let answered = false;
    void editor.connection.sendRequest(InitializeRequest.type, {
      // A server of its own ends with the editor; one in this process must not watch itself.
      processId: server ? process.pid : null,
      rootUri: null,
      capabilities,
      initializationOptions: client,
      workspaceFolders: folders.map((folder) => ({ uri: uri(folder), name: path.basename(folder) })),
    }).then(() => {
      answered = true;
      editor.#heard();
    });
    await editor.until(() => answered);
    await editor.connection.sendNotification(InitializedNotification.type, {});
    return editor;
  }

  async stop(): Promise<void> {
    await this.connection.sendRequest(ShutdownRequest.type);
    const exited = this.process && new Promise((resolve) => this.process!.once('exit', resolve));
    if (exited) {
      await this.connection.sendNotification(ExitNotification.type);
      await exited;
    }
    this.connection.dispose();
  }

  open(file: string, text: string, languageId = 'typescript', version = 1): void {
    this.#documents.set(file, TextDocument.create(uri(file), languageId, version, text));
    void this.connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument: { uri: uri(file), languageId, version, text } });
  }

  /** Replaces one piece of an open document by another, as typing does. Returns the new version. */
  replace(file: string, old: string, text: string): number {
    const document = this.document(file);
    const at = document.getText().indexOf(old);
    if (at < 0) throw new Error(`${file} does not contain ${JSON.stringify(old)}:\n${document.getText()}`);
    const range = { start: document.positionAt(at), end: document.positionAt(at + old.length) };
    return this.change(file, [{ range, text }]);
  }

  change(file: string, contentChanges: { range: Range; text: string }[]): number {
    const document = this.document(file);
    const version = document.version + 1;
    TextDocument.update(document, contentChanges, version);
    void this.connection.sendNotification(DidChangeTextDocumentNotification.type, { textDocument: { uri: uri(file), version }, contentChanges });
    return version;
  }

  close(file: string): void {
    this.#documents.delete(file);
    void this.connection.sendNotification(DidCloseTextDocumentNotification.type, { textDocument: { uri: uri(file) } });
  }

  document(file: string): TextDocument {
    const document = this.#documents.get(file);
    if (!document) throw new Error(`${file} is not open`);
    return document;
  }

  text(file: string): string {
    return this.document(file).getText();
  }

  changedOnDisk(...changes: [file: string, type: FileEvent['type']][]): void {
    void this.connection.sendNotification(DidChangeWatchedFilesNotification.type, {
      changes: changes.map(([file, type]) => ({ uri: uri(file), type })),
    });
  }

  changeFolders(added: string[], removed: string[]): void {
    const folder = (name: string) => ({ uri: uri(name), name: path.basename(name) });
    void this.connection.sendNotification(DidChangeWorkspaceFoldersNotification.type, {
      event: { added: added.map(folder), removed: removed.map(folder) },
    });
  }

  changeSettings(settings: EditorSettings): void {
    this.settings = settings;
    void this.connection.sendNotification(DidChangeConfigurationNotification.type, { settings: null });
  }

  /** Presses "Cancel" on the progress that is shown. */
  cancelProgress(): void {
    void this.connection.sendNotification(WorkDoneProgressCancelNotification.type, { token: this.#progressToken! });
  }

  /** What the editor shows for the file now. */
  diagnostics(file: string): Diagnostic[] {
    return this.#last(file)?.diagnostics ?? [];
  }

  /** First lines of what the editor shows for the file now. */
  messages(file: string): string[] {
    return this.diagnostics(file).map(({ message }) => String(message).split('\n')[0]!);
  }

  publishedFor(file: string): PublishDiagnosticsParams[] {
    return this.published.filter((params) => params.uri === uri(file));
  }

  /** Waits until the server has published the findings of this version of the document. */
  async checked(file: string, version = this.document(file).version): Promise<Diagnostic[]> {
    await this.until(() => this.#last(file)?.version === version);
    return this.diagnostics(file);
  }

  /** Waits for the index, and everything that follows from it. */
  async ready(): Promise<ServerStatus> {
    await this.until(() => ['ready', 'idle', 'stopped', 'error'].includes(this.statuses.at(-1)?.state ?? ''));
    return this.statuses.at(-1)!;
  }

  /** Waits until something that the server says makes it true; mocha's time limit ends a wait in vain. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.#ended) throw new Error(`The server ended: ${this.#errorOutput}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  #heard(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }

  async codeActions(file: string, range: Range, only?: string[]): Promise<CodeAction[]> {
    const actions = await this.connection.sendRequest(CodeActionRequest.type, {
      textDocument: { uri: uri(file) },
      range,
      context: { diagnostics: this.diagnostics(file).filter((shown) => shown.range.start.line === range.start.line), ...(only && { only }) },
    });
    return (actions ?? []) as CodeAction[];
  }

  /** Applies an action's edits to the open documents, as VS Code does: not when a version has moved on. */
  apply(action: CodeAction): void {
    for (const change of (action.edit?.documentChanges ?? []) as TextDocumentEdit[]) {
      const file = [...this.#documents.keys()].find((name) => uri(name) === change.textDocument.uri);
      if (!file) throw new Error(`${change.textDocument.uri} is not open`);
      const { version } = this.document(file);
      if (change.textDocument.version !== version) throw new Error(`made for version ${change.textDocument.version}, not ${version}`);
      const edits = change.edits.map((edit) => ({
        range: edit.range,
        text: 'snippet' in edit ? edit.snippet.value.replace(/\$\{1:(\w+)\}/, '$1').replace(/\\([\\$}])/g, '$1') : edit.newText,
      }));
      // Later ones first, so that the places of the earlier ones hold.
      this.change(file, edits.sort((a, b) => b.range.start.line - a.range.start.line || b.range.start.character - a.range.start.character));
    }
  }

  #last(file: string): PublishDiagnosticsParams | undefined {
    return this.published.findLast((params) => params.uri === uri(file));
  }

  #listen(): void {
    const { connection } = this;
    const heard = (): void => this.#heard();
    this.process?.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#errorOutput += text));
    this.process?.once('exit', () => {
      this.#ended = true;
      heard();
    });
    connection.onNotification(PublishDiagnosticsNotification.type, (params) => {
      this.published.push(params);
      heard();
    });
    connection.onNotification(STATUS, (status: ServerStatus) => {
      this.statuses.push(status);
      heard();
    });
    connection.onNotification(LogMessageNotification.type, ({ message }) => {
      this.log.push(message);
      heard();
    });
    connection.onRequest(ConfigurationRequest.type, ({ items }) => items.map(() => this.settings));
    connection.onRequest(RegistrationRequest.type, ({ registrations }) => {
      this.registrations.push(...registrations);
      heard();
    });
    connection.onRequest(WorkDoneProgressCreateRequest.type, ({ token }) => {
      connection.onProgress(new ProgressType<{ kind: string; message?: string }>(), token, (value) => {
        this.progress.push(value);
        this.#progressToken = token;
        heard();
      });
    });
    connection.listen();
  }
}

export function uri(file: string): string {
  return pathToFileURL(file).toString();
}

/** The range of the first place where a piece of text stands. */
export function rangeIn(document: TextDocument, piece: string): Range {
  const at = document.getText().indexOf(piece);
  return { start: document.positionAt(at), end: document.positionAt(at + piece.length) };
}

function overIpc(server: ChildProcess): ProtocolConnection {
  return createProtocolConnection(new IPCMessageReader(server), new IPCMessageWriter(server));
}

function overStreams(openWorkspace: (options: WorkspaceOptions) => Promise<Workspace>): ProtocolConnection {
  const toServer = new PassThrough();
  const toEditor = new PassThrough();
  serve(createConnection(new StreamMessageReader(toServer), new StreamMessageWriter(toEditor)), openWorkspace);
  return createProtocolConnection(new StreamMessageReader(toEditor), new StreamMessageWriter(toServer));
}
