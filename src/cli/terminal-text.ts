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
