import { methodOf, type Code, type Node } from '../code';
import { addedTo } from '../bounds/properties';
import type { Edit } from '../edits';
import type { FileStyle } from '../file-style';
import { propertiesOf } from '../reads/prisma';
import { refuse } from '../refusal';
import { keyText } from './key-text';

/** `prisma.model.findMany({ … })` with `select`. */
export function prismaColumns(code: Code, query: Node, used: readonly string[], style: FileStyle): Edit[] {
  if (query.type !== 'CallExpression' || methodOf(query) !== 'findMany') return refuse('only `findMany` reads a list.');
  const given = query.arguments[0];
  if (given && given.type !== 'ObjectExpression') return refuse('the options of the query are not spelled here.');
  const options = given ? propertiesOf(given) : new Map<string, unknown>();
  if (options.has('include')) refuse('the query includes rows of other tables, and `include` does not go with `select`.');
  if (options.has('distinct')) refuse('the query drops repeated rows.');
  const select = `select: { ${used.map((name) => `${keyText(name, style)}: true`).join(', ')} }`;
  const end = query.range[1] - 1;
  return [given ? addedTo(code, given, [select], style) : { start: end, end, text: `{ ${select} }` }];
}
