/**
 * Characters that act instead of being seen: escape sequences for terminals, marks that turn the reading direction around, and
 * those without width. Line breaks, tabs and the joiner of emoji stay.
 */
const ACTING = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\u200b\u2060\ufeff]/gu;
const LAST_CONTROL_PICTURE = 0x1f;
const CONTROL_PICTURES = 0x2400;

/** The text with each such character as a sign that can be seen, so that no text looks like another one. */
export function visibleText(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(ACTING, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code <= LAST_CONTROL_PICTURE ? String.fromCodePoint(CONTROL_PICTURES + code) : `‹U+${code.toString(16).toUpperCase().padStart(4, '0')}›`;
  });
}

/** A text of a row is cut here; the whole is shown where the row is opened. */
const ONE_LINE_LIMIT = 300;

/** The text on one line. */
export function oneLine(text: string): string {
  const line = text.slice(0, 4 * ONE_LINE_LIMIT).replace(/\s+/g, ' ').trim();
  return line.length > ONE_LINE_LIMIT ? `${line.slice(0, ONE_LINE_LIMIT)}…` : line;
}
