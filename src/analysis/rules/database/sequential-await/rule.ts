import type { ModuleFacts } from '../../../facts/facts';
import type { WaitingRead } from '../../../patterns/independent-awaits';
import { type AwaitedReads, concurrentReads } from '../../../rewrite';
import { defineRule } from '../../rule';
import { fileName, LONG_CHAIN, queryName } from '../loop-finding';

interface SequentialData extends AwaitedReads {
  /** What each of them is called in the code. */
  names: string[];
}

/** More names than this make a sentence that nobody reads. */
const MAX_NAMES = 3;

export default defineRule<SequentialData>({
  id: 'sequential-await',
  family: 'database',
  summary: 'Reads that wait for each other, although none needs what another gives',
  severity: 'info',
  confidence: 'high',
  fix: 'suggestion',
  options: {},
  *detect(facts, program) {
    if (facts.kind !== 'module' || facts.sequences.length === 0) return;
    for (const group of program.independentAwaits(facts)) {
      const [first, ...others] = group;
      yield {
        start: first!.step.start,
        end: first!.step.end,
        ...(group.some(({ queries }) => queries.every(({ chain }) => chain.length >= LONG_CHAIN)) && { confidence: 'medium' as const }),
        related: others.map(({ step }) => ({ file: facts.file, start: step.start, end: step.end, message: 'this one waits without need' })),
        data: { names: group.map((read) => nameOf(facts, read)), statements: group.map(({ step: { start, end } }) => ({ start, end })) },
      };
    }
  },
  explain({ names }, refusal) {
    const told = names.length > MAX_NAMES ? [...names.slice(0, MAX_NAMES - 1), `${names.length - MAX_NAMES + 1} more`] : names;
    return {
      message: `${names.length} independent reads wait for each other: ${told.slice(0, -1).join(', ')} and ${told.at(-1)!}`,
      reason: `Their round trips add up: ${names.length} in a row, where the time of the slowest would do.`,
      help: `Start them together with \`Promise.all\`; each takes a connection of the pool while it runs.${refusal === undefined ? '' : ` No fix is offered: ${refusal}`}`,
    };
  },
  rewrite: (detection, source) => concurrentReads(detection.data, source),
});

function nameOf(facts: ModuleFacts, { queries }: WaitingRead): string {
  const { query, chain } = queries[0]!;
  const last = chain[0];
  if (!last) return queryName(query);
  const name = last.module.functions[last.site.function]!.name;
  return name === undefined ? queryName(query) : `\`${name}\`${last.module === facts ? '' : ` in ${fileName(last.module.file)}`}`;
}
