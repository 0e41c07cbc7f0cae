import { describeHost } from './address.js';
import { STATEMENT_MARKER, type DatabaseConnection, type Result } from './connection.js';
import { maskLiterals } from './mask-literals.js';
import { grantStatement, quoteIdentifier } from './problem.js';
import { StatementLedger, type StatementEntry, type StatementSnapshot } from './statement-ledger.js';

/** One statement and what it cost since the session started. */
export interface StatementTiming {
  /** The server's queryid, as text. */
  id: string;
  calls: number;
  /** Milliseconds. */
  totalMs: number;
  /** Milliseconds. */
  meanMs: number;
  rows: number;
  /** Counters went back meanwhile, so that some calls may be missing. */
  atLeast: boolean;
}

export interface TimingReport {
  /** Those with the most time first, at most `STATEMENT_LIMIT`. */
  statements: StatementTiming[];
  /** How many statements were called, listed or not. */
  statementCount: number;
  /** Milliseconds of all statements, listed or not. */
  totalMs: number;
  /** The listed statements' texts by id, without literal values. Complete. */
  texts: ReadonlyMap<string, string>;
  /** What limits the picture, in sentences, with the command that helps. */
  notices: TimingNotice[];
  /** Milliseconds that reading the counters took, as seen from here. */
  readMs: number;
}

export interface TimingNotice {
  text: string;
  code?: string;
}

/** More rows than anybody reads; the rest is in the totals. */
export const STATEMENT_LIMIT = 500;

/** Longer texts are cut: generated statements may have megabytes. */
const TEXT_LIMIT = 10_000;

/** Texts kept in memory. Those not listed any more are forgotten beyond this, and read again if need be. */
const KEPT_TEXTS = 4 * STATEMENT_LIMIT;

/** How pg_stat_statements is spelled on this server: the columns depend on the extension's version, not on the server's. */
interface StatementsView {
  schema: string;
  totalColumn: 'total_exec_time' | 'total_time';
  hasTopLevel: boolean;
  hasSince: boolean;
  hasInfo: boolean;
}

interface Reading {
  snapshot: StatementSnapshot;
  /** Entries whose statement this role may not see. */
  hidden: number;
  readMs: number;
}

/** Reads pg_stat_statements again and again and keeps what happened since the start. Survives reconnecting. */
export class StatementTimings {
  #connection: DatabaseConnection;
  #view: StatementsView;
  #latest: Reading;
  readonly #ledger: StatementLedger;
  readonly #texts = new Map<string, string>();
  readonly #own = new Set<string>();
  #trackingOff: boolean;

  private constructor(connection: DatabaseConnection, source: Source, latest: Reading) {
    this.#connection = connection;
    this.#view = source.view;
    this.#trackingOff = source.trackingOff;
    this.#latest = latest;
    this.#ledger = new StatementLedger(latest.snapshot);
  }

  /** Checks that the counters can be read, and takes the first snapshot. */
  static async start(connection: DatabaseConnection): Promise<Result<StatementTimings>> {
    const source = await openSource(connection);
    if (!source.ok) return source;
    const reading = await readEntries(connection, source.value.view);
    if (!reading.ok) return reading;
    return { ok: true, value: new StatementTimings(connection, source.value, reading.value) };
  }

  /** Goes on over another connection to the same database. */
  async continueOn(connection: DatabaseConnection): Promise<Result<void>> {
    const source = await openSource(connection);
    if (!source.ok) return source;
    this.#connection = connection;
    this.#view = source.value.view;
    this.#trackingOff = source.value.trackingOff;
    return { ok: true, value: undefined };
  }

  /** Forgets what was counted; counting goes on from now. */
  async startAfresh(): Promise<Result<void>> {
    const reading = await readEntries(this.#connection, this.#view);
    if (!reading.ok) return reading;
    this.#latest = reading.value;
    this.#ledger.add(reading.value.snapshot);
    this.#ledger.restart();
    return { ok: true, value: undefined };
  }

  /** Reads the counters and the texts of statements not seen before. */
  async read(): Promise<Result<TimingReport>> {
    const reading = await readEntries(this.#connection, this.#view);
    if (!reading.ok) return reading;
    this.#latest = reading.value;
    this.#ledger.add(reading.value.snapshot);
    const unknown = this.#ledger
      .totals()
      .filter((total) => !this.#own.has(total.id))
      .slice(0, STATEMENT_LIMIT)
      .flatMap((total) => (this.#texts.has(total.id) ? [] : [total.id]));
    if (unknown.length > 0) {
      const texts = await readTexts(this.#connection, this.#view, unknown);
      if (!texts.ok) return texts;
      for (const [id, text] of texts.value) {
        if (text.endsWith(STATEMENT_MARKER)) this.#own.add(id);
        else this.#texts.set(id, shown(text));
      }
      // An entry may be dropped between the two reads.
      for (const id of unknown) {
        if (!this.#own.has(id) && !this.#texts.has(id)) this.#texts.set(id, '(text no longer kept by PostgreSQL)');
      }
    }
    return { ok: true, value: this.#report() };
  }

  #report(): TimingReport {
    const totals = this.#ledger.totals().filter((total) => !this.#own.has(total.id));
    const statements = totals.slice(0, STATEMENT_LIMIT).map((total): StatementTiming => {
      const calls = Number(total.calls);
      return {
        id: total.id,
        calls,
        totalMs: total.totalMs,
        meanMs: total.totalMs / calls,
        rows: Number(total.rows),
        atLeast: total.atLeast,
      };
    });
    const texts = new Map(statements.map(({ id }) => [id, this.#texts.get(id) ?? '']));
    if (this.#texts.size > KEPT_TEXTS) {
      for (const id of this.#texts.keys()) if (!texts.has(id)) this.#texts.delete(id);
    }
    return {
      statements,
      statementCount: totals.length,
      totalMs: totals.reduce((sum, total) => sum + total.totalMs, 0),
      texts,
      notices: this.#notices(),
      readMs: this.#latest.readMs,
    };
  }

  #notices(): TimingNotice[] {
    const { address } = this.#connection;
    const notices: TimingNotice[] = [];
    if (this.#trackingOff) {
      notices.push({
        text: 'The server counts no statements, because pg_stat_statements.track is “none”. A superuser can turn it on:',
        code: "ALTER SYSTEM SET pg_stat_statements.track = 'top'; SELECT pg_reload_conf();",
      });
    }
    if (this.#latest.hidden > 0) {
      const count = this.#latest.hidden;
      notices.push({
        text: `${count === 1 ? 'One statement' : `${count} statements`} of other roles ${count === 1 ? 'is' : 'are'} hidden from “${address.user}”. Connect as the application's role, or let a superuser run:`,
        code: grantStatement(address.user),
      });
    }
    if (this.#ledger.deallocations > 0n) {
      notices.push({
        text: `${describeHost(address)} has more statements than pg_stat_statements keeps, so rare ones may be missing. A larger limit takes effect at the next start of the server:`,
        code: 'ALTER SYSTEM SET pg_stat_statements.max = 20000;',
      });
    }
    if (this.#ledger.resets > 0) {
      notices.push({ text: 'Somebody reset the counters of pg_stat_statements meanwhile. A few calls may be missing.' });
    }
    return notices;
  }
}

interface Source {
  view: StatementsView;
  trackingOff: boolean;
}

async function openSource(connection: DatabaseConnection): Promise<Result<Source>> {
  const probe = await connection.query<[string | null, string[], boolean, boolean | null, boolean, boolean, string | null, boolean]>(
    `SELECT namespace.nspname,
       ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = view.oid AND attnum > 0 AND NOT attisdropped),
       EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = namespace.oid AND relname = 'pg_stat_statements_info'),
       has_schema_privilege(namespace.oid, 'USAGE'),
       EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'pg_stat_statements'),
       EXISTS (SELECT 1 FROM pg_settings WHERE name = 'pg_stat_statements.max'),
       (SELECT reset_val FROM pg_settings WHERE name = 'pg_stat_statements.track'),
       current_setting('is_superuser') = 'on'
     FROM (VALUES ('pg_stat_statements')) AS wanted(name)
     LEFT JOIN pg_extension AS extension ON extension.extname = wanted.name
     LEFT JOIN pg_namespace AS namespace ON namespace.oid = extension.extnamespace
     LEFT JOIN pg_class AS view ON view.relnamespace = namespace.oid AND view.relname = wanted.name AND view.relkind = 'v'`,
  );
  if (!probe.ok) return probe;
  const [row] = probe.value;
  if (row === undefined) return { ok: false, problem: { kind: 'unexpected', detail: 'The catalog could not be read.' } };
  const [schema, columns, hasInfo, maySeeSchema, available, preloaded, track, superuser] = row;
  const { host, user } = connection.address;
  if (schema === null) {
    return { ok: false, problem: { kind: 'extension-missing', host, available, preloaded, mayCreate: superuser } };
  }
  if (!preloaded) return { ok: false, problem: { kind: 'not-preloaded', host } };
  if (maySeeSchema === false) {
    const grant = `GRANT USAGE ON SCHEMA ${quoteIdentifier(schema)} TO ${quoteIdentifier(user)};\n${grantStatement(user)}`;
    return { ok: false, problem: { kind: 'insufficient-privilege', user, detail: `permission denied for schema ${schema}`, grant } };
  }
  const has = new Set(columns);
  return {
    ok: true,
    value: {
      view: {
        schema: quoteIdentifier(schema),
        totalColumn: has.has('total_exec_time') ? 'total_exec_time' : 'total_time',
        hasTopLevel: has.has('toplevel'),
        hasSince: has.has('stats_since'),
        hasInfo,
      },
      trackingOff: track === 'none',
    },
  };
}

/** The numbers alone: the texts are in a file of the server that may have megabytes. */
async function readEntries(connection: DatabaseConnection, view: StatementsView): Promise<Result<Reading>> {
  const started = performance.now();
  const answer = await connection.query<
    [number, string | null, string | null, number | null, string | null, boolean, string | null, string | null, number | null, string | null]
  >(
    `SELECT database.oid, info.dealloc, info.stats_reset, entry.userid, entry.queryid, ${view.hasTopLevel ? 'entry.toplevel' : 'true'},
       entry.calls, entry.rows, entry.${view.totalColumn}, ${view.hasSince ? 'entry.stats_since::text' : 'NULL'}
     FROM pg_database AS database
     CROSS JOIN ${view.hasInfo ? `(SELECT dealloc, stats_reset::text FROM ${view.schema}.pg_stat_statements_info)` : '(SELECT NULL::int8, NULL::text)'} AS info(dealloc, stats_reset)
     LEFT JOIN ${view.schema}.pg_stat_statements(false) AS entry ON entry.dbid = database.oid
     WHERE database.datname = current_database()`,
  );
  if (!answer.ok) return answer;
  const entries: StatementEntry[] = [];
  let hidden = 0;
  for (const [, , , user, id, topLevel, calls, rows, totalMs, since] of answer.value) {
    if (user === null) continue;
    if (id === null) {
      hidden += 1;
      continue;
    }
    entries.push({
      key: `${user}:${id}:${topLevel ? 1 : 0}`,
      id,
      calls: BigInt(calls ?? 0),
      rows: BigInt(rows ?? 0),
      totalMs: totalMs ?? 0,
      ...(since === null ? {} : { since }),
    });
  }
  const [database, deallocations, reset] = answer.value[0] ?? [0, null, null];
  return {
    ok: true,
    value: {
      snapshot: {
        database: String(database),
        entries,
        ...(reset === null ? {} : { reset }),
        ...(deallocations === null ? {} : { deallocations: BigInt(deallocations) }),
      },
      hidden,
      readMs: performance.now() - started,
    },
  };
}

async function readTexts(connection: DatabaseConnection, view: StatementsView, ids: readonly string[]): Promise<Result<[string, string][]>> {
  return connection.query<[string, string]>(
    `SELECT DISTINCT ON (queryid) queryid,
       CASE WHEN length(query) > ${TEXT_LIMIT} THEN left(query, ${TEXT_LIMIT}) || ' …' ELSE query END
     FROM ${view.schema}.pg_stat_statements(true)
     WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND queryid = ANY ($1::int8[]) AND query IS NOT NULL`,
    [ids],
  );
}

function shown(text: string): string {
  return maskLiterals(text.trim());
}
