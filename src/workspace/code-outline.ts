/** Blanks out comments, keeping strings and positions, so that configuration files can be read without running them. */
export function withoutComments(text: string): string {
  return text.replace(
    /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[\s\S]|[^`\\])*`|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g,
    (token) => (token.startsWith('/') ? token.replace(/[^\r\n]/g, ' ') : token),
  );
}

/** Parses JSON with comments and trailing commas, as tsconfig.json has them. Throws a SyntaxError. */
export function parseCommentedJson(text: string): unknown {
  const bare = withoutComments(text.replace(/^\uFEFF/, ''));
  return JSON.parse(bare.replace(/"(?:\\.|[^"\\])*"|,(?=\s*[}\]])/g, (token) => (token === ',' ? '' : token)));
}
