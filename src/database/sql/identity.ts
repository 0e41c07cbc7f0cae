import { createHash } from 'node:crypto';
import type { Node, ParseResult, RangeVar, WithClause } from '@pgsql/types';
import { maskLiterals } from '../mask-literals.js';
import { fingerprint, normalize, parseTree } from './parser.js';

export type StatementKind = 'select' | 'insert' | 'update' | 'delete' | 'transaction' | 'other';

/** What makes a statement one and the same, wherever its text comes from. */
export interface StatementIdentity {
  /** libpg-query's fingerprint, 16 hexadecimal digits; for a text that cannot be parsed `text-` and a hash of what is left without literals. */
  id: string;
  /** Without literal values, at most {@link SHOWN_LIMIT} characters. */
  text: string;
  /** For people to see. What may be run is never decided by it: see `explainable`. */
  kind: StatementKind;
  /** Tables as the text names them, without the schema `public`: the written one first, then in the order of the text. */
  tables: string[];
}

/**
 * From this length on a text is not parsed: a parse takes about a millisecond per 1,000 characters. The probe cuts texts at the
 * same length, so that what it saw and what the server keeps get the same id.
 */
export const PARSED_LIMIT = 100_000;
/** More than a screen shows: generated statements may have megabytes. */
export const SHOWN_LIMIT = 10_000;

/**
 * Identifies a statement by PostgreSQL's own parser. Never throws: a text that is too long, broken or hostile is identified by
 * what is left of it without literals. It takes about 0.2 ms for a usual text, so callers remember the answer for a text.
 */
export function identify(text: string): StatementIdentity {
  const tree = text.length < PARSED_LIMIT ? parseTree(text) : undefined;
  const id = tree === undefined ? undefined : fingerprint(text);
  const normalized = id === undefined ? undefined : normalize(text);
  if (tree === undefined || id === undefined || normalized === undefined) return identifyRoughly(text);
  const kind = kindOf(tree);
  return {
    id,
    // Utility statements keep literals that the parser does not count as such.
    text: cut(kind === 'other' ? maskLiterals(normalized) : normalized),
    kind,
    tables: tablesOf(tree),
  };
}

function identifyRoughly(text: string): StatementIdentity {
  const isCut = text.length >= PARSED_LIMIT;
  const masked = maskLiterals(text.slice(0, PARSED_LIMIT));
  const basis = withoutValues(masked, isCut);
  const word = /^[\s(]*([a-z]+)/.exec(basis)?.[1] ?? '';
  return {
    id: `text-${createHash('sha256').update(basis.slice(0, SHOWN_LIMIT)).digest('hex').slice(0, 16)}`,
    text: cut(masked),
    kind: KIND_OF_WORD[word] ?? 'other',
    tables: [],
  };
}

const CUT_HERE = ' …';

/** The text of an identity that was cut: it is not the whole statement, even where it parses. */
export function isCut(text: string): boolean {
  return text.length >= SHOWN_LIMIT - CUT_HERE.length && text.endsWith(CUT_HERE);
}

function cut(text: string): string {
  const trimmed = text.trim();
  if (trimmed.length <= SHOWN_LIMIT) return trimmed;
  // Half a pair of surrogates is no character.
  return trimmed.slice(0, SHOWN_LIMIT - CUT_HERE.length).replace(/[\ud800-\udbff]$/, ' ') + CUT_HERE;
}

/** What two spellings of one statement have in common: the same for literals and parameters, and for lists of any length. */
function withoutValues(masked: string, isCut: boolean): string {
  const basis = masked
    .replace(/\/\*(?:[^*]|\*(?!\/))*(?:\*\/|$)|--[^\n]*/g, ' ')
    .toLowerCase()
    .replace(/'…'|\$\d+|\b(?:true|false|null|default)\b/g, '?')
    .replace(/\s+/g, ' ')
    .replace(/\?(?: ?, ?\?)+/g, '?')
    .replace(/\( ?\? ?\)(?: ?, ?\( ?\? ?\))+/g, '(?)')
    .trim();
  // Where a text was cut depends on the length of its values.
  return isCut ? basis.replace(/\w*$/, '').replace(/[ ,()?]*$/, '') : basis;
}

const KIND_OF_WORD: Readonly<Record<string, StatementKind>> = {
  select: 'select', values: 'select', table: 'select', with: 'select', insert: 'insert', update: 'update', merge: 'update', delete: 'delete',
  begin: 'transaction', start: 'transaction', commit: 'transaction', end: 'transaction', rollback: 'transaction', abort: 'transaction',
  savepoint: 'transaction', release: 'transaction',
};

function kindOf(tree: ParseResult): StatementKind {
  const kinds = new Set((tree.stmts ?? []).flatMap(({ stmt }) => (stmt ? [kindOfStatement(stmt)] : [])));
  const [kind] = kinds;
  return kinds.size === 1 && kind !== undefined ? kind : 'other';
}

function kindOfStatement(node: Node): StatementKind {
  if ('SelectStmt' in node) return node.SelectStmt.intoClause ? 'other' : (kindOfCtes(node.SelectStmt.withClause) ?? 'select');
  if ('InsertStmt' in node) return 'insert';
  if ('UpdateStmt' in node || 'MergeStmt' in node) return 'update';
  if ('DeleteStmt' in node) return 'delete';
  return 'TransactionStmt' in node ? 'transaction' : 'other';
}

/** `WITH … AS (INSERT …) SELECT` writes. */
function kindOfCtes(clause: WithClause | undefined): StatementKind | undefined {
  for (const cte of clause?.ctes ?? []) {
    const query = 'CommonTableExpr' in cte ? cte.CommonTableExpr.ctequery : undefined;
    const kind = query ? kindOfStatement(query) : 'select';
    if (kind !== 'select') return kind;
  }
  return undefined;
}

function tablesOf(tree: ParseResult): string[] {
  const relations: RangeVar[] = [];
  const ctes = new Set<string>();
  // Not recursive: trees can be deeper than the stack.
  const open: unknown[] = [tree];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (typeof node !== 'object' || node === null) continue;
    const { relname, ctename } = node as { relname?: unknown; ctename?: unknown };
    if (typeof relname === 'string') relations.push(node);
    if (typeof ctename === 'string') ctes.add(ctename);
    for (const value of Object.values(node)) if (typeof value === 'object') open.push(value);
  }
  const written = new Set((tree.stmts ?? []).map(({ stmt }) => (Object.values(stmt ?? {})[0] as { relation?: RangeVar } | undefined)?.relation));
  const rank = (relation: RangeVar): number => (written.has(relation) ? -1 : (relation.location ?? 0));
  const tables = relations
    .filter(({ schemaname, relname }) => schemaname !== undefined || !ctes.has(relname ?? ''))
    .sort((a, b) => rank(a) - rank(b))
    .map(({ schemaname, relname = '' }) => (schemaname === undefined || schemaname === 'public' ? relname : `${schemaname}.${relname}`));
  return [...new Set(tables)];
}
