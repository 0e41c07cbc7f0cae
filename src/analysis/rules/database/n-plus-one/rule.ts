import type { ModuleFacts } from '../../../facts/facts';
import type { PerParentQuery } from '../../../patterns/field-resolvers';
import { defineRule, type Detected } from '../../rule';
import { andOthers, fixesOfLoop, helperOf, LONG_CHAIN, type LoopFindingData, loopsThat, plural, queryName, relatedOf } from '../loop-finding';

/** A query in the resolver of a GraphQL field. */
interface ResolverFindingData {
  parent: string;
  query: string;
  through?: { name: string; file: string };
  /** How many queries more the type's resolvers run. */
  others: number;
}

export default defineRule<LoopFindingData | ResolverFindingData>({
  id: 'n-plus-one',
  family: 'database',
  summary: 'A query that reads once per element of a loop',
  severity: 'warning',
  confidence: 'high',
  fix: 'safe',
  options: {},
  *detect(facts, program, options, isLike) {
    if (facts.kind !== 'module') return;
    yield* loopsThat('reads', facts, program, isLike('sequential-write'));
    yield* resolverFindings(facts, program.queriesPerParent(facts));
  },
  explain(data, refusal) {
    if ('parent' in data) {
      return {
        message: `One query per \`${data.parent}\`: the field's resolver runs ${data.query}${data.through ? `, through \`${data.through.name}\` in ${data.through.file}` : ''}${data.others ? `, and ${data.others} more ${data.others === 1 ? 'query' : 'queries'} in the type's resolvers` : ''}`,
        reason: `GraphQL calls the resolver once for each \`${data.parent}\` of an answer: a list of N costs N round trips to the database for this field alone.`,
        help: 'Load the field through a `DataLoader`, which collects the keys of all parents and reads their rows with one query (`IN` or `= ANY`), or bring its rows along with the parents.',
      };
    }
    const { element, through, oneAtATime, list } = data;
    const many = plural(element);
    return {
      message: `One query per ${element}${through ? `, through \`${through.name}\` in ${through.file}` : `: ${queryName(data.site)} runs for each ${list ? `of \`${list}\`` : 'element'}`}${andOthers(data)}`,
      reason: `N ${many} cost N round trips to the database, where one query can bring all rows${oneAtATime ? '; on one connection they also wait for each other' : ''}.`,
      help: `${data.site.loadsAssociation ? `Bring the rows along with the ${many}: name the association in \`populate\` where the ${many} are read.` : `Read the rows of all ${many} with one query before the loop (\`IN\` or \`= ANY\`) and look each one up in a \`Map\`.`}${data.others.some(({ verb }) => verb !== 'read') ? ' Gather what the loop writes, and write it after the loop with one statement.' : ''}${oneAtATime ? ' Running them side by side would not help: one connection takes one query at a time.' : ''}${refusal === undefined ? '' : ` No fix is offered: ${refusal}`}`,
    };
  },
  rewrite: ({ data }, source) => ('parent' in data ? { fixes: [] } : fixesOfLoop(data, source)),
});

/** One finding for each type: its fields are asked for together, and a loader each cures them alike. */
function* resolverFindings(facts: ModuleFacts, queries: readonly PerParentQuery[]): Generator<Detected<ResolverFindingData>> {
  for (const type of new Set(queries.map((query) => query.type))) {
    const ofType = queries.filter((query) => query.type === type);
    const [sure, unsure] = [ofType.filter(isSure), ofType.filter((query) => !isSure(query))];
    const [first, ...others] = sure.length ? sure : unsure;
    const { site, query, chain } = first!;
    const through = helperOf(chain);
    yield {
      start: site.start,
      end: site.end,
      confidence: sure.length ? 'high' : 'medium',
      related: [
        ...relatedOf(chain),
        ...others.map((other) => ({ file: facts.file, start: other.site.start, end: other.site.end, message: `this resolver runs a query for each \`${type}\` too` })),
      ],
      data: { parent: type, query: queryName(query), ...(through && { through }), others: others.length },
    };
  }
}

function isSure({ usesParent, chain }: PerParentQuery): boolean {
  return usesParent && chain.length < LONG_CHAIN;
}
