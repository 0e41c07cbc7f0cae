import type { A_Expr, Node } from '@pgsql/types';
import { takesParameter } from './sql-tree';

/**
 * Whether a WHERE clause or a condition of a join can leave out most rows. `WHERE true`, `1 = 1` and `x IS NOT NULL` cannot;
 * neither can conditions that only relate columns to each other, as joins do.
 */
export function narrows(where: Node | undefined, from: Node[] | undefined): boolean {
  return conditionsOf(where, from).some((condition) => !isIdle(condition));
}

/** Columns that the clause compares for equality with something that is no column. */
export function narrowingColumns(where: Node | undefined, from: Node[] | undefined): string[] {
  return [...new Set(conditionsOf(where, from).flatMap(equalityColumns))];
}

/** All conditions look for certain values (`=`, `IN`, `IS NULL`), none for a range, a pattern or one of several things. */
export function isExact(where: Node | undefined, from: Node[] | undefined): boolean {
  const conditions = conditionsOf(where, from).filter((condition) => !relatesColumns(condition));
  return conditions.some((condition) => equalityColumns(condition).length > 0) && conditions.every((condition) => equalityColumns(condition).length > 0 || ('NullTest' in condition && condition.NullTest.nulltesttype === 'IS_NULL'));
}

/** `a.id = b.a_id`, which a join is made of. */
function relatesColumns(condition: Node): boolean {
  if (!('A_Expr' in condition)) return false;
  const { lexpr, rexpr } = condition.A_Expr;
  return operator(condition.A_Expr) === '=' && lexpr !== undefined && rexpr !== undefined && columnNames(lexpr).length > 0 && columnNames(rexpr).length > 0;
}

/** Some condition looks for a pattern that a parameter gives: how many rows match is up to the user's input. */
export function searchesText(where: Node | undefined, from: Node[] | undefined): boolean {
  return conditionsOf(where, from).some((condition) => {
    if (!('A_Expr' in condition)) return 'BoolExpr' in condition && (condition.BoolExpr.args ?? []).some((arg) => searchesText(arg, undefined));
    const { kind, rexpr } = condition.A_Expr;
    return (kind === 'AEXPR_LIKE' || kind === 'AEXPR_ILIKE') && takesParameter(rexpr) && !/^!/.test(operator(condition.A_Expr));
  });
}

/** All conditions that must hold: the WHERE clause and the ON clauses of inner joins, split at AND. */
function conditionsOf(where: Node | undefined, from: Node[] | undefined): Node[] {
  const conditions: Node[] = [];
  const open: (Node | undefined)[] = [where, ...joinConditions(from)];
  for (let node = open.shift(); open.length > 0 || node; node = open.shift()) {
    if (!node) continue;
    if ('BoolExpr' in node && node.BoolExpr.boolop === 'AND_EXPR') open.unshift(...(node.BoolExpr.args ?? []));
    else conditions.push(node);
  }
  return conditions;
}

function joinConditions(from: Node[] | undefined): Node[] {
  const conditions: Node[] = [];
  const open = [...(from ?? [])];
  for (let item = open.shift(); item; item = open.shift()) {
    if (!('JoinExpr' in item)) continue;
    const { jointype, larg, rarg, quals } = item.JoinExpr;
    open.push(...[larg, rarg].filter((side) => side !== undefined));
    // An outer join keeps the rows for which its condition fails.
    if (jointype === 'JOIN_INNER' && quals && hasValue(quals)) conditions.push(quals);
  }
  return conditions;
}

/** A condition that leaves every row of an ordinary table in. */
function isIdle(condition: Node): boolean {
  if ('A_Const' in condition) return true;
  if ('NullTest' in condition) return condition.NullTest.nulltesttype === 'IS_NOT_NULL';
  if ('TypeCast' in condition) return condition.TypeCast.arg ? isIdle(condition.TypeCast.arg) : false;
  if ('BoolExpr' in condition) {
    const args = condition.BoolExpr.args ?? [];
    // One idle arm makes OR idle; NOT is not looked into.
    return condition.BoolExpr.boolop === 'OR_EXPR' && args.some((arg) => isAlwaysTrue(arg));
  }
  return isAlwaysTrue(condition);
}

function isAlwaysTrue(condition: Node): boolean {
  if ('A_Const' in condition) return condition.A_Const.boolval?.boolval === true;
  if (!('A_Expr' in condition)) return false;
  const { lexpr, rexpr } = condition.A_Expr;
  const [left, right] = [constant(lexpr), constant(rexpr)];
  return operator(condition.A_Expr) === '=' && left !== undefined && left === right;
}

function constant(node: Node | undefined): string | undefined {
  if (!node || !('A_Const' in node)) return undefined;
  const { location: _, ...value } = node.A_Const as Record<string, unknown>;
  return JSON.stringify(value);
}

function operator(expression: A_Expr): string {
  const name = expression.name?.at(-1);
  return name && 'String' in name ? (name.String.sval ?? '') : '';
}

function equalityColumns(condition: Node): string[] {
  if (!('A_Expr' in condition)) return [];
  const { kind, lexpr, rexpr } = condition.A_Expr;
  if (operator(condition.A_Expr) !== '=' || !lexpr || !rexpr) return [];
  if (kind !== 'AEXPR_OP' && kind !== 'AEXPR_OP_ANY' && kind !== 'AEXPR_IN') return [];
  const left = columnNames(lexpr);
  const right = columnNames(rexpr);
  if (left.length > 0 && right.length === 0) return left;
  return right.length > 0 && left.length === 0 && kind === 'AEXPR_OP' ? right : [];
}

/** Name of a column, or names of the columns of a row; casts and `lower(…)` are no plain columns. */
function columnNames(node: Node): string[] {
  if ('TypeCast' in node) return node.TypeCast.arg ? columnNames(node.TypeCast.arg) : [];
  if ('RowExpr' in node) return (node.RowExpr.args ?? []).flatMap(columnNames);
  if (!('ColumnRef' in node)) return [];
  const last = node.ColumnRef.fields?.at(-1);
  return last && 'String' in last && last.String.sval ? [last.String.sval] : [];
}

/** Mentions a parameter or a constant other than NULL, outside of subqueries. */
function hasValue(node: Node): boolean {
  const open: unknown[] = [node];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, child] of Object.entries(value)) {
      if (key === 'ParamRef' || (key === 'A_Const' && !(child as { isnull?: boolean }).isnull)) return true;
      open.push(child);
    }
  }
  return false;
}
