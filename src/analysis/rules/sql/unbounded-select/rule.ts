import type { SelectStmt } from '@pgsql/types';
import type { FileFacts, ModuleFacts } from '../../../facts/facts';
import { lineAt } from '../../../lines';
import { RowUses } from '../../../patterns/row-uses';
import { sourceSpan, type EmbeddedSql } from '../../../syntax/embedded-sql';
import { describeSql, type SqlStatement } from '../../../syntax/sql';
import { significantEnd } from '../../../syntax/sql-split';
import { aboutRows } from '../../row-count';
import { defineRule, type Detected, type FixOutcome, type SourceFile } from '../../rule';
import type { TableSizes } from '../../../schema/table-sizes';
import { wholeTableRead } from './whole-table-read';

/** A page that a person can look at; more is rarely shown at once. */
const DEFAULT_LIMIT = 100;

/** Lookup tables that stay small however much the product is used. */
const SMALL_TABLES = [
  'settings', 'setting', 'config', 'configs', 'configuration', 'configurations', 'options', 'preferences', 'roles', 'permissions', 'countries',
  'currencies', 'languages', 'locales', 'timezones', 'units', 'regions', 'plans', 'features', 'flags',
];

interface UnboundedSelect {
  /** The table that is read, as the SQL names it. */
  table: string;
  /** Of the connected database. */
  rows?: number;
  limit: number;
  /** What the fix adds besides the limit: nothing, or an order by this column. */
  orderBy?: string;
  /** Offset of the file at which the clauses are added. */
  at: number;
  /** Offset of the file at which the statement starts. */
  from: number;
  /** The keywords of the statement are in capitals. */
  capitals: boolean;
  /** The text may go on in a new line: it stands in a file or a template. */
  multiline: boolean;
  refused?: string;
}

export default defineRule<UnboundedSelect>({
  id: 'unbounded-select',
  family: 'sql',
  summary: 'A SELECT without WHERE and LIMIT reads a whole table',
  severity: 'warning',
  confidence: 'medium',
  fix: 'suggestion',
  options: {
    limit: { description: 'Rows that the fix limits a SELECT to.', default: DEFAULT_LIMIT, minimum: 1 },
    smallTables: { description: 'Tables that always stay small, by name or by the last word of it: reading them whole is not reported.', default: SMALL_TABLES },
  },

  *detect(file, program, options) {
    let known: RowUses | undefined;
    const uses = (module: ModuleFacts): RowUses => (known ??= new RowUses(module));
    for (const sql of file.sql) {
      const statements = describeSql(sql.text);
      if (!Array.isArray(statements)) continue;
      for (const statement of statements) {
        const detected = look(sql, statement, options['limit'] as number, options['smallTables'] as string[], program.tableSizes);
        if (detected && (detected.confidence === 'high' || !isTakenForOne(sql, statement, file, uses))) yield detected;
      }
    }
  },

  explain({ table, rows }, refusal) {
    return {
      message: `This SELECT reads every row of \`${table}\`${rows === undefined ? '' : `: ${aboutRows(rows)} in the connected database`}`,
      reason: `Nothing in it bounds the result: each row is read, sent and kept in memory, so time and memory grow with \`${table}\` for as long as the product is used.`,
      help: `Ask for the rows that are needed: add a WHERE, or ORDER BY a unique key with LIMIT and go on after the last key (keyset pagination). Count or sum in SQL instead of in the program.${refusal ? ` No fix is offered: ${refusal}` : ''}`,
    };
  },

  rewrite({ data }, source): FixOutcome {
    return data.refused === undefined ? { fixes: [limited(data, source)] } : { refused: data.refused };
  },
});

/** The code looks at the first row alone, and asks for no order: it takes the table for one that has a single row. */
function isTakenForOne({ start, names = [start] }: EmbeddedSql, { node }: SqlStatement, file: FileFacts, uses: (module: ModuleFacts) => RowUses): boolean {
  if (file.kind !== 'module' || !('SelectStmt' in node) || node.SelectStmt.sortClause) return false;
  return names.every((place) => {
    const site = file.sites.filter((one) => one.start <= place && place < one.end).sort((a, b) => b.start - a.start)[0];
    return site !== undefined && uses(file).onlyFirst(site);
  });
}

function look(sql: EmbeddedSql, statement: SqlStatement, limit: number, smallTables: readonly string[], sizes: TableSizes): Detected<UnboundedSelect> | undefined {
  const read = wholeTableRead(statement, smallTables);
  if (!read || sizes.areSmall(read.tables)) return undefined;
  const rows = sizes.rowsOf(read.table);
  const keyword = selectKeyword(sql.text, statement, read.select);
  const lineEnd = sql.text.indexOf('\n', keyword);
  const end = significantEnd(sql.text, keyword, lineEnd < 0 ? statement.end : Math.min(lineEnd, statement.end));
  const { start: from, end: at } = sourceSpan(sql, statement);
  const whole = 'SelectStmt' in statement.node ? statement.node.SelectStmt : read.select;
  const order = orderOf(whole);
  return {
    ...sourceSpan(sql, { start: keyword, end }),
    ...(sizes.isLarge(read.table) && { confidence: 'high' }),
    data: {
      table: read.table,
      ...(rows !== undefined && { rows }),
      limit,
      ...order,
      ...(endsInHole(sql, statement.end) && { refused: 'the statement ends with a part that only the running program knows.' }),
      at,
      from,
      capitals: /^[A-Z]/.test(sql.text.slice(keyword)),
      multiline: sql.origin !== 'string',
    },
  };
}

/** Where the SELECT itself starts: a WITH clause or another arm may stand before it. */
function selectKeyword(text: string, statement: SqlStatement, select: SelectStmt): number {
  const target = select.targetList?.[0];
  const location = target && 'ResTarget' in target ? (target.ResTarget.location ?? 0) : statement.start;
  const before = text.slice(statement.start, location).toLowerCase().lastIndexOf('select');
  return before < 0 ? statement.start : statement.start + before;
}

/** Without an order, a LIMIT would return arbitrary rows: there must be one, or a key to order by. */
function orderOf(select: SelectStmt): Pick<UnboundedSelect, 'orderBy' | 'refused'> {
  if (select.lockingClause) return { refused: 'the statement locks the rows that it returns, and a LIMIT would leave the others unlocked.' };
  if (select.sortClause) return {};
  if (select.larg) return { refused: 'the arms of a set operation have no common key to order by.' };
  for (const target of select.targetList ?? []) {
    const value = 'ResTarget' in target && !target.ResTarget.name ? target.ResTarget.val : undefined;
    const fields = value && 'ColumnRef' in value ? (value.ColumnRef.fields ?? []) : [];
    const names = fields.map((field) => ('String' in field ? (field.String.sval ?? '') : ''));
    // A qualified name needs no guess at which of several tables has the column.
    if (names.at(-1) === 'id') return { orderBy: names.map((name) => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name}"`)).join('.') };
  }
  return { refused: 'the statement names no key to order by, so a LIMIT would return arbitrary rows.' };
}

function endsInHole(sql: EmbeddedSql, end: number): boolean {
  return !sql.runs.some((run) => run.text < end && end <= run.text + run.length);
}

function limited({ table, limit, orderBy, at, from, capitals, multiline }: UnboundedSelect, { file, text }: SourceFile) {
  const clauses = [...(orderBy ? [capitals ? `ORDER BY ${orderBy}` : `order by ${orderBy}`] : []), `${capitals ? 'LIMIT' : 'limit'} ${limit}`];
  const lastLine = lineAt(text, at).start;
  // A statement of several lines has a line for each clause.
  const separator = multiline && lastLine > from ? `${text[lastLine - 2] === '\r' ? '\r\n' : '\n'}${indentOf(text, from, at)}` : ' ';
  return {
    title: `Limit ${table} to ${limit} rows${orderBy ? ` in the order of ${orderBy}` : ''} (returns fewer rows)`,
    safety: 'suggestion' as const,
    edits: [{ file, start: at, end: at, text: clauses.map((clause) => separator + clause).join('') }],
  };
}

/** Indentation of the last line of the statement that starts with a clause. */
function indentOf(text: string, from: number, at: number): string {
  const lines = text.slice(from, at).split('\n').slice(1);
  const clause = lines.reverse().find((line) => /^\s*(?:from|order|where|group)\b/i.test(line)) ?? lines[0] ?? '';
  return /^[ \t]*/.exec(clause)![0];
}
