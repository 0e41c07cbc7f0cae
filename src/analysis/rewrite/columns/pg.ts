import type { Node as SqlNode } from '@pgsql/types';
import { describeSql } from '../../syntax/sql';
import { methodOf, type Code, type Node } from '../code';
import type { Edit } from '../edits';
import { refuse } from '../refusal';
import { sqlTextOf } from '../sql-text';

/** `pool.query('SELECT * FROM …')` with names in the place of the star. */
export function pgColumns(code: Code, query: Node, used: readonly string[]): Edit[] {
  if (query.type !== 'CallExpression' || methodOf(query) !== 'query') return refuse('the query is not spelled as one call of `query`.');
  const sql = sqlTextOf(code, query.arguments[0]);
  const { node } = sql.statement;
  if (!('SelectStmt' in node)) return refuse('the SQL is not a plain SELECT.');
  const select = node.SelectStmt;
  const only = select.fromClause?.length === 1 ? select.fromClause[0] : undefined;
  if (!(only && 'RangeVar' in only) || (select.op && select.op !== 'SETOP_NONE')) refuse('the SQL reads more than one table.');
  if (select.groupClause?.length || select.distinctClause?.length) refuse('the SQL groups the rows of the table.');
  if (select.sortClause?.some((sort) => 'SortBy' in sort && sort.SortBy.node && 'A_Const' in sort.SortBy.node)) refuse('the SQL orders the rows by the number of a column.');
  const star = select.targetList?.length === 1 ? starOf(select.targetList[0]!) : undefined;
  if (star === undefined || sql.text[star] !== '*') return refuse('the SQL selects more than a plain star.');
  const names = used.map(identifier).join(', ');
  if (names.includes('"') && code.text[sql.node.range[0]] === '"') refuse('the SQL would need quotes inside of a text in quotes.');
  return [sql.edit(star, star + 1, names)];
}

function starOf(target: SqlNode): number | undefined {
  const value = 'ResTarget' in target ? target.ResTarget.val : undefined;
  const isPlain = value && 'ColumnRef' in value && value.ColumnRef.fields?.length === 1 && 'A_Star' in value.ColumnRef.fields[0]!;
  return isPlain ? value.ColumnRef.location : undefined;
}

/** A column's name, quoted unless PostgreSQL reads it as a column as it is: `user` and `current_date` are something else. */
function identifier(name: string): string {
  const statements = /^[a-z_][a-z0-9_]*$/.test(name) ? describeSql(`SELECT ${name} FROM t`) : [];
  const node = Array.isArray(statements) ? statements[0]?.node : undefined;
  const target = node && 'SelectStmt' in node ? node.SelectStmt.targetList?.[0] : undefined;
  const value = target && 'ResTarget' in target ? target.ResTarget.val : undefined;
  if (value && 'ColumnRef' in value) return name;
  return name.includes('"') ? refuse('a column has a quote in its name.') : `"${name}"`;
}
