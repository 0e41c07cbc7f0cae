import { describeSql } from '../syntax/sql';
import type { Column } from './table';

/** What one statement of a migration does to a table. */
export interface TableChange {
  table: string;
  /** The whole table, as CREATE TABLE makes it. */
  creates?: true;
  adds: Column[];
  drops: string[];
}

/** A file without these words changes no table. */
const CHANGES = /\b(create|alter)\s+(unlogged\s+|foreign\s+)?table\b/i;

interface TypeName {
  names?: { String?: { sval?: string } }[];
  arrayBounds?: unknown[];
}

interface Definition {
  ColumnDef?: { colname?: string; typeName?: TypeName };
  AlterTableCmd?: { subtype?: string; name?: string; def?: Definition };
}

interface Statement {
  CreateStmt?: { relation?: { relname?: string }; tableElts?: Definition[]; inhRelations?: unknown[] };
  AlterTableStmt?: { relation?: { relname?: string }; cmds?: Definition[]; objtype?: string };
}

/** The tables that an SQL text makes and changes, in its order. */
export function tableChanges(text: string): TableChange[] {
  if (!CHANGES.test(text)) return [];
  const statements = describeSql(text);
  return Array.isArray(statements) ? statements.flatMap(({ node }) => changeOf(node as Statement) ?? []) : [];
}

function changeOf({ CreateStmt: created, AlterTableStmt: altered }: Statement): TableChange | undefined {
  const table = (created ?? altered)?.relation?.relname;
  if (table === undefined) return undefined;
  if (created) return { table, creates: true, adds: columnsOf(created.tableElts), drops: [] };
  const commands = (altered?.cmds ?? []).flatMap(({ AlterTableCmd: command }) => command ?? []);
  const adds = columnsOf(commands.filter(({ subtype }) => subtype === 'AT_AddColumn').map(({ def }) => def ?? {}));
  const drops = commands.flatMap(({ subtype, name }) => (subtype === 'AT_DropColumn' && name !== undefined ? [name] : []));
  return adds.length > 0 || drops.length > 0 ? { table, adds, drops } : undefined;
}

function columnsOf(definitions: readonly Definition[] | undefined): Column[] {
  return (definitions ?? []).flatMap(({ ColumnDef: column }) => (column?.colname === undefined ? [] : [{ name: column.colname, type: typeOf(column.typeName) }]));
}

function typeOf(type: TypeName | undefined): string {
  const name = type?.names?.at(-1)?.String?.sval ?? '';
  return type?.arrayBounds?.length ? `${name}[]` : name;
}
