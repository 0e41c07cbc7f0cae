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
import { lineRow, requestRow, statementRow, TableRows } from './table-rows.js';

/** What is known of the session that is shown. Rows are replaced when they change, never altered. */
export class SessionStore {
  session: SessionHead = { id: '', name: '', state: 'none', startedAt: 0, recordedMs: 0 };
  connection: ConnectionState = { kind: 'none' };
  ageMs = 0;
  /** When the profiler was heard last, where it should have spoken again since. */
  silentSince: number | undefined;
  totals: SessionUpdate['totals'] = { statements: 0, calls: 0, errors: 0, totalMs: 0, waitMs: 0 };
  readonly statements = new Map<string, StatementRow>();
  readonly lines = new Map<string, LineRow>();
  readonly requests = new Map<string, RequestRow>();
  /** What the table shows of them. */
  readonly tables = {
    statements: new TableRows<StatementRow>(({ id }) => id, statementRow),
    lines: new TableRows<LineRow>(({ key }) => key, lineRow),
    requests: new TableRows<RequestRow>(({ label }) => label, requestRow),
  };
  /** See {@link SessionUpdate.sparkSlot}. */
  sparkSlot = 0;
  repetitions: RuntimeRepetition[] = [];
  activity: ActivityRow[] = [];
  /** Of seconds that are over: one that is under way has only a part of its queries, and would look like a lull. */
  series: readonly SeriesPoint[] = [];
  programs: ProgramRow[] = [];
  targets: TargetResult[] = [];
  notices: Notice[] = [];
  #points: readonly SeriesPoint[] = [];

  apply(update: SessionUpdate): void {
    if (update.full || update.session.id !== this.session.id) {
      this.statements.clear();
      this.lines.clear();
      this.requests.clear();
      for (const table of Object.values(this.tables)) table.clear();
      this.#points = [];
    }
    this.session = update.session;
    this.connection = update.connection;
    this.ageMs = update.ageMs;
    this.silentSince = undefined;
    this.totals = update.totals;
    for (const row of update.statements) this.statements.set(row.id, row);
    for (const row of update.lines) this.lines.set(row.key, row);
    for (const row of update.requests) this.requests.set(row.label, row);
    this.tables.statements.take(update.statements);
    this.tables.lines.take(update.lines);
    this.tables.requests.take(update.requests);
    this.sparkSlot = update.sparkSlot;
    this.#points = continued(this.#points, update.series);
    // Nothing tells that a second is over but that nothing is heard of it any more.
    const isUnderWay = update.session.state === 'recording' && update.series.length > 0 && update.series.at(-1)?.at === this.#points.at(-1)?.at;
    this.series = isUnderWay ? this.#points.slice(0, -1) : this.#points;
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

/** The points with the news: of the second that was under way, the later word counts. Both are in order of time. */
function continued(points: readonly SeriesPoint[], news: readonly SeriesPoint[]): readonly SeriesPoint[] {
  const [first] = news;
  if (first === undefined) return points;
  let kept = points.length;
  while (kept > 0 && points[kept - 1]!.at >= first.at) kept -= 1;
  const latest = new Map([...points.slice(kept), ...news].map((point) => [point.at, point]));
  return [...points.slice(0, kept), ...[...latest.values()].sort((a, b) => a.at - b.at)];
}
