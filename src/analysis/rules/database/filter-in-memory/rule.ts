import type { BoiledDown } from '../../../patterns/boiled-down';
import type { Query } from '../../../libraries/library';
import { defineRule } from '../../rule';
import { queryName } from '../loop-finding';
import { longReads } from '../rows-in-memory';

interface InMemoryData extends BoiledDown {
  query: Pick<Query, 'label' | 'tables' | 'filtered'>;
}

export default defineRule<InMemoryData>({
  id: 'filter-in-memory',
  family: 'database',
  summary: 'Rows that are read to be filtered, counted or summed in memory',
  severity: 'warning',
  confidence: 'high',
  fix: 'none',
  options: {},
  *detect(facts, program) {
    if (facts.kind !== 'module') return;
    for (const { site, query, boiled } of longReads(facts, program)) {
      // A whole table in SQL text is the business of unbounded-select.
      if (!boiled || (query.sql !== undefined && !query.filtered)) continue;
      const { label, tables, filtered } = query;
      yield { start: site.start, end: site.end, confidence: !query.exact && (boiled.makes === 'amount' || !query.filtered) ? 'high' : 'medium', data: { ...boiled, query: { label, tables, filtered } } };
    }
  },
  explain({ query, by, makes }) {
    const table = query.tables[0] === undefined ? 'the table' : `\`${query.tables[0]}\``;
    return {
      message: `${queryName(query)} reads ${query.filtered ? 'every matching row' : `every row of ${table}`}, only for ${by.map((name) => `\`${name}\``).join(' and ')} in memory`,
      reason: `Rows that nobody wants are read, sent and kept in memory, and there are more of them with each day that ${table} grows.`,
      help: ADVICE[makes],
    };
  },
});

const ADVICE = {
  amount: 'Ask the database for the number: `count(*)`, `sum(…)` or `EXISTS`, with the condition in WHERE.',
  parts: 'Ask the database for each of the selections, or for the numbers that are made of them: conditions in WHERE, `GROUP BY`, `count(*) FILTER (WHERE …)`.',
  part: 'Ask for the rows that are wanted: put the condition into WHERE, and the order and the number into ORDER BY and LIMIT.',
};
