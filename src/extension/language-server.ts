import * as vscode from 'vscode';
import type { ServerStatus } from '../server/protocol';
import type { ServerClient } from './client';
import { LANGUAGES } from './manifest';
import type { StatusItem } from './status';

/** Starts the language server when there is something to check, and holds on to it. */
export class LanguageServer {
  #client: Promise<ServerClient | undefined> | undefined;

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

  async #launch(): Promise<ServerClient | undefined> {
    this.status.show({ state: 'starting' });
    try {
      const { ServerClient } = await import('./client');
      const client = new ServerClient(this.serverModule, this.log, (status) => this.status.show(status));
      await client.start();
      return client;
    } catch (error) {
      this.log.error(error instanceof Error ? error : String(error));
      this.status.show({ state: 'crashed' });
      return undefined;
    }
  }
}
