import type { DatabaseConnection, Result } from '../connection.js';
import { grantStatement, quoteIdentifier } from '../problem.js';
import type { CounterEntry, CounterSnapshot } from './counters.js';

/** How pg_stat_statements is spelled on this server: the columns depend on the extension's version, not on the server's. */
export interface StatementsView {
  schema: string;
  /** Ends the names of columns of times: `total_exec_time` since extension 1.8, `total_time` before. */
  time: 'exec_time' | 'time';
  hasTopLevel: boolean;
  hasSince: boolean;
  hasInfo: boolean;
  /** `pg_stat_statements.track` is `none`. */
  trackingOff: boolean;
}

/** Finds pg_stat_statements, or says why its counters cannot be read. */
export async function findStatementsView(connection: DatabaseConnection): Promise<Result<StatementsView>> {
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
    return { ok: false, problem: { kind: 'extension-missing', host, available, preloaded, mayCreate: superuser, ...(connection.server.pglite ? { pglite: true } : {}) } };
  }
  // PGlite loads the library with the extension.
  if (!preloaded && !connection.server.pglite) return { ok: false, problem: { kind: 'not-preloaded', host } };
  if (maySeeSchema === false) {
    const grant = `GRANT USAGE ON SCHEMA ${quoteIdentifier(schema)} TO ${quoteIdentifier(user)};\n${grantStatement(user)}`;
    return { ok: false, problem: { kind: 'insufficient-privilege', user, detail: `permission denied for schema ${schema}`, grant } };
  }
  const has = new Set(columns);
  return {
    ok: true,
    value: {
      schema: quoteIdentifier(schema),
      time: has.has('total_exec_time') ? 'exec_time' : 'time',
      hasTopLevel: has.has('toplevel'),
      hasSince: has.has('stats_since'),
      hasInfo,
      trackingOff: track === 'none',
    },
  };
}

/** All entries of the connected database at one moment. */
export interface CounterReading {
  snapshot: CounterSnapshot;
  /** Entries whose statement this role may not see. */
  hidden: number;
}

type EntryRow = [
  database: number, deallocations: string | null, reset: string | null, user: number | null, id: string | null, topLevel: boolean,
  calls: string | null, rows: string | null, totalMs: number | null, deviationMs: number | null, maxMs: number | null,
  blocksHit: string | null, blocksRead: string | null, since: string | null,
];

/** The numbers alone: the texts are in a file of the server that may have megabytes. */
export async function readCounters(connection: DatabaseConnection, view: StatementsView): Promise<Result<CounterReading>> {
  const answer = await connection.query<EntryRow>(
    `SELECT database.oid, info.dealloc, info.stats_reset, entry.userid, entry.queryid, ${view.hasTopLevel ? 'entry.toplevel' : 'true'},
       entry.calls, entry.rows, entry.total_${view.time}, entry.stddev_${view.time}, entry.max_${view.time},
       entry.shared_blks_hit, entry.shared_blks_read, ${view.hasSince ? 'entry.stats_since::text' : 'NULL'}
     FROM pg_database AS database
     CROSS JOIN ${view.hasInfo ? `(SELECT dealloc, stats_reset::text FROM ${view.schema}.pg_stat_statements_info)` : '(SELECT NULL::int8, NULL::text)'} AS info(dealloc, stats_reset)
     LEFT JOIN ${view.schema}.pg_stat_statements(false) AS entry ON entry.dbid = database.oid
     WHERE database.datname = current_database()`,
  );
  if (!answer.ok) return answer;
  const entries: CounterEntry[] = [];
  let hidden = 0;
  for (const [, , , user, id, topLevel, callsText, rows, totalMs, deviationMs, maxMs, blocksHit, blocksRead, since] of answer.value) {
    if (user === null) continue;
    if (id === null) {
      hidden += 1;
      continue;
    }
    const calls = Number(callsText);
    entries.push({
      key: `${user}:${id}:${topLevel ? 1 : 0}`,
      id,
      calls,
      rows: Number(rows),
      totalMs: totalMs ?? 0,
      squaresMs: calls * (deviationMs ?? 0) ** 2,
      maxMs: maxMs ?? 0,
      blocksHit: Number(blocksHit),
      blocksRead: Number(blocksRead),
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
        ...(deallocations === null ? {} : { deallocations: Number(deallocations) }),
      },
      hidden,
    },
  };
}

/** Characters of texts that one reading brings: what a person's memory and the network take without notice. */
const CHARACTERS_PER_READ = 8_000_000;

/**
 * Texts of statements by id, as the server keeps them, each cut at `limit` characters. A text is null where this reading had no room
 * for it any more; statements that the server has forgotten are left out.
 */
export async function readTexts(connection: DatabaseConnection, view: StatementsView, ids: readonly string[], limit: number): Promise<Result<[id: string, text: string | null][]>> {
  return connection.query<[string, string | null]>(
    `SELECT id, CASE WHEN before < $3 THEN text END FROM (
       SELECT queryid AS id, text, sum(length(text)) OVER (ORDER BY queryid) - length(text) AS before FROM (
         SELECT DISTINCT ON (queryid) queryid, left(query, $2) AS text
         FROM ${view.schema}.pg_stat_statements(true)
         WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND queryid = ANY ($1::int8[]) AND query IS NOT NULL
       ) AS one
     ) AS text`,
    [ids, limit, CHARACTERS_PER_READ],
  );
}
