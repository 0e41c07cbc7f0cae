import type * as vscode from 'vscode';
import { addressUrl, parseDatabaseUrl, type DatabaseLogin } from '../../database/address';

const ADDRESS_KEY = 'database.address';

/** The database that was typed last: its address in the workspace's state, its password in the secret storage. */
export class RememberedDatabase {
  readonly #context: Pick<vscode.ExtensionContext, 'workspaceState' | 'secrets'>;

  constructor(context: Pick<vscode.ExtensionContext, 'workspaceState' | 'secrets'>) {
    this.#context = context;
  }

  async get(): Promise<DatabaseLogin | undefined> {
    const url = this.#context.workspaceState.get<string>(ADDRESS_KEY);
    const parsed = url === undefined ? undefined : parseDatabaseUrl(url);
    if (parsed?.ok !== true) return undefined;
    const { address } = parsed.login;
    const password = await this.#context.secrets.get(secretKey(parsed.login));
    return { address, ...(password === undefined ? {} : { password }) };
  }

  async set(login: DatabaseLogin): Promise<void> {
    await this.#context.workspaceState.update(ADDRESS_KEY, addressUrl(login.address));
    if (login.password === undefined) await this.#context.secrets.delete(secretKey(login));
    else await this.#context.secrets.store(secretKey(login), login.password);
  }
}

function secretKey(login: DatabaseLogin): string {
  return `database.password ${addressUrl(login.address)}`;
}
