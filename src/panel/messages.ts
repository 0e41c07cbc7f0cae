/**
 * Everything that the extension and the panel say to each other. Both sides check what they receive: the panel is a web page, and
 * a message may come from an older version of the other side.
 */
import type {
  ActivityRow,
  Change,
  Comparison,
  ConnectionState,
  Counted,
  LineRow,
  Measured,
  Notice,
  Place,
  ProgramRow,
  RequestRow,
  RuntimeRepetition,
  SavedSession,
  SeriesPoint,
  SlowExecution,
  SessionHead,
  SessionUpdate,
  StatementDetail,
  StatementRow,
  TargetResult,
} from '../profiler/protocol.js';
import { flag, listOf, nullable, number, oneOf, optional, record, text, tuple, variants } from './shape.js';

/** A database that was found, e.g. in an environment file. */
export interface FoundDatabase {
  id: string;
  /** `shop at localhost:5432` */
  name: string;
  /** `DATABASE_URL in .env` */
  source: string;
}

/** A static finding at one of a statement's lines. */
export interface RelatedFinding {
  rule: string;
  message: string;
  place: Place;
  hasFix: boolean;
}

export type MessageToPanel =
  /**
   * First of all, and whenever it changes: what can be chosen. `restricted`: environment files are not read in a folder that is not
   * trusted. `folders`: those of the workspace, absolute with `/`, to show places relative to them.
   */
  | { type: 'start'; found: FoundDatabase[]; restricted: boolean; sessions: SavedSession[]; folders?: string[] }
  /** Before the first one nothing is connected and there is no session. A page that is made anew needs a full one. */
  | { type: 'update'; update: SessionUpdate }
  /** Answer to `select`, and again when it changes while it is selected. Null when the statement is not known (any more). */
  | { type: 'detail'; statement: string; detail: StatementDetail | null; findings: RelatedFinding[] }
  /** Selects this statement and brings it into sight: somebody asked for it in the code. */
  | { type: 'reveal'; statement: string }
  | { type: 'comparison'; comparison: Comparison | null }
  /** The message of type `to` is answered: what a person asked for is done, was called off, or failed. Until then, the same is not asked for again. */
  | { type: 'answered'; to: string }
  /** Something that a person asked for could not be done. */
  | { type: 'problem'; title: string; detail: string };

export type MessageFromPanel =
  /** The page listens and knows nothing. */
  | { type: 'ready' }
  /** Without an id, a person chooses or types the database. */
  | { type: 'connect'; id?: string }
  /** Connects again, and asks for the password before where one would help. */
  | { type: 'retry' }
  | { type: 'disconnect' }
  | { type: 'record' }
  | { type: 'pause'; paused: boolean }
  | { type: 'stop' }
  | { type: 'clear' }
  | { type: 'rename' }
  /** Without a file, a person chooses it. */
  | { type: 'openSession'; file?: string }
  | { type: 'compare'; file?: string }
  | { type: 'closeComparison' }
  | { type: 'export' }
  /** A terminal whose programs are watched; begins to record where no session does. */
  | { type: 'newTerminal' }
  | { type: 'select'; statement: string | null }
  | { type: 'openPlace'; place: Place }
  | { type: 'fix'; finding: { rule: string; place: Place } }
  /** With `analyze`, the extension asks before. */
  | { type: 'explain'; statement: string; analyze: boolean }
  /** The extension asks before. */
  | { type: 'cancel'; pid: number }
  | { type: 'copy'; text: string }
  | { type: 'showLog' };

const place = record<Place>({ file: text, line: number, column: number, function: optional(text) });

const notice = record<Notice>({ text, code: optional(text) });

const measured = record<Measured>({
  calls: number,
  errors: number,
  rows: number,
  totalMs: number,
  meanMs: number,
  minMs: number,
  maxMs: number,
  p50Ms: number,
  p95Ms: number,
  p99Ms: number,
  waitMs: number,
});

const counted = record<Counted>({
  calls: number,
  rows: number,
  totalMs: number,
  meanMs: number,
  deviationMs: number,
  maxMs: number,
  blocksHit: number,
  blocksRead: number,
  atLeast: flag,
});

const statementRow = record<StatementRow>({
  id: text,
  text,
  kind: text,
  tables: listOf(text),
  measured: optional(measured),
  counted: optional(counted),
  share: number,
  spark: listOf(number),
  sparkSlot: number,
  lines: listOf(text),
});

const lineRow = record<LineRow>({
  key: text,
  place,
  measured,
  statements: listOf(text),
  share: number,
  requests: number,
  mostInOneRequest: number,
  sampled: flag,
  startedAt: optional(number),
});

const requestRow = record<RequestRow>({
  label: text,
  requests: number,
  queries: number,
  mostQueries: number,
  databaseMs: number,
  totalMs: number,
  errors: number,
  statements: listOf(text),
  share: number,
});

const repetition = record<RuntimeRepetition>({
  kind: oneOf('n-plus-one', 'repeated'),
  statement: text,
  place,
  label: optional(text),
  requests: number,
  executions: number,
  most: number,
  totalMs: number,
  wastedMs: number,
});

const activityRow = record<ActivityRow>({
  pid: number,
  state: text,
  user: text,
  application: text,
  text,
  statement: optional(text),
  runningMs: number,
  wait: optional(text),
  blockedBy: listOf(number),
  mayCancel: flag,
});

const seriesPoint = record<SeriesPoint>({
  at: number,
  seconds: optional(number),
  queries: number,
  errors: number,
  p50Ms: nullable(number),
  p95Ms: nullable(number),
  meanMs: nullable(number),
  waitMs: number,
});

const programRow = record<ProgramRow>({
  pid: number,
  command: text,
  node: text,
  libraries: listOf(text),
  startedAt: number,
  endedAt: optional(number),
  queries: number,
  dropped: number,
  overheadUs: number,
});

const targetResult = record<TargetResult>({
  name: text,
  target: text,
  // Undefined where it cannot be said.
  met: (value): value is boolean | undefined => value === undefined || flag(value),
  result: text,
});

const connection = variants<ConnectionState, 'kind'>('kind', {
  none: {},
  connecting: { target: text },
  failed: { target: text, title: text, detail: text, steps: listOf(notice), asksPassword: flag },
  connected: {
    target: text,
    server: text,
    withoutStatements: optional(record<{ title: string; detail: string; steps: Notice[] }>({ title: text, detail: text, steps: listOf(notice) })),
    lost: optional(text),
  },
});

const sessionHead = record<SessionHead>({
  id: text,
  name: text,
  state: oneOf('none', 'recording', 'paused', 'stopped'),
  startedAt: number,
  recordedMs: number,
  file: optional(text),
  target: optional(text),
});

const update = record<SessionUpdate>({
  full: flag,
  session: sessionHead,
  connection,
  ageMs: number,
  statements: listOf(statementRow),
  sparkSlot: number,
  totals: record<SessionUpdate['totals']>({ statements: number, calls: number, errors: number, totalMs: number, waitMs: number }),
  lines: listOf(lineRow),
  requests: listOf(requestRow),
  repetitions: listOf(repetition),
  activity: listOf(activityRow),
  series: listOf(seriesPoint),
  programs: listOf(programRow),
  targets: listOf(targetResult),
  notices: listOf(notice),
});

const detail = record<StatementDetail>({
  row: statementRow,
  formatted: text,
  histogram: listOf(tuple<StatementDetail['histogram'][number]>(number, number, number)),
  lines: listOf(lineRow),
  requests: listOf(record<StatementDetail['requests'][number]>({ label: text, requests: number, executions: number, totalMs: number })),
  errors: listOf(record<StatementDetail['errors'][number]>({ code: text, message: text, count: number })),
  slowest: listOf(record<SlowExecution>({ text, values: listOf(text), whole: flag, durationMs: number, at: number, place: optional(place) })),
  networkMs: optional(number),
});

const savedSession = record<SavedSession>({ file: text, name: text, startedAt: number, recordedMs: number, calls: number, target: optional(text) });

const changeSide = record<NonNullable<Change['before']>>({ calls: number, totalMs: number, p95Ms: optional(number), perRequest: optional(number) });

const change = record<Change>({
  id: text,
  text,
  place: optional(place),
  kind: oneOf('new', 'gone', 'more', 'less', 'slower', 'faster', 'same'),
  before: optional(changeSide),
  after: optional(changeSide),
  significant: flag,
});

const totalsSide = record<Comparison['totals']['before']>({ calls: number, totalMs: number, repetitions: number });

const comparison = record<Comparison>({
  before: savedSession,
  after: savedSession,
  totals: record<Comparison['totals']>({ before: totalsSide, after: totalsSide }),
  statements: listOf(change),
  lines: listOf(change),
  repetitionsGone: listOf(repetition),
  repetitionsNew: listOf(repetition),
  summary: listOf(text),
});

const toPanel = variants<MessageToPanel, 'type'>('type', {
  start: { found: listOf(record<FoundDatabase>({ id: text, name: text, source: text })), restricted: flag, sessions: listOf(savedSession), folders: optional(listOf(text)) },
  update: { update },
  detail: {
    statement: text,
    detail: nullable(detail),
    findings: listOf(record<RelatedFinding>({ rule: text, message: text, place, hasFix: flag })),
  },
  reveal: { statement: text },
  comparison: { comparison: nullable(comparison) },
  answered: { to: text },
  problem: { title: text, detail: text },
});

const fromPanel = variants<MessageFromPanel, 'type'>('type', {
  ready: {},
  connect: { id: optional(text) },
  retry: {},
  disconnect: {},
  record: {},
  pause: { paused: flag },
  stop: {},
  clear: {},
  rename: {},
  openSession: { file: optional(text) },
  compare: { file: optional(text) },
  closeComparison: {},
  export: {},
  newTerminal: {},
  select: { statement: nullable(text) },
  openPlace: { place },
  fix: { finding: record<{ rule: string; place: Place }>({ rule: text, place }) },
  explain: { statement: text, analyze: flag },
  cancel: { pid: number },
  copy: { text },
  showLog: {},
});

/** The message, or undefined when it is none. */
export function readMessageToPanel(value: unknown): MessageToPanel | undefined {
  return toPanel(value) ? value : undefined;
}

/** The message, or undefined when it is none. */
export function readMessageFromPanel(value: unknown): MessageFromPanel | undefined {
  return fromPanel(value) ? value : undefined;
}
