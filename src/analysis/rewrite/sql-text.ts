import type { Node as SqlNode } from '@pgsql/types';
import { describeSql, type SqlStatement } from '../syntax/sql';
import { bare, type Code, type Node } from './code';
import type { Edit } from './edits';
import { refuse } from './refusal';

/** The SQL of a `query(text, values)` call, with the way back from offsets of the SQL to offsets of the file. */
export interface SqlText {
  text: string;
  statement: SqlStatement;
  /** The literal or template in the file. */
  node: Node;
  /** An edit of the file for a replacement in the SQL. */
  edit(start: number, end: number, text: string): Edit;
}

/** Reads the SQL text of a call, or refuses one that is not one plain statement which stands there. */
export function sqlTextOf(code: Code, argument: Node | undefined): SqlText {
  const node = argument && bare(argument);
  if (node?.type === 'TemplateLiteral' && node.quasis.length > 1) refuse('the SQL is put together from parts.');
  if (!(node?.type === 'TemplateLiteral' || (node?.type === 'Literal' && typeof node.value === 'string'))) return refuse('the SQL is not spelled in the call.');
  const text = code.text.slice(node.range[0] + 1, node.range[1] - 1);
  if (text.includes('\\')) refuse('the SQL holds escapes.');
  const statements = describeSql(text);
  if (!Array.isArray(statements) || statements.length !== 1) return refuse('the SQL is not one statement that PostgreSQL’s parser accepts.');
  const base = node.range[0] + 1;
  return { text, statement: statements[0]!, node, edit: (start, end, replacement) => ({ start: base + start, end: base + end, text: replacement }) };
}

/** The values of a call, one per parameter; refuses values that are not listed there. */
export function valuesOf(argument: Node | undefined): Node[] {
  const list = argument && bare(argument);
  if (list?.type !== 'ArrayExpression') return refuse('the values of the query are not listed in the call.');
  return list.elements.map((element) => (!element || element.type === 'SpreadElement' ? refuse('a spread hides the values of the query.') : element));
}

/** `$n` of a node that is a parameter, with the cast that stands on it. */
export function parameterOf(node: SqlNode | undefined): { number: number; location: number; cast: boolean } | undefined {
  if (!node) return undefined;
  if ('ParamRef' in node) return { number: node.ParamRef.number ?? 0, location: node.ParamRef.location ?? 0, cast: false };
  if ('TypeCast' in node) {
    const inner = parameterOf(node.TypeCast.arg);
    return inner && { ...inner, cast: true };
  }
  return undefined;
}

/** Spelling of a cast behind a parameter: `::int`, `::varchar(20)`; undefined when it is spelled otherwise. */
export function castAfter(text: string, location: number): { name: string; end: number } | undefined {
  const found = /^\$\d+\s*::\s*("[^"]+"|[a-z_][a-z0-9_.]*(?:\s*\(\s*\d+(?:\s*,\s*\d+)?\s*\))?)(?!\s*\[)/i.exec(text.slice(location));
  return found ? { name: found[1]!, end: location + found[0].length } : undefined;
}
