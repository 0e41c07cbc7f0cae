import { ServerLink, explainProblem, type Activity, type DatabaseLogin, type ExplainedPlan, type ExplainRequest, type Result, type ServerSource, type StatementReading } from '../database/index.js';
import type { ConnectionState, Notice, TableSize } from './protocol.js';
import { pauseAfter } from './reading-pace.js';

/** The least of so many readings is what one costs: a busy machine makes single ones slow without the server's work. */
const READINGS_COMPARED = 4;
/** A server that takes longer than this to answer is late. */
const LATE_MS = 4_000;
/** Sizes of tables change slowly, and reading them touches the whole catalog. */
const TABLES_INTERVAL_MS = 60_000;

/** What is wanted of the server just now. */
export interface ServerWanted {
  /** A session records: statements are counted. */
  recording: boolean;
  /** Somebody looks: sessions at work are shown. */
  visible: boolean;
}

export interface ServerWatchOptions {
  /** Another state of the connection, or sessions at work. */
  onChange(): void;
  /** Statements that were called since the reading before. Only while recording. */
  onReading(reading: StatementReading): void;
  /** The server's sums begin anew. */
  onRestart(): void;
  /** Connections of clients, and how many the server accepts. */
  onConnections(connections: Activity['connections']): void;
  onTables(tables: TableSize[]): void;
  /** Milliseconds that never go back. */
  now: () => number;
  intervalMs?: number | undefined;
  backOffMs?: readonly number[] | undefined;
}

/** Watches one database from outside: reads when it is wanted, as seldom as its cost demands. Never throws. */
export class ServerWatch {
  readonly #options: ServerWatchOptions;
  readonly #link: ServerLink;
  #wanted: ServerWanted = { recording: false, visible: false };
  #activity: Activity | undefined;
  #notices: Notice[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Questions to the server one after another: a sum must not begin anew while it is read. */
  #queue: Promise<unknown> = Promise.resolve();
  #answeredAt: number | undefined;
  /** When it was asked first since its last answer. */
  #askedAt: number | undefined;
  /** Milliseconds of the last readings. */
  #readings: number[] = [];
  #tablesAt = -Infinity;
  #isOpen = false;

  constructor(options: ServerWatchOptions) {
    this.#options = options;
    this.#link = new ServerLink({
      ...(options.backOffMs ? { backOffMs: options.backOffMs } : {}),
      onChange: ({ kind }) => {
        if (kind !== 'connected') this.#activity = undefined;
        options.onChange();
      },
    });
  }

  get state(): ConnectionState {
    return this.#link.state;
  }

  /** Sessions at work, as sampled last; undefined when nobody looks or nothing is connected. */
  get activity(): Activity | undefined {
    return this.#activity;
  }

  get notices(): Notice[] {
    if (this.#link.state.kind !== 'connected') return [];
    const hidden = this.#activity?.notice;
    // Statements may be hidden for the same reason, which is said once.
    return hidden === undefined || this.#notices.some(({ code }) => code === hidden.code) ? this.#notices : [...this.#notices, hidden];
  }

  /** Milliseconds since the server last answered, when it owes an answer for too long; else 0. */
  get ageMs(): number {
    const asks = this.#link.state.kind === 'connected' && (this.#wanted.recording || this.#wanted.visible);
    if (!asks || this.#askedAt === undefined || this.#answeredAt === undefined) return 0;
    const now = this.#options.now();
    return now - this.#askedAt > LATE_MS ? now - this.#answeredAt : 0;
  }

  async connect(login: DatabaseLogin): Promise<ConnectionState> {
    this.#forget();
    const state = await this.#link.connect(login);
    if (state.kind === 'connected') {
      this.#isOpen = true;
      this.#options.onRestart();
      await this.#readNow();
    }
    return state;
  }

  async disconnect(): Promise<ConnectionState> {
    await this.#read();
    this.#forget();
    return this.#link.disconnect();
  }

  /** Counting begins, or begins again. */
  async begin(): Promise<void> {
    await this.#ask((source) => source.restart());
    this.#options.onRestart();
    this.#notices = [];
    this.#schedule(this.#interval());
  }

  /** Changes what is read; what was counted until now is read before recording ends. */
  async want(wanted: ServerWanted): Promise<void> {
    const before = this.#wanted;
    if (before.recording && !wanted.recording) await this.#read();
    this.#wanted = wanted;
    if (!wanted.visible) this.#activity = undefined;
    if ((wanted.visible && !before.visible) || (wanted.recording && !before.recording)) await this.#readNow();
    else this.#schedule(this.#interval());
  }

  /** Asks the server something for a person. @throws Error with a sentence that says why there is no answer */
  question<T>(question: (source: ServerSource) => Promise<Result<T>>): Promise<T> {
    return this.#answerFor(() => this.#ask(question));
  }

  /** The plan of a statement. Readings and questions go on while it runs. @throws Error with a sentence that says why there is none */
  explain(request: ExplainRequest): Promise<ExplainedPlan> {
    return this.#answerFor(() => this.#link.explain(request));
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#link.disconnect();
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#isOpen = false;
    this.#activity = undefined;
    this.#notices = [];
    this.#answeredAt = undefined;
    this.#askedAt = undefined;
    this.#readings = [];
    this.#tablesAt = -Infinity;
  }

  async #answerFor<T>(ask: () => Promise<Result<T> | undefined>): Promise<T> {
    const { state } = this.#link;
    if (state.kind !== 'connected') throw new Error('There is no connection to a database. Connect first.');
    if (state.lost !== undefined) throw new Error(`${state.lost} It is sought again.`);
    const answer = await ask();
    if (answer === undefined) throw new Error('The connection was lost meanwhile.');
    if (answer.ok) return answer.value;
    const { title, detail } = explainProblem(answer.problem);
    throw new Error([title, detail].filter((part) => part !== '').join(' '));
  }

  #ask<T>(question: (source: ServerSource) => Promise<Result<T>>): Promise<Result<T> | undefined> {
    const answer = this.#queue.then(() => this.#link.ask(question));
    this.#queue = answer.catch(() => undefined);
    return answer;
  }

  #schedule(waitMs: number): void {
    clearTimeout(this.#timer);
    if (!this.#isOpen || !(this.#wanted.recording || this.#wanted.visible)) return;
    this.#timer = setTimeout(() => void this.#readNow(), waitMs);
    this.#timer.unref();
  }

  async #readNow(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#read();
    this.#schedule(this.#interval());
  }

  async #read(): Promise<void> {
    let readMs = 0;
    if (this.#wanted.recording) {
      this.#askedAt ??= this.#options.now();
      const reading = await this.#ask((source) => source.read());
      if (reading?.ok) {
        readMs += reading.value.readMs;
        this.#notices = reading.value.notices;
        this.#answered();
        this.#options.onReading(reading.value);
      }
    }
    if (this.#wanted.visible || this.#wanted.recording) {
      const from = this.#options.now();
      this.#askedAt ??= from;
      const activity = await this.#ask((source) => source.activity());
      if (activity?.ok) {
        if (this.#wanted.visible) this.#activity = activity.value;
        this.#options.onConnections(activity.value.connections);
        this.#answered();
      }
      readMs += this.#options.now() - from;
      this.#readings = [...this.#readings, readMs].slice(-READINGS_COMPARED);
    }
    if (this.#options.now() - this.#tablesAt >= TABLES_INTERVAL_MS && this.#isOpen) {
      const tables = await this.#ask((source) => source.tableSizes());
      if (tables?.ok) {
        this.#tablesAt = this.#options.now();
        this.#options.onTables(tables.value);
      }
    }
  }

  #answered(): void {
    this.#answeredAt = this.#options.now();
    this.#askedAt = undefined;
    this.#options.onChange();
  }

  #interval(): number {
    const readMs = this.#readings.length === 0 ? 0 : Math.min(...this.#readings);
    return pauseAfter(readMs, this.#wanted.visible, this.#options.intervalMs);
  }
}
