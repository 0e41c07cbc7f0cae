import type { Query } from '../../../libraries/library';
import type { ModuleFacts, SiteFact, VariableUses } from '../../../program/facts';
import { boundedQuery, type UnboundedQuery } from '../../../rewrite';
import { defineRule } from '../../rule';
import { plural, queryName } from '../loop-finding';

interface UnboundedData {
  site: UnboundedQuery;
  /** Methods that work on the rows in memory, where SQL could. */
  inMemory: string[];
  filtered: boolean;
  nestsLists: boolean;
  searches: boolean;
}

/** Members that boil rows down: who uses them did not want all rows. */
const BOILING_DOWN: ReadonlySet<string> = new Set(['filter', 'reduce', 'length', 'slice', 'sort', 'toSorted']);

/**
 * Tables that stay small by their nature, by the last word of their name. A whole read of them is no problem.
 */
const SMALL_TABLE = /(settings?|config(uration)?s?|options?|preferences?|roles?|permissions?|actions?|plans?|tiers?|categor(y|ies)|types?|kinds?|status(es)?|states?|countr(y|ies)|currenc(y|ies)|languages?|locales?|time_?zones?|features?|flags?|levels?|units?|providers?|integrations?|templates?|versions?|migrations?|schedules?|jobs?|queues?|regions?|enums?|counters?|sites?|orgs?|organi[sz]ations?|teams?|workspaces?|tenants?)$/i;

export default defineRule<UnboundedData>({
  id: 'unbounded-query',
  family: 'database',
  summary: 'A query that can return a whole, growing table',
  severity: 'warning',
  confidence: 'medium',
  fix: 'suggestion',
  options: {},
  *detect(facts, program) {
    if (facts.kind !== 'module') return;
    for (const [index, site] of facts.sites.entries()) {
      const query = program.effects.site(facts, index).query;
      if (query?.verb !== 'read' || query.bound !== 'all' || query.sql !== undefined || query.manyAtOnce) continue;
      const inMemory = boilingDown(facts, site, query);
      if (!isTelling(query, inMemory)) continue;
      const { library, handle, tables, label } = query;
      yield {
        start: site.start,
        end: site.end,
        confidence: inMemory.length ? 'high' : 'medium',
        data: { site: { library, handle, tables, label, query: { start: site.start, end: site.end } }, inMemory, filtered: query.filtered, nestsLists: query.nestsLists, searches: query.searches },
      };
    }
  },
  explain(data, refusal) {
    const table = data.site.tables[0] ?? 'the table';
    return {
      message: messageOf(data, table),
      reason: `Time, memory and traffic grow with \`${table}\`: what is quick on a hundred ${plural('row')} stops the server on a million.`,
      help: `${data.inMemory.length ? 'Let the database filter, count or sort, or read a page at a time.' : 'Read a page at a time: a limit, and a cursor on a unique column.'}${refusal === undefined ? '' : ` No fix is offered: ${refusal}`}`,
    };
  },
  rewrite: (detection, source) => boundedQuery(detection.data.site, source),
});

function messageOf(data: UnboundedData, table: string): string {
  const query = queryName(data.site);
  if (!data.filtered) return `${query} reads every row of \`${table}\``;
  if (data.inMemory.length) return `${query} reads every matching row, and ${data.inMemory.map((name) => `\`${name}\``).join(', ')} boils them down in memory`;
  return data.searches ? `${query} returns every row that matches a search` : `${query} reads every matching row, each with an unlimited list of its own`;
}

/** "No limit" alone is mostly noise: whole-table reads of growing tables count, and rows that are boiled down in memory. */
function isTelling(query: Query, inMemory: string[]): boolean {
  if (query.tables.some((table) => SMALL_TABLE.test(table))) return false;
  return !query.filtered || inMemory.length > 0 || query.nestsLists || query.searches;
}

function boilingDown(facts: ModuleFacts, site: SiteFact, query: Query): string[] {
  const used = new Set<string>();
  for (const variable of site.result) {
    const { uses } = facts.variables[variable]!;
    // `[0]` and the length of what an exact filter found ask whether a row is there.
    if (handedOn(uses) || uses.members?.includes('0')) continue;
    for (const member of uses.members ?? []) if (BOILING_DOWN.has(member) && !(member === 'length' && query.exact)) used.add(member);
  }
  return [...used];
}

/** The whole rows are wanted by somebody else too. */
function handedOn(uses: VariableUses): boolean {
  return Boolean(uses.returned || uses.passed);
}
