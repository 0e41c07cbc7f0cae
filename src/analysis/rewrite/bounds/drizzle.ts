import type { TSESTree } from '@typescript-eslint/typescript-estree';
import { bare, methodOf, propertyName, type Code, type Node } from '../code';
import { replace, type Edit } from '../edits';
import { indentationAt, type FileStyle } from '../file-style';
import { importing } from '../imports';
import { propertiesOf } from '../reads/prisma';
import { refuse } from '../refusal';
import type { Page } from './page';
import { addedTo } from './properties';

const PACKAGE = /^drizzle-orm(\/|$)/;

/** `db.select().from(t)` with `orderBy` and `limit`, or `db.query.t.findMany()` with its options. */
export function drizzlePage(code: Code, query: Node, rows: number, style: FileStyle): Page {
  if (query.type !== 'CallExpression') return refuse('the query is not spelled as one chain.');
  return methodOf(query) === 'findMany' ? relational(code, query, rows, style) : builder(code, query, rows, style);
}

function builder(code: Code, query: TSESTree.CallExpression, rows: number, style: FileStyle): Page {
  const steps = new Map<string, TSESTree.CallExpression>();
  for (let step = bare(query); step.type === 'CallExpression' && step.callee.type === 'MemberExpression'; step = bare(step.callee.object)) {
    const name = propertyName(step.callee) ?? '';
    if (/^(limit|offset)$/.test(name)) refuse(`the query already has \`${name}\`.`);
    if (!/^(select|selectDistinct|from|where|orderBy|innerJoin|leftJoin)$/.test(name)) refuse(`\`${name}\` makes other rows than those of the table.`);
    steps.set(name, step);
  }
  const from = steps.get('from');
  const table = from?.arguments[0];
  if (!from || !table || steps.has('selectDistinct')) return refuse('the query is not spelled as one chain from `select`.');
  const joined = steps.has('innerJoin') || steps.has('leftJoin');
  const name = code.textOf(table);
  const idColumn = demandId(code, table);
  const ordered = steps.has('orderBy');
  const line = lineBetween(code, query);
  const end = query.range[1];
  const tail = `${ordered ? '' : `${line}.orderBy(${name}.${idColumn})`}${line}.limit(${rows})`;
  const selected = steps.get('select')?.arguments[0];
  return {
    noun: name.replace(/Table$/, ''),
    limited: [{ start: end, end, text: tail }],
    after: (after) => {
      if (ordered || joined || selected) return undefined;
      const condition = `${after} === undefined ? undefined : gt(${name}.${idColumn}, ${after})`;
      const where = steps.get('where')?.arguments[0];
      const edits: Edit[] = [...importing(code, 'gt', PACKAGE)];
      if (where) {
        const both = importing(code, 'and', PACKAGE);
        // Both names are put behind the same last import: as one edit.
        if (both.length > 0 && edits.length > 0) edits[0] = { ...edits[0]!, text: `${both[0]!.text}${edits[0]!.text}` };
        else edits.push(...both);
        edits.push(replace(where, `and(${code.textOf(where)}, ${condition})`));
        edits.push({ start: end, end, text: tail });
      } else edits.push({ start: end, end, text: `${line}.where(${condition})${tail}` });
      return { edits, type: `(typeof ${name}.$inferSelect)[${style.quote}${idColumn}${style.quote}]` };
    },
  };
}

function relational(code: Code, query: TSESTree.CallExpression, rows: number, style: FileStyle): Page {
  const delegate = query.callee.type === 'MemberExpression' ? bare(query.callee.object) : query;
  const name = delegate.type === 'MemberExpression' ? propertyName(delegate) : undefined;
  const given = query.arguments[0];
  if (!name || (given && given.type !== 'ObjectExpression')) return refuse('the options of the query are not spelled here.');
  const options = given ? propertiesOf(given) : new Map<string, TSESTree.Property>();
  for (const limit of ['limit', 'offset']) if (options.has(limit)) refuse(`the query already has \`${limit}\`.`);
  const added = [...(options.has('orderBy') ? [] : ['orderBy: (table, { asc }) => asc(table.id)']), `limit: ${rows}`];
  const end = query.range[1] - 1;
  return { noun: name, limited: given ? [addedTo(code, given, added, style)] : [{ start: end, end, text: `{ ${added.join(', ')} }` }] };
}

/** The `id` of a table: assumed for a table of another file, looked up in one of this file. */
function demandId(code: Code, table: Node): string {
  const definition = table.type === 'Identifier' ? (code.variableOf(table)?.defs[0]?.node as Node | undefined) : undefined;
  const columns = definition?.type === 'VariableDeclarator' && definition.init?.type === 'CallExpression' ? definition.init.arguments[1] : undefined;
  if (columns?.type !== 'ObjectExpression') return 'id';
  const key = columns.properties.find((property) => property.type === 'Property' && /\.primaryKey\(/.test(code.textOf(property.value)));
  return key?.type === 'Property' ? (propertyName(key) ?? 'id') : refuse('the table has no single column that gives its rows an order.');
}

/** What stands between two steps of a chain: a line of its own for each, or nothing. */
function lineBetween(code: Code, query: TSESTree.CallExpression): string {
  const callee = query.callee as TSESTree.MemberExpression;
  const between = code.text.slice(callee.object.range[1], callee.property.range[0]);
  return between.includes('\n') ? `\n${indentationAt(code.text, callee.property.range[0])}` : '';
}
