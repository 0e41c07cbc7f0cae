import { all } from './registry.generated';
import type { Rule } from './rule';

/** All rules by id, in the order of their ids. `npm run generate` gathers `rules/<family>/<id>/rule.ts` from the folders. */
export const rules: ReadonlyMap<string, Rule> = new Map(all.map((rule) => [rule.id, rule]));
