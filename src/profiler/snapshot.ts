/**
 * Everything that a session knows, as plain JSON: what the store gives to be saved, compared and reported, and takes to be shown again.
 * Moments are milliseconds since 1970, durations milliseconds.
 */
import type { Counted, Place, RuntimeRepetition, SeriesPoint, ProgramRow, Notice, TableSize } from './protocol.js';

/** Raised when a reader of older snapshots would misread the new ones. */
export const SNAPSHOT_VERSION = 1;

/** Executions by duration, in bins of 1 % relative accuracy: `histogramBounds(index)` of histogram.ts says which durations a bin holds. */
export interface HistogramSnapshot {
  /** Executions too short to be measured. */
  zeros: number;
  /** In ascending order of index, without empty ones. */
  bins: [index: number, count: number][];
}

/** Executions that the probe saw. */
export interface MeasuredSnapshot {
  calls: number;
  errors: number;
  /** Rows of the executions whose number is known. */
  rows: number;
  totalMs: number;
  /** 0 without calls. */
  minMs: number;
  maxMs: number;
  waitMs: number;
  histogram: HistogramSnapshot;
}

export interface StatementSnapshot {
  /** Fingerprint. */
  id: string;
  /** Without literal values. */
  text: string;
  kind: string;
  tables: string[];
  measured?: MeasuredSnapshot;
  counted?: Counted;
  errors: { code: string; message: string; count: number }[];
  /** What its executions were issued by. Those that were not sampled are in none of the sites, only in `measured`. */
  sites: SiteSnapshot[];
}

/** The executions of one statement at one place, of those whose call site was taken. */
export interface SiteSnapshot {
  /** Its file is empty for executions that no line of the user's code issued. */
  place: Place;
  measured: MeasuredSnapshot;
  /** How many of them were taken after the first execution without a call site: these stand for those that were not taken. */
  later: number;
}

/** In how many requests a line ran; by its key, `file:line:column`. */
export interface LineUseSnapshot {
  key: string;
  requests: number;
  mostInOneRequest: number;
  startedAt?: number;
}

export interface RequestSnapshot {
  label: string;
  requests: number;
  queries: number;
  mostQueries: number;
  databaseMs: number;
  totalMs: number;
  errors: number;
  statements: { id: string; requests: number; executions: number; totalMs: number }[];
}

export interface SessionSnapshot {
  version: number;
  id: string;
  name: string;
  startedAt: number;
  /** Milliseconds of recording, pauses left out. */
  recordedMs: number;
  /** `shop at localhost:5432` */
  target?: string;
  /** `PostgreSQL 18.4` */
  server?: string;
  statements: StatementSnapshot[];
  lines: LineUseSnapshot[];
  requests: RequestSnapshot[];
  repetitions: RuntimeRepetition[];
  series: SeriesPoint[];
  programs: ProgramRow[];
  tables: TableSize[];
  notices: Notice[];
}
