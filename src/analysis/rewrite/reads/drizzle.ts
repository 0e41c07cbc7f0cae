import type { TSESTree } from '@typescript-eslint/typescript-estree';
import { bare, methodOf, propertyName, type Code, type Node } from '../code';
import { replace, type Edit } from '../edits';
import { dependsOnTurn } from '../key';
import type { Loop } from '../loop';
import { refuse } from '../refusal';
import { importedFrom, importing } from '../imports';
import type { KeyedQuery } from './keyed-query';
import { propertiesOf } from './prisma';
import { byName } from '../../names';

const PACKAGE = /^drizzle-orm(\/|$)/;

const REFUSED_STEPS: Record<string, string> = byName({
  groupBy: 'the query groups the rows of each element.',
  having: 'the query groups the rows of each element.',
  offset: 'the query skips rows of each element, and one query cannot skip them per key.',
  for: 'the query locks its rows in the order of the loop.',
  union: 'the query joins several results.',
  unionAll: 'the query joins several results.',
  selectDistinct: 'the query drops repeated rows of each element by itself.',
  selectDistinctOn: 'the query drops repeated rows of each element by itself.',
  $dynamic: 'the query is built in several places.',
  $withCache: 'the query is cached for each element.',
  then: 'something is called on the promise of the query before it is awaited.',
  catch: 'the error of each element is handled by itself, and one query fails as a whole.',
  execute: 'the query is raw SQL or a prepared statement.',
  prepare: 'the query runs as a prepared statement.',
});

/** Takes `db.select().from(t).where(eq(t.key, x))` or `db.query.t.findFirst({ where: eq(t.key, x) })` apart. */
export function drizzleRead(code: Code, loop: Loop, query: Node): KeyedQuery {
  return /^find(First|Many)$/.test(methodOf(query) ?? '') ? relational(code, loop, query as TSESTree.CallExpression) : builder(code, loop, query);
}

function builder(code: Code, loop: Loop, query: Node): KeyedQuery {
  const steps = new Map<string, TSESTree.CallExpression>();
  for (let step = bare(query); step.type === 'CallExpression' && step.callee.type === 'MemberExpression'; step = bare(step.callee.object)) {
    const name = propertyName(step.callee) ?? '';
    if (REFUSED_STEPS[name]) refuse(REFUSED_STEPS[name]);
    if (steps.has(name)) refuse('the query is joined with other tables, so one key does not tell its rows apart.');
    if (/Join$/.test(name)) refuse('the query is joined with other tables, so one key does not tell its rows apart.');
    if (!/^(select|from|where|orderBy|limit)$/.test(name)) refuse(`\`${name}\` has no form for many keys.`);
    steps.set(name, step);
  }
  const table = steps.get('from')?.arguments[0];
  const where = steps.get('where')?.arguments[0];
  if (!table || !steps.has('select')) return refuse('the query is not spelled as one chain from `select`.');
  if (!where) return refuse('the query is the same for every element: run it once before the loop.');
  const comparison = comparisonIn(code, loop, where);
  if (code.textOf(comparison.column.object) !== code.textOf(table)) refuse('the key is a column of another table.');
  const field = propertyName(comparison.column)!;
  const unique = isUnique(code, table, field);

  const limit = steps.get('limit');
  if (limit) {
    if (code.textOf(limit.arguments[0]!) !== '1' || !unique) refuse(unique ? 'the query limits the rows of each element, and one query cannot limit them per key.' : `the query takes one row of each element, and \`${field}\` is not known to be unique.`);
  }
  const selected = steps.get('select')!.arguments[0];
  const column = selected ? selectedAs(code, selected, comparison.column) : field;

  return {
    key: comparison.key,
    varying: [comparison.call],
    isDescription: (call) => [...steps.values()].includes(call as TSESTree.CallExpression) || isOperator(code, call),
    column: column ?? field,
    unique,
    result: 'rows',
    missing: 'undefined',
    columnAdded: column === undefined,
    asText: false,
    untypedRows: false,
    limit: 'PostgreSQL takes at most 65,535 parameters in one query.',
    noun: nounOf(code, table),
    widened: (keys) => {
      const edits = comparison.widened(keys);
      if (limit?.callee.type === 'MemberExpression') edits.push({ start: endBefore(code, limit.callee), end: limit.range[1], text: '' });
      if (column === undefined && selected?.type === 'ObjectExpression') {
        const at = selected.properties[0]?.range[0] ?? selected.range[0] + 1;
        edits.push({ start: at, end: at, text: `${field}: ${code.textOf(comparison.column)}, ` });
      }
      return edits;
    },
    imports: comparison.imports,
  };
}

function relational(code: Code, loop: Loop, query: TSESTree.CallExpression): KeyedQuery {
  const delegate = query.callee.type === 'MemberExpression' ? bare(query.callee.object) : query;
  const name = delegate.type === 'MemberExpression' ? propertyName(delegate) : undefined;
  const many = methodOf(query) === 'findMany';
  const options = query.arguments[0];
  if (!name || options?.type !== 'ObjectExpression') return refuse('the options of the query are not spelled here.');
  const given = propertiesOf(options);
  for (const limit of ['limit', 'offset']) if (given.has(limit)) refuse('the query limits the rows of each element, and one query cannot limit them per key.');
  if (given.has('orderBy') && !many) refuse('the query takes the first row of an order for each element.');
  const where = given.get('where')?.value as Node | undefined;
  if (!where) return refuse('the query is the same for every element: run it once before the loop.');
  const condition = where.type === 'ArrowFunctionExpression' ? where.body : where;
  const comparison = comparisonIn(code, loop, condition, where.type === 'ArrowFunctionExpression' ? where : undefined);
  const field = propertyName(comparison.column)!;
  const unique = isUnique(code, comparison.column.object, field);
  if (!many && !unique) refuse(`\`${field}\` is not known to be unique, so which of its rows comes first is open.`);
  const columns = given.get('columns')?.value;
  if (columns && columns.type !== 'ObjectExpression') refuse('the selected columns are not spelled here.');
  const listed = columns?.type === 'ObjectExpression' ? propertiesOf(columns) : undefined;
  if (listed && code.textOf(listed.get(field)?.value ?? code.tree) === 'false') refuse(`the query leaves \`${field}\` out, which the rows are found by.`);
  const columnAdded = listed !== undefined && !listed.has(field) && [...listed.values()].some((property) => code.textOf(property.value) === 'true');
  return {
    key: comparison.key,
    varying: [comparison.call, ...(where.type === 'ArrowFunctionExpression' ? where.params : [])],
    isDescription: (call) => call === query || isOperator(code, call),
    column: field,
    unique,
    result: many ? 'rows' : 'row',
    missing: 'undefined',
    columnAdded,
    asText: false,
    untypedRows: false,
    limit: 'PostgreSQL takes at most 65,535 parameters in one query.',
    noun: name,
    widened: (keys) => {
      const edits = comparison.widened(keys);
      if (!many) edits.push(replace((query.callee as TSESTree.MemberExpression).property, 'findMany'));
      if (columnAdded && columns?.type === 'ObjectExpression') {
        const at = columns.properties[0]!.range[0];
        edits.push({ start: at, end: at, text: `${field}: true, ` });
      }
      return edits;
    },
    imports: comparison.imports,
  };
}

interface Comparison {
  call: TSESTree.CallExpression;
  column: TSESTree.MemberExpression;
  key: Node;
  widened(keys: string): Edit[];
  imports(): Edit[];
}

/** The one `eq(t.column, key)` of a condition that depends on the element: alone, or joined to others by `and`. */
function comparisonIn(code: Code, loop: Loop, condition: Node, callback?: TSESTree.ArrowFunctionExpression): Comparison {
  const parts = condition.type === 'CallExpression' && operatorName(code, condition, callback) === 'and' ? condition.arguments : [condition];
  const depends = (part: Node): boolean => dependsOnTurn(code, loop, part, callback);
  const varying = parts.filter(depends);
  if (varying.length === 0) refuse('the query is the same for every element: run it once before the loop.');
  if (varying.length > 1) refuse('the query is filtered by more than one value of the element.');
  const call = varying[0]!;
  if (call.type !== 'CallExpression' || operatorName(code, call, callback) !== 'eq') return refuse('the filter is more than the equality of one column.');
  const [column, key] = call.arguments;
  if (column?.type !== 'MemberExpression' || !key || depends(column)) return refuse('the filter is more than the equality of one column.');
  const operators = callback?.params[1];
  const shorthand =
    operators?.type === 'ObjectPattern'
      ? operators.properties.find((property): property is TSESTree.Property => property.type === 'Property' && propertyName(property) === 'eq')
      : undefined;
  const local = callback ? 'inArray' : importedAs(code, 'inArray');
  return {
    call,
    column,
    key,
    widened: (keys) => {
      const edits = [replace(key, keys)];
      if (call.callee.type === 'MemberExpression') edits.push(replace(call.callee.property, 'inArray'));
      else edits.push(replace(call.callee, local));
      if (shorthand) edits.push(eqUsedElsewhere(code, callback!, call) ? { start: shorthand.range[1], end: shorthand.range[1], text: ', inArray' } : replace(shorthand, 'inArray'));
      return edits;
    },
    imports: () => (callback ? [] : importing(code, 'inArray', PACKAGE)),
  };
}

function eqUsedElsewhere(code: Code, callback: Node, except: TSESTree.CallExpression): boolean {
  let used = false;
  code.walk(callback, (node) => {
    if (node.type === 'CallExpression' && node !== except && code.textOf(node.callee) === 'eq') used = true;
  });
  return used;
}

/** Exported name of the drizzle-orm operator that a call calls. */
function operatorName(code: Code, call: TSESTree.CallExpression, callback?: TSESTree.ArrowFunctionExpression): string | undefined {
  if (callback && call.callee.type === 'MemberExpression' && code.textOf(call.callee.object) === code.textOf(callback.params[1] ?? call)) return propertyName(call.callee);
  if (call.callee.type !== 'Identifier') return undefined;
  const pattern = callback?.params[1];
  if (pattern?.type === 'ObjectPattern' && pattern.properties.some((property) => code.textOf(property) === code.textOf(call.callee))) return call.callee.name;
  return importedFrom(code, call.callee, PACKAGE);
}

function isOperator(code: Code, call: Node): boolean {
  if (call.type !== 'CallExpression') return false;
  const name = operatorName(code, call);
  if (name !== undefined && /^(count|countDistinct|sum|sumDistinct|avg|avgDistinct|min|max)$/.test(name)) refuse(`\`${name}\` computes one value per element, which takes a \`groupBy\` instead.`);
  return name !== undefined;
}

function importedAs(code: Code, name: string): string {
  for (const statement of code.tree.body) {
    if (statement.type !== 'ImportDeclaration' || !PACKAGE.test(statement.source.value)) continue;
    for (const specifier of statement.specifiers) {
      if (specifier.type === 'ImportSpecifier' && code.textOf(specifier.imported) === name) return specifier.local.name;
    }
  }
  return name;
}

/** Name under which the selected fields hold a column; undefined when they do not. */
function selectedAs(code: Code, selected: Node, column: Node): string | undefined {
  if (selected.type !== 'ObjectExpression') return refuse('the selected fields are not spelled here.');
  for (const [name, property] of propertiesOf(selected)) {
    if (property.value.type === 'CallExpression') isOperator(code, property.value);
    if (property.value.type === 'TaggedTemplateExpression' || /^sql\b/.test(code.textOf(property.value))) refuse(`\`${name}\` is computed by SQL that may be an aggregate.`);
    if (code.textOf(property.value) === code.textOf(column)) return name;
  }
  return undefined;
}

/** `id` by convention, or what a table that is defined in the file says. */
function isUnique(code: Code, table: Node, field: string): boolean {
  const definition = table.type === 'Identifier' ? (code.variableOf(table)?.defs[0]?.node as Node | undefined) : undefined;
  const columns = definition?.type === 'VariableDeclarator' && definition.init?.type === 'CallExpression' ? definition.init.arguments[1] : undefined;
  if (columns?.type !== 'ObjectExpression') return field === 'id';
  const column = columns.properties.find((property) => property.type === 'Property' && propertyName(property) === field);
  return column !== undefined && /\.(primaryKey|unique)\(/.test(code.textOf(column));
}

function nounOf(code: Code, table: Node): string {
  return table.type === 'MemberExpression' ? (propertyName(table) ?? 'row') : code.textOf(table).replace(/Table$/, '') || 'row';
}

/** End of the object before `.limit`, so that the line of the step goes with it. */
function endBefore(code: Code, callee: TSESTree.MemberExpression): number {
  const dot = code.text.lastIndexOf('.', callee.property.range[0]);
  return /\s*$/.exec(code.text.slice(0, dot))!.index;
}
