import type * as vscode from 'vscode';
import { CloseAction, ErrorAction, LanguageClient, RevealOutputChannelOn, State, TransportKind } from 'vscode-languageclient/node';
import type { Evidence } from '../profiler/protocol';
import { CHECK_WORKSPACE, EVIDENCE, STATEMENT_AT, STATUS, type InitializationOptions, type ServerStatus, type StatementAtAnswer, type StatementAtParams } from '../server/protocol';
import { COMMANDS, LANGUAGES } from './manifest';
import { RestartPolicy } from './restart-policy';
import type { ShownStatus } from './status-text';

/** Broken messages in a row that are logged: the rest says the same. */
const LOGGED_ERRORS = 3;

/**
 * The language server as a process, with what it shows. Loaded only when the first file is to be checked: the client
 * library is many times the size of the rest of the extension.
 */
export class ServerClient {
  readonly #client: LanguageClient;
  #stopped = false;
  #evidence: Evidence | undefined;

  constructor(serverModule: string, log: vscode.LogOutputChannel, onStatus: (status: ShownStatus) => void) {
    const initializationOptions: InitializationOptions = {
      rulePage: `command:${COMMANDS.openRulePage.command}?%5B%22{rule}%22%5D`,
      openRulePage: COMMANDS.openRulePage.command,
    };
    const restarts = new RestartPolicy();
    this.#client = new LanguageClient(
      'roundtrip',
      'Roundtrip',
      {
        run: { module: serverModule, transport: TransportKind.ipc },
        debug: { module: serverModule, transport: TransportKind.ipc, options: { execArgv: ['--nolazy', '--inspect=6019'] } },
      },
      {
        documentSelector: LANGUAGES.map((language) => ({ scheme: 'file', language })),
        diagnosticCollectionName: 'roundtrip',
        outputChannel: log,
        revealOutputChannelOn: RevealOutputChannelOn.Never,
        initializationOptions,
        initializationFailedHandler: (error: unknown) => {
          log.error(`The language server could not be started: ${error instanceof Error ? error.message : String(error)}`);
          onStatus({ state: 'crashed' });
          return false;
        },
        errorHandler: {
          error: (error, _message, count) => {
            if ((count ?? 0) <= LOGGED_ERRORS) log.error(error);
            // To a process that has crashed nothing can be written, and its end is about to be noticed: a shutdown now would count as one that was asked for.
            return { action: ErrorAction.Continue, handled: true };
          },
          closed: async () => {
            const pause = this.#stopped ? undefined : restarts.crashed(Date.now());
            if (pause === undefined) {
              if (!this.#stopped) onStatus({ state: 'crashed' });
              return { action: CloseAction.DoNotRestart, handled: true };
            }
            onStatus({ state: 'starting' });
            log.warn(`The language server ended unexpectedly. It starts again in ${pause / 1_000} s.`);
            await new Promise((resolve) => setTimeout(resolve, pause));
            return { action: this.#stopped ? CloseAction.DoNotRestart : CloseAction.Restart, handled: true };
          },
        },
      },
    );
    this.#client.onNotification(STATUS, onStatus);
    this.#client.onDidChangeState(({ newState }) => {
      if (newState === State.Running && this.#evidence !== undefined) this.tell(this.#evidence).catch((error: Error) => log.warn(error.message));
    });
  }

  start(): Promise<void> {
    return this.#client.start();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    // A server that has crashed or never came up is stopped already.
    if (this.#client.needsStop()) await this.#client.stop();
    await this.#client.dispose();
  }

  checkWorkspace(): Promise<ServerStatus> {
    return this.#client.sendRequest<ServerStatus>(CHECK_WORKSPACE);
  }

  statementAt(params: StatementAtParams): Promise<StatementAtAnswer> {
    return this.#client.sendRequest<StatementAtAnswer>(STATEMENT_AT, params);
  }

  /** Tells the server what the session saw; it is told again after the server has crashed. */
  async tell(evidence: Evidence): Promise<void> {
    this.#evidence = evidence;
    if (this.#client.isRunning()) await this.#client.sendNotification(EVIDENCE, evidence);
  }
}
