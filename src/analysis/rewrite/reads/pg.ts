import type { Node as SqlNode, SelectStmt } from '@pgsql/types';
import { functionName, visit } from '../../syntax/sql-tree';
import { methodOf, type Code, type Node } from '../code';
import { replace, type Edit } from '../edits';
import { dependsOnTurn } from '../key';
import type { Loop } from '../loop';
import { camel } from '../naming';
import { refuse } from '../refusal';
import { castAfter, parameterOf, sqlTextOf, valuesOf, type SqlText } from '../sql-text';
import type { KeyedQuery } from './keyed-query';

/** Functions of PostgreSQL that compute one value from one row and always the same. */
const ROW_FUNCTIONS = new Set(
  ('lower upper trim btrim ltrim rtrim length char_length substring left right replace concat concat_ws split_part to_char to_number date_trunc date_part extract abs ceil floor ' +
    'round coalesce nullif greatest least jsonb_build_object json_build_object to_json to_jsonb row_to_json array_length cardinality format').split(' '),
);

/** Takes `pool.query('SELECT … WHERE key = $1', [x])` apart. */
export function pgRead(code: Code, loop: Loop, query: Node): KeyedQuery {
  if (query.type !== 'CallExpression' || methodOf(query) !== 'query') return refuse('the query is not spelled as one call of `query`.');
  if (query.arguments.length > 2) refuse('the query has a callback.');
  const sql = sqlTextOf(code, query.arguments[0]);
  if (!('SelectStmt' in sql.statement.node)) return refuse('the SQL is not a plain SELECT.');
  const select = sql.statement.node.SelectStmt;
  demandPlain(select);
  const values = query.arguments[1] ? valuesOf(query.arguments[1]) : [];
  const varying = values.flatMap((value, i) => (dependsOnTurn(code, loop, value) ? [i + 1] : []));
  if (varying.length === 0) refuse('the query is the same for every element: run it once before the loop.');
  if (varying.length > 1) refuse('the query is filtered by more than one value of the element.');
  const parameter = varying[0]!;
  const value = values[parameter - 1]!;
  const { column, qualifier, widen } = comparisonWith(sql, select, parameter);
  const output = outputName(select, column, qualifier);
  const unique = column === 'id' && (select.fromClause?.length ?? 0) === 1 && 'RangeVar' in select.fromClause![0]!;

  if (select.limitCount) {
    if (limitOf(select.limitCount) !== 1) refuse('the query limits the rows of each element, and one query cannot limit them per key.');
    if (!unique) refuse(`the query takes one row of each element, and \`${column}\` is not known to be unique.`);
  }
  return {
    key: value,
    varying: [value],
    isDescription: (call) => call === query,
    column: output ?? column,
    unique,
    result: 'holder',
    missing: 'undefined',
    columnAdded: output === undefined,
    asText: true,
    untypedRows: query.typeArguments === undefined,
    noun: camel(sql.statement.tables[0]?.split('.').at(-1) ?? 'row'),
    widened: (keys) => {
      const edits: Edit[] = [widen(), replace(value, keys)];
      if (select.limitCount) edits.push(withoutLimit(sql));
      // The type of the rows says nothing of a column that is only now selected.
      const type = query.typeArguments?.params[0];
      if (type && output === undefined) edits.push(replace(type, `${code.textOf(type)} & { ${column}: unknown }`));
      if (output === undefined) {
        const at = /^\s*select\s+(all\s+)?/i.exec(sql.text)?.[0].length ?? refuse('the SQL does not begin with SELECT.');
        edits.push(sql.edit(at, at, `${qualifier ? `${qualifier}.` : ''}${column}, `));
      }
      return edits;
    },
    imports: () => [],
  };
}

function demandPlain(select: SelectStmt): void {
  if (select.op && select.op !== 'SETOP_NONE') refuse('the query joins several results.');
  if (select.withClause) refuse('the query has a WITH clause.');
  if (select.lockingClause?.length) refuse('the query locks its rows in the order of the loop.');
  if (select.groupClause?.length || select.havingClause) refuse('the query groups the rows of each element.');
  if (select.distinctClause?.length) refuse('the query drops repeated rows of each element by itself.');
  if (select.limitOffset) refuse('the query skips rows of each element, and one query cannot skip them per key.');
  if (!select.fromClause?.length) refuse('the query reads no table.');
  visit(select.targetList, (kind, node) => {
    if (kind !== 'FuncCall') return true;
    const call = node as Parameters<typeof functionName>[0];
    if (call.over) refuse('the query numbers or ranks the rows of each element.');
    if (!ROW_FUNCTIONS.has(functionName(call))) refuse(`\`${functionName(call)}\` computes one value per element, or something that differs from call to call.`);
    return true;
  });
}

/** The condition `column = $n`, alone or joined by AND, in which the parameter stands and nowhere else. */
function comparisonWith(sql: SqlText, select: SelectStmt, parameter: number): { column: string; qualifier: string | undefined; widen(): Edit } {
  let uses = 0;
  visit(sql.statement.node, (kind, node) => {
    if (kind === 'ParamRef' && (node as { number?: number }).number === parameter) uses += 1;
    return true;
  });
  if (uses !== 1) refuse(`the SQL uses \`$${parameter}\` in more than one place.`);
  for (const condition of conjuncts(select.whereClause)) {
    if (!('A_Expr' in condition)) continue;
    const { kind, name, lexpr, rexpr } = condition.A_Expr;
    const right = parameterOf(rexpr);
    const operator = name?.[0] && 'String' in name[0] ? name[0].String.sval : undefined;
    if (right?.number !== parameter || kind !== 'AEXPR_OP' || operator !== '=' || !lexpr || !('ColumnRef' in lexpr)) continue;
    const path = (lexpr.ColumnRef.fields ?? []).map((field) => ('String' in field ? (field.String.sval ?? '') : '*'));
    const cast = right.cast ? castAfter(sql.text, right.location) : undefined;
    if (right.cast && !cast) return refuse('the cast of the key is not spelled `$n::type`.');
    const end = cast?.end ?? right.location + `$${parameter}`.length;
    return {
      column: path.at(-1)!,
      qualifier: path.length > 1 ? path.at(-2) : undefined,
      widen: () => sql.edit(right.location, end, cast ? `ANY($${parameter}::${cast.name}[])` : `ANY($${parameter})`),
    };
  }
  return refuse('the filter is more than the equality of one column, `column = $n`.');
}

function conjuncts(where: SqlNode | undefined): SqlNode[] {
  if (!where) return [];
  if ('BoolExpr' in where && where.BoolExpr.boolop === 'AND_EXPR') return (where.BoolExpr.args ?? []).flatMap(conjuncts);
  return [where];
}

/** Name of the key column in the rows; undefined when it is not selected. */
function outputName(select: SelectStmt, column: string, qualifier: string | undefined): string | undefined {
  const single = select.fromClause?.length === 1 && 'RangeVar' in select.fromClause[0]!;
  for (const target of select.targetList ?? []) {
    if (!('ResTarget' in target) || !target.ResTarget.val || !('ColumnRef' in target.ResTarget.val)) continue;
    const fields = target.ResTarget.val.ColumnRef.fields ?? [];
    const path = fields.map((field) => ('String' in field ? (field.String.sval ?? '') : '*'));
    const from = path.length > 1 ? path.at(-2) : undefined;
    if (path.at(-1) === '*') {
      if (single) return column;
      if (from === undefined) return refuse('`SELECT *` of several tables may hold two columns of the same name.');
      if (from === qualifier && select.targetList!.length === 1) return column;
      continue;
    }
    if (path.at(-1) === column && (from === qualifier || single)) return target.ResTarget.name ?? column;
  }
  if (!single && qualifier === undefined) return refuse('the key column of a join is not among the selected columns.');
  return undefined;
}

function limitOf(limit: SqlNode): number | undefined {
  return 'A_Const' in limit ? limit.A_Const.ival?.ival : undefined;
}

function withoutLimit(sql: SqlText): Edit {
  const found = /\s+limit\s+1(?=\s*;?\s*$)/i.exec(sql.text) ?? refuse('the LIMIT does not end the SQL.');
  return sql.edit(found.index, found.index + found[0].length, '');
}
