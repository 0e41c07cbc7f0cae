import type { Confidence } from '../../../finding';
import type { Query } from '../../../libraries/library';
import type { ModuleFacts } from '../../../facts/facts';
import type { Program } from '../../../program/program';
import { RowUses } from '../../../patterns/row-uses';
import { type Column, type Table, weightOf } from '../../../schema/table';
import { selectedColumns, type WholeRowsQuery } from '../../../rewrite';
import { defineRule } from '../../rule';
import { queryName } from '../loop-finding';
import { isSmall, longReads } from '../rows-in-memory';

interface OverFetchData {
  site: WholeRowsQuery;
  /** Columns of the table. */
  columns: number;
  /** Those that nobody reads and that weigh most, with their types. */
  heavy: Column[];
}

/** Left over, so many columns make a row several times as long as what is read of it. */
const MANY_COLUMNS = 20;
/** The same where one of them is a document (`json`), which may be long or short. */
const MANY_BESIDE_DOCUMENT = 10;
/** With more than a third of the columns in use, the code is about the whole row. */
const FEW = 1 / 3;
/** More names than this make a sentence that nobody reads. */
const MAX_NAMES = 4;

/** Members that are not columns and that any row of a library may have. */
const BESIDES: ReadonlySet<string> = new Set(['_count']);

export default defineRule<OverFetchData>({
  id: 'over-fetch',
  family: 'database',
  summary: 'A query that brings large columns which nobody reads',
  severity: 'warning',
  confidence: 'high',
  fix: 'safe',
  options: {},
  *detect(facts, program) {
    if (facts.kind !== 'module') return;
    const counted = new Set(longReads(facts, program).flatMap(({ site, boiled }) => (boiled ? [site] : [])));
    let uses: RowUses | undefined;
    for (const [index, site] of facts.sites.entries()) {
      const query = program.effects.site(facts, index).query;
      const table = query && wholeRowsOf(query, facts, program);
      // Rows that are read to be counted should not be read at all.
      if (!table || counted.has(site)) continue;
      uses ??= new RowUses(facts);
      const read = uses.of(site, query.library === 'pg' || query.library === 'neon');
      const found = read && !read.one && leftOver(table, read.members, query);
      if (!found) continue;
      const { library, handle, label, tables } = query;
      const { start, end } = site;
      yield {
        start, end, confidence: found.confidence,
        data: { site: { library, handle, label, tables, query: { start, end }, used: found.used, typed: read.typed }, columns: table.columns.length, heavy: found.heavy },
      };
    }
  },
  explain({ site, columns, heavy }, refusal) {
    const { used } = site;
    const table = site.tables[0]!;
    const what = heavy.map(({ name, type }) => `\`${name}\` (${type})`);
    return {
      message: `${queryName(site)} reads all ${columns} columns of \`${table}\`${what.length > 0 ? `, among them ${listed(what)},` : ''} and uses ${used.length === 1 ? 'only ' : ''}${listed(used.map((name) => `\`${name}\``))}`,
      reason: 'What nobody reads is still read from the disk, sent, parsed and kept in memory, for each row. PostgreSQL keeps long values apart from their rows, and fetches each of them separately.',
      help: `Select the columns that are used.${refusal === undefined ? '' : ` No fix is offered: ${refusal}`}`,
    };
  },
  rewrite: (detection, source) => selectedColumns(detection.data.site, source),
});

/** The table whose whole rows a query brings, several of them. */
function wholeRowsOf(query: Query, facts: ModuleFacts, program: Program): Table | undefined {
  if (query.verb !== 'read' || query.columns !== 'all' || query.wrapped || query.runs === 'never' || (query.bound !== 'all' && query.bound !== 'limited') || isSmall(query)) return undefined;
  return program.tableOf(query, facts.file);
}

function leftOver(table: Table, read: ReadonlySet<string>, query: Query): { used: string[]; heavy: Column[]; confidence: Confidence } | undefined {
  const names = new Set(table.columns.map(({ name }) => name));
  // A method of a row may read any of it.
  if (![...read].every((name) => names.has(name) || table.relations?.includes(name) || BESIDES.has(name))) return undefined;
  const used = table.columns.flatMap(({ name }) => (read.has(name) ? [name] : []));
  const rest = table.columns.filter(({ name }) => !read.has(name));
  if (used.length === 0) return undefined;
  const heavy = rest.filter((column) => weightOf(column) === 'heavy');
  if (heavy.length > 0) return { used, heavy: heavy.slice(0, MAX_NAMES), confidence: query.bound === 'all' ? 'high' : 'medium' };
  const documents = rest.filter((column) => weightOf(column) === 'document');
  const few = used.length <= table.columns.length * FEW;
  if (query.bound !== 'all' || query.exact || !few || rest.length < (documents.length > 0 ? MANY_BESIDE_DOCUMENT : MANY_COLUMNS)) return undefined;
  return { used, heavy: documents.slice(0, MAX_NAMES), confidence: 'medium' };
}

function listed(names: readonly string[]): string {
  if (names.length > MAX_NAMES) return `${names.slice(0, MAX_NAMES - 1).join(', ')} and ${names.length - MAX_NAMES + 1} more`;
  return names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}` : names[0]!;
}
