import type { FileFacts } from '../facts/facts';
import { declaresClassTables } from '../schema/class-tables';
import { declaresDrizzleTables } from '../schema/drizzle-tables';
import { databasesToldBy } from './databases';
import { servesOthers } from './server-contexts';
import { bindingsOf, heritageOf } from './wiring';

/** What only the program as a whole knows, and files add to. */
export type Contribution = 'databases' | 'heritage' | 'bindings' | 'servers' | 'react-providers' | 'react-consumers' | 'sql-tables' | 'prisma-tables' | 'drizzle-tables' | 'class-tables';

/**
 * What a file adds to what only the program as a whole knows. It is kept beside encoded facts, so that whoever gathers such things
 * decodes the few files that have some.
 */
export function contributionsOf(facts: FileFacts): Contribution[] {
  if (facts.kind === 'sql') return facts.tables?.length ? ['sql-tables'] : [];
  if (facts.kind === 'schema') return ['prisma-tables'];
  const found: Contribution[] = [];
  const note = (contribution: Contribution, adds: boolean | undefined): void => {
    if (adds) found.push(contribution);
  };
  note('databases', databasesToldBy(facts) !== '');
  note('heritage', heritageOf(facts).length > 0);
  note('bindings', bindingsOf(facts).length > 0);
  note('servers', servesOthers(facts));
  note('react-providers', facts.react && facts.react.providers.length > 0);
  note('react-consumers', facts.react && facts.react.consumed.length > 0);
  note('drizzle-tables', declaresDrizzleTables(facts));
  note('class-tables', declaresClassTables(facts));
  return found;
}
