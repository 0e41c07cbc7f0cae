import type { TSESTree } from '@typescript-eslint/typescript-estree';
import { bare, propertyName, type Code, type Node } from '../code';
import { spliced } from '../edits';
import { refuse } from '../refusal';
import { chunked, rowsPerStatement, type SingleInsert } from './single-insert';

/** Takes `db.insert(table).values(row)` apart. */
export function drizzleInsert(code: Code, query: Node): SingleInsert {
  const steps = new Map<string, TSESTree.CallExpression>();
  for (let step = bare(query); step.type === 'CallExpression' && step.callee.type === 'MemberExpression'; step = bare(step.callee.object)) {
    const name = propertyName(step.callee) ?? '';
    if (name === 'returning') refuse('the insert returns its row, and the order in which one statement returns its rows is not promised.');
    if (name === 'onConflictDoUpdate') refuse('two elements with the same key would meet in one statement, which PostgreSQL refuses (SQLSTATE 21000).');
    if (name === 'catch') refuse('the error of each element is handled by itself, and one statement fails as a whole.');
    if (!/^(insert|values|onConflictDoNothing)$/.test(name)) refuse(`\`${name}\` has no form for many rows.`);
    steps.set(name, step);
  }
  const table = steps.get('insert')?.arguments[0];
  const row = steps.get('values')?.arguments[0];
  if (!table || !row) return refuse('the row is not spelled here.');
  if (bare(row).type === 'ArrayExpression') refuse('the insert already takes several rows.');
  const size = rowsPerStatement(widthOf(row));
  const noun = code.textOf(table).replace(/Table$/, '');
  return {
    row,
    noun: /^\w+$/.test(noun) ? noun : 'rows',
    rowsPerStatement: size,
    insertAll: (rows, style, fresh) =>
      chunked(
        rows,
        size,
        (chunk) => [`await ${spliced(code.text, { start: query.range[0], end: query.range[1] }, [{ start: row.range[0], end: row.range[1], text: chunk }])}${style.semicolon}`],
        style,
        fresh('i', 'start'),
      ),
  };
}

/** Number of columns of a row that is spelled out. */
export function widthOf(row: Node): number | undefined {
  const plain = bare(row);
  if (plain.type !== 'ObjectExpression' || plain.properties.some((property) => property.type !== 'Property')) return undefined;
  return plain.properties.length;
}
