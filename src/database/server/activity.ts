import { APPLICATION_NAME, STATEMENT_MARKER, type DatabaseConnection, type Result } from '../connection.js';
import { grantStatement, quoteIdentifier, type SetupStep } from '../problem.js';
import { identify } from '../sql/identity.js';

/** A session of the server at work in the connected database. */
export interface ActivityRow {
  pid: number;
  /** `active`, `idle in transaction`, … */
  state: string;
  user: string;
  application: string;
  /** Without literal values; the server may have cut it. */
  text: string;
  /** Id of the statement, where it is known. */
  statement?: string;
  /** Since the statement (or, idle in transaction, the last one) began, by the server's clock. */
  runningMs: number;
  /** `Lock: transactionid`, if it waits. */
  wait?: string;
  /** Pids of those that it waits for. */
  blockedBy: number[];
  /** There is something to cancel, and this role may do it. */
  mayCancel: boolean;
}

export interface Activity {
  /** Sessions that are not idle, the longest first, at most {@link MOST_SESSIONS}, without Roundtrip's own. */
  sessions: ActivityRow[];
  /** That this role may not see all sessions at this database, with the command that helps. */
  notice?: SetupStep;
  /** Connections of clients to the whole server, and how many it accepts from those who are no superusers. */
  connections: { used: number; most: number };
}

/** More than this is a list that nobody reads while it changes. */
export const MOST_SESSIONS = 100;

type SessionRow = [
  pid: number, state: string | null, user: string | null, application: string, text: string, queryId: string | null, runningMs: number | null,
  waitType: string | null, wait: string | null, blockedBy: number[] | null, mayCancel: boolean,
];

/** Samples pg_stat_activity. `known` says which statement a queryid is. */
export async function sampleActivity(connection: DatabaseConnection, known: (queryId: string) => string | undefined): Promise<Result<Activity>> {
  const hasQueryId = connection.server.versionNumber >= 140_000;
  // pg_blocking_pids stops the lock manager for a moment, so it is asked for those alone that wait for a lock. Of sessions that
  // this role may not see, the type is unknown as well.
  const sessions = await connection.query<SessionRow>(
    `SELECT activity.pid, state, usename, application_name, query, ${hasQueryId ? 'query_id' : 'NULL'}, extract(epoch FROM clock_timestamp() - query_start)::float8 * 1000,
       wait_event_type, wait_event, CASE WHEN wait_event_type = 'Lock' THEN pg_blocking_pids(activity.pid) END,
       state = 'active' AND (current_setting('is_superuser') = 'on'
         OR NOT rolsuper AND (pg_has_role(usesysid, 'USAGE') OR pg_has_role('pg_signal_backend', 'USAGE')))
     FROM pg_stat_activity AS activity JOIN pg_roles ON pg_roles.oid = usesysid
     WHERE coalesce(backend_type, 'client backend') = 'client backend' AND datname = current_database() AND activity.pid <> pg_backend_pid()
       AND application_name IS DISTINCT FROM $1 AND state IS DISTINCT FROM 'idle' AND query NOT LIKE '%' || $2
     ORDER BY query_start`,
    [APPLICATION_NAME, STATEMENT_MARKER],
  );
  if (!sessions.ok) return sessions;
  const use = await connection.query<[used: number, most: number]>(
    `SELECT (SELECT count(*)::int FROM pg_stat_activity WHERE coalesce(backend_type, 'client backend') = 'client backend' AND usesysid IS NOT NULL),
       (SELECT sum(CASE name WHEN 'max_connections' THEN 1 ELSE -1 END * setting::int)::int FROM pg_settings
        WHERE name IN ('max_connections', 'superuser_reserved_connections', 'reserved_connections'))`,
  );
  if (!use.ok) return use;
  const [used, most] = use.value[0] ?? [0, 0];
  const seen = sessions.value.filter(([, state]) => state !== null);
  return {
    ok: true,
    value: {
      sessions: seen.slice(0, MOST_SESSIONS).map((row) => activityRow(row, known)),
      ...(sessions.value.length > seen.length ? { notice: hiddenNotice(sessions.value.length - seen.length, connection.address.user) } : {}),
      connections: { used, most },
    },
  };
}

function hiddenNotice(hidden: number, user: string): SetupStep {
  return {
    text: `${hidden === 1 ? 'One session' : `${hidden} sessions`} of other roles at this database ${hidden === 1 ? 'is' : 'are'} hidden from “${user}”. Connect as the application's role, or let a superuser run:`,
    code: grantStatement(user),
  };
}

function activityRow(row: SessionRow, known: (queryId: string) => string | undefined): ActivityRow {
  const [pid, state, user, application, query, queryId, runningMs, waitType, wait, blockedBy, mayCancel] = row;
  const { id, text } = identify(query);
  // A text that the server has cut does not parse, and its id means nothing.
  const statement = (queryId === null ? undefined : known(queryId)) ?? (id.startsWith('text-') ? undefined : id);
  return {
    pid,
    state: state ?? '',
    user: user ?? '',
    application,
    text,
    ...(statement === undefined ? {} : { statement }),
    runningMs: Math.max(0, runningMs ?? 0),
    ...(waitType === null || (state !== 'active' && waitType === 'Client') ? {} : { wait: wait === null ? waitType : `${waitType}: ${wait}` }),
    // Parallel workers of the same session are listed too, and 0 stands for a prepared transaction.
    blockedBy: [...new Set(blockedBy ?? [])].filter((blocker) => blocker !== pid && blocker !== 0),
    mayCancel,
  };
}

/** Asks the server to cancel what a session runs. False when it runs nothing any more. */
export async function cancelStatement(connection: DatabaseConnection, pid: number): Promise<Result<boolean>> {
  const answer = await connection.query<[boolean]>(
    `SELECT pg_cancel_backend(pid) FROM pg_stat_activity
     WHERE pid = $1 AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND datname = current_database() AND state = 'active'`,
    [pid],
  );
  if (answer.ok) return { ok: true, value: answer.value[0]?.[0] ?? false };
  if (answer.problem.kind !== 'insufficient-privilege') return answer;
  const { user, detail } = answer.problem;
  return { ok: false, problem: { kind: 'may-not', user, what: 'cancel this statement', detail, grant: `GRANT pg_signal_backend TO ${quoteIdentifier(user)};` } };
}
