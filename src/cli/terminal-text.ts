import stringWidth from 'string-width';

/** What moves the cursor, changes colours or reverses the direction of text. */
const CONTROL = /[\u0000-\u0008\u000A-\u001F\u007F-\u009F\u2028\u2029\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/g;
const TAB = '    ';

/** Makes text from files harmless on a terminal: control characters are shown, not obeyed. */
export function printable(text: string): string {
  return text.replaceAll('\t', TAB).replace(CONTROL, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

/** Columns that a printable text takes. */
export function width(text: string): number {
  return stringWidth(text);
}
