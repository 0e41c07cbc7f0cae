import { bare, methodOf, propertyName, type Code, type Node } from '../code';
import { propertiesOf } from '../reads/prisma';
import { refuse } from '../refusal';
import type { SingleInsert } from './single-insert';

/** Keys of Prisma's nested writes: rows of other tables, which `createMany` cannot write. */
const NESTED = new Set(['create', 'createMany', 'connect', 'connectOrCreate']);

/** Takes `prisma.model.create({ data })` apart. Prisma itself cuts `createMany` into statements below the limit of parameters. */
export function prismaInsert(code: Code, query: Node): SingleInsert {
  const method = methodOf(query);
  if (query.type !== 'CallExpression' || query.callee.type !== 'MemberExpression') return refuse('the insert is not spelled as one call.');
  if (method === 'upsert') refuse('`upsert` reads before it writes, and has no form for many rows.');
  if (method !== 'create') refuse(`\`${method ?? 'the call'}\` has no form for many rows.`);
  const delegate = bare(query.callee.object);
  const model = delegate.type === 'MemberExpression' ? propertyName(delegate) : undefined;
  const options = query.arguments[0];
  if (!model || options?.type !== 'ObjectExpression') return refuse('the options of the insert are not spelled here.');
  const given = propertiesOf(options);
  for (const name of given.keys()) {
    if (name === 'include') refuse('the insert reads related rows back.');
    if (name !== 'data' && name !== 'select') refuse(`\`createMany\` does not take \`${name}\`.`);
  }
  const data = (given.get('data')?.value ?? refuse('the row is not spelled here.')) as Node;
  const row = bare(data);
  code.walk(row, (node, parent) => {
    if (node.type === 'Property' && parent !== row && NESTED.has(propertyName(node) ?? '')) {
      refuse(`\`${propertyName(node)!}\` inside the row writes related rows, which \`createMany\` cannot.`);
    }
  });
  const target = code.textOf(query.callee.object);
  return {
    row: data,
    noun: model,
    insertAll: (rows, style) =>
      /^\w+$/.test(rows)
        ? [`await ${target}.createMany({ data: ${rows} });`]
        : [`await ${target}.createMany({`, `${style.indent}data: ${rows.split('\n').join(`\n${style.indent}`)},`, '});'],
  };
}
