import type { Related } from '../../../finding';
import type { ModuleFacts } from '../../../facts/facts';
import type { TransactionWait, WaitingTransaction } from '../../../patterns/transaction-waits';
import { defineRule } from '../../rule';
import { fileName, helperName, LONG_CHAIN } from '../loop-finding';

interface SideEffectData {
  for: TransactionWait['for'];
  name: string;
  /** The function through which it waits. */
  through?: { name: string; file: string };
  /** Further waits of the same transaction. */
  more: number;
}

export default defineRule<SideEffectData>({
  id: 'transaction-side-effect',
  family: 'database',
  summary: 'A transaction that waits for the network, or sleeps, while it holds its locks',
  severity: 'warning',
  confidence: 'high',
  fix: 'none',
  options: {},
  *detect(facts, program) {
    if (facts.kind !== 'module') return;
    for (const transaction of program.waitingTransactions(facts)) {
      const first = transaction.waits[0]!;
      const helper = first.chain[0] && helperName(first.chain[0]);
      yield {
        start: first.site.start,
        end: first.site.end,
        ...(first.chain.length >= LONG_CHAIN && { confidence: 'medium' as const }),
        related: relatedOf(facts, transaction),
        data: {
          for: first.for,
          name: first.name,
          ...(helper !== undefined && { through: { name: helper, file: fileName(first.chain[0]!.module.file) } }),
          more: transaction.waits.length - 1,
        },
      };
    }
  },
  explain({ for: kind, name, through, more }) {
    const what = kind === 'sleep' ? 'A transaction sleeps' : `A transaction waits for the network: \`${name}\``;
    return {
      message: `${what}${through ? `, through \`${through.name}\` in ${through.file}` : ''}${more ? ` (and ${more} more)` : ''}`,
      reason: `Until it goes on, it holds its connection and its locks: whoever wants the same rows waits too.${kind === 'network' ? ' When it rolls back, what was sent stays sent.' : ''}`,
      help: kind === 'network'
        ? 'Call the service before the transaction begins or after it has committed; what must not get lost goes into a table in the same transaction, and is sent from there.'
        : 'Wait before the transaction begins or after it has committed; to try again later, end it first.',
    };
  },
});

function relatedOf(facts: ModuleFacts, { opened, waits }: WaitingTransaction): Related[] {
  const [first, ...others] = waits;
  return [
    { file: facts.file, start: opened.start, end: opened.end, message: 'the transaction begins here' },
    ...first!.chain.map(({ module, site }, index) => ({
      file: module.file, start: site.start, end: site.end,
      message: index === first!.chain.length - 1 ? 'it waits here' : 'through this call',
    })),
    ...others.map(({ site }) => ({ file: facts.file, start: site.start, end: site.end, message: 'and here it waits too' })),
  ];
}
