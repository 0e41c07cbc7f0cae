import type { Counted, LineRow, Place, ProgramRow, RequestRow, RuntimeRepetition, SeriesPoint, SlowExecution, StatementDetail, StatementRow } from '../protocol.js';
import type { SessionSnapshot, SiteSnapshot } from '../snapshot.js';
import { Contexts, type ContextKey } from './contexts.js';
import { histogramBounds, type Histogram } from './histogram.js';
import { FOLDED_LIMIT, LINE_LIMIT, PROGRAM_LIMIT, STATEMENT_LIMIT, TEXT_LIMIT } from './limits.js';
import { Measure, Sums, measured, type Cost } from './measure.js';
import { LineRecord, StatementRecord } from './records.js';
import { Requests } from './requests.js';
import { Series } from './series.js';
import { sparkSlotOf } from './spark.js';

/** Id of the row that stands for all statements without a row of their own. */
export const OTHER_STATEMENTS = 'other';

/** The place of executions whose call site has no line of the user's code. */
export const ELSEWHERE: Place = { file: '', line: 0, column: 0 };

/** Transactions and bursts that were silent for so long are over; those of requests end with them. */
const SILENT_CONTEXT_MS = 60_000;

/** Rows are told again when their share of the session's time has moved by this much: smaller steps cannot be seen. */
const SHARE_STEP = 0.005;

/** What makes a statement one and the same, and how it is shown. */
export interface StatementIdentity {
  /** Fingerprint. */
  id: string;
  /** Without literal values. */
  text: string;
  kind: string;
  tables: string[];
}

/** One execution that the probe saw. Moments in milliseconds since 1970. */
export interface Execution {
  /** Id of a statement that was declared. Unknown ones count among the others. */
  statement: string;
  /** Undefined when its call site was not taken. */
  place?: Place;
  cost: Cost;
  /** When it ended. */
  at: number;
  error?: { code: string; message: string };
  /** Undefined when nothing is known that it belongs to. */
  context?: ContextKey;
  /** Tells its text and parameters apart from others of the statement. */
  values: string;
  /** Its own text without literals, and the values of its parameters; only when a person asked for them. */
  parameters?: Pick<SlowExecution, 'text' | 'values' | 'whole'>;
}

export interface StoreTotals {
  statements: number;
  calls: number;
  errors: number;
  totalMs: number;
  waitMs: number;
}

/** Rows that changed since an earlier reading. */
export interface StoreChanges {
  /** The number to pass at the next reading. */
  change: number;
  /** Everything that was told before is void. */
  full: boolean;
  statements: StatementRow[];
  sparkSlot: number;
  lines: LineRow[];
  requests: RequestRow[];
  series: SeriesPoint[];
}

/**
 * Everything that a session has recorded, with exact counts and totals and bounded memory. Knows neither clock nor files: moments are
 * passed in.
 */
export class SessionStore {
  readonly #statements = new Map<string, StatementRecord>();
  readonly #lines = new Map<string, LineRecord>();
  readonly #elsewhere = new LineRecord('', ELSEWHERE);
  readonly #requests = new Requests();
  readonly #contexts: Contexts;
  readonly #folded = new Set<string>();
  readonly #programs = new Map<number, ProgramRow>();
  readonly #totals = new Sums();
  /** Shares as they were told last. */
  readonly #toldShares = new Map<StatementRecord | LineRecord, number>();
  #series = new Series();
  #countedCalls = 0;
  #countedMs = 0;
  #change = 1;
  /** Rows have gone since this change. */
  #goneSince = 0;

  constructor() {
    this.#contexts = new Contexts(
      (line) => (line.changed = this.#change),
      (request) => this.#requests.add(request, this.#change),
    );
  }

  /** How many statements are in the row of the others. */
  get folded(): number {
    return this.#folded.size;
  }

  get totals(): StoreTotals {
    const { calls, errors, waitMs } = this.#totals;
    return { statements: this.#used().length, calls: this.isMeasured ? calls : this.#countedCalls, errors, totalMs: this.#allMs, waitMs };
  }

  /** Milliseconds of all executions: measured ones, or counted ones where no program was watched. */
  get #allMs(): number {
    return this.isMeasured ? this.#totals.totalMs : this.#countedMs;
  }

  /** Whether the probe or only the server has told of executions. */
  get isMeasured(): boolean {
    return this.#totals.calls > 0;
  }

  /** Threads of one program share a row. */
  addProgram(program: number, row: ProgramRow): void {
    this.#programs.set(program, row);
    if (this.#programs.size <= PROGRAM_LIMIT) return;
    const ended = [...this.#programs].filter(([, { endedAt }]) => endedAt !== undefined);
    const [gone] = ended.sort(([, a], [, b]) => a.queries - b.queries || (a.endedAt ?? 0) - (b.endedAt ?? 0));
    if (gone) this.#programs.delete(gone[0]);
  }

  endProgram(program: number): void {
    this.#contexts.closeProgram(program);
  }

  /** Makes a statement known before its executions come. */
  declare(identity: StatementIdentity): void {
    this.#statement(identity);
  }

  add(program: number, execution: Execution): void {
    const { cost, at, place, context } = execution;
    const statement = this.#statements.get(execution.statement) ?? this.#others();
    const line = place && this.#line(place);
    const site = line && statement.siteAt(line);
    statement.addExecution(cost, site);
    statement.spark.add(at);
    statement.lastAt = Math.max(statement.lastAt, at);
    statement.changed = this.#change;
    if (execution.parameters) statement.addSlow({ durationMs: cost.durationMs, at, ...(line && line !== this.#elsewhere ? { place: line.place } : {}), ...execution.parameters });
    if (execution.error) statement.addError(execution.error.code, execution.error.message);
    this.#totals.add(cost);
    this.#series.add(at, cost, this.#change);
    const row = this.#programs.get(program);
    if (row) {
      row.queries += 1;
      if (line) line.startedAt = Math.max(line.startedAt ?? 0, row.startedAt);
    }
    if (context && statement.id !== OTHER_STATEMENTS) {
      const seen = site && { line: site.line };
      this.#contexts.add(program, context, { statement, ...seen, cost, values: execution.values, at });
    }
  }

  endRequest(program: number, id: string, label: string, totalMs: number): void {
    if (!this.#contexts.close(program, id, totalMs)) this.#requests.addEmpty(label, totalMs, this.#change);
  }

  endContext(program: number, id: string): void {
    this.#contexts.close(program, id);
  }

  /** Takes what the server counted, of statements that were declared: sums since counting began, by the statement's id. */
  count(counts: ReadonlyMap<string, Counted>, at: number): void {
    let calls = 0;
    let totalMs = 0;
    for (const [id, counted] of counts) {
      const record = this.#statements.get(id) ?? this.#others();
      const before = record.count(id, counted);
      record.lastAt = Math.max(record.lastAt, at);
      record.changed = this.#change;
      calls += counted.calls - (before?.calls ?? 0);
      totalMs += counted.totalMs - (before?.totalMs ?? 0);
    }
    this.#countedCalls += calls;
    this.#countedMs += totalMs;
    if (calls > 0) this.#series.count(at, Math.max(0, totalMs / calls), this.#change);
  }

  /** The server's sums begin anew: what it counted so far is kept. */
  restartCounting(): void {
    for (const record of this.#statements.values()) record.restartCounting();
  }

  /** Ends what has been silent, so that its repetitions and uses are final. */
  tick(now: number): void {
    this.#contexts.closeSilent(now - SILENT_CONTEXT_MS);
  }

  /** Rows that changed since the reading that returned `since`; all of them with 0. */
  changes(since: number, now: number): StoreChanges {
    const full = this.#series.takeThinned() || since === 0 || this.#goneSince >= since;
    const from = full ? -1 : since - 1;
    const uses = this.#contexts.openUses();
    const totalMs = this.#allMs;
    const wanted = (record: StatementRecord | LineRecord, share: number): boolean => {
      const isWanted = full || record.changed > from || Math.abs(share - (this.#toldShares.get(record) ?? 0)) >= SHARE_STEP;
      if (isWanted) this.#toldShares.set(record, share);
      return isWanted;
    };
    const statements = this.#used().filter((record) => wanted(record, this.#share(record, totalMs)));
    // A line's part of the executions without a call site changes with those of the statement's other lines.
    for (const { changed, sites } of statements) for (const { line } of sites.values()) line.changed = Math.max(line.changed, changed);
    const lines = this.#usedLines().filter((line) => wanted(line, totalMs > 0 ? sumsOfLine(line).totalMs / totalMs : 0) || uses.has(line));
    this.#change += 1;
    return {
      change: this.#change,
      full,
      statements: statements.map((record) => this.#statementRow(record, now)),
      sparkSlot: sparkSlotOf(now),
      lines: lines.map((line) => this.#lineRow(line, uses.get(line))),
      requests: this.#requests.rows(totalMs, from),
      series: this.#series.points(from),
    };
  }

  /** The programs, those that run first. */
  programs(): ProgramRow[] {
    return [...new Set(this.#programs.values())].sort((a, b) => Number(a.endedAt !== undefined) - Number(b.endedAt !== undefined) || b.startedAt - a.startedAt);
  }

  /** What ran again and again, the most costly first. */
  repetitions(): RuntimeRepetition[] {
    return this.#contexts.repetitions();
  }

  /** All lines, the one with the most time first. */
  lines(): LineRow[] {
    const uses = this.#contexts.openUses();
    return this.#usedLines().map((line) => this.#lineRow(line, uses.get(line))).sort((a, b) => b.measured.totalMs - a.measured.totalMs);
  }

  /** What each statement cost. */
  costs(): Pick<StatementRow, 'measured' | 'counted'>[] {
    return this.#used().map(({ measured, counted }) => ({ ...(measured ? { measured } : {}), ...(counted ? { counted } : {}) }));
  }

  /** Executions of a statement whose values were recorded, the slowest first. */
  slowest(statement: string): readonly SlowExecution[] {
    return this.#statements.get(statement)?.slowest ?? [];
  }

  text(statement: string): string | undefined {
    return this.#statements.get(statement)?.text;
  }

  /** @param line only its executions @returns undefined for an unknown statement or line */
  detail(id: string, now: number, line?: string): Omit<StatementDetail, 'formatted'> | undefined {
    const statement = this.#statements.get(id);
    const site = line === undefined ? undefined : statement?.sites.get(line);
    if (statement === undefined || (line !== undefined && site === undefined)) return undefined;
    const uses = this.#contexts.openUses();
    const row = this.#statementRow(statement, now);
    const { measure, counted } = statement;
    const network = counted && counted.calls > 0 && measure.calls > 0 ? { networkMs: measure.totalMs / measure.calls - counted.meanMs } : {};
    return {
      row: site ? { ...row, measured: measured(statement.sumsOf(site), site.measure) } : row,
      histogram: histogramRows((site ?? statement).measure.histogram),
      lines: row.lines.flatMap((key) => {
        const record = this.#lines.get(key);
        return record ? [this.#lineRow(record, uses.get(record))] : [];
      }),
      requests: this.#requests.of(id),
      errors: [...statement.errors.values()].sort((a, b) => b.count - a.count),
      slowest: statement.slowest.filter(({ place }) => line === undefined || (place && keyOf(place)) === line),
      ...network,
    };
  }

  /** All that is known, for `restore`. */
  snapshot(): Pick<SessionSnapshot, 'statements' | 'lines' | 'requests' | 'repetitions' | 'series' | 'programs'> {
    const uses = this.#contexts.openUses();
    return {
      statements: this.#used().map(({ id, text, kind, tables, measure, counted, errors, sites }) => ({
        id,
        text,
        kind,
        tables,
        ...(measure.calls > 0 ? { measured: measure.snapshot() } : {}),
        ...(counted ? { counted } : {}),
        errors: [...errors.values()],
        sites: [...sites.values()].map(({ line: { place }, measure, later }) => ({ place, measured: measure.snapshot(), later })),
      })),
      lines: this.#usedLines().map((line) => {
        const { key, requests, mostInOneRequest, startedAt } = this.#lineRow(line, uses.get(line));
        return { key, requests, mostInOneRequest, ...(startedAt === undefined ? {} : { startedAt }) };
      }),
      requests: this.#requests.snapshot(),
      repetitions: this.repetitions(),
      series: this.#series.points(),
      programs: this.programs(),
    };
  }

  static restore(snapshot: ReturnType<SessionStore['snapshot']>): SessionStore {
    const store = new SessionStore();
    for (const { id, text, kind, tables, measured, counted, errors, sites } of snapshot.statements) {
      const record = id === OTHER_STATEMENTS ? store.#others() : store.#statement({ id, text, kind, tables });
      const placed = sites.flatMap((site): [LineRecord, SiteSnapshot][] => {
        const line = store.#line(site.place);
        return line ? [[line, site]] : [];
      });
      record.restore(measured, placed);
      store.#totals.merge(record.measure);
      if (counted) {
        record.countBefore(counted);
        store.#countedCalls += counted.calls;
        store.#countedMs += counted.totalMs;
      }
      for (const { code, message, count } of errors) record.addError(code, message, count);
    }
    for (const { key, requests, mostInOneRequest, startedAt } of snapshot.lines) {
      const line = store.#lines.get(key);
      if (line) Object.assign(line, { requests, mostInOneRequest }, startedAt === undefined ? {} : { startedAt });
    }
    store.#requests.restore(snapshot.requests);
    store.#contexts.restore(snapshot.repetitions);
    store.#series = Series.restore(snapshot.series);
    snapshot.programs.forEach((program, index) => store.#programs.set(-1 - index, { ...program }));
    return store;
  }

  /** An empty one that knows the same statements, so that programs that run need not declare them again. */
  cleared(): SessionStore {
    const store = new SessionStore();
    for (const { id, text, kind, tables } of this.#statements.values()) if (id !== OTHER_STATEMENTS) store.#statement({ id, text, kind, tables });
    for (const id of this.#folded) store.#folded.add(id);
    for (const [program, row] of this.#programs) {
      if (row.endedAt !== undefined) continue;
      Object.assign(row, { queries: 0, dropped: 0 });
      store.#programs.set(program, row);
    }
    return store;
  }

  /** Statements that ran: some were only declared. */
  #used(): StatementRecord[] {
    return [...this.#statements.values()].filter(({ measure, counted }) => measure.calls > 0 || counted !== undefined);
  }

  /** Lines whose statements are not all in the row of the others. */
  #usedLines(): LineRecord[] {
    return [...this.#lines.values()].filter(({ sites }) => sites.size > 0);
  }

  #statement(identity: StatementIdentity): StatementRecord {
    const known = this.#statements.get(identity.id);
    if (known) return known;
    if (this.#folded.has(identity.id)) return this.#others();
    if (this.#statements.size >= STATEMENT_LIMIT) this.#fold();
    const text = identity.text.slice(0, TEXT_LIMIT);
    const record = new StatementRecord(identity.id, text, identity.kind, identity.tables);
    this.#statements.set(identity.id, record);
    return record;
  }

  #others(): StatementRecord {
    let others = this.#statements.get(OTHER_STATEMENTS);
    if (others === undefined) {
      others = new StatementRecord(OTHER_STATEMENTS, 'other statements', 'other', [], LINE_LIMIT);
      this.#statements.set(OTHER_STATEMENTS, others);
    }
    return others;
  }

  /** Makes room: the cheapest tenth, of those that did not run most recently, goes into the row of the others for good. */
  #fold(): void {
    const others = this.#others();
    const room = Math.ceil(STATEMENT_LIMIT / 10);
    const byRecency = [...this.#statements.values()].filter((record) => record !== others).sort((a, b) => a.lastAt - b.lastAt);
    const candidates = byRecency.slice(0, -room).map((record) => ({ record, cost: costOf(record) }));
    for (const { record } of candidates.sort((a, b) => a.cost - b.cost).slice(0, room)) {
      others.absorb(record);
      this.#statements.delete(record.id);
      this.#toldShares.delete(record);
      this.#contexts.forget(record.id);
      if (this.#folded.size < FOLDED_LIMIT) this.#folded.add(record.id);
    }
    others.changed = this.#change;
    this.#goneSince = this.#change;
  }

  #line(place: Place): LineRecord | undefined {
    if (place.file === '') return this.#elsewhere;
    const key = keyOf(place);
    const known = this.#lines.get(key);
    if (known) return known;
    if (this.#lines.size >= LINE_LIMIT) return undefined;
    const line = new LineRecord(key, place);
    this.#lines.set(key, line);
    return line;
  }

  #share({ measure, counted }: StatementRecord, totalMs: number): number {
    const own = this.isMeasured ? measure.totalMs : (counted?.totalMs ?? 0);
    return totalMs > 0 ? own / totalMs : 0;
  }

  #statementRow(record: StatementRecord, now: number): StatementRow {
    const { id, text, kind, tables, measured, counted, spark } = record;
    const lines = [...record.sites.values()].filter(({ line }) => line !== this.#elsewhere).map((site) => ({ key: site.line.key, totalMs: record.sumsOf(site).totalMs }));
    return {
      id,
      text,
      kind,
      tables,
      ...(measured ? { measured } : {}),
      ...(counted ? { counted } : {}),
      share: this.#share(record, this.#allMs),
      spark: spark.slots(now),
      sparkSlot: sparkSlotOf(now),
      lines: lines.sort((a, b) => b.totalMs - a.totalMs).map(({ key }) => key),
    };
  }

  #lineRow(line: LineRecord, open: { requests: number; most: number } | undefined): LineRow {
    const sums = sumsOfLine(line);
    const [site] = line.sites.values();
    const seen = line.sites.size === 1 && site ? site.measure : distributionOf(line);
    const totalMs = this.#allMs;
    return {
      key: line.key,
      place: line.place,
      measured: measured(sums, seen),
      statements: [...line.sites.values()].sort((a, b) => b.measure.totalMs - a.measure.totalMs).map(({ statement }) => statement.id),
      share: totalMs > 0 ? sums.totalMs / totalMs : 0,
      requests: line.requests + (open?.requests ?? 0),
      mostInOneRequest: Math.max(line.mostInOneRequest, open?.most ?? 0),
      sampled: [...line.sites.values()].some(({ statement }) => statement.isSplit),
      ...(line.startedAt === undefined ? {} : { startedAt: line.startedAt }),
    };
  }
}

function keyOf({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}

function sumsOfLine(line: LineRecord): Sums {
  const sums = new Sums();
  for (const site of line.sites.values()) sums.merge(site.statement.sumsOf(site));
  return sums;
}

/** Each statement's distribution counts by all of its executions at the line, not only by those whose call site was taken. */
function distributionOf(line: LineRecord): Measure {
  const seen = new Measure();
  for (const site of line.sites.values()) {
    const { measure, statement } = site;
    if (measure.calls > 0) seen.histogram.merge(measure.histogram, statement.sumsOf(site).calls / measure.calls);
    seen.minMs = Math.min(seen.minMs, measure.minMs);
    seen.maxMs = Math.max(seen.maxMs, measure.maxMs);
  }
  return seen;
}

function costOf({ measure, counted }: StatementRecord): number {
  return Math.max(measure.totalMs, counted?.totalMs ?? 0);
}

function histogramRows(histogram: Histogram): [number, number, number][] {
  const { zeros, bins } = histogram.snapshot();
  const rows = bins.map(([index, count]): [number, number, number] => [...histogramBounds(index), count]);
  return zeros > 0 ? [[0, rows[0]?.[0] ?? 0, zeros], ...rows] : rows;
}
