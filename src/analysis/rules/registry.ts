import type { Rule } from './rule';

/** All rules by id, in the order of their ids. The build gathers `rules/<family>/<id>/rule.ts` from the folders. */
export const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>();
