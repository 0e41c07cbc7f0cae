import { format } from 'sql-formatter';

/** Laying out a text of this length takes about 50 ms; longer ones are shown as they are. */
const FORMATTED_LIMIT = 20_000;

/** A statement laid out over lines, or as it is where the formatter cannot read it. */
export function formatSql(text: string): string {
  if (text.length > FORMATTED_LIMIT) return text;
  try {
    return format(text, { language: 'postgresql', keywordCase: 'upper' });
  } catch {
    return text;
  }
}
