import type { TSESTree } from '@typescript-eslint/typescript-estree';
import { addedTo } from '../bounds/properties';
import { bare, methodOf, propertyName, type Code, type Node } from '../code';
import type { Edit } from '../edits';
import type { FileStyle } from '../file-style';
import { propertiesOf } from '../reads/prisma';
import { refuse } from '../refusal';
import { keyText } from './key-text';

/** `db.select().from(t)` with the columns in `select`, or `db.query.t.findMany()` with `columns`. */
export function drizzleColumns(code: Code, query: Node, used: readonly string[], style: FileStyle): Edit[] {
  if (query.type !== 'CallExpression') return refuse('the query is not spelled as one chain.');
  return methodOf(query) === 'findMany' ? relational(code, query, used, style) : builder(code, query, used, style);
}

function builder(code: Code, query: TSESTree.CallExpression, used: readonly string[], style: FileStyle): Edit[] {
  const steps = new Map<string, TSESTree.CallExpression>();
  for (let step = bare(query); step.type === 'CallExpression' && step.callee.type === 'MemberExpression'; step = bare(step.callee.object)) {
    const name = propertyName(step.callee) ?? '';
    if (!/^(select|from|where|orderBy|limit|offset)$/.test(name)) refuse(`\`${name}\` makes other rows than those of the table.`);
    steps.set(name, step);
  }
  const table = steps.get('from')?.arguments[0];
  const select = steps.get('select');
  if (!table || !select || select.arguments.length > 0) return refuse('the query is not spelled as one chain from `select`.');
  if (table.type !== 'Identifier' && table.type !== 'MemberExpression') refuse('the table of the query has no name here.');
  const columns = used.map((name) => {
    const key = keyText(name, style);
    return `${key}: ${code.textOf(table)}${key === name ? `.${name}` : `[${key}]`}`;
  });
  const end = select.range[1] - 1;
  return [{ start: end, end, text: `{ ${columns.join(', ')} }` }];
}

function relational(code: Code, query: TSESTree.CallExpression, used: readonly string[], style: FileStyle): Edit[] {
  const given = query.arguments[0];
  if (given && given.type !== 'ObjectExpression') return refuse('the options of the query are not spelled here.');
  const options = given ? propertiesOf(given) : new Map<string, unknown>();
  for (const name of ['with', 'extras']) if (options.has(name)) refuse(`the query brings more than the columns of the table, by \`${name}\`.`);
  const columns = `columns: { ${used.map((name) => `${keyText(name, style)}: true`).join(', ')} }`;
  const end = query.range[1] - 1;
  return [given ? addedTo(code, given, [columns], style) : { start: end, end, text: `{ ${columns} }` }];
}
