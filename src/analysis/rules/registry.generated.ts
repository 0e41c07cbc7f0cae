// Made by `npm run generate` from the folders of the rules. Do not edit.
import type { Rule } from './rule';

export const all: readonly Rule[] = [];
