import type { Query } from '../../../libraries/library';
import { helperOf, loopFindings, queryName, relatedOf } from '../loop-finding';
import { defineRule } from '../../rule';

interface RepeatedData {
  query: Pick<Query, 'label' | 'tables'>;
  /** The helper through which the query is reached. */
  through?: { name: string; file: string };
  /** What one element of the loop is called; missing when the query is asked twice in a row. */
  element?: string;
}

export default defineRule<RepeatedData>({
  id: 'repeated-query',
  family: 'database',
  summary: 'A query that asks again what is already known',
  severity: 'warning',
  confidence: 'high',
  fix: 'none',
  options: {},
  *detect(facts, program) {
    if (facts.kind !== 'module') return;
    for (const found of program.queriesPerElement(facts)) {
      if (found.besideSideEffect || program.inTurns(facts, found) !== 'same') continue;
      const { label, tables } = found.query;
      for (const { data, ...place } of loopFindings(facts, [found])) {
        yield { ...place, data: { query: { label, tables }, element: data.element, ...(data.through && { through: data.through }) } };
      }
    }
    for (const { first, site, query, chain } of program.askedAgain(facts)) {
      const through = helperOf(chain);
      yield {
        start: site.start,
        end: site.end,
        related: [{ file: facts.file, start: first.start, end: first.end, message: 'the answer is already here' }, ...relatedOf(chain)],
        data: { query: { label: query.label, tables: query.tables }, ...(through && { through }) },
      };
    }
  },
  explain({ query, through, element }) {
    const what = through ? `The query of \`${through.name}\` in ${through.file}` : queryName(query);
    if (element === undefined) {
      return {
        message: `${what} asks again what this function already knows`,
        reason: 'Same query, same arguments, and nothing in between that could change the answer: the second round trip brings the same rows.',
        help: 'Use the first answer again.',
      };
    }
    return {
      message: `${what} asks the same for each ${element}`,
      reason: 'Nothing in the query depends on the loop: N turns cost N round trips for one answer.',
      help: `Move the query before the loop, and use its answer for each ${element}.`,
    };
  },
});
