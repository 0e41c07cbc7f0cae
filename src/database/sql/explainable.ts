import type { Node } from '@pgsql/types';
import { parseTree } from './parser.js';

/** What the parse tree says of a statement that may be explained. */
export interface Explainable {
  /** It inserts, updates, deletes or merges, as a whole or in a WITH query. */
  writes: boolean;
  /** It locks rows (`FOR UPDATE`, …). */
  locks: boolean;
  /** The highest `$n`, 0 without parameters. */
  parameters: number;
  /** Names of the functions that it calls, without schemas. */
  functions: string[];
  /** Tables that it writes, as SQL names. */
  written: string[];
}

export type Explainability = ({ ok: true } & Explainable) | { ok: false; reason: string };

const PLANNED = new Set(['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt']);
const WRITING = new Set(['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt']);

/**
 * Decides by the parse tree alone whether a text is one statement that PostgreSQL makes a plan for, and what running it would do.
 * Needs `loadSqlParser`; never throws.
 */
export function explainable(text: string): Explainability {
  const tree = parseTree(text);
  if (tree === undefined) return { ok: false, reason: 'PostgreSQL’s parser does not understand this text.' };
  const statements = (tree.stmts ?? []).flatMap(({ stmt }) => (stmt ? [stmt] : []));
  const [statement] = statements;
  if (statement === undefined || statements.length > 1) return { ok: false, reason: `The text holds ${statements.length} statements. Explain one at a time.` };
  const found: Found = { writes: false, locks: false, createsTable: false, parameters: 0, functions: new Set(), written: new Set() };
  walk(statement, found);
  if (!PLANNED.has(Object.keys(statement)[0] ?? '') || found.createsTable) {
    return { ok: false, reason: 'Only SELECT, VALUES, INSERT, UPDATE, DELETE and MERGE have plans.' };
  }
  const { writes, locks, parameters, functions, written } = found;
  return { ok: true, writes, locks, parameters, functions: [...functions], written: [...written] };
}

interface Found extends Omit<Explainable, 'functions' | 'written'> {
  /** `SELECT … INTO` */
  createsTable: boolean;
  functions: Set<string>;
  written: Set<string>;
}

/** Not recursive: trees can be deeper than the stack. */
function walk(statement: Node, found: Found): void {
  const open: unknown[] = [statement];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (typeof node !== 'object' || node === null) continue;
    for (const [key, value] of Object.entries(node)) {
      if (typeof value !== 'object' || value === null) continue;
      open.push(value);
      if (WRITING.has(key)) {
        found.writes = true;
        const name = sqlName((value as { relation?: { schemaname?: string; relname?: string } }).relation);
        if (name) found.written.add(name);
      } else if (key === 'intoClause') found.createsTable = true;
      else if (key === 'LockingClause') found.locks = true;
      else if (key === 'ParamRef') found.parameters = Math.max(found.parameters, (value as { number?: number }).number ?? 0);
      else if (key === 'FuncCall') {
        const name = (value as { funcname?: { String?: { sval?: string } }[] }).funcname?.at(-1)?.String?.sval;
        if (name) found.functions.add(name);
      }
    }
  }
}

function sqlName(relation: { schemaname?: string; relname?: string } | undefined): string {
  const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
  if (!relation?.relname) return '';
  return relation.schemaname ? `${quote(relation.schemaname)}.${quote(relation.relname)}` : quote(relation.relname);
}
