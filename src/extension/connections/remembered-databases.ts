import type * as vscode from 'vscode';
import { addressUrl, parseDatabaseUrl, type DatabaseLogin } from '../../database/address';

const ADDRESSES_KEY = 'database.addresses';

/** Older ones are forgotten, with their passwords: a list to choose from stays short. */
export const MOST_REMEMBERED = 10;

/** The databases that were typed in this workspace: addresses in the workspace's state, passwords in the secret storage alone. */
export class RememberedDatabases {
  readonly #context: Pick<vscode.ExtensionContext, 'workspaceState' | 'secrets'>;

  constructor(context: Pick<vscode.ExtensionContext, 'workspaceState' | 'secrets'>) {
    this.#context = context;
  }

  /** The one used last comes first. */
  async all(): Promise<DatabaseLogin[]> {
    const logins: DatabaseLogin[] = [];
    for (const url of this.#urls()) {
      const parsed = parseDatabaseUrl(url);
      if (!parsed.ok) continue;
      const password = await this.#context.secrets.get(secretKey(url));
      logins.push({ address: parsed.login.address, ...(password === undefined ? {} : { password }) });
    }
    return logins;
  }

  /** Keeps it as the one used last. A password that it does not have any more is forgotten. */
  async remember(login: DatabaseLogin): Promise<void> {
    const url = addressUrl(login.address);
    const urls = [url, ...this.#urls().filter((known) => known !== url)];
    for (const tooOld of urls.splice(MOST_REMEMBERED)) await this.#context.secrets.delete(secretKey(tooOld));
    await this.#context.workspaceState.update(ADDRESSES_KEY, urls);
    if (login.password === undefined) await this.#context.secrets.delete(secretKey(url));
    else await this.#context.secrets.store(secretKey(url), login.password);
  }

  async forget(login: DatabaseLogin): Promise<void> {
    const url = addressUrl(login.address);
    await this.#context.workspaceState.update(
      ADDRESSES_KEY,
      this.#urls().filter((known) => known !== url),
    );
    await this.#context.secrets.delete(secretKey(url));
  }

  #urls(): string[] {
    const stored = this.#context.workspaceState.get<unknown>(ADDRESSES_KEY);
    return Array.isArray(stored) ? stored.filter((url): url is string => typeof url === 'string') : [];
  }
}

function secretKey(url: string): string {
  return `database.password ${url}`;
}
