/**
 * The parts of SQL that matter for literals, in the order in which PostgreSQL's scanner would try them. Comments, quoted names,
 * parameters and words are matched to be left alone.
 */
const PARTS =
  /(?<keep>\/\*[\s\S]*?(?:\*\/|$)|--[^\n]*|(?:[uU]&)?"(?:[^"]|"")*"?|\$\d+)|(?<text>[eE]'(?:[^'\\]|\\[\s\S]|'')*'?|(?:[uU]&|[bBxXnN])?'(?:[^']|'')*'?|\$(?<tag>[A-Za-z_\u0080-\uffff]*)\$[\s\S]*?(?:\$\k<tag>\$|$))|(?<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|(?<number>(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/g;

/** Numbers in these are lengths, precisions and positions of the schema, not data. */
const DEFINITIONS = /^\s*(?:create|alter|drop|comment|grant|revoke|truncate|vacuum|analyze|reindex|cluster)\b/i;

/**
 * Replaces the literal values that pg_stat_statements leaves in a text: those of utility statements, and of a statement whose
 * entry was dropped before its normalised text was stored.
 */
export function maskLiterals(sql: string): string {
  const keepNumbers = DEFINITIONS.test(sql);
  return sql.replace(PARTS, (part: string, ...rest: unknown[]) => {
    const groups = rest.at(-1) as { text?: string; number?: string };
    if (groups.text !== undefined) return "'…'";
    if (groups.number !== undefined && !keepNumbers) return '?';
    return part;
  });
}
