import { defineRule } from '../../rule';
import { andOthers, fixesOfLoop, type LoopFindingData, loopsThat, plural, queryName } from '../loop-finding';

const STATEMENT = { insert: 'INSERT', update: 'UPDATE', delete: 'DELETE', read: 'query' } as const;
const ADVICE = {
  insert: 'Insert all rows with one statement, in chunks below the limit of bound values.',
  update: 'Update all rows with one statement: a shared `WHERE … IN`, or `UPDATE … FROM` a list of values.',
  delete: 'Delete all rows with one statement: `WHERE … IN` or `= ANY`.',
  read: '',
} as const;

const FLUSH_ADVICE = 'Let each turn only note its changes, and flush once after the loop (or once per chunk): that writes many rows at a time.';

export default defineRule<LoopFindingData>({
  id: 'sequential-write',
  family: 'database',
  summary: 'An insert, update or delete that runs once per element of a loop',
  severity: 'warning',
  confidence: 'high',
  fix: 'safe',
  options: {},
  *detect(facts, program, options, isLike) {
    if (facts.kind !== 'module') return;
    yield* loopsThat('writes', facts, program, isLike('n-plus-one'));
  },
  explain(data, refusal) {
    const { element, through, list, site } = data;
    const many = plural(element);
    return {
      message: `One ${site.flushes ? 'flush' : STATEMENT[site.verb]} per ${element}${through ? `, through \`${through.name}\` in ${through.file}` : `: ${queryName(site)} runs for each ${list ? `of \`${list}\`` : 'element'}`}${andOthers(data)}`,
      reason: `N ${many} cost N round trips and N statements, each with its own parsing, locks and${data.oneAtATime ? ' trigger calls; a transaction holds its locks all the while' : ' commit'}.`,
      help: `${site.flushes ? FLUSH_ADVICE : ADVICE[site.verb]}${refusal === undefined ? '' : ` No fix is offered: ${refusal}`}`,
    };
  },
  rewrite: (detection, source) => fixesOfLoop(detection.data, source),
});
