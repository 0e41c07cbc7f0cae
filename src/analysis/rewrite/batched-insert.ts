import type { TSESTree } from '@typescript-eslint/typescript-estree';
import type { FixOutcome, SourceFile } from '../rules/rule';
import { queryNode, words } from './batched-read';
import { insertBodyEffects } from './body-effects';
import { bare, Code, type Node } from './code';
import { fixOf, movedText, replace, type Edit } from './edits';
import { indentationAt, styleOf, type FileStyle } from './file-style';
import { drizzleInsert } from './inserts/drizzle';
import { pgInsert } from './inserts/pg';
import { prismaInsert } from './inserts/prisma';
import type { SingleInsert } from './inserts/single-insert';
import { elementName } from './key';
import { knownType } from './known-types';
import { loopOf, type Loop } from './loop';
import { camel, Names, plural, singular } from './naming';
import { ofLibrary, refuse } from './refusal';
import type { LoopQuery } from './site';

const INSERTS = { pg: pgInsert, drizzle: drizzleInsert, prisma: prismaInsert };

/** Collects the rows of all elements and inserts them together. */
export function rewriteInsert(site: LoopQuery, source: SourceFile): FixOutcome {
  const code = Code.of(source) ?? refuse('the file is not a module.');
  if (site.verb !== 'insert') refuse(`${site.verb}s are not rewritten yet.`);
  const loop = loopOf(code, site);
  const query = queryNode(code, site);
  const statement = insertStatement(code, loop, query);
  const insert = ofLibrary(INSERTS, site.library)(code, query);
  const effects = insertBodyEffects(code, loop, query, statement);
  demandOwnRow(code, loop, insert.row);

  const style = styleOf(code, source.file);
  const names = new Names(code);
  const indent = indentationAt(code.text, loop.statement.range[0]);
  const edits = editsFor(code, loop, statement, insert, style, names, indent);

  const what = words(plural(singular(insert.noun)));
  const inTransaction = site.handle === 'transaction';
  const reasons: string[] = [];
  if (!inTransaction) reasons.push(insert.rowsPerStatement === undefined ? 'all or nothing' : 'each statement all or nothing');
  else if (effects.visible) reasons.push('the rest of the loop runs before the first insert');
  else if (hidesColumns(insert.row)) reasons.push('the rows must have no nested writes');
  const amount = insert.rowsPerStatement === undefined ? `Insert all ${what} in one statement` : `Insert ${what} ${insert.rowsPerStatement.toLocaleString('en')} rows at a time`;
  return { fixes: [fixOf(amount + (reasons.length > 0 ? ` (${reasons.join('; ')})` : ''), reasons.length > 0 ? 'suggestion' : 'safe', source.file, style.newline, edits)] };
}

/** The statement of the body that inserts; refuses when anything uses what the insert gives back. */
function insertStatement(code: Code, loop: Loop, query: Node): Node {
  const parent = code.parentOf(query);
  const value = parent?.type === 'AwaitExpression' ? parent : query;
  const holder = code.parentOf(value);
  if (loop.callback) {
    const outer = code.parentOf(loop.together!);
    if (outer?.type !== 'AwaitExpression' || code.parentOf(outer)?.type !== 'ExpressionStatement') {
      refuse('the result of the inserts is used, and the order in which one statement returns its rows is not promised.');
    }
    if (holder === loop.callback) return value;
    const block = holder && code.parentOf(holder);
    const ends = (holder?.type === 'ReturnStatement' || (holder?.type === 'ExpressionStatement' && value !== query)) && block === loop.body;
    if (!ends || loop.body.type !== 'BlockStatement' || loop.body.body.at(-1) !== holder) refuse('the callback does more than to insert a row.');
    return holder!;
  }
  if (holder?.type === 'MemberExpression') refuse('something is called on the promise of the insert before it is awaited.');
  if (holder?.type !== 'ExpressionStatement') refuse('the loop uses what the insert returns, and the order in which one statement returns its rows is not promised.');
  if (value === query) refuse('the promise of the insert is not awaited.');
  return holder;
}

/** A row object that outlives its turn may be changed before it is inserted. */
function demandOwnRow(code: Code, loop: Loop, row: Node): void {
  const plain = bare(row);
  if (plain.type !== 'Identifier') return;
  const variable = code.variableOf(plain);
  if (!variable || !code.declaredIn(variable, loop.node)) refuse(`\`${plain.name}\` lives longer than one turn of the loop, so that a later turn may change it.`);
}

function hidesColumns(row: Node): boolean {
  const plain = bare(row);
  if (plain.type === 'ArrayExpression') return false;
  return plain.type !== 'ObjectExpression' || plain.properties.some((property) => property.type !== 'Property' || bare(property.value).type === 'ObjectExpression');
}

function editsFor(code: Code, loop: Loop, statement: Node, insert: SingleInsert, style: FileStyle, names: Names, indent: string): Edit[] {
  const fresh = (...wishes: string[]): string => names.inner(loop.statement, ...wishes);
  const rowsName = (): string => names.fresh(camel('new', plural(singular(insert.noun))), camel(plural(singular(insert.noun)), 'to insert'));
  const finish = (lines: string[]): string => lines.map((line) => line.replace(/;$/, style.semicolon)).join(`\n${indent}`);
  const inner = insert.rowsPerStatement === undefined && !insert.byColumn ? indent + style.indent : indent;
  const list = listExpression(code, loop, statement, insert.row, inner, style);
  if (list !== undefined) {
    if (insert.byColumn) {
      const columns = insert.byColumn((value) => listExpression(code, loop, statement, value, indent, style)!, style);
      return [replace(loop.statement, finish(columns))];
    }
    // The list already stands at its indentation: only its own first line is placed here.
    const lines = insert.rowsPerStatement === undefined ? insert.insertAll('\0', style, fresh) : [];
    if (insert.rowsPerStatement === undefined) return [replace(loop.statement, finish(lines).replace('\0', () => list))];
    if (/^\w+$/.test(list)) return [replace(loop.statement, finish(insert.insertAll(list, style, fresh)))];
    const rows = rowsName();
    return [replace(loop.statement, `const ${rows} = ${list}${style.semicolon}\n${indent}${finish(insert.insertAll(rows, style, fresh))}`)];
  }
  if (loop.callback) return refuse('the callback does more than to insert a row.');
  if (insert.byColumn) return refuse('the loop does more than to insert a row, and the rows go column by column.');
  const rows = rowsName();
  const end = loop.statement.range[1];
  return [
    { start: loop.statement.range[0], end: loop.statement.range[0], text: `const ${rows} = []${style.semicolon}\n${indent}` },
    replace(statement, `${rows}.push(${movedText(code, insert.row, [], indentationAt(code.text, statement.range[0]))})${style.semicolon}`),
    { start: end, end, text: `\n${indent}${finish(insert.insertAll(rows, style, fresh))}` },
  ];
}

/** `items.map((item) => ({ … }))`, where the body does nothing but compute the row and insert it. */
function listExpression(code: Code, loop: Loop, statement: Node, row: Node, indent: string, style: FileStyle): string | undefined {
  const iterable = bare(loop.iterable);
  const text = code.textOf(iterable);
  const isArray = loop.callback !== undefined || knownType(code, iterable).kind === 'array';
  const pattern = loop.element.type === 'Identifier' ? code.textOf(loop.element) : code.text.slice(loop.element.range[0], loop.element.range[1]);
  const elementRead = code.identifiersIn(row).some(({ variable }) => variable !== undefined && code.declaredIn(variable, loop.node));
  const each = (arrow: string): string => {
    const list = /^(Identifier|MemberExpression|CallExpression|ArrayExpression|NewExpression)$/.test(iterable.type) ? text : `(${text})`;
    return isArray ? `${list}.map(${arrow})` : `Array.from(${text}, ${arrow})`;
  };
  const statements: readonly TSESTree.Statement[] = loop.body.type === 'BlockStatement' ? loop.body.body : [];
  const commented = loop.body.type === 'BlockStatement' && hasComment(code, loop.body, statement);
  if (loop.body.type !== 'BlockStatement' || (statements.length === 1 && statements[0] === statement && !commented)) {
    if (code.textOf(row) === elementName(code, loop) && isArray) return text;
    const moved = movedText(code, row, [], indent);
    return each(`(${elementRead ? pattern : ''}) => ${bare(row).type === 'ObjectExpression' ? `(${moved})` : moved}`);
  }
  const computes = statements.every((one) => one === statement || (one.type === 'VariableDeclaration' && one.kind === 'const'));
  if (!computes || statements.at(-1) !== statement) return undefined;
  const back = `return ${movedText(code, row, [], indent + style.indent)}${style.semicolon}`;
  return each(`(${pattern}) => ${movedText(code, loop.body, [replace(statement, back)], indent)}`);
}

/** A comment stands in the body outside of the statement that inserts. */
function hasComment(code: Code, body: Node, statement: Node): boolean {
  const around = code.text.slice(body.range[0], statement.range[0]) + code.text.slice(statement.range[1], body.range[1]);
  return /\/[/*]/.test(around);
}
