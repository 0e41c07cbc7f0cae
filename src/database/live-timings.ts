import type { DatabaseAddress, DatabaseLogin } from './address.js';
import { DatabaseConnection } from './connection.js';
import type { DatabaseProblem } from './problem.js';
import { StatementTimings, type TimingReport } from './statements.js';

export type TimingState =
  | { kind: 'disconnected' }
  | { kind: 'connecting'; address: DatabaseAddress }
  | { kind: 'failed'; address: DatabaseAddress; problem: DatabaseProblem }
  | {
      kind: 'connected';
      address: DatabaseAddress;
      /** `18.4` */
      serverVersion: string;
      /** When counting began, in milliseconds since 1970. */
      since: number;
      paused: boolean;
      /** Set while the connection is lost and sought again. */
      lost?: DatabaseProblem;
      report?: TimingReport;
    };

export interface LiveTimingsOptions {
  /** Called after every change of the state, and after every reading. */
  onChange(state: TimingState): void;
  /** Milliseconds between two readings. */
  intervalMs?: number;
  /** Milliseconds before the first, second, … attempt to reconnect; the last one repeats. */
  backOffMs?: readonly number[];
}

const INTERVAL_MS = 2_000;
const BACK_OFF_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000] as const;
/** Reading may take this part of the time; a server with many statements is read less often. */
const READING_SHARE = 0.01;
const LONGEST_INTERVAL_MS = 30_000;

/** A connection that may come back by itself. With any other problem a person has to act first. */
const PASSING: ReadonlySet<DatabaseProblem['kind']> = new Set(['lost', 'refused', 'timeout', 'unknown-host', 'starting', 'too-many-connections', 'unexpected']);

/**
 * Live timings of one database: connects, reads while somebody looks, and seeks the connection again when it is lost.
 * Reads nothing while hidden or paused; counting goes on in the server, so nothing is missed.
 */
export class LiveTimings {
  readonly #options: Required<LiveTimingsOptions>;
  #state: TimingState = { kind: 'disconnected' };
  #login: DatabaseLogin | undefined;
  #connection: DatabaseConnection | undefined;
  #timings: StatementTimings | undefined;
  #visible = false;
  #timer: NodeJS.Timeout | undefined;
  #busy = false;
  /** A turn came due while another one waited for the server. */
  #due = false;
  #failures = 0;
  /** Answers that belong to an earlier connection are dropped. */
  #generation = 0;

  constructor(options: LiveTimingsOptions) {
    this.#options = { intervalMs: INTERVAL_MS, backOffMs: BACK_OFF_MS, ...options };
  }

  get state(): TimingState {
    return this.#state;
  }

  /** Connects, and leaves any connection there was. The outcome is the state. */
  async connect(login: DatabaseLogin): Promise<void> {
    const generation = await this.#leave();
    if (generation !== this.#generation) return;
    this.#login = login;
    const { address } = login;
    this.#change({ kind: 'connecting', address });
    const opened = await DatabaseConnection.open(login);
    const timings = opened.ok ? await StatementTimings.start(opened.value) : opened;
    if (generation !== this.#generation || !opened.ok || !timings.ok) {
      if (opened.ok) await opened.value.close();
      if (generation === this.#generation && !timings.ok) this.#change({ kind: 'failed', address, problem: timings.problem });
      return;
    }
    this.#timings = timings.value;
    this.#adopt(opened.value);
    this.#change({
      kind: 'connected',
      address,
      serverVersion: opened.value.server.version,
      since: Date.now(),
      paused: false,
    });
    this.#schedule(0);
  }

  /** Tries again with the same login. */
  async retry(): Promise<void> {
    if (this.#login !== undefined) await this.connect(this.#login);
  }

  async disconnect(): Promise<void> {
    const generation = await this.#leave();
    if (generation !== this.#generation) return;
    this.#login = undefined;
    this.#change({ kind: 'disconnected' });
  }

  setVisible(visible: boolean): void {
    if (visible === this.#visible) return;
    this.#visible = visible;
    this.#schedule(0);
  }

  setPaused(paused: boolean): void {
    if (this.#state.kind !== 'connected' || this.#state.paused === paused) return;
    this.#change({ ...this.#state, paused });
    this.#schedule(0);
  }

  /** Counts from now. */
  async startAfresh(): Promise<void> {
    const generation = this.#generation;
    const answer = await this.#timings?.startAfresh();
    if (answer === undefined || generation !== this.#generation || this.#state.kind !== 'connected') return;
    if (!answer.ok) {
      this.#lose(answer.problem);
      return;
    }
    const { report: _, ...rest } = this.#state;
    this.#change({ ...rest, since: Date.now() });
    this.#schedule(0);
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
    this.#timings = undefined;
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
      clearTimeout(this.#timer);
      this.#change({ kind: 'failed', address: this.#state.address, problem });
      return;
    }
    this.#change({ ...this.#state, lost: this.#state.lost ?? problem });
    const { backOffMs } = this.#options;
    const wait = backOffMs[Math.min(this.#failures, backOffMs.length - 1)] ?? 0;
    this.#failures += 1;
    this.#schedule(wait);
  }

  #schedule(waitMs: number): void {
    clearTimeout(this.#timer);
    if (!this.#visible || this.#state.kind !== 'connected' || (this.#state.paused && !this.#state.lost)) return;
    this.#timer = setTimeout(() => void this.#turn(), waitMs);
  }

  async #turn(): Promise<void> {
    if (this.#busy) {
      this.#due = true;
      return;
    }
    this.#busy = true;
    try {
      if (this.#connection === undefined) await this.#reconnect();
      else await this.#read();
    } finally {
      this.#busy = false;
      if (this.#due) {
        this.#due = false;
        this.#schedule(0);
      }
    }
  }

  async #read(): Promise<void> {
    const generation = this.#generation;
    const answer = await this.#timings?.read();
    if (answer === undefined || generation !== this.#generation || this.#state.kind !== 'connected') return;
    if (!answer.ok) {
      if (this.#connection !== undefined) this.#lose(answer.problem);
      return;
    }
    if (!this.#state.paused) this.#change({ ...this.#state, report: answer.value });
    this.#schedule(Math.min(LONGEST_INTERVAL_MS, Math.max(this.#options.intervalMs, answer.value.readMs / READING_SHARE)));
  }

  async #reconnect(): Promise<void> {
    const generation = this.#generation;
    if (this.#login === undefined || this.#timings === undefined) return;
    const opened = await DatabaseConnection.open(this.#login);
    const resumed = opened.ok ? await this.#timings?.continueOn(opened.value) : opened;
    if (generation !== this.#generation || this.#state.kind !== 'connected' || resumed === undefined) {
      if (opened.ok) await opened.value.close();
      return;
    }
    if (!opened.ok || !resumed.ok) {
      if (opened.ok) await opened.value.close();
      if (!resumed.ok) this.#lose(resumed.problem);
      return;
    }
    this.#adopt(opened.value);
    const { lost: _, ...rest } = this.#state;
    this.#change(rest);
    this.#schedule(0);
  }

  #change(state: TimingState): void {
    this.#state = state;
    this.#options.onChange(state);
  }
}
