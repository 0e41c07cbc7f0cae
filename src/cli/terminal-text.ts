import stringWidth from 'string-width';

/** What moves the cursor, changes colours or reverses the direction of text. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\uFEFF]/gu;
const TAB = '    ';

/** Makes text from files harmless on a terminal: control characters are shown, not obeyed. */
export function printable(text: string): string {
  return text.replaceAll('\t', TAB).replace(CONTROL, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

/** Columns that a printable text takes. */
export function width(text: string): number {
  return stringWidth(text);
}

/**
 * Colours are for terminals, and not for pipes or files, unless NO_COLOR (no-color.org) or FORCE_COLOR (force-color.org)
 * says otherwise. A CI log is a file too: what reads it need not know escape sequences.
 */
export function wantsColors(isTerminal: boolean | undefined, env: NodeJS.ProcessEnv): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0';
  return isTerminal === true && env['TERM'] !== 'dumb';
}
