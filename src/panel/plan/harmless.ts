import { visibleText } from '../visible-text.js';

/** Where a browser begins a tag, a comment or the name of a character. `a < b` is none of them. */
const MARKUP = /[<&](?=[a-z/!?#])/gi;

/** Has no width, lets nothing break, and ends what could have become a tag. */
const WORD_JOINER = '\u2060';

/**
 * The same plan with texts that read alike and are no markup. PEV2 puts names of tables and aliases, filters and the like into
 * markup of its own as they are.
 */
export function harmless(value: unknown): unknown {
  if (typeof value === 'string') return visibleText(value).replace(MARKUP, `$&${WORD_JOINER}`);
  if (Array.isArray(value)) return value.map(harmless);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, harmless(inner)]));
}
