import type { FuncCall, Node, ParseResult, RangeVar, ReturningClause, SelectStmt, WithClause } from '@pgsql/types';
import type { Span } from '../finding';
import type { Bound, Verb } from '../libraries/library';
import { boundOfSelect, selectNarrows } from './sql-bound';
import { NESTED_TOO_DEEPLY, parseSql, sqlEngineIsReady } from './sql-engine';
import { isExact, narrows, narrowingColumns, searchesText } from './sql-filter';
import { significantEnd, splitStatements } from './sql-split';
import { parametersIn, selects, spreadsParameter, tableName, takesParameter, visit } from './sql-tree';

export { loadSqlEngine as initSql, withSqlEngine as withSql } from './sql-engine';

/** A longer text is not parsed: its tree would take hundreds of megabytes, and nobody writes such a query by hand. */
const MAX_TEXT = 1_000_000;
/** Texts whose statements are remembered: the queries of a large program, a few kilobytes each. */
const REMEMBERED = 2_000;
/** Longer texts (dumps, schema files) are looked at once per change and would fill the memory. */
const MAX_REMEMBERED_TEXT = 20_000;

/** A text with more statements that overflow the parser is not read on: each wears the parser out that other texts need too. */
const DEEP_STATEMENTS = 2;

/** One statement. Offsets are UTF-16 code units of the text that was described, also those inside `node`. */
export interface SqlStatement extends Span {
  verb: Verb;
  /** How many rows it may return; `none` for a write without RETURNING. */
  bound: Bound;
  /** Tables as the text names them, without the schema `public`: the written one first, then in the order of the text. CTEs are not among them. */
  tables: string[];
  /** Columns compared for equality with something that is no column (`=`, `= ANY`, `IN`), joined by AND at the top level. */
  filterColumns: string[];
  /** A WHERE or a join condition can leave rows out. */
  filtered: boolean;
  /** All its conditions look for certain values, not for a range or a pattern. */
  exact: boolean;
  /** It looks for a pattern (`LIKE`) that a parameter gives. */
  searches: boolean;
  /** It takes many keys or rows at once: `= ANY(…)`, `IN (…)`, `unnest($1)`, `json_to_recordset($1)` or several rows of VALUES. */
  isBatch: boolean;
  /** Of an UPDATE: numbers of the parameters that say what it sets. */
  sets?: number[];
  /** Has a RETURNING clause. */
  returning: boolean;
  /** A SELECT's rows: `all` columns by a star, or `some`; `unknown` for other statements. */
  columns: 'all' | 'some' | 'unknown';
  /** Skips rows with OFFSET. */
  offset: boolean;
  /** Has an ORDER BY. */
  ordered: boolean;
  node: Node;
}

export interface SqlProblem {
  /** PostgreSQL's own message. */
  error: string;
}

/** All that is known of a text: its intact statements, and what PostgreSQL says of the first broken place. */
interface Described {
  statements: SqlStatement[];
  error?: string;
}

const remembered = new Map<string, Described>();

/**
 * The statements of an SQL text. When some are broken, the intact ones; when none is intact, what PostgreSQL says of the
 * first. Needs `initSql`; never throws.
 */
export function describeSql(text: string): SqlStatement[] | SqlProblem {
  const { statements, error } = remember(text);
  return statements.length > 0 || error === undefined ? statements : { error };
}

/** PostgreSQL accepts the text as a whole, and it is not empty. */
export function isIntactSql(text: string): boolean {
  const { statements, error } = remember(text);
  return statements.length > 0 && error === undefined;
}

/** The statement as PostgreSQL takes it: parameters that a loader would number (`:name`, `$name`) have numbers, one for each name. */
export function withNumberedParameters(statement: string): string {
  if (Array.isArray(parsePiece(statement, { start: 0, end: statement.length }, statement))) return statement;
  const names: string[] = [];
  return statement.replace(NAMED_PARAMETER, (name) => {
    if (!names.includes(name)) names.push(name);
    return `$${names.indexOf(name) + 1}`;
  });
}

function remember(text: string): Described {
  const known = remembered.get(text);
  if (known) {
    // Moves it to the end of the map: the first entry is the one that was not asked for the longest.
    remembered.delete(text);
    remembered.set(text, known);
    return known;
  }
  const described = describe(text);
  // What a worn engine did not parse, the next one may.
  if (sqlEngineIsReady() && text.length <= MAX_REMEMBERED_TEXT) {
    remembered.set(text, described);
    if (remembered.size > REMEMBERED) remembered.delete(remembered.keys().next().value!);
  }
  return described;
}

function describe(text: string): Described {
  if (text.length > MAX_TEXT) return { statements: [], error: 'The text is too long to parse.' };
  const whole = parseSpan(text, { start: 0, end: text.length });
  if (Array.isArray(whole)) return { statements: whole };
  const statements: SqlStatement[] = [];
  let deep = 0;
  splitStatements(text, (span) => {
    if (deep >= DEEP_STATEMENTS) return false;
    const parsed = parseSpan(text, span);
    if (!Array.isArray(parsed)) {
      if (parsed.error === NESTED_TOO_DEEPLY) deep += 1;
      return false;
    }
    statements.push(...parsed);
    return true;
  });
  return { statements, error: whole.error };
}

/** `$customer_id` and `:customer_id`, which loaders of SQL files turn into parameters; not dollar quotes, casts or slices. */
const NAMED_PARAMETER = /\$[A-Za-z_]\w*(?![\w$])|(?<![:\w]):[A-Za-z_]\w*/g;

function parseSpan(text: string, span: Span): SqlStatement[] | SqlProblem {
  const piece = text.slice(span.start, span.end);
  const parsed = parsePiece(text, span, piece);
  if (Array.isArray(parsed)) return parsed;
  const numbered = piece.replace(NAMED_PARAMETER, (name) => '$1'.padEnd(name.length));
  if (numbered === piece || parsed.error === NESTED_TOO_DEEPLY) return parsed;
  const again = parsePiece(text, span, numbered);
  return Array.isArray(again) || again.error === NESTED_TOO_DEEPLY ? again : parsed;
}

function parsePiece(text: string, span: Span, piece: string): SqlStatement[] | SqlProblem {
  if (piece.trim() === '') return [];
  try {
    const tree = parseSql(piece);
    if ('error' in tree) return tree;
    if (GLUED_PARAMETER.test(piece) && hasGluedName(tree)) return { error: 'a parameter follows a name without a space' };
    rebase(tree, offsets(piece), span.start);
    return (tree.stmts ?? []).flatMap((raw) => {
      if (!raw.stmt) return [];
      const from = raw.stmt_location ?? span.start;
      const to = raw.stmt_len ? from + raw.stmt_len : span.end;
      const found = text.slice(from, to);
      const start = from + leadingBlank(found);
      return [{ start, end: significantEnd(text, start, to), ...describeNode(raw.stmt) }];
    });
  } catch (error) {
    // Trees can be deeper than the stack.
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

const GLUED_PARAMETER = /[A-Za-z0-9_]\$\d/;

/**
 * `FROM orders$1` is a name to PostgreSQL. In a text that was made from a template or concatenation it is `orders` and a
 * piece that nobody knows, which may be a WHERE clause: nothing can be said of such a statement.
 */
function hasGluedName(tree: ParseResult): boolean {
  let glued = false;
  visit(tree, (_, node) => {
    const { relname, sval, alias } = node as { relname?: unknown; sval?: unknown; alias?: { aliasname?: unknown } };
    glued ||= [relname, sval, alias?.aliasname].some((name) => typeof name === 'string' && GLUED_PARAMETER.test(name));
    return !glued;
  });
  return glued;
}

/** Length of the white space and comments before a statement: PostgreSQL counts them in. */
function leadingBlank(text: string): number {
  return /^(?:\s|--[^\n]*(?:\n|$)|\/\*(?:[^*]|\*(?!\/))*\*\/)*/.exec(text)![0].length;
}

/** Turns PostgreSQL's offsets (bytes of UTF-8) into offsets of the JavaScript string, or undefined when they are the same. */
function offsets(text: string): ((byte: number) => number) | undefined {
  // eslint-disable-next-line no-control-regex
  if (/^[\x00-\x7f]*$/.test(text)) return undefined;
  const units = new Map<number, number>();
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    units.set(bytes, i);
    const code = text.charCodeAt(i);
    if (code < 0x80) bytes += 1;
    else if (code < 0x800) bytes += 2;
    else if (code >= 0xd800 && code < 0xdc00 && i + 1 < text.length) {
      bytes += 4;
      i++;
    } else bytes += 3;
  }
  units.set(bytes, text.length);
  return (byte) => units.get(byte) ?? text.length;
}

const LOCATIONS = new Set(['location', 'stmt_location', 'list_start', 'list_end', 'rexpr_list_start', 'rexpr_list_end', 'name_location', 'type_location']);

/** Maps all locations inside a tree, in place. Iterative: trees can be deeper than the stack. */
function rebase(tree: ParseResult, map: ((byte: number) => number) | undefined, base: number): void {
  if (!map && base === 0) return;
  const open: unknown[] = [tree];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (Array.isArray(node)) {
      open.push(...(node as unknown[]));
      continue;
    }
    const record = node as Record<string, unknown>;
    // A length counts bytes too, from the statement's start, which may be left out when it is 0.
    if (typeof record['stmt_len'] === 'number') {
      const start = (record['stmt_location'] as number | undefined) ?? 0;
      const end = start + record['stmt_len'];
      record['stmt_len'] = map ? map(end) - map(start) : record['stmt_len'];
    }
    if ('stmt' in record && record['stmt_location'] === undefined) record['stmt_location'] = 0;
    for (const key in record) {
      const value = record[key];
      if (typeof value === 'number') {
        if (LOCATIONS.has(key) && value >= 0) record[key] = (map ? map(value) : value) + base;
      } else if (typeof value === 'object' && value !== null) open.push(value);
    }
  }
}

type Description = Omit<SqlStatement, 'start' | 'end'>;

function describeNode(node: Node): Description {
  const written: Description = {
    verb: 'other', bound: 'none', tables: tablesOf(node), filterColumns: [], filtered: false, exact: false, searches: false, isBatch: isBatch(node), returning: false,
    columns: 'unknown', offset: false, ordered: false, node,
  };
  if ('SelectStmt' in node) {
    const select = node.SelectStmt;
    if (select.intoClause) return { ...written, verb: 'ddl' };
    const writes = writingCte(select.withClause);
    return {
      ...written,
      verb: writes ?? 'read',
      bound: boundOfSelect(select),
      filterColumns: selects(select)
        .map((arm) => narrowingColumns(arm.whereClause, arm.fromClause))
        .reduce((common, columns) => common.filter((column) => columns.includes(column))),
      filtered: selectNarrows(select),
      exact: selects(select).every((arm) => isExact(arm.whereClause, arm.fromClause)),
      searches: selects(select).some((arm) => searchesText(arm.whereClause, arm.fromClause)),
      columns: selects(select).some((arm) => arm.targetList?.some(isStar)) ? 'all' : 'some',
      offset: select.limitOffset !== undefined,
      ordered: select.sortClause !== undefined,
    };
  }
  if ('InsertStmt' in node) {
    const insert = node.InsertStmt;
    const rows = insert.selectStmt && 'SelectStmt' in insert.selectStmt ? insert.selectStmt.SelectStmt : undefined;
    const one = !rows || boundOfSelect(rows) === 'one';
    return { ...written, verb: 'insert', ...returned(insert.returningClause, one ? 'one' : 'all') };
  }
  if ('UpdateStmt' in node || 'DeleteStmt' in node) {
    const [verb, write] = 'UpdateStmt' in node ? (['update', node.UpdateStmt] as const) : (['delete', node.DeleteStmt] as const);
    const others = 'UpdateStmt' in node ? node.UpdateStmt.fromClause : node.DeleteStmt.usingClause;
    return {
      ...written,
      verb,
      filterColumns: narrowingColumns(write.whereClause, others),
      filtered: narrows(write.whereClause, others),
      exact: isExact(write.whereClause, others),
      searches: searchesText(write.whereClause, others),
      ...('UpdateStmt' in node && { sets: parametersIn([node.UpdateStmt.targetList, others, write.withClause]) }),
      ...returned(write.returningClause, 'all'),
    };
  }
  if ('MergeStmt' in node) return { ...written, verb: 'update', filtered: true, ...returned(node.MergeStmt.returningClause, 'all') };
  if ('TransactionStmt' in node) return { ...written, verb: 'transaction' };
  return { ...written, verb: isDdl(node) ? 'ddl' : 'other', bound: 'unknown' };
}

function returned(clause: ReturningClause | undefined, bound: Bound): Pick<Description, 'returning' | 'bound'> {
  return clause ? { returning: true, bound } : { returning: false, bound: 'none' };
}

const NO_DDL = /^(?:Explain|Copy|Call|Do|Execute|Prepare|Deallocate|DeclareCursor|Fetch|ClosePortal|Variable\w*|Lock|Listen|Unlisten|Notify|Vacuum|CheckPoint|Discard|Load|ConstraintsSet)(?:Set|Show)?Stmt$/;

function isDdl(node: Node): boolean {
  return !NO_DDL.test(Object.keys(node)[0] ?? '');
}

function writingCte(clause: WithClause | undefined): Verb | undefined {
  for (const cte of clause?.ctes ?? []) {
    const query = 'CommonTableExpr' in cte ? cte.CommonTableExpr.ctequery : undefined;
    if (!query) continue;
    if ('InsertStmt' in query) return 'insert';
    if ('UpdateStmt' in query || 'MergeStmt' in query) return 'update';
    if ('DeleteStmt' in query) return 'delete';
  }
  return undefined;
}

function tablesOf(node: Node): string[] {
  const tables: string[] = [];
  const ctes = new Set<string>();
  visit(node, (kind, found) => {
    if (kind === 'CommonTableExpr') ctes.add((found as { ctename?: string }).ctename ?? '');
    return true;
  });
  const add = (relation: RangeVar | undefined): void => {
    if (relation?.relname && !(ctes.has(relation.relname) && !relation.schemaname)) tables.push(tableName(relation));
  };
  const body = Object.values(node)[0] as { relation?: RangeVar; fromClause?: Node[] } | undefined;
  // The written table and the CREATEd one are bare, not wrapped like the others.
  add(body?.relation);
  const inFrom = (root: unknown): void =>
    visit(root, (kind, found) => {
      if (kind === 'RangeVar') add(found as RangeVar);
      return true;
    });
  inFrom(body?.fromClause ?? []);
  inFrom(node);
  return unique(tables);
}

function isBatch(node: Node): boolean {
  let batch = false;
  visit(node, (kind, found) => {
    if (kind === 'A_Expr') {
      const expression = found as { kind?: string; rexpr?: Node };
      batch ||= expression.kind === 'AEXPR_OP_ANY' || (expression.kind === 'AEXPR_IN' && (listLength(expression.rexpr) > 1 || takesParameter(expression.rexpr)));
    } else if (kind === 'SelectStmt') {
      batch ||= ((found as SelectStmt).valuesLists?.length ?? 0) > 1;
    } else if (kind === 'FuncCall') {
      const call = found as FuncCall;
      batch ||= spreadsParameter(call);
    }
    return !batch;
  });
  return batch;
}

function listLength(node: Node | undefined): number {
  return node && 'List' in node ? (node.List.items?.length ?? 0) : 0;
}

function unique(names: string[]): string[] {
  return [...new Set(names)];
}

function isStar(target: Node): boolean {
  const value = 'ResTarget' in target ? target.ResTarget.val : undefined;
  return value !== undefined && 'ColumnRef' in value && Boolean(value.ColumnRef.fields?.some((field) => 'A_Star' in field));
}
