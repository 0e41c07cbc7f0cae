import type { Query } from '../../src/analysis/libraries/library';
import { programOf } from '../analysis-host';

/** The facts of a query that a test compares; what it leaves out may be anything. */
export type Told = Partial<Pick<Query, 'library' | 'verb' | 'tables' | 'filterColumns' | 'filtered' | 'exact' | 'bound' | 'handle' | 'label' | 'manyAtOnce' | 'columns' | 'offset' | 'searches' | 'runs' | 'runsHooks' | 'nestsRows'>>;

/** Queries that the sites of `main.ts` run, in the order of the code, with the facts that `expected` has for each. */
export function queriesOf(files: Record<string, string>, expected: readonly Told[]): Told[] {
  const program = programOf(new Map(Object.entries(files)));
  const facts = program.facts('main.ts');
  if (facts?.kind !== 'module') throw new Error('main.ts is no module');
  if (facts.syntaxError) throw new Error(facts.syntaxError.message);
  const queries = facts.sites
    .map((site, index) => ({ site, query: program.effects.site(facts, index).query }))
    .filter(({ query }) => query !== undefined)
    .sort((a, b) => a.site.start - b.site.start);
  return queries.map(({ query }, index) => Object.fromEntries(Object.keys(expected[index] ?? { label: '', verb: '' }).map((key) => [key, query![key as keyof Told]])));
}
