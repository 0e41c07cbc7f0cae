import type { TSESTree } from '@typescript-eslint/typescript-estree';
import type { Span } from '../finding';
import { forEachBinding } from './binding-pattern';
import { eachChild } from './child-nodes';
import { isIntactSql } from './sql';
import { byName } from '../names';

/**
 * SQL found in a file: a whole `.sql` file, a `sql` template, or a query string. The span is that of the text, without quotes.
 * `text` is what PostgreSQL would parse: holes of a template stand as `$1`, `$2`, …, or as a quoted name where a table or
 * column must stand (the name of the value in a tagged template, else `…`).
 */
export interface EmbeddedSql extends Span {
  text: string;
  /** A `template` may go on in a new line, a `string` may not. */
  origin: 'file' | 'template' | 'string';
  /**
   * Runs that map offsets of `text` to offsets of the file, in order: from `text` on, `length` characters stand at `source`.
   * What lies between two runs (a hole, an escape) maps to the end of the run before it.
   */
  runs: { text: number; source: number; length: number }[];
  /** Of a constant's text: where its name is given to calls that run it. */
  names?: number[];
}

/** Stands for a table or column whose name only the running program knows. */
export const UNKNOWN_NAME = '…';

/** The SQL of a `.sql` file: all of it. */
export function sqlFile(text: string): EmbeddedSql[] {
  if (text.trim() === '') return [];
  return [{ start: 0, end: text.length, text, origin: 'file', runs: [{ text: 0, source: 0, length: text.length }] }];
}

/** Where a part of the SQL text stands in the file. A part that begins or ends in a hole takes the whole hole in. */
export function sourceSpan(sql: EmbeddedSql, part: Span): Span {
  let start = sql.start;
  let end = sql.end;
  for (const run of sql.runs) {
    if (run.text <= part.start) start = run.source + Math.min(part.start - run.text, run.length);
    if (part.end <= run.text + run.length) {
      end = run.source + Math.max(part.end - run.text, 0);
      break;
    }
  }
  return { start, end: Math.max(start, end) };
}

/** Finds SQL in a module. Never throws; half-typed code gives what is intact. */
export function extractEmbeddedSql(tree: TSESTree.Program, text: string): EmbeddedSql[] {
  if (!mayHoldSql(text) || OTHER_DATABASE.test(text)) return [];
  try {
    return new Finder(text).find(tree);
  } catch {
    // A tree that was recovered from broken code may lack parts that its type promises.
    return [];
  }
}

/** Whether {@link extractEmbeddedSql} can find anything in a module with this text. */
export function mayHoldSql(text: string): boolean {
  return STATEMENT_WORD.test(text) && CARRIER.test(text);
}

/** Some literal starts like a statement, perhaps after a comment; or a concatenation may put one together. */
const STATEMENT_WORD = /[`'"](?:\s|\\[nrt])*(?:--|\/\*|(?:select|insert|update|delete|merge|with|values|table|truncate|create|alter|drop|explain|copy|begin|call|do|lock|set|refresh)\b)/i;
/** A file that has none of these has no place for SQL. */
const CARRIER = /\bsql\b|\.(?:query|execute|unsafe|raw|\$?(?:query|execute)Raw(?:Unsafe)?|queryObject|queryArray|any|many|none|one|oneOrNone|manyOrNone|multi)\s*[(<`]/i;

/** Clients of other databases: their SQL is another language, and their rows are not read from PostgreSQL. */
const OTHER_DATABASE = /(?:from|require\(|import\()\s*['"](?:mysql2?|mariadb|better-sqlite3|sqlite3?|bun:sqlite|node:sqlite|mssql|tedious|oracledb|snowflake-sdk|@clickhouse\/|@planetscale\/|@libsql\/|@google-cloud\/bigquery|duckdb|alasql|cassandra-driver)/;

const STARTS_LIKE_SQL =
  /^(?:\s|--[^\n]*\n|\/\*(?:[^*]|\*(?!\/))*\*\/)*(?:select|insert\s+into|update|delete\s+from|merge\s+into|with|values|table|truncate|create|alter|drop|explain|copy|begin|call|do|lock|set|refresh)\b/i;
/** Half-typed, but SQL beyond doubt. */
const SQL_LIKE = /^\s*(?:select\b[^]*\bfrom\b|insert\s+into\b|update\b[^]*\bset\b|delete\s+from\b|with\b[^]*\bas\s*\()/i;

const TEMPLATE_TAGS = new Set(['sql', 'SQL', '$queryRaw', '$executeRaw', 'queryRaw', 'executeRaw']);
/** Calls whose first argument is the text of a query: pg, postgres.js, Prisma, Knex, TypeORM, Sequelize, pg-promise, Deno's client. */
const QUERY_CALLS = new Set(
  ('query execute unsafe raw $queryRawUnsafe $executeRawUnsafe queryRawUnsafe executeRawUnsafe queryObject queryArray '
    + 'any many manyOrNone one oneOrNone none multi').split(' '),
);
/** Arguments of these are parts of a query that something else runs, or text that nobody runs. */
const BUILDERS = new Set(
  ('exists notExists inArray notInArray eq ne gt gte lt lte and or not where andWhere orWhere whereIn whereNotIn whereExists whereNotExists whereRaw having '
    + 'orderBy groupBy select selectRaw addSelect distinct distinctOn from fromRaw join joinRaw innerJoin leftJoin rightJoin fullJoin crossJoin set values with withRecursive $with '
    + 'as union unionAll intersect except append join empty fragment createView view materializedView default check generatedAlwaysAs log debug info warn error').split(' '),
);
/** A cursor or a stream reads in portions, however many rows there are. */
const CURSORS = new Set(['Cursor', 'QueryStream', 'Query']);

type Part = { kind: 'text'; from: number; to: number } | { kind: 'hole'; name: string | undefined };

/** An expression that names something, and the scopes around it, outermost first. */
interface Named<Expression extends TSESTree.Expression = TSESTree.Expression> {
  expression: Expression;
  scopes: readonly TSESTree.Node[];
}

/** What a `const` or `let`, or a parameter, is known in. */
const SCOPES: ReadonlySet<string> = new Set<`${TSESTree.Node['type']}`>([
  'Program', 'BlockStatement', 'StaticBlock', 'SwitchStatement', 'ForStatement', 'ForOfStatement', 'ForInStatement', 'ArrowFunctionExpression', 'FunctionExpression', 'FunctionDeclaration',
]);

function isScope({ type }: TSESTree.Node): boolean {
  return SCOPES.has(type);
}

class Finder {
  readonly #found = new Map<number, EmbeddedSql>();
  readonly #scopes = new Map<TSESTree.Node, Map<string, TSESTree.Expression | undefined>>();
  readonly #flowing: Named[] = [];
  readonly #assigned: Named<TSESTree.Identifier>[] = [];

  constructor(private readonly source: string) {}

  find(tree: TSESTree.Program): EmbeddedSql[] {
    this.#walk(tree, []);
    // What is assigned to again is no constant: the text goes on somewhere else.
    for (const { expression, scopes } of this.#assigned) this.#declaring(expression.name, scopes)?.set(expression.name, undefined);
    for (const { expression, scopes } of this.#flowing) {
      const constant = this.#constant(expression, scopes);
      const sql = constant && this.#add(constant, originOf(constant));
      if (sql) (sql.names ??= []).push(expression.range[0]);
    }
    return [...this.#found.values()].sort((a, b) => a.start - b.start);
  }

  #walk(node: TSESTree.Node, ancestors: TSESTree.Node[]): void {
    switch (node.type) {
      case 'TaggedTemplateExpression':
        if (TEMPLATE_TAGS.has(tagName(node.tag) ?? '') && !isFragment(node, ancestors)) this.#add(node.quasi, 'template', true);
        break;
      case 'Literal':
      case 'TemplateLiteral':
        if ((node.type === 'TemplateLiteral' || typeof node.value === 'string') && this.#isMarked(node) && !isFragment(node, ancestors)) {
          this.#add(node, originOf(node));
        }
        break;
      case 'CallExpression': {
        const argument = node.arguments[0];
        if (argument && argument.type !== 'SpreadElement' && QUERY_CALLS.has(calledName(node.callee) ?? '') && !isFragment(node, ancestors)) this.#addQuery(argument, ancestors);
        break;
      }
      case 'VariableDeclarator':
        this.#declare(node.id, ancestors.findLast(isScope), node.id.type === 'Identifier' ? node.init : null);
        break;
      case 'ArrowFunctionExpression':
      case 'FunctionExpression':
      case 'FunctionDeclaration':
        for (const parameter of node.params) this.#declare(parameter, node, null);
        break;
      case 'AssignmentExpression':
        if (node.left.type === 'Identifier') this.#assigned.push({ expression: node.left, scopes: ancestors.filter(isScope) });
        break;
    }
    ancestors.push(node);
    eachChild(node, (child) => this.#walk(child, ancestors));
    ancestors.pop();
  }

  /** Two variables of one name and scope are not told apart, so neither counts. */
  #declare(pattern: TSESTree.Node, scope: TSESTree.Node | undefined, init: TSESTree.Expression | null): void {
    if (scope === undefined) return;
    let names = this.#scopes.get(scope);
    if (names === undefined) this.#scopes.set(scope, (names = new Map()));
    forEachBinding(pattern, ({ name }) => names.set(name, names.has(name) ? undefined : (init ?? undefined)));
  }

  /** The names of the nearest scope that declares one. */
  #declaring(name: string, scopes: readonly TSESTree.Node[]): Map<string, TSESTree.Expression | undefined> | undefined {
    const scope = scopes.findLast((one) => this.#scopes.get(one)?.has(name));
    return scope && this.#scopes.get(scope);
  }

  #isMarked(node: TSESTree.Node): boolean {
    return /\/\*\s*sql\s*\*\/\s*$/i.test(this.source.slice(Math.max(0, node.range[0] - 40), node.range[0]));
  }

  #addQuery(argument: TSESTree.Expression, ancestors: readonly TSESTree.Node[]): void {
    const expression = bare(argument);
    switch (expression.type) {
      case 'ObjectExpression':
        for (const property of expression.properties) {
          if (property.type === 'Property' && !property.computed && property.key.type === 'Identifier' && (property.key.name === 'text' || property.key.name === 'sql')) {
            this.#addQuery(property.value as TSESTree.Expression, ancestors);
          }
        }
        break;
      case 'ConditionalExpression':
        this.#addQuery(expression.consequent, ancestors);
        this.#addQuery(expression.alternate, ancestors);
        break;
      case 'Identifier':
      case 'MemberExpression':
        this.#flowing.push({ expression, scopes: ancestors.filter(isScope) });
        break;
      default:
        this.#add(expression, originOf(expression));
    }
  }

  /** The literal that a name or a member of a constant object stands for. */
  #constant(expression: TSESTree.Expression, scopes: readonly TSESTree.Node[]): TSESTree.Expression | undefined {
    if (expression.type === 'Identifier') {
      const init = this.#declaring(expression.name, scopes)?.get(expression.name);
      return init && bare(init);
    }
    if (expression.type !== 'MemberExpression' || expression.computed || expression.object.type !== 'Identifier' || expression.property.type !== 'Identifier') return undefined;
    const { name } = expression.property;
    const object = this.#constant(expression.object, scopes);
    if (object?.type !== 'ObjectExpression') return undefined;
    const property = object.properties.find((p) => p.type === 'Property' && !p.computed && p.key.type === 'Identifier' && p.key.name === name);
    return property?.type === 'Property' ? bare(property.value as TSESTree.Expression) : undefined;
  }

  #add(expression: TSESTree.Expression, origin: 'template' | 'string', tagged = false): EmbeddedSql | undefined {
    const known = this.#found.get(expression.range[0]);
    const parts = known ? undefined : this.#parts(expression, tagged);
    if (!parts) return known;
    const sql = this.#read(parts, origin);
    if (sql) this.#found.set(expression.range[0], sql);
    return sql;
  }

  /** Pieces of a string, a template or a concatenation, in order; undefined when the expression is none. */
  #parts(expression: TSESTree.Expression | TSESTree.PrivateIdentifier, tagged: boolean): Part[] | undefined {
    if (expression.type === 'Literal' && typeof expression.value === 'string') return [{ kind: 'text', from: expression.range[0] + 1, to: expression.range[1] - 1 }];
    if (expression.type === 'TemplateLiteral') {
      return expression.quasis.flatMap((quasi, i): Part[] => {
        const hole = expression.expressions[i];
        // A quasi's range takes its delimiters in: a quote or brace before it, a quote or `${` after it.
        const to = quasi.range[1] - (hole ? 2 : 1);
        const text: Part = { kind: 'text', from: quasi.range[0] + 1, to };
        return hole ? [text, { kind: 'hole', name: tagged ? relationName(hole) : undefined }] : [text];
      });
    }
    if (expression.type !== 'BinaryExpression' || expression.operator !== '+') return undefined;
    const sides = [expression.left, expression.right].map((side) => this.#parts(side, false));
    // A number is no text, and neither is a sum of two unknown things.
    if (!sides[0] && !sides[1]) return undefined;
    return sides.flatMap((side): Part[] => side ?? [{ kind: 'hole', name: undefined }]);
  }

  #read(parts: Part[], origin: 'template' | 'string'): EmbeddedSql | undefined {
    const texts = parts.filter((part) => part.kind === 'text');
    const start = texts[0]?.from;
    const end = texts.at(-1)?.to;
    if (start === undefined || end === undefined) return undefined;
    let sql: EmbeddedSql = { start, end, origin, ...this.#join(parts, () => undefined) };
    if (!STARTS_LIKE_SQL.test(sql.text)) return undefined;
    if (isIntactSql(sql.text)) return sql;
    const holes = parts.filter((part) => part.kind === 'hole');
    if (holes.length === 0) return SQL_LIKE.test(sql.text) ? sql : undefined;
    // A value cannot stand for a table: the holes behind FROM and the like are names. Any other hole that is no value is a
    // piece of SQL which may hold the very WHERE or LIMIT that seems to be missing.
    sql = {
      ...sql,
      ...this.#join(parts, (before, name) => (/(?:\b(?:from|join|into|update|table|only)\s+|\.)$/i.test(before) ? `"${name ?? UNKNOWN_NAME}"` : undefined)),
    };
    return isIntactSql(sql.text) ? sql : undefined;
  }

  #join(parts: Part[], nameOf: (before: string, name: string | undefined) => string | undefined): Pick<EmbeddedSql, 'text' | 'runs'> {
    const result: Pick<EmbeddedSql, 'text' | 'runs'> = { text: '', runs: [] };
    let holes = 0;
    for (const part of parts) {
      if (part.kind === 'text') unescapeInto(result, this.source, part.from, part.to);
      else {
        holes++;
        result.text += nameOf(result.text, part.name) ?? `$${holes}`;
      }
    }
    return result;
  }
}

function originOf(expression: TSESTree.Expression): 'template' | 'string' {
  return expression.type === 'TemplateLiteral' ? 'template' : 'string';
}

/** Appends a piece of source with its escapes resolved, one run for each stretch without escapes. */
function unescapeInto(into: Pick<EmbeddedSql, 'text' | 'runs'>, source: string, from: number, to: number): void {
  const escape = /\\(?:u\{([0-9a-f]+)\}|u([0-9a-f]{4})|x([0-9a-f]{2})|\r\n|[^])|\r\n?/gi;
  escape.lastIndex = from;
  let position = from;
  const run = (end: number): void => {
    if (end > position) into.runs.push({ text: into.text.length, source: position, length: end - position });
    into.text += source.slice(position, end);
  };
  for (let found = escape.exec(source); found && found.index < to; found = escape.exec(source)) {
    run(found.index);
    const code = found[1] ?? found[2] ?? found[3];
    // A template's line ends are line feeds, whatever the file has.
    into.text += code === undefined ? (found[0][0] === '\r' ? '\n' : unescape(found[0].slice(1))) : codePoint(parseInt(code, 16));
    position = found.index + found[0].length;
  }
  run(to);
}

const ESCAPES: Record<string, string> = byName({ n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v', 0: '\0' });

function unescape(escaped: string): string {
  // A backslash before a line end continues the line.
  return /^[\r\n\u2028\u2029]/.test(escaped) ? '' : (ESCAPES[escaped] ?? escaped);
}

function codePoint(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : '';
}

/** The template or text is a part of a bigger query, or is given to a cursor. */
function isFragment(node: TSESTree.Node, ancestors: TSESTree.Node[]): boolean {
  let child = node;
  for (let i = ancestors.length - 1; i >= 0; i--) {
    const parent = ancestors[i]!;
    switch (parent.type) {
      case 'TemplateLiteral':
        return true;
      case 'CallExpression':
        return (parent.arguments as TSESTree.Node[]).includes(child) && BUILDERS.has(calledName(parent.callee) ?? '');
      case 'NewExpression':
        return parent.callee.type === 'Identifier' && CURSORS.has(parent.callee.name);
      case 'AwaitExpression': case 'TSAsExpression': case 'TSNonNullExpression': case 'TSSatisfiesExpression': case 'ConditionalExpression': case 'LogicalExpression':
        child = parent;
        break;
      case 'MemberExpression':
        // A method of the fragment: sql`…`.as('x') makes a column of it.
        return parent.property.type === 'Identifier' && ['as', 'mapWith', 'append', 'stream', 'cursor'].includes(parent.property.name);
      default:
        return false;
    }
  }
  return false;
}

function bare(expression: TSESTree.Expression): TSESTree.Expression {
  while (expression.type === 'TSAsExpression' || expression.type === 'TSSatisfiesExpression' || expression.type === 'TSNonNullExpression') expression = expression.expression;
  return expression;
}

function lastName(expression: TSESTree.Node): string | undefined {
  if (expression.type === 'Identifier') return expression.name;
  if (expression.type === 'MemberExpression' && !expression.computed && expression.property.type === 'Identifier') return expression.property.name;
  return undefined;
}

/** Name of the table object in a hole; a variable that is called after what it holds (`table`, `name`) tells nothing. */
function relationName(hole: TSESTree.Node): string | undefined {
  const name = lastName(hole);
  return name !== undefined && /table|name|schema|relation|entity|model|query|sub|cte|sql|from/i.test(name) ? undefined : name;
}

function calledName(callee: TSESTree.Node): string | undefined {
  return lastName(callee.type === 'TSInstantiationExpression' ? callee.expression : callee);
}

/** Name of a tag: `sql`, `Prisma.sql`, `prisma.$queryRaw`, and `sql.type(…)`, which slonik's templates have. */
function tagName(tag: TSESTree.Node): string | undefined {
  if (tag.type === 'CallExpression' && tag.callee.type === 'MemberExpression') return lastName(tag.callee.object);
  if (tag.type === 'MemberExpression' && lastName(tag) === 'unsafe') return lastName(tag.object);
  return calledName(tag);
}
