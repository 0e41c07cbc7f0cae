import type { FuncCall, Node, SelectStmt } from '@pgsql/types';
import type { Bound } from '../libraries/library';
import { narrows } from './sql-filter';
import { callsOf, functionName, selects, visit } from './sql-tree';

type Ctes = ReadonlyMap<string, Bound>;

/** How many rows a SELECT may return, as far as its text tells. */
export function boundOfSelect(select: SelectStmt, outer: Ctes = new Map()): Bound {
  const ctes = new Map(outer);
  for (const node of select.withClause?.ctes ?? []) {
    if (!('CommonTableExpr' in node)) continue;
    const cte = node.CommonTableExpr;
    const query = cte.ctequery && 'SelectStmt' in cte.ctequery ? cte.ctequery.SelectStmt : undefined;
    if (cte.ctename) ctes.set(cte.ctename, query ? boundOfSelect(query, ctes) : 'all');
  }
  const limit = limitOf(select);
  if (limit) return limit;
  if (select.larg && select.rarg) {
    const arms = [boundOfSelect(select.larg, ctes), boundOfSelect(select.rarg, ctes)];
    return arms.some((arm) => arm === 'all') ? 'all' : 'limited';
  }
  if (select.valuesLists) return select.valuesLists.length > 1 ? 'limited' : 'one';
  const targets = select.targetList ?? [];
  if (!select.groupClause && targets.some((target) => callsOf(target).some(isAggregate))) return 'aggregate';
  const from = select.fromClause ?? [];
  const manyRows = targets.some((target) => callsOf(target).some((call) => SET_RETURNING.has(functionName(call))));
  if (manyRows) return 'all';
  const sources = from.map((item) => boundOfSource(item, ctes));
  if (sources.every((bound) => bound === 'one' || bound === 'aggregate')) return 'one';
  return sources.every((bound) => bound !== 'all') ? 'limited' : 'all';
}

/**
 * Whether something keeps the SELECT from returning all rows of its tables: its conditions, or a source that is itself narrow
 * (a filtered or limited subquery or CTE, a list of values, a parameter's elements). Every arm of a set operation must be narrow.
 */
export function selectNarrows(select: SelectStmt, outer: ReadonlyMap<string, boolean> = new Map()): boolean {
  return wideArms(select, outer).length === 0;
}

/** The arms of the SELECT that nothing narrows; see {@link selectNarrows}. */
export function wideArms(select: SelectStmt, outer: ReadonlyMap<string, boolean> = new Map()): SelectStmt[] {
  const ctes = new Map(outer);
  for (const node of select.withClause?.ctes ?? []) {
    if (!('CommonTableExpr' in node)) continue;
    const cte = node.CommonTableExpr;
    const query = cte.ctequery && 'SelectStmt' in cte.ctequery ? cte.ctequery.SelectStmt : undefined;
    // The rows of RETURNING are those that were written, as many as the program gave.
    if (cte.ctename) ctes.set(cte.ctename, !query || narrowSource(query, ctes));
  }
  return selects(select).filter(
    (arm) => !narrows(arm.whereClause, arm.fromClause) && (arm === select || boundOfSelect(arm) === 'all') && !(arm.fromClause ?? []).some((item) => sourceNarrows(item, ctes)),
  );
}

function narrowSource(query: SelectStmt, ctes: ReadonlyMap<string, boolean>): boolean {
  return boundOfSelect(query) !== 'all' || Boolean(query.groupClause) || selectNarrows(query, ctes);
}

function sourceNarrows(item: Node, ctes: ReadonlyMap<string, boolean>): boolean {
  if ('RangeSubselect' in item) {
    const query = item.RangeSubselect.subquery;
    return query !== undefined && 'SelectStmt' in query && narrowSource(query.SelectStmt, ctes);
  }
  if ('RangeVar' in item) return item.RangeVar.schemaname === undefined && ctes.get(item.RangeVar.relname ?? '') === true;
  if ('RangeFunction' in item) return callsOf(item).some((call) => SET_RETURNING.has(functionName(call)) && !readsColumn(call));
  if ('RangeTableSample' in item) return true;
  if (!('JoinExpr' in item)) return false;
  const { jointype, larg, rarg } = item.JoinExpr;
  // An outer join keeps all rows of its outer side, however few the other side has.
  const left = jointype !== 'JOIN_RIGHT' && jointype !== 'JOIN_FULL' && larg !== undefined && sourceNarrows(larg, ctes);
  const right = jointype !== 'JOIN_LEFT' && jointype !== 'JOIN_FULL' && rarg !== undefined && sourceNarrows(rarg, ctes);
  return left || right;
}

/** A lateral function reads the columns of what stands before it, and so gives rows for each of its rows. */
function readsColumn(call: FuncCall): boolean {
  let reads = false;
  visit(call.args, (kind) => {
    reads ||= kind === 'ColumnRef';
    return !reads;
  });
  return reads;
}

function boundOfSource(item: Node, ctes: Ctes): Bound {
  if ('RangeSubselect' in item) {
    const query = item.RangeSubselect.subquery;
    return query && 'SelectStmt' in query ? boundOfSelect(query.SelectStmt, ctes) : 'all';
  }
  if ('RangeVar' in item) {
    const name = item.RangeVar.relname;
    return (name !== undefined && item.RangeVar.schemaname === undefined ? ctes.get(name) : undefined) ?? 'all';
  }
  if ('JoinExpr' in item) {
    const { larg, rarg } = item.JoinExpr;
    const sides = [larg, rarg].map((side) => (side ? boundOfSource(side, ctes) : 'all'));
    return sides.includes('all') ? 'all' : 'limited';
  }
  return 'all';
}

/** The bound that LIMIT or FETCH FIRST sets; undefined for none, `LIMIT ALL` and `LIMIT NULL`. */
function limitOf(select: SelectStmt): Bound | undefined {
  const count = select.limitCount;
  if (!count) return undefined;
  if ('A_Const' in count) {
    if (count.A_Const.isnull) return undefined;
    if (count.A_Const.ival?.ival === 1 && select.limitOption !== 'LIMIT_OPTION_WITH_TIES') return 'one';
  }
  return 'limited';
}

/** PostgreSQL's built-in aggregates (pg_proc.prokind = 'a'), version 18. */
const AGGREGATES = new Set(
  ('any_value array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count covar_pop covar_samp every json_agg json_agg_strict '
    + 'json_object_agg json_object_agg_strict json_object_agg_unique jsonb_agg jsonb_agg_strict jsonb_object_agg jsonb_object_agg_strict '
    + 'jsonb_object_agg_unique max min mode percentile_cont percentile_disc range_agg range_intersect_agg regr_avgx regr_avgy regr_count '
    + 'regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy stddev stddev_pop stddev_samp string_agg sum var_pop var_samp variance xmlagg').split(' '),
);

/** Built-in functions that give a row per element or match. */
const SET_RETURNING = new Set(
  ('generate_series generate_subscripts unnest json_array_elements json_array_elements_text jsonb_array_elements jsonb_array_elements_text json_each '
    + 'json_each_text jsonb_each jsonb_each_text json_object_keys jsonb_object_keys json_to_recordset jsonb_to_recordset json_populate_recordset '
    + 'jsonb_populate_recordset jsonb_path_query regexp_matches regexp_split_to_table string_to_table').split(' '),
);

function isAggregate(call: FuncCall): boolean {
  if (call.over) return false;
  return Boolean(call.agg_star || call.agg_filter || call.agg_order || call.agg_within_group || call.agg_distinct) || AGGREGATES.has(functionName(call));
}

