import type { FixOutcome, SourceFile } from '../rules/rule';
import { effectsAround } from './body-effects';
import { bare, Code, isFunction, type Node } from './code';
import { fixOf, movedText, reindented, remove, replace, type Edit } from './edits';
import { indentationAt, styleOf, type FileStyle } from './file-style';
import { demandConstant, keyListOf, keyOf, type Key, type KeyList } from './key';
import { loopOf, type Loop } from './loop';
import { camel, Names, plural, singular } from './naming';
import { drizzleRead } from './reads/drizzle';
import type { KeyedQuery } from './reads/keyed-query';
import { pgRead } from './reads/pg';
import { prismaRead } from './reads/prisma';
import { ofLibrary, refuse } from './refusal';
import { resultUse, type ResultUse } from './result-use';
import type { LoopQuery } from './site';

/** Keys per query where each takes a bind parameter: below PostgreSQL's 65,535 and Prisma's 32,767, with room for other parameters. */
const KEYS_PER_QUERY = 10_000;

const READERS = { pg: pgRead, drizzle: drizzleRead, prisma: prismaRead };

/** Reads the rows of all elements in one query before the loop, and takes each from a `Map` inside it. */
export function rewriteRead(site: LoopQuery, source: SourceFile): FixOutcome {
  const code = Code.of(source) ?? refuse('the file is not a module.');
  const loop = loopOf(code, site);
  const query = queryNode(code, site);
  if (enclosingFunction(code, query) !== (loop.callback ?? enclosingFunction(code, loop.node))) refuse('the query runs in a function inside the loop.');
  const keyed = ofLibrary(READERS, site.library)(code, loop, query);
  const use = resultUse(code, loop, query, keyed.result);
  const effects = effectsAround(code, loop, use.value, site);
  const key = keyOf(code, loop, keyed.key, query);
  demandConstant(code, loop, query, keyed.varying, keyed.isDescription);
  demandKey(keyed, key, use, site);

  const style = styleOf(code, source.file);
  const names = new Names(code);
  const maybeNull = keyed.nullFindsNull === true && !key.guarded && !isPresent(key);
  const keys = keyListOf(code, loop, key, names, maybeNull);
  const reasons: string[] = [];
  if (effects.visible) reasons.push(`errors surface before the first ${loop.callback ? 'callback' : 'iteration'}`);
  if (effects.unknownAwaits.length > 0) reasons.push(`all is read before \`${effects.unknownAwaits[0]!}\` runs`);
  if (!comparesAlike(keyed, key)) reasons.push('keys are compared exactly');
  if (maybeNull) reasons.push('null keys find nothing');
  if (keys.unsure) reasons.push(`\`${code.textOf(loop.iterable)}\` is gone through twice`);

  const { lines, lookup } = statementsFor(code, loop, query, keyed, key, keys, use, style, names);
  const indent = indentationAt(code.text, loop.statement.range[0]);
  const inserted = lines.map((line) => (line === '' ? line : line.replace(/;$/, style.semicolon))).join(`\n${indent}`);
  const edits: Edit[] = [{ start: loop.statement.range[0], end: loop.statement.range[0], text: `${inserted}\n${indent}` }, ...use.take(lookup), ...keyed.imports()];
  if (keys.kept) edits.push(keptList(code, loop, keys.kept.name));
  edits.push(...simplified(code, loop, use, edits));

  const what = words(plural(singular(keyed.noun)));
  const title = `Read all ${what} in one query${reasons.length > 0 ? ` (${reasons.join('; ')})` : ''}`;
  return { fixes: [fixOf(title, reasons.length > 0 ? 'suggestion' : 'safe', source.file, style.newline, edits)] };
}

/** The call of the query itself, without what only awaits or types it. */
export function queryNode(code: Code, site: { query: { start: number; end: number } }): Node {
  const found = code.nodeAt(site.query) ?? refuse('the query could not be found in the file.');
  const inner = bare(found);
  return inner.type === 'AwaitExpression' ? bare(inner.argument) : inner;
}

function enclosingFunction(code: Code, node: Node): Node | undefined {
  for (const ancestor of code.ancestorsOf(node)) if (isFunction(ancestor)) return ancestor;
  return undefined;
}

function demandKey(keyed: KeyedQuery, key: Key, use: ResultUse, site: LoopQuery): void {
  if (use.takes === 'one' && !keyed.unique) refuse(`\`${keyed.column}\` is not known to be unique, so which of its rows comes first is open.`);
  if (key.known.kind === 'reference') refuse(`\`${key.text}\` is an object, and equal objects are different keys of a Map.`);
  if (key.known.kind === 'object' || key.known.kind === 'array') refuse(`\`${key.text}\` is no single value.`);
  if (/(At|_at|Date|_date|Time|timestamp)$/.test(keyed.column)) refuse(`\`${keyed.column}\` looks like a time, and equal times are different keys of a Map.`);
  if (site.library === 'prisma' && key.known.nullable && !key.guarded) refuse(`\`${key.text}\` may be missing, which Prisma does not look up like a value.`);
  if (keyed.columnAdded && use.exposed) refuse(`the query does not select \`${keyed.column}\`, and adding it would show in the result.`);
}

/** The key has the form in which the database gives it back: a number, or a value that came out of the database. */
function comparesAlike(keyed: KeyedQuery, key: Key): boolean {
  if (!/(^id|Id|_id)$/.test(keyed.column)) return false;
  return key.known.kind === 'number' || key.known.kind === 'bigint' || key.known.fromDatabase === true;
}

/** The file shows that the key is a value: by its type, or because it is a row's own `id`. */
function isPresent(key: Key): boolean {
  if (key.known.nullable) return false;
  return /^(number|string|bigint|boolean)$/.test(key.known.kind) || /(^|\.)id$/.test(key.fromElement);
}

interface Statements {
  lines: string[];
  /** What stands for the query inside the loop. */
  lookup: string;
}

function statementsFor(code: Code, loop: Loop, query: Node, keyed: KeyedQuery, key: Key, keys: KeyList, use: ResultUse, style: FileStyle, names: Names): Statements {
  const many = use.takes === 'many';
  const indent = indentationAt(code.text, loop.statement.range[0]);
  const collection = plural(singular(camel(keyed.noun)));
  const one = singular(collection);
  const rows = names.fresh(collection, `${one}Rows`, camel('found', collection));
  const row = names.inner(loop.statement, ...(one === rows ? [] : [one]), camel(one, 'row'), 'row');
  const map = names.fresh(camel(collection, 'by', keyed.column));
  const member = /^[A-Za-z_$][\w$]*$/.test(keyed.column) ? `${row}.${keyed.column}` : `${row}[${style.quote}${keyed.column}${style.quote}]`;
  const rowKey = keyed.asText ? `String(${member})` : member;
  const lookupKey = keyed.asText && key.known.kind !== 'string' ? `String(${key.text})` : key.text;

  const lines: string[] = [];
  if (keys.kept) lines.push(`const ${keys.kept.name} = ${keys.kept.value};`);
  lines.push(...fitted(`const ${keys.name} = ${keys.expression};`, style, indent));
  const cut = keyed.limit !== undefined && !(keys.length !== undefined && keys.length <= KEYS_PER_QUERY);
  if (cut) {
    const chunks = names.fresh(camel(one, 'chunks'));
    const i = names.inner(loop.statement, 'i', 'start');
    const chunk = names.inner(loop.statement, 'chunk', camel(one, 'chunk'));
    const size = `${KEYS_PER_QUERY / 1000}_000`;
    const text = movedText(code, query, keyed.widened(`${keys.name}.slice(${i}, ${i} + ${size})`), indent + style.indent);
    lines.push(
      `// ${keyed.limit!}`,
      `const ${chunks} = [];`,
      `for (let ${i} = 0; ${i} < ${keys.name}.length; ${i} += ${size}) {`,
      `${style.indent}const ${chunk} = await ${text}${style.semicolon}`,
      `${style.indent}${chunks}.push(${chunk})${style.semicolon}`,
      '}',
      `const ${rows} = ${chunks}.flat();`,
    );
  } else {
    const text = movedText(code, query, keyed.widened(keys.name), indent);
    lines.push(`const ${keyed.result === 'holder' ? (rows === 'rows' ? '{ rows }' : `{ rows: ${rows} }`) : rows} = await ${text};`);
  }

  if (many) {
    const group = names.inner(loop.statement, 'group', camel(one, 'group'));
    const types = style.typed ? `<${keyed.asText ? 'string' : `(typeof ${rows})[number][${style.quote}${keyed.column}${style.quote}]`}, typeof ${rows}>` : '';
    lines.push(
      `const ${map} = new Map${types}();`,
      `for (const ${row} of ${rows}) {`,
      `${style.indent}const ${group} = ${map}.get(${rowKey})${style.semicolon}`,
      `${style.indent}if (${group}) ${group}.push(${row})${style.semicolon}`,
      `${style.indent}else ${map}.set(${rowKey}, [${row}])${style.semicolon}`,
      '}',
    );
    return { lines, lookup: `${map}.get(${lookupKey}) ?? []` };
  }
  lines.push(...fitted(`const ${map} = new Map(${rows}.map((${row}) => [${rowKey}, ${row}]));`, style, indent));
  const found = `${map}.get(${lookupKey})`;
  if (keyed.missing === 'null') return { lines, lookup: `${found} ?? null` };
  const asserted = style.typed && !keyed.untypedRows && keyed.result !== 'row' && use.assumesRow;
  return { lines, lookup: asserted ? `${found}!` : found };
}

/** A statement on one line, or with the argument of its outermost call on a line of its own. */
function fitted(statement: string, style: FileStyle, indent: string): string[] {
  if (indent.length + statement.length <= style.width) return [statement];
  const set = /^(const \w+ = (?:\[\.\.\.)?new \w+\()(.*)(\)\]?;)$/.exec(statement);
  return set ? [set[1]!, `${style.indent}${set[2]!},`, set[3]!] : [statement];
}

/** The list in the loop's head becomes the name under which it was kept. */
function keptList(code: Code, loop: Loop, name: string): Edit {
  if (loop.node.type === 'ForOfStatement') return replace(loop.node.right, name);
  const callee = loop.node.callee;
  if (callee.type !== 'MemberExpression') return refuse('the list of the loop is not spelled before `map`.');
  const between = code.text.slice(callee.object.range[1], callee.property.range[0]);
  const dot = callee.object.range[1] + between.search(/\s*\??\./);
  return { start: loop.node.range[0], end: dot, text: name };
}

/**
 * Without anything left to wait for, `await Promise.all(xs.map(async …))` becomes `xs.map(…)`.
 * Nothing is changed while the callback still awaits, or may return a promise.
 */
function simplified(code: Code, loop: Loop, use: ResultUse, edits: readonly Edit[]): Edit[] {
  const { callback, together } = loop;
  if (!callback || !together || loop.node.type !== 'CallExpression' || callback.returnType) return [];
  if (stillWaits(code, callback, use.value)) return [];
  const parent = code.parentOf(together);
  const outer = parent?.type === 'AwaitExpression' ? parent : together;
  if (outer === together && parent?.type !== 'ReturnStatement') return [];
  if (together.typeArguments) return [];
  const head = code.text.slice(outer.range[0], loop.node.range[0]);
  const tail = code.text.slice(loop.node.range[1], outer.range[1]);
  if (/\/[/*]/.test(head + tail)) return [];
  const result: Edit[] = [];
  const kept = edits.find((edit) => edit.start === loop.node.range[0] && edit.end > edit.start);
  result.push(remove(outer.range[0], loop.node.range[0]), remove(loop.node.range[1], outer.range[1]));
  if (kept && kept.start < outer.range[0]) return [];
  if (callback.async) {
    const after = code.text.slice(callback.range[0]);
    result.push(remove(callback.range[0], callback.range[0] + /^async\s*/.exec(after)![0].length));
  }
  const from = indentationAt(code.text, loop.node.range[0]);
  const to = indentationAt(code.text, outer.range[0]);
  return [...result, ...reindented(code, loop.node, from, to, [...edits, ...result])];
}

/** The callback awaits something else, or what it returns may be a promise. */
function stillWaits(code: Code, callback: Node & { body: Node }, taken: Node): boolean {
  let waits = false;
  const judge = (value: Node): void => {
    const plain = bare(value);
    if (value === taken || plain === taken) return;
    switch (plain.type) {
      case 'ObjectExpression':
      case 'ArrayExpression':
      case 'Literal':
      case 'TemplateLiteral':
      case 'BinaryExpression':
      case 'UnaryExpression':
        return;
      case 'ConditionalExpression':
        judge(plain.consequent);
        judge(plain.alternate);
        return;
      case 'LogicalExpression':
        judge(plain.left);
        judge(plain.right);
        return;
      case 'MemberExpression':
      case 'Identifier': {
        // A part of the row that was read, or of the element: no promise.
        let root = plain as Node;
        while (root.type === 'MemberExpression') root = bare(root.object);
        if (root === taken) return;
        const definition = code.variableOf(root)?.defs[0]?.node as Node | undefined;
        const made = definition?.type === 'VariableDeclarator' && definition.init ? bare(definition.init) : undefined;
        if (root.type !== 'Identifier' || (made?.type === 'CallExpression' && made !== taken)) waits = true;
        return;
      }
      default:
        waits = true;
    }
  };
  code.walk(callback.body, (node) => {
    if (node === taken) return false;
    if (node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node.await)) waits = true;
    if (node.type === 'ReturnStatement' && node.argument && enclosingFunction(code, node) === callback) judge(node.argument);
    return !isFunction(node);
  });
  if (callback.body.type !== 'BlockStatement') judge(callback.body);
  return waits;
}

/** `orderItems` as a person writes it. */
export function words(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/_/g, ' ').toLowerCase();
}
