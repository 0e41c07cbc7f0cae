import type { Node, RangeVar, SelectStmt } from '@pgsql/types';
import type { SqlStatement } from '../../../syntax/sql';
import { wideArms } from '../../../syntax/sql-bound';
import { functionName, selects, tableName } from '../../../syntax/sql-tree';
import { UNKNOWN_NAME } from '../../../syntax/embedded-sql';

/** A SELECT whose rows are as many as its table has. */
export interface WholeTableRead {
  /** The table that is read, as the text names it. */
  table: string;
  /** All tables whose rows come out, this one first. */
  tables: string[];
  /** The arm of the statement that reads it. */
  select: SelectStmt;
}

/** Tables that tools keep their own books in. */
const BOOKKEEPING = /^(?:__drizzle_migrations|_prisma_migrations|(?:knex|schema|pg|flyway)_?(?:schema_)?(?:migrations(?:_lock)?|history))$/i;

/** Looks at one statement; undefined when something bounds it, or when nobody can tell. */
export function wholeTableRead(statement: SqlStatement, smallTables: readonly string[]): WholeTableRead | undefined {
  if (statement.verb !== 'read' || statement.bound !== 'all' || statement.filtered || !('SelectStmt' in statement.node)) return undefined;
  for (const select of wideArms(statement.node.SelectStmt)) {
    if (bringsRowsTogether(select) || isLoneCall(select)) continue;
    const tables = sourceTables(statement.node.SelectStmt, select);
    const table = tables && tableName(tables[0]!);
    if (!tables || !table || tables.some(isCatalogue) || /\$\d/.test(table) || table.includes(UNKNOWN_NAME)) continue;
    if (BOOKKEEPING.test(tables[0]!.relname ?? '') || smallTables.some((small) => isSameTable(small, tables[0]!))) continue;
    return { table, tables: tables.map((one) => tableName(one)), select };
  }
  return undefined;
}

/** GROUP BY and DISTINCT return a row per group, and groups are usually few; `count(*)` under HAVING is one. */
function bringsRowsTogether(select: SelectStmt): boolean {
  return Boolean(select.groupClause ?? select.distinctClause ?? select.havingClause);
}

/** `SELECT st_extent(shape) FROM …` may be an aggregate that an extension or the schema defines. */
function isLoneCall(select: SelectStmt): boolean {
  const [target, ...more] = select.targetList ?? [];
  const value = target && 'ResTarget' in target ? target.ResTarget.val : undefined;
  return more.length === 0 && value !== undefined && 'FuncCall' in value && !value.FuncCall.over && !PLAIN_FUNCTIONS.has(functionName(value.FuncCall));
}

const PLAIN_FUNCTIONS = new Set(['lower', 'upper', 'trim', 'btrim', 'concat', 'row_to_json', 'to_json', 'to_jsonb', 'jsonb_build_object', 'json_build_object', 'date_trunc', 'to_char', 'length', 'round']);

/** The tables whose rows come out, the outer side of joins first; undefined when there is none. */
function sourceTables(whole: SelectStmt, select: SelectStmt): RangeVar[] | undefined {
  const tables: RangeVar[] = [];
  const ctes = new Map<string, SelectStmt>();
  const declare = (one: SelectStmt): void => {
    for (const node of one.withClause?.ctes ?? []) {
      if (!('CommonTableExpr' in node)) continue;
      const { ctename, ctequery } = node.CommonTableExpr;
      if (ctename && ctequery && 'SelectStmt' in ctequery) ctes.set(ctename, ctequery.SelectStmt);
    }
  };
  declare(whole);
  const read = (items: readonly Node[] | undefined): void => {
    for (const item of items ?? []) {
      if ('RangeVar' in item) {
        const name = item.RangeVar.relname ?? '';
        const cte = item.RangeVar.schemaname ? undefined : ctes.get(name);
        // A recursive CTE reads itself.
        ctes.delete(name);
        if (cte) readSelect(cte);
        else tables.push(item.RangeVar);
      } else if ('JoinExpr' in item) {
        const { jointype, larg, rarg } = item.JoinExpr;
        read((jointype === 'JOIN_RIGHT' ? [rarg, larg] : [larg, rarg]).filter((side) => side !== undefined));
      } else if ('RangeSubselect' in item && item.RangeSubselect.subquery && 'SelectStmt' in item.RangeSubselect.subquery) {
        readSelect(item.RangeSubselect.subquery.SelectStmt);
      }
    }
  };
  const readSelect = (one: SelectStmt): void => {
    declare(one);
    for (const arm of selects(one)) read(arm.fromClause);
  };
  read(select.fromClause);
  return tables.length > 0 ? tables : undefined;
}

/** System catalogues hold what the schema has, not what the users store. */
function isCatalogue(table: RangeVar): boolean {
  return /^(?:pg_catalog|information_schema)$/.test(table.schemaname ?? '') || (!table.schemaname && /^pg_/.test(table.relname ?? ''));
}

/** `app_settings` and `AppSettings` are settings too. */
function isSameTable(small: string, table: RangeVar): boolean {
  const name = table.relname ?? '';
  const lastWord = /(?:^|_)([^_]+)$/.exec(name)?.[1] ?? name;
  const names = [name, lastWord, /[A-Z][a-z]*$/.exec(name)?.[0] ?? name, `${table.schemaname ?? 'public'}.${name}`];
  return names.some((one) => one.toLowerCase() === small.toLowerCase());
}
