import { describeAddress, type DatabaseLogin } from '../address.js';
import { DatabaseConnection, type ConnectionOptions, type Result } from '../connection.js';
import { explainProblem, type DatabaseProblem, type ExplainedProblem, type SetupStep } from '../problem.js';
import { explainStatement, type ExplainedPlan, type ExplainRequest } from '../plans/explain.js';
import { loadSqlParser } from '../sql/parser.js';
import { ServerSource } from './source.js';

/** The connection to a server, as a person sees it. Holds no secret. */
export type LinkState =
  | { kind: 'none' }
  | { kind: 'connecting'; target: string }
  | { kind: 'failed'; target: string; title: string; detail: string; steps: SetupStep[]; /** A password would help. */ asksPassword: boolean }
  | {
      kind: 'connected';
      /** `shop at localhost:5432` */
      target: string;
      /** `PostgreSQL 18.4` */
      server: string;
      /** Why the server counts no statements, and what to do. */
      withoutStatements?: ExplainedProblem;
      /** Why the connection was lost, while it is sought again. */
      lost?: string;
    };

export interface LinkOptions extends ConnectionOptions {
  /** Called after every change of the state. */
  onChange(state: LinkState): void;
  /** Milliseconds before the first, second, … attempt to reconnect; the last one repeats. */
  backOffMs?: readonly number[];
}

const BACK_OFF_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000] as const;

/** Problems of a connection that may pass by themselves. With any other a person has to act first. */
const PASSING: ReadonlySet<DatabaseProblem['kind']> = new Set(['lost', 'refused', 'timeout', 'unknown-host', 'starting', 'too-many-connections', 'unexpected']);

/** Keeps the connection to one database: makes it, notices when it is lost, and seeks it again. Never throws. */
export class ServerLink {
  readonly #options: LinkOptions & { backOffMs: readonly number[] };
  #state: LinkState = { kind: 'none' };
  #login: DatabaseLogin | undefined;
  #connection: DatabaseConnection | undefined;
  #source: ServerSource | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  /** Answers that belong to an earlier connection are dropped. */
  #generation = 0;

  constructor(options: LinkOptions) {
    this.#options = { backOffMs: BACK_OFF_MS, ...options };
  }

  get state(): LinkState {
    return this.#state;
  }

  /** Connects, and leaves any connection there was. Counting begins when this ends. Returns the state that came of it. */
  async connect(login: DatabaseLogin): Promise<LinkState> {
    const generation = await this.#leave();
    if (generation !== this.#generation) return this.#state;
    this.#login = login;
    const target = describeAddress(login.address);
    this.#change({ kind: 'connecting', target });
    await loadSqlParser();
    const opened = await DatabaseConnection.open(login, this.#options);
    const source = opened.ok ? await ServerSource.open(opened.value) : opened;
    if (generation !== this.#generation || !opened.ok || !source.ok) {
      if (opened.ok) await opened.value.close();
      if (generation === this.#generation && !source.ok) this.#change(failedState(target, source.problem));
      return this.#state;
    }
    this.#source = source.value;
    this.#change({ kind: 'connected', target, server: `PostgreSQL ${opened.value.server.version}`, ...this.#withoutStatements() });
    this.#adopt(opened.value);
    return this.#state;
  }

  async disconnect(): Promise<LinkState> {
    const generation = await this.#leave();
    if (generation === this.#generation) {
      this.#login = undefined;
      this.#change({ kind: 'none' });
    }
    return this.#state;
  }

  /**
   * Asks the source, which is one and the same from `connect` on. Undefined when there is no connection just now, and when it is lost
   * over the question; the state says so then.
   */
  async ask<T>(question: (source: ServerSource) => Promise<Result<T>>): Promise<Result<T> | undefined> {
    const [source, connection, generation] = [this.#source, this.#connection, this.#generation];
    if (source === undefined || connection === undefined) return undefined;
    const answer = await question(source);
    if (generation !== this.#generation) return undefined;
    if (!answer.ok && answer.problem.kind === 'lost') {
      if (this.#connection === connection) this.#lose(answer.problem);
      return undefined;
    }
    this.#noteStatements();
    return answer;
  }

  /**
   * The plan of a statement. Over a connection of its own where the server has room for one, so that others go on meanwhile. Undefined
   * when there is no connection just now.
   */
  async explain(request: ExplainRequest): Promise<Result<ExplainedPlan> | undefined> {
    const [login, shared] = [this.#login, this.#connection];
    if (login === undefined || shared === undefined) return undefined;
    const own = await DatabaseConnection.open(login, this.#options);
    if (!own.ok) return explainStatement(shared, request);
    const plan = await explainStatement(own.value, request);
    await own.value.close();
    return plan;
  }

  #adopt(connection: DatabaseConnection): void {
    this.#connection = connection;
    this.#failures = 0;
    connection.onLost(() => {
      if (this.#connection === connection) this.#lose({ kind: 'lost', address: connection.address, detail: 'The server closed the connection.' });
    });
  }

  async #leave(): Promise<number> {
    this.#generation += 1;
    const generation = this.#generation;
    clearTimeout(this.#timer);
    const connection = this.#connection;
    this.#connection = undefined;
    this.#source = undefined;
    this.#failures = 0;
    await connection?.close();
    return generation;
  }

  #lose(problem: DatabaseProblem): void {
    if (this.#state.kind !== 'connected') return;
    const connection = this.#connection;
    this.#connection = undefined;
    void connection?.close();
    if (!PASSING.has(problem.kind)) {
      this.#generation += 1;
      this.#source = undefined;
      this.#change(failedState(this.#state.target, problem));
      return;
    }
    this.#change({ ...this.#state, lost: this.#state.lost ?? explainProblem(problem).title });
    const { backOffMs } = this.#options;
    const wait = backOffMs[Math.min(this.#failures, backOffMs.length - 1)] ?? 0;
    this.#failures += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#reconnect(), wait);
  }

  async #reconnect(): Promise<void> {
    const [login, source, generation] = [this.#login, this.#source, this.#generation];
    if (login === undefined || source === undefined) return;
    const opened = await DatabaseConnection.open(login, this.#options);
    const resumed = opened.ok && generation === this.#generation ? await source.continueOn(opened.value) : opened;
    if (generation !== this.#generation || this.#state.kind !== 'connected' || !opened.ok || !resumed.ok) {
      if (opened.ok) await opened.value.close();
      if (generation === this.#generation && !resumed.ok) this.#lose(resumed.problem);
      return;
    }
    const { lost: _, withoutStatements: __, ...rest } = this.#state;
    this.#change({ ...rest, server: `PostgreSQL ${opened.value.server.version}`, ...this.#withoutStatements() });
    this.#adopt(opened.value);
  }

  #withoutStatements(): Pick<Extract<LinkState, { kind: 'connected' }>, 'withoutStatements'> {
    const missing = this.#source?.withoutStatements;
    return missing === undefined ? {} : { withoutStatements: missing };
  }

  /** The extension may have been created or dropped meanwhile. */
  #noteStatements(): void {
    if (this.#state.kind !== 'connected' || this.#state.withoutStatements?.title === this.#source?.withoutStatements?.title) return;
    const { withoutStatements: _, ...rest } = this.#state;
    this.#change({ ...rest, ...this.#withoutStatements() });
  }

  #change(state: LinkState): void {
    this.#state = state;
    this.#options.onChange(state);
  }
}

function failedState(target: string, problem: DatabaseProblem): LinkState {
  return { kind: 'failed', target, ...explainProblem(problem), asksPassword: problem.kind === 'authentication' };
}
