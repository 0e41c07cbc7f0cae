import { methodOf, type Code, type Node } from '../code';
import { replace, type Edit } from '../edits';
import type { FileStyle } from '../file-style';
import { camel } from '../naming';
import { refuse } from '../refusal';
import { sqlTextOf } from '../sql-text';
import type { Page } from './page';

/** `pool.query('SELECT …')` with ORDER BY and LIMIT. */
export function pgPage(code: Code, query: Node, rows: number, style: FileStyle): Page {
  if (query.type !== 'CallExpression' || methodOf(query) !== 'query') return refuse('the query is not spelled as one call of `query`.');
  if (query.arguments.length > 2) refuse('the query has a callback.');
  const sql = sqlTextOf(code, query.arguments[0]);
  const { node } = sql.statement;
  if (!('SelectStmt' in node)) return refuse('the SQL is not a plain SELECT.');
  const select = node.SelectStmt;
  if (select.limitCount || select.limitOffset) refuse('the query already has a limit.');
  if (select.lockingClause?.length) refuse('the query locks its rows.');
  if (select.groupClause?.length || select.distinctClause?.length || (select.op && select.op !== 'SETOP_NONE')) refuse('the query groups or joins results, so its rows have no key of their own.');
  const only = select.fromClause?.length === 1 ? select.fromClause[0] : undefined;
  const ordered = (select.sortClause?.length ?? 0) > 0;
  if (!ordered && !(only && 'RangeVar' in only)) refuse('the query reads several tables without an order, so its rows have no key of their own.');

  const end = /\s*;?\s*$/.exec(sql.text)!.index;
  const line = sql.text.includes('\n') ? `\n${/\n([ \t]*)\S[^\n]*$/.exec(sql.text.slice(0, end))?.[1] ?? ''}` : ' ';
  const lower = /^\s*select/.test(sql.text);
  const word = (text: string): string => (lower ? text.toLowerCase() : text);
  const tail = `${ordered ? '' : `${line}${word('ORDER BY')} id`}${line}${word('LIMIT')} ${rows}`;
  const values = query.arguments[1];
  return {
    noun: camel(sql.statement.tables[0]?.split('.').at(-1) ?? 'rows'),
    limited: [sql.edit(end, end, tail)],
    after: (after) => {
      const where = select.whereClause;
      if (ordered || (where && 'BoolExpr' in where && where.BoolExpr.boolop === 'OR_EXPR') || /`|\$\{/.test(sql.text)) return undefined;
      if (values && values.type !== 'ArrayExpression') return undefined;
      const number = (values?.type === 'ArrayExpression' ? values.elements.length : 0) + 1;
      const { quote } = style;
      const condition = `\${${after} === undefined ? ${quote}${quote} : ${quote} ${word(where ? 'AND' : 'WHERE')} id > $${number}${quote}}`;
      const edits: Edit[] = [replace(sql.node, `\`${sql.text.slice(0, end)}${condition}${tail}${sql.text.slice(end)}\``)];
      const given = `...(${after} === undefined ? [] : [${after}])`;
      if (values?.type === 'ArrayExpression') {
        const last = values.elements.at(-1);
        edits.push(last ? { start: last.range[1], end: last.range[1], text: `, ${given}` } : replace(values, `${after} === undefined ? [] : [${after}]`));
      } else {
        const behind = query.arguments[0]!.range[1];
        edits.push({ start: behind, end: behind, text: `, ${after} === undefined ? [] : [${after}]` });
      }
      return { edits, type: 'number | string' };
    },
  };
}
