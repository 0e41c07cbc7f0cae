import { batchedRead } from '../../../rewrite';
import { defineRule } from '../../rule';
import { andOthers, fixesOfLoop, type LoopFindingData, loopFindings, plural, queryName } from '../loop-finding';

export default defineRule<LoopFindingData>({
  id: 'n-plus-one',
  family: 'database',
  summary: 'A query that reads once per element of a loop',
  severity: 'warning',
  confidence: 'high',
  fix: 'safe',
  options: {},
  *detect(facts, program) {
    if (facts.kind !== 'module') return;
    yield* loopFindings(facts, program.queriesPerElement(facts).filter((found) => found.query.verb === 'read' && !found.besideSideEffect && program.inTurns(facts, found) === 'different'));
  },
  explain(data, refusal) {
    const { element, through, oneAtATime, list } = data;
    const many = plural(element);
    return {
      message: `One query per ${element}${through ? `, through \`${through.name}\` in ${through.file}` : `: ${queryName(data.site)} runs for each ${list ? `of \`${list}\`` : 'element'}`}${andOthers(data.others, 'query')}`,
      reason: `N ${many} cost N round trips to the database, where one query can bring all rows${oneAtATime ? '; on one connection they also wait for each other' : ''}.`,
      help: `Read the rows of all ${many} with one query before the loop (\`IN\` or \`= ANY\`) and look each one up in a \`Map\`.${oneAtATime ? ' Running them side by side would not help: one connection takes one query at a time.' : ''}${refusal === undefined ? '' : ` No fix is offered: ${refusal}`}`,
    };
  },
  rewrite: (detection, source) => fixesOfLoop(detection.data, (site) => batchedRead(site, source)),
});
