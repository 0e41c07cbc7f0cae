import { readFile } from 'node:fs/promises';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import pg from 'pg';
import type { DatabaseAddress, DatabaseLogin } from './address.js';
import { connectProblem, isTlsUnsupported, queryProblem, refusesSessionSettings } from './driver-error.js';
import { OLDEST_SERVER, type DatabaseProblem } from './problem.js';

export type Result<T> = { ok: true; value: T } | { ok: false; problem: DatabaseProblem };

/** What the server shows in pg_stat_activity for our sessions. */
export const APPLICATION_NAME = 'roundtrip';

/** Ends every statement of ours, so that statements of ours are told from the application's. */
export const STATEMENT_MARKER = '/* roundtrip */';

/** A server that needs longer to accept a connection than this is no server to develop against. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Our statements read counters and take milliseconds. One that takes seconds is in the way of others. */
const STATEMENT_TIMEOUT_MS = 5_000;
/** We never wait behind the application's locks for long: others would queue behind us. */
const LOCK_TIMEOUT_MS = 500;
/** Nothing of ours stays open in a transaction; if it ever does, the server ends it. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000;
/** The server's own timeout and as much again for the network. After that the connection counts as dead. */
const ANSWER_TIMEOUT_MS = 2 * STATEMENT_TIMEOUT_MS;
const GOODBYE_TIMEOUT_MS = 500;
/** Notices a server that vanished without a word. */
const KEEP_ALIVE_DELAY_MS = 10_000;

const SAFETY_SETTINGS: Readonly<Record<string, string>> = {
  default_transaction_read_only: 'on',
  statement_timeout: String(STATEMENT_TIMEOUT_MS),
  lock_timeout: String(LOCK_TIMEOUT_MS),
  idle_in_transaction_session_timeout: String(IDLE_IN_TRANSACTION_TIMEOUT_MS),
};

/** A database without an encoding holds bytes that may be no UTF-8: the server refuses to send them to a client that asks for that. */
const UNENCODED = 'SQL_ASCII';

export interface ConnectionOptions {
  /** Milliseconds after which a server that does not answer counts as lost. */
  answerTimeoutMs?: number;
}

export interface ServerFacts {
  /** `180004` for 18.4. */
  versionNumber: number;
  /** `18.4` */
  version: string;
  superuser: boolean;
  /** How the database writes characters: `UTF8` */
  encoding: string;
  /** PGlite: PostgreSQL in WebAssembly, with one session for all that connect. */
  pglite: boolean;
}

export interface TransactionOptions {
  readOnly: boolean;
  /** Milliseconds that one statement of it may take. */
  statementTimeoutMs: number;
}

export interface Transaction {
  /** Runs one statement through the extended protocol, which admits only one. */
  query<Row extends unknown[]>(text: string, values?: unknown[]): Promise<Row[]>;
  /** Runs a text through the simple protocol. It would admit several statements: only for texts that were parsed before. */
  simple<Row extends unknown[]>(text: string): Promise<Row[]>;
}

/**
 * One read-only session. Safety settings come with the start-up message, so that no statement runs without them. Behind a
 * pooler, where a session setting would leak into the application's sessions, each read is a read-only transaction of its own
 * with local settings, and is rolled back.
 */
export class DatabaseConnection {
  readonly #client: pg.Client;
  readonly #login: DatabaseLogin;
  readonly #ownSession: boolean;
  #queue: Promise<unknown> = Promise.resolve();
  #lost = false;
  #onLost: (() => void) | undefined;
  readonly server: ServerFacts;

  private constructor(client: pg.Client, login: DatabaseLogin, ownSession: boolean, server: ServerFacts) {
    this.#client = client;
    this.#login = login;
    this.#ownSession = ownSession;
    this.server = server;
    client.on('error', () => this.#noteLoss());
    client.on('end', () => this.#noteLoss());
  }

  get address(): DatabaseAddress {
    return this.#login.address;
  }

  /** Connects and proves that the session is a safe one. Never throws. */
  static async open(login: DatabaseLogin, { answerTimeoutMs = ANSWER_TIMEOUT_MS }: ConnectionOptions = {}): Promise<Result<DatabaseConnection>> {
    const attempt = { address: login.address, password: login.password, seconds: CONNECT_TIMEOUT_MS / 1000 };
    let tlsChoices: (TlsOptions | false)[];
    try {
      tlsChoices = await tlsOptions(login.address);
    } catch (error) {
      return failed({ kind: 'tls', address: login.address, cause: 'files', detail: (error as Error).message });
    }
    let ownSession = true;
    for (;;) {
      const tls = tlsChoices[0] ?? false;
      const client = newClient(login, tls, ownSession, answerTimeoutMs);
      try {
        await client.connect();
        const facts = await readFacts(client);
        if (facts.versionNumber < OLDEST_SERVER.number) {
          await end(client);
          return failed({ kind: 'server-too-old', version: facts.version });
        }
        if (ownSession && !facts.safe) {
          await end(client);
          ownSession = false;
          continue;
        }
        if (ownSession && facts.encoding === UNENCODED) await send(client, `SELECT set_config('client_encoding', $1, false)`, [UNENCODED]);
        if (ownSession && facts.superuser) await leaveOwnStatementsUncounted(client);
        return { ok: true, value: new DatabaseConnection(client, login, ownSession, facts) };
      } catch (error) {
        await end(client);
        if (isTlsUnsupported(error) && tlsChoices.length > 1) tlsChoices.shift();
        else if (ownSession && refusesSessionSettings(error)) ownSession = false;
        else return failed(connectProblem(error, attempt));
      }
    }
  }

  /** Calls back once when the session is gone for another reason than `close`. */
  onLost(listener: () => void): void {
    this.#onLost = listener;
    if (this.#lost) listener();
  }

  /** Runs one statement through the extended protocol, which admits only one. Rows come as arrays, int8 as text. */
  query<Row extends unknown[]>(text: string, values: unknown[] = []): Promise<Result<Row[]>> {
    const run = this.#queue.then(() => this.#run<Row>(text, values));
    this.#queue = run;
    return run;
  }

  /**
   * Gives a transaction that is rolled back whatever happens. `work` may throw what a statement of it threw; the problem is made from it.
   * Nothing else runs on this session meanwhile.
   */
  rolledBack<T>(options: TransactionOptions, work: (transaction: Transaction) => Promise<T>): Promise<Result<T>> {
    const run = this.#queue.then(() => this.#rollBack(options, work));
    this.#queue = run;
    return run;
  }

  async close(): Promise<void> {
    this.#onLost = undefined;
    this.#lost = true;
    await end(this.#client);
  }

  async #run<Row extends unknown[]>(text: string, values: unknown[]): Promise<Result<Row[]>> {
    if (this.#lost) return failed(this.#gone());
    try {
      if (this.#ownSession) return { ok: true, value: await send<Row>(this.#client, text, values) };
      await send(this.#client, 'BEGIN TRANSACTION READ ONLY');
      try {
        const settings = Object.entries(SAFETY_SETTINGS).filter(([name]) => name !== 'default_transaction_read_only');
        if (this.server.encoding === UNENCODED) settings.push(['client_encoding', UNENCODED]);
        await send(
          this.#client,
          `SELECT ${settings.map((_, index) => `set_config($${2 * index + 1}, $${2 * index + 2}, true)`).join(', ')}`,
          settings.flat(),
        );
        return { ok: true, value: await send<Row>(this.#client, text, values) };
      } finally {
        await send(this.#client, 'ROLLBACK');
      }
    } catch (error) {
      return failed(this.#problem(error));
    }
  }

  async #rollBack<T>({ readOnly, statementTimeoutMs }: TransactionOptions, work: (transaction: Transaction) => Promise<T>): Promise<Result<T>> {
    if (this.#lost) return failed(this.#gone());
    const answerTimeoutMs = 2 * statementTimeoutMs;
    try {
      await send(this.#client, `BEGIN TRANSACTION READ ${readOnly ? 'ONLY' : 'WRITE'}`);
      try {
        await send(this.#client, `SELECT set_config('statement_timeout', $1, true), set_config('lock_timeout', $2, true)`, [String(statementTimeoutMs), String(LOCK_TIMEOUT_MS)]);
        const value = await work({
          query: (text, values = []) => send(this.#client, text, values, answerTimeoutMs),
          simple: (text) => sendSimple(this.#client, text, answerTimeoutMs),
        });
        return { ok: true, value };
      } finally {
        await send(this.#client, 'ROLLBACK');
      }
    } catch (error) {
      return failed(this.#problem(error));
    }
  }

  #gone(): DatabaseProblem {
    return { kind: 'lost', address: this.address, detail: 'The server closed the connection.' };
  }

  #problem(error: unknown): DatabaseProblem {
    const { address, password } = this.#login;
    const problem = queryProblem(error, { address, password, seconds: ANSWER_TIMEOUT_MS / 1000 });
    if (problem.kind === 'lost') {
      this.#noteLoss();
      void end(this.#client);
    }
    return problem;
  }

  #noteLoss(): void {
    if (this.#lost) return;
    this.#lost = true;
    this.#onLost?.();
  }
}

function newClient(login: DatabaseLogin, tls: TlsOptions | false, ownSession: boolean, answerTimeoutMs: number): pg.Client {
  const { host, port, user, database, options } = login.address;
  const safety = Object.entries(SAFETY_SETTINGS).map(([name, value]) => `-c ${name}=${value}`);
  const startOptions = [...(options ? [options] : []), ...(ownSession ? safety : [])].join(' ');
  const client = new pg.Client({
    host,
    port,
    user,
    database,
    ...(login.password ? { password: login.password } : {}),
    ssl: tls,
    application_name: APPLICATION_NAME,
    // An empty text would make the driver take PGOPTIONS.
    options: startOptions || ' ',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: answerTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
  });
  // Without a listener, a connection that breaks between two statements would end the process.
  client.on('error', () => undefined);
  return client;
}

async function send<Row extends unknown[]>(client: pg.Client, text: string, values: unknown[] = [], answerTimeoutMs?: number): Promise<Row[]> {
  const query: pg.QueryArrayConfig & { queryMode: 'extended'; query_timeout?: number } = {
    text: `${text} ${STATEMENT_MARKER}`,
    values,
    rowMode: 'array',
    queryMode: 'extended',
    ...(answerTimeoutMs === undefined ? {} : { query_timeout: answerTimeoutMs }),
  };
  return (await client.query<Row>(query)).rows;
}

async function sendSimple<Row extends unknown[]>(client: pg.Client, text: string, answerTimeoutMs: number): Promise<Row[]> {
  const query: pg.QueryArrayConfig & { query_timeout: number } = { text: `${text} ${STATEMENT_MARKER}`, rowMode: 'array', query_timeout: answerTimeoutMs };
  return (await client.query<Row>(query)).rows;
}

async function readFacts(client: pg.Client): Promise<ServerFacts & { safe: boolean }> {
  const names = Object.keys(SAFETY_SETTINGS);
  const [row] = await send<[string, string, string, string, string, string[]]>(
    client,
    `SELECT current_setting('server_version_num'), current_setting('server_version'), current_setting('is_superuser'), current_setting('server_encoding'), version(),
       ARRAY(SELECT setting::text FROM unnest($1::text[]) WITH ORDINALITY AS wanted(name, place)
             JOIN pg_settings USING (name) ORDER BY place)`,
    [names],
  );
  if (row === undefined) throw new Error('The server did not say what it is.');
  const [number, version, superuser, encoding, build, settings] = row;
  return {
    versionNumber: Number(number),
    version: version.split(' ')[0] ?? version,
    superuser: superuser === 'on',
    encoding,
    pglite: /wasm|emscripten/i.test(build),
    safe: names.every((name, index) => settings[index] === SAFETY_SETTINGS[name]),
  };
}

/** A superuser may keep a session out of the counters. Anyone else's statements are told by their marker. */
async function leaveOwnStatementsUncounted(client: pg.Client): Promise<void> {
  await send(
    client,
    `SELECT set_config(name, 'none', false) FROM pg_settings WHERE name = 'pg_stat_statements.track'`,
  );
}

/** The ways to try, in order. `prefer` goes on without TLS when the server has none. */
async function tlsOptions(address: DatabaseAddress): Promise<(TlsOptions | false)[]> {
  const { tls, certificates } = address;
  if (tls === 'disable') return [false];
  const files: TlsOptions = {
    ...(certificates?.root ? { ca: await readFile(certificates.root) } : {}),
    ...(certificates?.client ? { cert: await readFile(certificates.client) } : {}),
    ...(certificates?.key ? { key: await readFile(certificates.key) } : {}),
  };
  switch (tls) {
    case 'prefer':
      return [{ ...files, rejectUnauthorized: false }, false];
    case 'require':
      // As in libpq: with a root certificate at hand, the chain is checked.
      return certificates?.root ? [{ ...files, checkServerIdentity: () => undefined }] : [{ ...files, rejectUnauthorized: false }];
    case 'verify-ca':
      return [{ ...files, checkServerIdentity: () => undefined }];
    case 'verify-full':
      return [files];
  }
}

/** Ends a session that may be half open or dead already: a server that does not say goodbye is not waited for. */
async function end(client: pg.Client): Promise<void> {
  const timer = setTimeout(() => client.connection.stream.destroy(), GOODBYE_TIMEOUT_MS);
  await client.end().catch(() => undefined);
  clearTimeout(timer);
}

function failed(problem: DatabaseProblem): { ok: false; problem: DatabaseProblem } {
  return { ok: false, problem };
}
