import type { Query } from '../../../libraries/library';
import { boundedQuery, type UnboundedQuery } from '../../../rewrite';
import { defineRule } from '../../rule';
import { plural, queryName } from '../loop-finding';
import { aboutRows } from '../../row-count';
import { longReads } from '../rows-in-memory';

interface UnboundedData {
  site: UnboundedQuery;
  filtered: boolean;
  nestsLists: boolean;
  searches: boolean;
  /** Of the connected database. */
  rows?: number;
}

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
    for (const { site, query, boiled } of longReads(facts, program)) {
      if (query.sql !== undefined || boiled || query.tables.length === 0 || !isTelling(query)) continue;
      const { library, handle, tables, label } = query;
      const table = tables[0]!;
      const rows = program.tableSizes.rowsOf(table);
      yield {
        start: site.start,
        end: site.end,
        ...(program.tableSizes.isLarge(table) && { confidence: 'high' }),
        data: {
          site: { library, handle, tables, label, query: { start: site.start, end: site.end } },
          filtered: query.filtered,
          nestsLists: query.nestsLists,
          searches: query.searches,
          ...(rows !== undefined && { rows }),
        },
      };
    }
  },
  explain(data, refusal) {
    const table = data.site.tables[0]!;
    return {
      message: messageOf(data, table),
      reason: `${data.rows === undefined || !data.filtered ? '' : `\`${table}\` holds ${aboutRows(data.rows)} in the connected database. `}Time, memory and traffic grow with \`${table}\`: what is quick on a hundred ${plural('row')} stops the server on a million.`,
      help: `Read a page at a time: a limit, and a cursor on a unique column.${refusal === undefined ? '' : ` No fix is offered: ${refusal}`}`,
    };
  },
  rewrite: (detection, source) => boundedQuery(detection.data.site, source),
});

function messageOf(data: UnboundedData, table: string): string {
  const query = queryName(data.site);
  if (!data.filtered) return `${query} reads every row of \`${table}\`${data.rows === undefined ? '' : `: ${aboutRows(data.rows)} in the connected database`}`;
  return data.searches ? `${query} returns every row that matches a search` : `${query} reads every matching row, each with an unlimited list of its own`;
}

/** "No limit" alone is mostly noise: whole-table reads of growing tables count, and lists whose length nobody knows. */
function isTelling(query: Query): boolean {
  return !query.filtered || query.nestsLists || query.searches;
}
