import assert from 'node:assert/strict';
import pg from 'pg';
import { DatabaseConnection, parseDatabaseUrl, ServerSource, type DatabaseLogin, type Result, type StatementCount, type StatementReading } from '../../src/database/index.js';
import { loadSqlParser } from '../../src/database/sql/index.js';

export function loginTo(url: string, changes: { user?: string; database?: string; port?: number; password?: string } = {}): DatabaseLogin {
  const changed = new URL(url);
  if (changes.user) changed.username = changes.user;
  if (changes.database) changed.pathname = `/${changes.database}`;
  if (changes.port) changed.port = String(changes.port);
  if (changes.password) changed.password = changes.password;
  const parsed = parseDatabaseUrl(changed.href);
  assert.ok(parsed.ok);
  return parsed.login;
}

export function value<T>(result: Result<T>): T {
  assert.ok(result.ok, result.ok ? '' : JSON.stringify(result.problem));
  return result.value;
}

export async function openConnection(login: DatabaseLogin): Promise<DatabaseConnection> {
  return value(await DatabaseConnection.open(login));
}

export async function openSource(connection: DatabaseConnection): Promise<ServerSource> {
  await loadSqlParser();
  return value(await ServerSource.open(connection));
}

export async function withClient<T>(login: DatabaseLogin, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await openClient(login);
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

export async function openClient({ address, password }: DatabaseLogin): Promise<pg.Client> {
  const { host, port, user, database } = address;
  const client = new pg.Client({ host, port, user, database, password: password ?? '' });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** What readings told so far, by text. */
export class Told {
  readonly texts = new Map<string, string>();
  readonly counts = new Map<string, StatementCount>();
  notices = '';

  add(reading: StatementReading): this {
    for (const { id, text } of reading.named) this.texts.set(id, text);
    for (const [id, count] of reading.counts) {
      assert.ok(this.texts.has(id), 'a statement is named before it is counted');
      this.counts.set(id, count);
    }
    this.notices = reading.notices.map(({ text }) => text).join('\n');
    return this;
  }

  /** `{ 'SELECT $1': '3 calls, 3 rows' }` */
  get seen(): Record<string, string> {
    return Object.fromEntries([...this.counts].map(([id, { calls, rows, atLeast }]) => [this.texts.get(id), `${calls}${atLeast ? '+' : ''} calls, ${rows} rows`]));
  }

  of(text: string): StatementCount | undefined {
    return [...this.counts].find(([id]) => this.texts.get(id) === text)?.[1];
  }
}
