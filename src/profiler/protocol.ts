/**
 * What a profiling session looks like from outside: the shapes that the profiler's process, the extension, the panel, the
 * language server and the command line pass around. Types and constants only; everything is plain JSON.
 *
 * Times are milliseconds; moments are milliseconds since 1970; lines and columns count from 1; files are absolute with `/`.
 */
import type { DatabaseLogin } from '../database/address.js';
import type { ExplainedPlan } from '../database/plans/explain.js';
import type { SetupStep as Notice } from '../database/problem.js';
import type { ActivityRow } from '../database/server/activity.js';
import type { LinkState as ConnectionState } from '../database/server/link.js';
import type { StatementCount as Counted } from '../database/server/statements.js';
import type { TableSize } from '../database/server/table-sizes.js';

export type { ActivityRow, ConnectionState, Counted, Notice, TableSize };

/** A place in the source that issued queries. */
export interface Place {
  file: string;
  line: number;
  column: number;
  function?: string;
}

/** Numbers of executions that the probe saw: exact counts and totals, percentiles within 2 %. */
export interface Measured {
  calls: number;
  errors: number;
  /** Returned or affected rows, of the executions whose number is known. */
  rows: number;
  totalMs: number;
  meanMs: number;
  minMs: number;
  maxMs: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  /** Milliseconds that these executions waited for a connection, not part of the others. */
  waitMs: number;
}

export interface StatementRow {
  /** Fingerprint of the statement: the same for other literals, comments and spelling. */
  id: string;
  /** Without literal values, on as many lines as it was written; cut at 10,000 characters. */
  text: string;
  /** `select`, `insert`, `update`, `delete`, `transaction`, `other` */
  kind: string;
  tables: string[];
  measured?: Measured;
  counted?: Counted;
  /** Share of the session's whole time, 0 to 1: of measured time where there is a probe, else of counted time. */
  share: number;
  /** Executions in {@link SPARK_SLOTS} slots of time, the newest last. */
  spark: number[];
  /** Number of the newest slot of `spark`. The row is not told again for its line to move on: see {@link SessionUpdate.sparkSlot}. */
  sparkSlot: number;
  /** Keys of the lines that issued it (see {@link LineRow}), the one with the most time first. */
  lines: string[];
}

export const SPARK_SLOTS = 24;

/** A line of source and everything it issued. */
export interface LineRow {
  /** `file:line:column` */
  key: string;
  place: Place;
  measured: Measured;
  statements: string[];
  share: number;
  /** Requests (or jobs) in which this line ran, and the most executions within one of them. */
  requests: number;
  mostInOneRequest: number;
  /** Counts of this line are split by sampling: exact within the noise of it. */
  sampled: boolean;
  /** When the program that ran it last was started: later edits of the file are not in these numbers. */
  startedAt?: number;
}

/** All requests with the same label (`GET /orders/:id`: ids in paths are replaced). */
export interface RequestRow {
  label: string;
  requests: number;
  queries: number;
  /** Most queries within one request. */
  mostQueries: number;
  /** Milliseconds in the database, and as a whole where the end was seen. */
  databaseMs: number;
  totalMs: number;
  errors: number;
  statements: string[];
  share: number;
}

/** One statement executed at least {@link N_PLUS_ONE_LEAST} times from one line in one request or transaction, or in a loop of a script. */
export interface RuntimeRepetition {
  /** `n-plus-one`: with different parameters. `repeated`: with equal ones. */
  kind: 'n-plus-one' | 'repeated';
  statement: string;
  place: Place;
  /** Label of a request in which it happened, if any. */
  label?: string;
  /** How many requests did so; without a label, how many transactions, or runs of the program without a pause. */
  requests: number;
  /** Executions in all of them, and the most in one. */
  executions: number;
  most: number;
  totalMs: number;
  /** Milliseconds that one execution each would have left over: what batching could save, by the mean of one execution. */
  wastedMs: number;
}

/** Same number as Sentry's detector uses for spans: fewer repetitions rarely cost anything. */
export const N_PLUS_ONE_LEAST = 5;

/** One second of the session, or several older ones joined. Seconds in which nothing happened are left out. */
export interface SeriesPoint {
  /** Its beginning, in milliseconds since 1970. */
  at: number;
  /** How many seconds it stands for, when more than one: the sums are of all of them. */
  seconds?: number;
  queries: number;
  errors: number;
  p50Ms: number | null;
  p95Ms: number | null;
  /** Mean of what the server counted, where there is no probe. */
  meanMs: number | null;
  waitMs: number;
}

export interface ProgramRow {
  pid: number;
  command: string;
  node: string;
  libraries: string[];
  startedAt: number;
  endedAt?: number;
  queries: number;
  dropped: number;
  /** Microseconds that the probe itself took per query. */
  overheadUs: number;
}

export type SessionState = 'none' | 'recording' | 'paused' | 'stopped';

export interface SessionHead {
  id: string;
  name: string;
  state: SessionState;
  startedAt: number;
  /** Milliseconds of recording, pauses left out. */
  recordedMs: number;
  /** Where it is saved, if it is. */
  file?: string;
  /** `shop at localhost:5432` */
  target?: string;
}

export interface TargetResult {
  name: string;
  /** `p95 of each statement ≤ 50 ms` */
  target: string;
  met: boolean | undefined;
  /** `3 of 41 statements are slower; the slowest takes 212 ms` */
  result: string;
}

/** What changed since the last one. Lists hold changed rows alone, except where said. The whole is sent when `full`. */
export interface SessionUpdate {
  /** Everything before is void. */
  full: boolean;
  session: SessionHead;
  connection: ConnectionState;
  /** Milliseconds since the last time the sources answered; larger than 3 polling intervals means stale. */
  ageMs: number;
  statements: StatementRow[];
  /** Number of the slot of time that is under way: a row whose {@link StatementRow.sparkSlot} is lower has not run since. */
  sparkSlot: number;
  /** All statements' count, total time and calls. */
  totals: { statements: number; calls: number; errors: number; totalMs: number; waitMs: number };
  lines: LineRow[];
  requests: RequestRow[];
  /** Complete, the most costly first, at most 100. */
  repetitions: RuntimeRepetition[];
  /** Complete, the longest first, at most 100. */
  activity: ActivityRow[];
  /** New points, and those that changed: one with the same `at` replaces the earlier. In order of time. */
  series: SeriesPoint[];
  /** Complete. */
  programs: ProgramRow[];
  targets: TargetResult[];
  notices: Notice[];
}

/** One execution with the values of its parameters. It is never saved, and in no report. */
export interface SlowExecution {
  /** The statement as it was written there, without literals: what the values belong to. */
  text: string;
  /** As a person reads them; see `WIRE_VALUES_LIMIT` and `WIRE_VALUE_LIMIT` of the wire format. */
  values: string[];
  /** None of them was cut or left out, so that the statement can be planned and run with them. */
  whole: boolean;
  durationMs: number;
  /** When it ended, in milliseconds since 1970. */
  at: number;
  place?: Place;
}

/** Values of parameters as people read them: `$1 = 17, $2 = abc`. */
export function valueList(values: readonly string[]): string {
  return values.map((value, index) => `$${index + 1} = ${value}`).join(', ');
}

/** One statement in full. */
export interface StatementDetail {
  row: StatementRow;
  /** Laid out by a formatter, or as it is where that fails. */
  formatted: string;
  /** Durations: lower bound, upper bound in milliseconds, executions. */
  histogram: [fromMs: number, toMs: number, count: number][];
  lines: LineRow[];
  requests: { label: string; requests: number; executions: number; totalMs: number }[];
  errors: { code: string; message: string; count: number }[];
  /** Of the executions whose values were recorded, the slowest first. Empty unless a person asked for values. */
  slowest: SlowExecution[];
  /** What the program waited longer than the server worked: the network's and the driver's part. Milliseconds per call, where both are known. */
  networkMs?: number;
}

/** A plan, what stands out in it, and the database that made it. */
export interface PlanReport extends ExplainedPlan {
  /** `shop at localhost:5432` */
  target: string;
}

/** What the language server is told, complete each time. */
export interface Evidence {
  /** The session's name, for sentences; undefined when there is none any more. */
  session?: string;
  lines: LineRow[];
  repetitions: RuntimeRepetition[];
  tables: TableSize[];
  /** Texts of the statements that lines and repetitions name. */
  texts: Record<string, string>;
}

/** A saved session, as a list shows it. */
export interface SavedSession {
  file: string;
  name: string;
  startedAt: number;
  recordedMs: number;
  calls: number;
  target?: string;
}

/** One statement or line in one of two sessions. */
export interface ChangeSide {
  calls: number;
  totalMs: number;
  /** Of measured executions only. */
  p95Ms?: number;
  /** Executions per request, over the kinds of requests that both sessions saw. */
  perRequest?: number;
}

/** One statement or line in two sessions. */
export interface Change {
  /** Statement's id, or the line's key. */
  id: string;
  text: string;
  place?: Place;
  kind: 'new' | 'gone' | 'more' | 'less' | 'slower' | 'faster' | 'same';
  before?: ChangeSide;
  after?: ChangeSide;
  /** More than noise: by a test over the two histograms, or for calls by their count per request. */
  significant: boolean;
}

export interface Comparison {
  before: SavedSession;
  after: SavedSession;
  totals: { before: { calls: number; totalMs: number; repetitions: number }; after: { calls: number; totalMs: number; repetitions: number } };
  /** Significant ones first, those with the largest difference of time before others. */
  statements: Change[];
  lines: Change[];
  repetitionsGone: RuntimeRepetition[];
  repetitionsNew: RuntimeRepetition[];
  /** The outcome in at most three sentences. */
  summary: string[];
}

export type ReportFormat = 'json' | 'markdown' | 'html';

/** How a session begins. */
export interface SessionOptions {
  name?: string;
  /** Folder of session files; made when it is missing. Without one the session is not saved by itself. */
  folder?: string;
  /** Only programs that work in these folders are watched. */
  workspaceFolders: string[];
  /** Whether to record values of parameters, for the slowest executions of each statement and for their plans. They stay in memory. */
  parameters: boolean;
  targets: SessionTargets;
}

export interface SessionTargets {
  /** Milliseconds that the 95th percentile of each statement may take. */
  p95Ms: number;
  /** Share of the server's connections in use, 0 to 1. */
  connections: number;
  /** Share of blocks found in shared buffers, 0 to 1. */
  cacheHits: number;
}

export const DEFAULT_TARGETS: SessionTargets = { p95Ms: 50, connections: 0.8, cacheHits: 0.95 };

/** What a program's environment needs so that the probe watches it. Values to put before those that are there (`NODE_OPTIONS`) or to set. */
export interface Arming {
  /** Put in front of an existing `NODE_OPTIONS`, with a blank after it. */
  nodeOptions: string;
  /** Set as they are. */
  variables: Record<string, string>;
}

/**
 * How the extension's host and the profiler's process speak: requests by name. A failure is an `Error` whose message is a sentence for a person.
 *
 * The process is `dist/profiler.js`, started by `child_process.fork(module, ['--storage=FOLDER'])` (FOLDER keeps the copies of the probe
 * that terminals point at; it is made when it is missing). Both sides speak JSON-RPC with `vscode-jsonrpc` over Node's IPC channel:
 * `createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child))`, then `connection.sendRequest('start', params)`, with
 * the keys of {@link ProfilerRequests} and {@link ProfilerNotifications} as names of methods and one object as parameters. The process ends
 * when the channel closes. Leave `NODE_OPTIONS` and the probe's variable out of its environment: it must not watch itself.
 */
export interface ProfilerRequests {
  connect(params: { login: DatabaseLogin }): ConnectionState;
  disconnect(params: Record<string, never>): ConnectionState;
  start(params: SessionOptions): { session: SessionHead; arming: Arming };
  pause(params: { paused: boolean }): SessionHead;
  /** Ends the recording and saves it. */
  stop(params: Record<string, never>): SessionHead;
  rename(params: { name: string }): SessionHead;
  /** Forgets what was recorded so far; recording goes on. */
  clear(params: Record<string, never>): SessionHead;
  list(params: { folder: string }): SavedSession[];
  /** Shows a saved session; nothing is recorded. */
  open(params: { file: string; /** Where its relative paths are resolved; as told last when left out. */ workspaceFolders?: string[] }): SessionHead;
  compare(params: { before: string; /** The session that is shown when left out. */ after?: string }): Comparison;
  report(params: { format: ReportFormat; comparison?: { before: string } }): string;
  /** With the key of a line, histogram and numbers are of the executions from that line alone. */
  detail(params: { statement: string; line?: string }): StatementDetail | null;
  /** Of a statement whose values were recorded, the plan is for those of its slowest execution that are whole. `values` are those of `text`. */
  explain(params: { statement?: string; text?: string; values?: string[]; analyze: boolean }): PlanReport;
  /** Asks the server to cancel what the backend runs. */
  cancel(params: { pid: number }): boolean;
  setTargets(params: SessionTargets): void;
  /** Updates and polling for the panel's sake stop while nobody looks; recording goes on. */
  setVisible(params: { visible: boolean }): void;
  /** The next update is a full one. */
  refresh(params: Record<string, never>): void;
}

/** What the profiler's process tells by itself. */
export interface ProfilerNotifications {
  /** At most every {@link UPDATE_INTERVAL_MS}, while visible. */
  update: SessionUpdate;
  /** At most every {@link EVIDENCE_INTERVAL_MS}, also while hidden. */
  evidence: Evidence;
  /** Whenever one of them changes, also while hidden: the status bar and the environment of terminals follow it. */
  state: { session: SessionHead; connection: ConnectionState };
  log: { level: 'info' | 'warn' | 'error'; message: string };
}

/** Numbers that change more often than this cannot be read. */
export const UPDATE_INTERVAL_MS = 1_000;
/** Notes in the margin of the code must not flicker while somebody types. */
export const EVIDENCE_INTERVAL_MS = 2_000;
