import type {
  ActivityRow,
  ConnectionState,
  LineRow,
  Notice,
  ProgramRow,
  RequestRow,
  RuntimeRepetition,
  SeriesPoint,
  SessionHead,
  SessionUpdate,
  StatementRow,
  TargetResult,
} from '../profiler/protocol.js';

/** Four hours of seconds. What is older is still in the totals, and in the session's file. */
const MOST_POINTS = 4 * 3600;

/** What is known of the session that is shown. Rows are replaced when they change, never altered. */
export class SessionStore {
  session: SessionHead = { id: '', name: '', state: 'none', startedAt: 0, recordedMs: 0 };
  connection: ConnectionState = { kind: 'none' };
  ageMs = 0;
  totals: SessionUpdate['totals'] = { statements: 0, calls: 0, errors: 0, totalMs: 0, waitMs: 0 };
  readonly statements = new Map<string, StatementRow>();
  readonly lines = new Map<string, LineRow>();
  readonly requests = new Map<string, RequestRow>();
  repetitions: RuntimeRepetition[] = [];
  activity: ActivityRow[] = [];
  series: SeriesPoint[] = [];
  programs: ProgramRow[] = [];
  targets: TargetResult[] = [];
  notices: Notice[] = [];

  apply(update: SessionUpdate): void {
    if (update.full || update.session.id !== this.session.id) {
      this.statements.clear();
      this.lines.clear();
      this.requests.clear();
      this.series = [];
    }
    this.session = update.session;
    this.connection = update.connection;
    this.ageMs = update.ageMs;
    this.totals = update.totals;
    for (const row of update.statements) this.statements.set(row.id, row);
    for (const row of update.lines) this.lines.set(row.key, row);
    for (const row of update.requests) this.requests.set(row.label, row);
    if (update.series.length > 0) this.series = [...this.series, ...update.series].slice(-MOST_POINTS);
    this.repetitions = update.repetitions;
    this.activity = update.activity;
    this.programs = update.programs;
    this.targets = update.targets;
    this.notices = update.notices;
  }

  /** No query was seen yet. */
  get empty(): boolean {
    return this.statements.size === 0 && this.totals.calls === 0;
  }
}
