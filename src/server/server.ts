import {
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  TextDocuments,
  TextDocumentSyncKind,
  type CodeAction,
  type CodeActionParams,
  type Connection,
  type InitializeParams,
  type InitializeResult,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { statementAt, withSql } from '../analysis';
import type { Evidence } from '../profiler/protocol';
import type { Workspace, WorkspaceOptions } from '../workspace';
import { Checker } from './checker';
import { CODE_ACTION_KINDS, closedText, codeActions, type EditableText } from './code-actions';
import { isEvidence } from './evidence';
import { readSettings, sameOverrides } from './configuration';
import { fileOf } from './locations';
import { indexProgress } from './progress';
import {
  CHECK_WORKSPACE,
  EVIDENCE,
  SETTINGS_SECTION,
  STATEMENT_AT,
  STATUS,
  WATCHED_FILES,
  type InitializationOptions,
  type ServerStatus,
  type StatementAtAnswer,
  type StatementAtParams,
} from './protocol';
import { Publication } from './publication';

const NOT_CHECKED: ServerStatus = { state: 'error', message: 'The workspace could not be checked. The log says why.' };

const NO_STATEMENT: StatementAtAnswer = { reason: 'The statement could not be read. The log says why.' };

/** Answers one editor over the connection. `openWorkspace` is what findings come from. */
export function serve(connection: Connection, openWorkspace: (options: WorkspaceOptions) => Promise<Workspace>): void {
  const documents = new TextDocuments(TextDocument);
  /** Open files by their name in the workspace; documents that are no files on disk are left alone. */
  const open = new Map<string, string>();
  let checker: Checker | undefined;
  let client: InitializationOptions = {};
  let capabilities: InitializeParams['capabilities'] = {};
  let folders: string[] = [];
  let settings = readSettings(undefined);
  let status: ServerStatus | undefined;

  const log: NonNullable<WorkspaceOptions['log']> = (level, message) => {
    const { console } = connection;
    if (level === 'error') console.error(message);
    else if (level === 'warn') console.warn(message);
    else if (level === 'info') console.info(message);
    else console.debug(message);
  };

  /** A handler that fails is a line in the log; the editor gets an empty answer and goes on. */
  const guard =
    <Arguments extends unknown[], Result>(name: string, handler: (...given: Arguments) => Promise<Result> | Result, otherwise: Result) =>
    async (...given: Arguments): Promise<Result> => {
      try {
        return await handler(...given);
      } catch (error) {
        log('error', `${name} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
        return otherwise;
      }
    };

  const tell = (next: ServerStatus): void => {
    if (JSON.stringify(next) === JSON.stringify(status)) return;
    status = next;
    void connection.sendNotification(STATUS, status);
  };

  const documentOf = (file: string): TextDocument | undefined => {
    const uri = open.get(file);
    return uri === undefined ? undefined : documents.get(uri);
  };

  const pullSettings = async () =>
    readSettings(capabilities.workspace?.configuration ? await connection.workspace.getConfiguration(SETTINGS_SECTION) : undefined);

  connection.onInitialize((params): InitializeResult => {
    capabilities = params.capabilities;
    client = (params.initializationOptions as InitializationOptions | undefined) ?? {};
    const uris = params.workspaceFolders?.map(({ uri }) => uri) ?? (params.rootUri ? [params.rootUri] : []);
    folders = uris.flatMap((uri) => fileOf(uri) ?? []);
    return {
      serverInfo: { name: 'roundtrip' },
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
        codeActionProvider: { codeActionKinds: CODE_ACTION_KINDS },
        workspace: {
          workspaceFolders: { supported: true, changeNotifications: true },
          // Renaming a folder moves files of which the disk watcher tells nothing.
          fileOperations: { didRename: { filters: [{ scheme: 'file', pattern: { glob: '**', matches: 'folder' } }] } },
        },
      },
    };
  });

  connection.onInitialized(
    guard(
      'Starting',
      async () => {
        if (capabilities.workspace?.didChangeConfiguration?.dynamicRegistration) {
          void connection.client.register(DidChangeConfigurationNotification.type, { section: SETTINGS_SECTION });
        }
        if (capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration) {
          const watchers = [
            ...WATCHED_FILES.map((globPattern) => ({ globPattern })),
            { globPattern: '**', kind: 4 as const },
          ];
          void connection.client.register(DidChangeWatchedFilesNotification.type, { watchers });
        }
        if (capabilities.workspace?.workspaceFolders) {
          connection.workspace.onDidChangeWorkspaceFolders(
            guard(
              'Changing folders',
              async ({ added, removed }) => {
                const gone = new Set(removed.map(({ uri }) => fileOf(uri)));
                folders = [...folders.filter((folder) => !gone.has(folder)), ...added.flatMap(({ uri }) => fileOf(uri) ?? [])];
                await checker?.open([...new Set(folders)]);
              },
              undefined,
            ),
          );
        }
        settings = await pullSettings();
        checker = new Checker(
          {
            openWorkspace,
            publication: new Publication(client, (params) => void connection.sendDiagnostics(params)),
            document: documentOf,
            openFiles: () => [...open.keys()],
            status: tell,
            progress: (cancel) => indexProgress(connection, cancel),
            log,
          },
          settings,
        );
        await checker.open(folders);
      },
      undefined,
    ),
  );

  connection.onDidChangeConfiguration(
    guard(
      'Changing settings',
      async () => {
        const before = settings;
        settings = await pullSettings();
        if (!checker) return;
        checker.delay = settings.delay;
        if (!sameOverrides(before, settings)) await checker.open(folders, settings);
      },
      undefined,
    ),
  );

  documents.onDidOpen(
    guard(
      'Opening a document',
      async ({ document: { uri } }) => {
        const file = fileOf(uri);
        if (file === undefined) return;
        open.set(file, uri);
        await checker?.opened(file);
      },
      undefined,
    ),
  );
  documents.onDidChangeContent(
    guard(
      'Changing a document',
      ({ document: { uri } }) => {
        const file = fileOf(uri);
        if (file !== undefined) checker?.edited(file);
      },
      undefined,
    ),
  );
  documents.onDidClose(
    guard(
      'Closing a document',
      async ({ document: { uri } }) => {
        const file = fileOf(uri);
        if (file === undefined) return;
        open.delete(file);
        await checker?.closed(file);
      },
      undefined,
    ),
  );

  connection.onDidChangeWatchedFiles(
    guard(
      'Following the disk',
      async ({ changes }) => checker?.changedOnDisk(changes.flatMap(({ uri }) => fileOf(uri) ?? [])),
      undefined,
    ),
  );
  connection.workspace.onDidRenameFiles(
    guard(
      'Renaming a folder',
      async ({ files }) => checker?.changedOnDisk(files.flatMap(({ oldUri, newUri }) => [fileOf(oldUri) ?? [], fileOf(newUri) ?? []].flat())),
      undefined,
    ),
  );

  connection.onCodeAction(
    guard(
      'Code actions',
      async ({ textDocument, range, context }: CodeActionParams): Promise<CodeAction[]> => {
        const file = fileOf(textDocument.uri);
        const checked = file === undefined ? undefined : await checker?.checked(file);
        if (file === undefined || !checked) return [];
        return codeActions({
          file,
          document: { uri: textDocument.uri, version: checked.version, text: checked.text },
          findings: checked.findings,
          range,
          ...(context.only && { only: context.only }),
          diagnostics: context.diagnostics,
          client,
          snippets: capabilities.workspace?.workspaceEdit?.snippetEditSupport === true,
          read: readText,
        });
      },
      [],
    ),
  );

  const readText = async (file: string): Promise<EditableText | undefined> => {
    const document = documentOf(file);
    if (document) return { uri: document.uri, version: document.version, text: document.getText() };
    const text = await checker?.text(file);
    return text === undefined ? undefined : closedText(file, text);
  };

  connection.onRequest(
    CHECK_WORKSPACE,
    guard(
      'Checking the workspace',
      async () => {
        await checker?.open();
        return status ?? NOT_CHECKED;
      },
      NOT_CHECKED,
    ),
  );

  connection.onNotification(
    EVIDENCE,
    guard(
      'Taking in what a session saw',
      async (evidence: Evidence) => {
        if (isEvidence(evidence)) await checker?.evidence(evidence);
        else log('error', 'What the profiling session saw was told in a way that this version does not understand.');
      },
      undefined,
    ),
  );

  connection.onRequest(
    STATEMENT_AT,
    guard(
      'Finding the statement',
      ({ uri, text, offset }: StatementAtParams): Promise<StatementAtAnswer> => withSql(() => statementAt(fileOf(uri) ?? uri, text, offset)),
      NO_STATEMENT,
    ),
  );

  connection.onShutdown(guard('Shutting down', async () => checker?.dispose(), undefined));

  documents.listen(connection);
  connection.listen();
}
