import * as vscode from 'vscode';
import type { Evidence } from '../profiler/protocol';
import type { ServerStatus, StatementAtAnswer } from '../server/protocol';
import type { ServerClient } from './client';
import { LANGUAGES } from './manifest';
import type { StatusItem } from './status';

/** Starts the language server when there is something to check, and holds on to it. */
export class LanguageServer {
  #client: Promise<ServerClient | undefined> | undefined;
  #evidence: Evidence | undefined;

  constructor(
    private readonly serverModule: string,
    private readonly log: vscode.LogOutputChannel,
    private readonly status: StatusItem,
  ) {}

  /** Starts the server with the first document that it can check: activation itself waits for nothing. */
  startWithFirstDocument(): vscode.Disposable {
    const checks = ({ languageId }: vscode.TextDocument): boolean => (LANGUAGES as readonly string[]).includes(languageId);
    if (vscode.workspace.textDocuments.some(checks)) {
      setImmediate(() => void this.start());
      return { dispose: () => undefined };
    }
    const opening = vscode.workspace.onDidOpenTextDocument((document) => {
      if (!checks(document)) return;
      opening.dispose();
      void this.start();
    });
    return opening;
  }

  /** Resolves with undefined when the server could not be started; the log and the status item say why. */
  start(): Promise<ServerClient | undefined> {
    this.#client ??= this.#launch();
    return this.#client;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async stop(): Promise<void> {
    const client = await this.#client;
    this.#client = undefined;
    try {
      await client?.stop();
    } catch (error) {
      this.log.warn(`The language server did not stop in order: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** @returns the state afterwards, or undefined when there is no server */
  async checkWorkspace(): Promise<ServerStatus | undefined> {
    const client = await this.start();
    return client?.checkWorkspace();
  }

  /** The statement at a place of a document, as the editor has it. Undefined when there is no server. */
  async statementAt(document: vscode.TextDocument, offset: number): Promise<StatementAtAnswer | undefined> {
    const client = await this.start();
    return client?.statementAt({ uri: document.uri.toString(), text: document.getText(), offset });
  }

  /** What the session saw, for a server that runs and for the next one that starts. Starts none by itself. */
  async tell(evidence: Evidence): Promise<void> {
    this.#evidence = evidence;
    try {
      await (await this.#client)?.tell(evidence);
    } catch (error) {
      this.log.warn(`The language server was not told what the session saw: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async #launch(): Promise<ServerClient | undefined> {
    this.status.show({ state: 'starting' });
    try {
      const { ServerClient } = await import('./client');
      const client = new ServerClient(this.serverModule, this.log, (status) => this.status.show(status));
      await client.start();
      if (this.#evidence !== undefined) await client.tell(this.#evidence);
      return client;
    } catch (error) {
      this.log.error(error instanceof Error ? error : String(error));
      this.status.show({ state: 'crashed' });
      return undefined;
    }
  }
}
