import type { DatabaseConnection, Result } from '../connection.js';

export interface TableSize {
  /** `schema.table` as the catalog spells it: lower case unless it was quoted. */
  name: string;
  /** Estimated by the server; -1 when it has no estimate. */
  rows: number;
  /** Of the table alone, by its last VACUUM or ANALYZE; 0 before the first. */
  bytes: number;
}

/** More tables than this are no application's; the largest are told. */
const MOST_TABLES = 10_000;

/**
 * Sizes of the tables, partitioned tables and materialized views of the connected database, by what the catalog and the statistics
 * say. No table is opened: that would wait for locks.
 */
export async function readTableSizes(connection: DatabaseConnection): Promise<Result<TableSize[]>> {
  // Before 14, a table that was never analysed says 0 rows on 0 pages; since then -1.
  const answer = await connection.query<[name: string, rows: number, bytes: number]>(
    `WITH RECURSIVE part(root, child) AS (
       SELECT oid, oid FROM pg_class WHERE relkind = 'p' AND NOT relispartition
       UNION ALL SELECT part.root, inhrelid FROM part JOIN pg_inherits ON inhparent = part.child
     ), measured AS (
       SELECT relation.oid, relnamespace, relname, relispartition, relpages::float8 * current_setting('block_size')::int AS bytes,
         greatest(CASE WHEN reltuples = 0 AND relpages = 0 AND ${connection.server.versionNumber} < 140000 THEN -1 ELSE reltuples END,
           nullif(pg_stat_get_live_tuples(relation.oid), 0)::float8) AS rows
       FROM pg_class AS relation WHERE relkind IN ('r', 'm')
     ), whole AS (
       SELECT relnamespace, relname, rows, bytes FROM measured
       UNION ALL SELECT root.relnamespace, root.relname, coalesce(sum(nullif(rows, -1)), -1), coalesce(sum(bytes), 0)
       FROM part JOIN pg_class AS root ON root.oid = part.root LEFT JOIN measured ON measured.oid = part.child GROUP BY root.oid, root.relnamespace, root.relname
     )
     SELECT nspname || '.' || relname, rows::float8, bytes FROM whole JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE nspname NOT IN ('pg_catalog', 'information_schema') AND nspname NOT LIKE 'pg\\_toast%' AND nspname NOT LIKE 'pg\\_temp%'
     ORDER BY rows DESC LIMIT ${MOST_TABLES}`,
  );
  if (!answer.ok) return answer;
  return { ok: true, value: answer.value.map(([name, rows, bytes]) => ({ name, rows, bytes })) };
}
