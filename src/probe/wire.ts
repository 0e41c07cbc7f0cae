/**
 * What the probe (inside the program of the user) and the profiler say to each other: one JSON value per line over a local
 * socket, a Unix socket or a named pipe. Types and constants alone: the probe must stay tiny, and the profiler reads this file too.
 *
 * The probe opens the connection when the program has loaded a database library, and says {@link Hello}; the profiler answers with
 * {@link Welcome}, or closes. After that the probe sends {@link Batch}es, and the profiler may send another {@link Welcome} when what
 * is wanted has changed (pause, resume). A program that ends before it was welcomed sends its last batch right behind its hello.
 */

/** Raised when either side changes its messages; a profiler answers only to its own. */
export const WIRE_VERSION = 1;

/** Environment variable that arms the probe; its value is a {@link ProbeOptions} as JSON. Without it the probe does nothing. */
export const PROBE_OPTIONS_VARIABLE = 'ROUNDTRIP_PROBE';

/** Statement texts are cut to this many characters: generated statements may have megabytes. */
export const WIRE_TEXT_LIMIT = 100_000;

/** Of the parameter values of a query so many are sent: inserts of many rows have thousands, which nobody reads … */
export const WIRE_VALUES_LIMIT = 100;
/** … and of each so many characters. */
export const WIRE_VALUE_LIMIT = 200;

/** How the probe finds its profiler. Set in the environment of programs while a session records. */
export interface ProbeOptions {
  version: number;
  /** Path of the Unix socket, or name of the pipe. */
  socket: string;
  /** Proves that the program was started by this session's owner; a random text. */
  token: string;
  /** Only programs whose working directory lies in one of these folders are watched. Empty: all. */
  folders: string[];
}

export interface Hello {
  type: 'hello';
  version: number;
  token: string;
  pid: number;
  parentPid: number;
  /** 0 in the main thread. */
  threadId: number;
  /** `v20.20.2` */
  node: string;
  /** Script and arguments, at most 1,000 characters; never the environment. */
  command: string;
  cwd: string;
  /** What `performance.now()` zero is in milliseconds since 1970. All other times are milliseconds since it. */
  timeOrigin: number;
}

export interface Welcome {
  type: 'welcome';
  version: number;
  /** False while the session is paused: the probe measures and sends nothing. */
  recording: boolean;
  /** Whether to send parameter values: the first {@link WIRE_VALUES_LIMIT}, each cut to {@link WIRE_VALUE_LIMIT} characters. Only when a person asked for them. */
  parameters: boolean;
  /** Call sites are taken for the first so many executions of each statement text … */
  sampleFirst: number;
  /** … and for one of so many after that. 1: always. */
  sampleEvery: number;
}

/** One frame of a call site, innermost first. Mapped to the source wherever the program's loader maps its own stacks. */
export interface WireFrame {
  /** Absolute path or `file:` URL. */
  file: string;
  /** From 1. */
  line: number;
  /** From 1. */
  column: number;
  function?: string;
  /** The frame is in generated code and was not mapped: the profiler looks for the source map. */
  raw?: true;
}

/** One executed query. Numbers only: ids refer to what was said before, 0 means none or unknown. */
export type WireQuery = [
  text: number,
  /** 0: this execution was not sampled. The profiler splits those over the statement's sampled sites. */
  site: number,
  /** Milliseconds since `timeOrigin`, when the driver was asked. */
  start: number,
  /** Milliseconds from sending to the last row or the error, without waiting for a connection. */
  duration: number,
  /** Milliseconds of waiting for a connection of a pool, or in the queue of a connection. */
  wait: number,
  /** Rows returned or affected; -1 when unknown. */
  rows: number,
  error: number,
  request: number,
  /** Different for each transaction of this process; 0 outside of one. */
  transaction: number,
  /** Hash of the parameter values under a salt of this process: equal values, equal hashes. 0 without parameters. */
  parameters: number,
];

export interface Batch {
  type: 'batch';
  texts?: [id: number, text: string][];
  /** The program's own frames, innermost first. None: the query was issued where no code of the program was on the stack. */
  sites?: [id: number, frames: WireFrame[]][];
  /** SQLSTATE or the driver's code, and the message (at most 500 characters). */
  errors?: [id: number, code: string, message: string][];
  /** `GET /orders/17`: method and path without query string, or a label such as the name of a job. */
  requests?: [id: number, label: string, start: number][];
  ended?: [request: number, end: number, status: number][];
  queries?: WireQuery[];
  /** Parameter values of queries of this batch, by index into `queries`. Only when asked for. */
  values?: [query: number, values: string[]][];
  /** Queries that were not sent because the socket was full, since the last batch. */
  dropped?: number;
  /**
   * Queries told and milliseconds that the probe itself took for them, since the last batch. A program's first queries are measured
   * each, of all others one of many stands for those around it. What the batch itself cost to write counts for the next one.
   */
  overhead?: [queries: number, ms: number];
  /** Which libraries the probe has hold of: `pg 8.23.1`, `postgres 3.4.9`. Sent when one is found. */
  libraries?: string[];
  /** What the probe could not do, in a sentence for the log. */
  notes?: string[];
}

export type FromProbe = Hello | Batch;
export type ToProbe = Welcome;
