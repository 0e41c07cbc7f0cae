import type { TSESTree } from '@typescript-eslint/typescript-estree';
import { bare, methodOf, propertyName, type Code, type Node } from '../code';
import { replace, type Edit } from '../edits';
import type { FileStyle } from '../file-style';
import { propertiesOf } from '../reads/prisma';
import { refuse } from '../refusal';
import type { Page } from './page';
import { addedTo } from './properties';

/** `prisma.model.findMany({ … })` with `orderBy`, `take` and a cursor. */
export function prismaPage(code: Code, query: Node, rows: number, style: FileStyle): Page {
  if (query.type !== 'CallExpression' || query.callee.type !== 'MemberExpression' || methodOf(query) !== 'findMany') return refuse('only `findMany` reads a list.');
  const delegate = bare(query.callee.object);
  const model = delegate.type === 'MemberExpression' ? propertyName(delegate) : undefined;
  if (!model) return refuse('the model of the query is not spelled here.');
  const given = query.arguments[0];
  if (given && given.type !== 'ObjectExpression') return refuse('the options of the query are not spelled here.');
  const options = given ? propertiesOf(given) : new Map<string, TSESTree.Property>();
  for (const name of ['take', 'skip', 'cursor']) if (options.has(name)) refuse(`the query already has \`${name}\`.`);
  if (options.has('distinct')) refuse('the query drops repeated rows after it read them all.');

  const order = options.get('orderBy')?.value as Node | undefined;
  const byId = `{ id: ${style.quote}asc${style.quote} }`;
  const ordered = (): { edits: Edit[]; added: string[] } => {
    if (!order) return { edits: [], added: [`orderBy: ${byId}`] };
    if (/\bid\s*:/.test(code.textOf(order))) return { edits: [], added: [] };
    if (order.type === 'ObjectExpression') return { edits: [replace(order, `[${code.textOf(order)}, ${byId}]`)], added: [] };
    return refuse('the order of the rows is not spelled here, so it is not known whether it is unique.');
  };
  const withOptions = (more: string[]): Edit[] => {
    const { edits, added } = ordered();
    const all = [...added, `take: ${rows}`, ...more];
    if (given) return [...edits, addedTo(code, given, all, style)];
    const end = query.range[1] - 1;
    return [{ start: end, end, text: `{ ${all.join(', ')} }` }];
  };
  return {
    noun: model,
    limited: withOptions([]),
    after: (name) => {
      const source = clientImport(code);
      if (style.typed && !source) return undefined;
      const type = `Prisma.${model[0]!.toUpperCase()}${model.slice(1)}WhereUniqueInput[${style.quote}id${style.quote}]`;
      return { edits: [...withOptions([`...(${name} !== undefined && { cursor: { id: ${name} }, skip: 1 })`]), ...(style.typed ? source! : [])], type };
    },
  };
}

/** Edits that make the namespace `Prisma` known, from where the file already imports the client; undefined when it does not. */
function clientImport(code: Code): Edit[] | undefined {
  for (const statement of code.tree.body) {
    if (statement.type !== 'ImportDeclaration') continue;
    const specifiers = statement.specifiers.filter((one): one is TSESTree.ImportSpecifier => one.type === 'ImportSpecifier');
    const imported = specifiers.map((one) => code.textOf(one.imported));
    if (imported.includes('Prisma')) return [];
    const client = specifiers[imported.indexOf('PrismaClient')];
    if (client) return code.names.has('Prisma') ? undefined : [{ start: client.range[0], end: client.range[0], text: statement.importKind === 'type' ? 'Prisma, ' : 'type Prisma, ' }];
  }
  return undefined;
}
