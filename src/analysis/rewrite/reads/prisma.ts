import type { TSESTree } from '@typescript-eslint/typescript-estree';
import { bare, methodOf, propertyName, type Code, type Node } from '../code';
import { replace, type Edit } from '../edits';
import { dependsOnTurn } from '../key';
import type { Loop } from '../loop';
import { refuse } from '../refusal';
import type { KeyedQuery } from './keyed-query';
import { byName } from '../../names';

const REFUSED_ARGUMENTS: Record<string, string> = byName({
  take: 'the query limits the rows of each element, and one query cannot limit them per key.',
  skip: 'the query skips rows of each element, and one query cannot skip them per key.',
  cursor: 'the query pages through the rows of each element.',
  distinct: 'the query drops repeated rows of each element by itself.',
});

/** Takes `prisma.model.findUnique({ where: { key } })` and its like apart. */
export function prismaRead(code: Code, loop: Loop, query: Node): KeyedQuery {
  const method = methodOf(query) ?? '';
  if (query.type !== 'CallExpression' || query.callee.type !== 'MemberExpression') return refuse('the query is not spelled as one call.');
  if (method.endsWith('OrThrow')) refuse('a missing row ends the loop in the middle, and one query would fail before it.');
  if (/^(count|aggregate|groupBy)$/.test(method)) refuse(`\`${method}\` computes one value per element, which takes a \`groupBy\` instead.`);
  if (!/^find(Unique|First|Many)$/.test(method)) refuse(`\`${method}\` has no form for many keys.`);
  const delegate = bare(query.callee.object);
  const model = delegate.type === 'MemberExpression' ? propertyName(delegate) : undefined;
  if (!model) return refuse('the model of the query is not spelled here.');
  const options = query.arguments[0];
  if (options?.type !== 'ObjectExpression') return refuse('the options of the query are not spelled here.');
  const given = propertiesOf(options);
  for (const [name, why] of Object.entries(REFUSED_ARGUMENTS)) if (given.has(name)) refuse(why);
  if (given.has('orderBy') && method !== 'findMany') refuse('the query takes the first row of an order for each element.');

  const where = given.get('where')?.value;
  if (where?.type !== 'ObjectExpression') return refuse('the filter of the query is not spelled here.');
  const conditions = propertiesOf(where);
  const varying = [...conditions].filter(([, property]) => dependsOnTurn(code, loop, property.value));
  if (varying.length === 0) refuse('the query is the same for every element: run it once before the loop.');
  if (varying.length > 1) refuse('the query is filtered by more than one value of the element.');
  const [column, property] = varying[0]!;
  if (/^(AND|OR|NOT)$/.test(column)) refuse('the filter is more than the equality of one column.');
  const key = comparedTo(property.value as Node);
  if (method === 'findFirst' && column !== 'id') refuse(`\`${column}\` is not known to be unique, so which of its rows comes first is open.`);

  const selected = given.get('select')?.value;
  const omitted = given.get('omit')?.value;
  if (omitted?.type === 'ObjectExpression' && propertiesOf(omitted).has(column)) refuse(`the query leaves \`${column}\` out, which the rows are found by.`);
  if (selected && selected.type !== 'ObjectExpression') refuse('the selected fields are not spelled here.');
  const columnAdded = selected?.type === 'ObjectExpression' && !propertiesOf(selected).has(column);

  return {
    key,
    varying: [property],
    isDescription: (call) => call === query,
    column,
    unique: method !== 'findMany' || column === 'id',
    result: method === 'findMany' ? 'rows' : 'row',
    missing: 'null',
    nullFindsNull: method !== 'findUnique' && column !== 'id',
    columnAdded,
    asText: false,
    untypedRows: false,
    // Prisma cuts long lists by itself, but not where the rows have an order (P2029).
    ...(given.has('orderBy') && { limit: 'Prisma takes at most 32,767 parameters in one ordered query.' }),
    noun: model,
    widened: (keys) => {
      const edits: Edit[] = [];
      if (method !== 'findMany') edits.push(replace((query.callee as TSESTree.MemberExpression).property, 'findMany'));
      edits.push(property.shorthand ? replace(property, `${column}: { in: ${keys} }`) : replace(property.value, `{ in: ${keys} }`));
      if (columnAdded && selected?.type === 'ObjectExpression') {
        const at = selected.properties[0]?.range[0] ?? selected.range[0] + 1;
        edits.push({ start: at, end: at, text: `${column}: true${selected.properties.length > 0 ? ', ' : ''}` });
      }
      return edits;
    },
    imports: () => [],
  };
}

/** The value of `key: value` or `key: { equals: value }`. */
function comparedTo(value: Node): Node {
  const compared = bare(value);
  if (compared.type !== 'ObjectExpression') return value;
  const only = compared.properties.length === 1 ? compared.properties[0] : undefined;
  if (only?.type === 'Property' && propertyName(only) === 'equals') return only.value as Node;
  return refuse('the filter is more than the equality of one column.');
}

/** Properties of an object literal by name; refuses spreads and computed names, which hide what is there. */
export function propertiesOf(object: TSESTree.ObjectExpression): Map<string, TSESTree.Property> {
  const found = new Map<string, TSESTree.Property>();
  for (const property of object.properties) {
    const name = property.type === 'Property' ? propertyName(property) : undefined;
    if (property.type !== 'Property' || name === undefined) return refuse('a spread or a computed name hides a part of the query.');
    found.set(name, property);
  }
  return found;
}
