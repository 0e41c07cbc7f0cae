import { describeHost } from '../address.js';
import { STATEMENT_MARKER, type DatabaseConnection, type Result } from '../connection.js';
import { explainProblem, grantStatement, type DatabaseProblem, type ExplainedProblem, type SetupStep } from '../problem.js';
import { identify, PARSED_LIMIT, type StatementIdentity } from '../sql/identity.js';
import { addCounters, deviationMs, NOTHING, SnapshotLedger, type Counters, type StatementDelta } from './counters.js';
import { findStatementsView, readCounters, readTexts, type StatementsView } from './statements-view.js';

/** What the server counted of one statement since counting began, all roles and programs together. Milliseconds. It knows no percentiles. */
export interface StatementCount {
  calls: number;
  rows: number;
  totalMs: number;
  meanMs: number;
  /** Standard deviation since counting began. */
  deviationMs: number;
  /** Largest single execution that the server remembers, which may be older. */
  maxMs: number;
  /** Blocks of 8 KB (unless built otherwise) found in and read into shared buffers. */
  blocksHit: number;
  blocksRead: number;
  /** Counters went back meanwhile, so that some calls may be missing. */
  atLeast: boolean;
}

export interface StatementReading {
  /** The counts of those statements that were called since the reading before, by the statement's id. */
  counts: Map<string, StatementCount>;
  /** The statements among them that no reading since the beginning has named. */
  named: StatementIdentity[];
  /** What limits the picture, in sentences, with the command that helps. */
  notices: SetupStep[];
  /** Milliseconds that the server was busy with this reading, as seen from here. */
  readMs: number;
}

/** Statements that are told apart; what comes after is counted together. More have no place in anybody's head. */
export const MOST_STATEMENTS = 50_000;
/** Statements whose texts are asked for at once. */
const MOST_TEXTS = 10_000;
/** queryids of which is known which statement they are: the most that a large server keeps at a time. */
const REMEMBERED_IDS = 100_000;
/** Statements that are identified in a row, a few milliseconds long, before others may go on. */
const IDENTIFIED_IN_A_ROW = 50;
/** Seconds after which is looked again whether the counters can be read meanwhile. */
const LOOK_AGAIN_MS = 10_000;

/** Server errors of a text that cannot be written in the encoding of the connected database. */
const UNREADABLE_TEXT = new Set(['22021', '22P05', '22P02']);

const REST: StatementIdentity = { id: 'others', text: `(statements beyond the first ${MOST_STATEMENTS.toLocaleString('en')})`, kind: 'other', tables: [] };

/** A statement of Roundtrip's own. */
const OWN = Symbol('own');

interface Group extends Counters {
  atLeast: boolean;
}

/**
 * Counts statements by what pg_stat_statements says from one reading to the next. A server that keeps no such counters is no
 * failure: nothing is counted, `missing` says why, and counting begins when that has changed. Survives reconnecting.
 */
export class StatementCounting {
  #connection: DatabaseConnection;
  #view: StatementsView | undefined;
  #missing: DatabaseProblem | undefined;
  #lookAgainAt = 0;
  #ledger: SnapshotLedger | undefined;
  /** Which statement a queryid is. */
  readonly #known = new Map<string, string | typeof OWN>();
  /** By the statement's id. */
  readonly #groups = new Map<string, Group>();
  #named = new Set<string>();
  /** Counted, but the texts are not there yet; by queryid. */
  readonly #pending = new Map<string, StatementDelta>();
  #hidden = 0;
  #unreadableTexts = false;

  private constructor(connection: DatabaseConnection) {
    this.#connection = connection;
  }

  /** Takes the first snapshot. Needs `loadSqlParser`. Fails only with the connection itself. */
  static async start(connection: DatabaseConnection): Promise<Result<StatementCounting>> {
    const counting = new StatementCounting(connection);
    const begun = await counting.#begin();
    return begun.ok ? { ok: true, value: counting } : begun;
  }

  /** Why the server counts nothing, and what to do about it. */
  get missing(): ExplainedProblem | undefined {
    return this.#missing && explainProblem(this.#missing);
  }

  /** Id of the statement that a queryid of the server stands for, if one of its calls was counted. */
  statementOf(queryId: string): string | undefined {
    const statement = this.#known.get(queryId);
    return statement === OWN ? undefined : statement;
  }

  /** Goes on over another connection to the same database. */
  async continueOn(connection: DatabaseConnection): Promise<Result<void>> {
    this.#connection = connection;
    this.#unreadableTexts = false;
    return this.#findView();
  }

  /** Forgets what was counted; counting goes on from now. */
  async restart(): Promise<Result<void>> {
    const last = await this.read();
    if (!last.ok) return last;
    this.#ledger?.restart();
    this.#groups.clear();
    this.#pending.clear();
    this.#named = new Set();
    // Names are told again, so their texts are needed again.
    for (const [id, statement] of this.#known) if (statement !== OWN) this.#known.delete(id);
    return { ok: true, value: undefined };
  }

  async read(): Promise<Result<StatementReading>> {
    const started = performance.now();
    const ready = this.#view === undefined ? await this.#begin() : { ok: true as const, value: undefined };
    if (!ready.ok) return ready;
    const view = this.#view;
    if (view === undefined || this.#ledger === undefined) return this.#reading(new Set(), [], performance.now() - started);
    const reading = await readCounters(this.#connection, view);
    if (!reading.ok) return this.#failed(reading.problem, started);
    this.#hidden = reading.value.hidden;
    const { resets } = this.#ledger;
    const deltas = this.#ledger.add(reading.value.snapshot);
    if (this.#ledger.resets > resets) this.#unreadableTexts = false;
    for (const delta of deltas) {
      const pending = this.#pending.get(delta.id);
      if (pending === undefined) this.#pending.set(delta.id, delta);
      else add(pending, delta);
    }
    const named: StatementIdentity[] = [];
    const unknown = [...this.#pending.values()].filter(({ id }) => !this.#known.has(id)).sort((a, b) => b.totalMs - a.totalMs);
    let readMs = performance.now() - started;
    if (unknown.length > 0) {
      const from = performance.now();
      const wanted = unknown.slice(0, MOST_TEXTS).map(({ id }) => id);
      const texts = await this.#readTexts(view, wanted);
      readMs += performance.now() - from;
      if (!texts.ok) return this.#failed(texts.problem, started);
      await this.#identify(wanted, texts.value, named);
    }
    return this.#reading(this.#settle(), named, readMs);
  }

  /** Finds the view and takes the first snapshot, unless it was tried a moment ago. */
  async #begin(): Promise<Result<void>> {
    if (performance.now() < this.#lookAgainAt) return { ok: true, value: undefined };
    const found = await this.#findView();
    if (!found.ok || this.#view === undefined || this.#ledger !== undefined) return found;
    const first = await readCounters(this.#connection, this.#view);
    if (!first.ok) return this.#without(first.problem);
    this.#ledger = new SnapshotLedger(first.value.snapshot);
    this.#hidden = first.value.hidden;
    return { ok: true, value: undefined };
  }

  async #findView(): Promise<Result<void>> {
    const view = await findStatementsView(this.#connection);
    if (!view.ok) return this.#without(view.problem);
    this.#view = view.value;
    this.#missing = undefined;
    return { ok: true, value: undefined };
  }

  /** Goes on without counters, unless the connection itself is the problem. */
  #without(problem: DatabaseProblem): Result<void> {
    if (problem.kind === 'lost') return { ok: false, problem };
    this.#view = undefined;
    this.#missing = problem;
    this.#lookAgainAt = performance.now() + LOOK_AGAIN_MS;
    return { ok: true, value: undefined };
  }

  /** The extension may have been dropped, or a right taken away. What was counted stays. */
  async #failed(problem: DatabaseProblem, started: number): Promise<Result<StatementReading>> {
    if (problem.kind === 'lost') return { ok: false, problem };
    const found = await this.#findView();
    if (!found.ok) return found;
    if (this.#view !== undefined) this.#without(problem);
    return this.#reading(new Set(), [], performance.now() - started);
  }

  async #readTexts(view: StatementsView, ids: readonly string[]): Promise<Result<[string, string | null][]>> {
    if (this.#unreadableTexts) return { ok: true, value: [] };
    const texts = await readTexts(this.#connection, view, ids, PARSED_LIMIT);
    if (texts.ok || texts.problem.kind !== 'unexpected' || !UNREADABLE_TEXT.has(texts.problem.sqlState ?? '')) return texts;
    // One text of any database that this one cannot write makes the server refuse all of them.
    this.#unreadableTexts = true;
    return { ok: true, value: [] };
  }

  async #identify(ids: readonly string[], texts: readonly [string, string | null][], named: StatementIdentity[]): Promise<void> {
    let row = 0;
    const left = new Set(ids);
    for (const [id, text] of texts) {
      left.delete(id);
      if (text === null) continue;
      if (text.endsWith(STATEMENT_MARKER)) this.#know(id, OWN);
      else this.#name(id, identify(text), named);
      row += 1;
      if (row % IDENTIFIED_IN_A_ROW === 0) await new Promise(setImmediate);
    }
    for (const id of left) {
      const text = this.#unreadableTexts ? '(text in another encoding than this database’s)' : '(text no longer kept by PostgreSQL)';
      this.#name(id, { id: `queryid-${id}`, text, kind: 'other', tables: [] }, named);
    }
  }

  #name(queryId: string, identity: StatementIdentity, named: StatementIdentity[]): void {
    const told = this.#named.has(identity.id) || this.#named.size < MOST_STATEMENTS ? identity : REST;
    this.#know(queryId, told.id);
    if (this.#named.has(told.id)) return;
    this.#named.add(told.id);
    named.push(told);
  }

  #know(queryId: string, statement: string | typeof OWN): void {
    this.#known.set(queryId, statement);
    if (this.#known.size > REMEMBERED_IDS) this.#known.delete(this.#known.keys().next().value!);
  }

  /** Adds what is known by name to the groups. */
  #settle(): Set<string> {
    const changed = new Set<string>();
    for (const [queryId, delta] of this.#pending) {
      const statement = this.#known.get(queryId);
      if (statement === undefined) continue;
      this.#pending.delete(queryId);
      if (statement === OWN) continue;
      const group = this.#groups.get(statement) ?? { ...NOTHING, atLeast: false };
      add(group, delta);
      this.#groups.set(statement, group);
      changed.add(statement);
    }
    return changed;
  }

  #reading(changed: ReadonlySet<string>, named: StatementIdentity[], readMs: number): Result<StatementReading> {
    const counts = new Map([...changed].map((id) => [id, countOf(this.#groups.get(id)!)]));
    return { ok: true, value: { counts, named, notices: this.#notices(), readMs } };
  }

  #notices(): SetupStep[] {
    const { address, server } = this.#connection;
    const notices: SetupStep[] = [];
    if (server.pglite) {
      notices.push({
        text: 'PGlite lets one client connect at a time unless it is told otherwise: a program may have to wait while Roundtrip is connected. Start its server with room for more:',
        code: 'npx pglite-server --max-connections=10',
      });
    }
    if (this.#view === undefined) return notices;
    if (this.#view.trackingOff) {
      notices.push({
        text: 'The server counts no statements, because pg_stat_statements.track is “none”. A superuser can turn it on:',
        code: "ALTER SYSTEM SET pg_stat_statements.track = 'top'; SELECT pg_reload_conf();",
      });
    }
    if (this.#hidden > 0) {
      notices.push({
        text: `${this.#hidden === 1 ? 'One statement' : `${this.#hidden} statements`} of other roles ${this.#hidden === 1 ? 'is' : 'are'} hidden from “${address.user}”. Connect as the application's role, or let a superuser run:`,
        code: grantStatement(address.user),
      });
    }
    if (this.#unreadableTexts) {
      notices.push({ text: 'The server keeps a statement whose text cannot be written in the encoding of this database, and so shows none. Numbers stand without texts until pg_stat_statements is reset.' });
    }
    if ((this.#ledger?.deallocations ?? 0) > 0) {
      notices.push({
        text: `${describeHost(address)} has more statements than pg_stat_statements keeps, so rare ones may be missing. A larger limit takes effect at the next start of the server:`,
        code: 'ALTER SYSTEM SET pg_stat_statements.max = 20000;',
      });
    }
    if ((this.#ledger?.resets ?? 0) > 0) {
      notices.push({ text: 'Somebody reset the counters of pg_stat_statements meanwhile. A few calls may be missing.' });
    }
    return notices;
  }
}

function add(sum: Group, more: Group): void {
  addCounters(sum, more);
  sum.atLeast ||= more.atLeast;
}

function countOf(group: Group): StatementCount {
  const { calls, rows, totalMs, maxMs, blocksHit, blocksRead, atLeast } = group;
  return { calls, rows, totalMs, meanMs: totalMs / calls, deviationMs: deviationMs(group), maxMs, blocksHit, blocksRead, atLeast };
}
