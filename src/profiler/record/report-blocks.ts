/** Words of a report. `code` is what came from programs, databases and people: shown as it is, never as markup. */
export type Inline = string | { code: string };

export interface Table {
  is: 'table';
  columns: { title: string; isNumber?: boolean }[];
  rows: Inline[][];
}

export type Block = { is: 'heading'; level: 1 | 2; text: Inline } | { is: 'paragraph'; words: readonly Inline[] } | { is: 'list'; items: readonly (readonly Inline[])[] } | { is: 'code'; text: string } | Table;

/** Without signs that nobody sees: control characters, and those that turn the direction of writing. */
export function visible(text: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is to be taken out
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, (sign) => (sign === '\r' ? '' : '\ufffd'));
}
