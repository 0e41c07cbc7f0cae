import type { Query } from '../../../libraries/library';
import { defineRule } from '../../rule';
import { helperOf, LONG_CHAIN, queryName, relatedOf } from '../loop-finding';

interface PagesData {
  query: Pick<Query, 'label' | 'tables' | 'library' | 'ordered'>;
  /** The helper through which the query is reached. */
  through?: { name: string; file: string };
}

export default defineRule<PagesData>({
  id: 'offset-pagination',
  family: 'database',
  summary: 'A loop that reads page after page with a growing offset',
  severity: 'warning',
  confidence: 'high',
  fix: 'none',
  options: {},
  *detect(facts, program) {
    if (facts.kind !== 'module') return;
    for (const { site, query, chain } of program.offsetPages(facts)) {
      const { label, tables, library, ordered } = query;
      const through = helperOf(chain);
      yield {
        start: site.start,
        end: site.end,
        ...(chain.length >= LONG_CHAIN && { confidence: 'medium' as const }),
        related: relatedOf(chain),
        data: { query: { label, tables, library, ordered }, ...(through && { through }) },
      };
    }
  },
  explain({ query, through }) {
    return {
      message: `${queryName(query)} reads page after page with a growing offset${through ? `, through \`${through.name}\` in ${through.file}` : ''}${query.ordered === 'no' ? ', and without an order: pages may overlap, and rows get lost' : ''}`,
      reason: 'The database reads the rows that it skips, too: page N costs N pages, so that 1,000 pages cost half a million. Rows that come or go in the meantime move all pages behind them.',
      help: `Begin each page behind the last row of the page before, in the order of a unique column: ${query.library === 'prisma' ? '`orderBy: { id: \'asc\' }`, `cursor: { id: last.id }` and `skip: 1`' : '`WHERE id > $last ORDER BY id LIMIT n`'}.`,
    };
  },
});
