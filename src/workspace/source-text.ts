import { createHash } from 'node:crypto';

/** Larger files are generated or data; parsing one blocks a worker for seconds. */
export const MAX_FILE_BYTES = 1_000_000;

/** Shorter texts are never called minified: a small file may be one long line. */
const MINIFIED_MIN_LENGTH = 5_000;
/** No person writes lines this long. */
const MINIFIED_LINE_LENGTH = 1_000;
/** Share of a text in overlong lines from which on it is called minified; below it, a component merely embeds an image. */
const MINIFIED_SHARE = 0.9;

export const BYTE_ORDER_MARK = '\uFEFF';

/** A file's text, as the analysis wants it. */
export interface SourceText {
  /** Without byte order mark; line ends untouched. */
  text: string;
  byteOrderMark: boolean;
  hash: string;
}

/** Decodes a file, or says why it is not analysed. */
export function decodeSource(file: string, bytes: Buffer): SourceText | { refused: string } {
  if (bytes.length > MAX_FILE_BYTES) return { refused: tooLarge(bytes.length) };
  if (bytes.includes(0)) return { refused: 'not analysed: it is a binary file' };
  const decoded = bytes.toString('utf8');
  const byteOrderMark = decoded.startsWith(BYTE_ORDER_MARK);
  const text = byteOrderMark ? decoded.slice(1) : decoded;
  if (!file.endsWith('.sql') && isMinified(text)) return { refused: 'not analysed: it is minified' };
  return { text, byteOrderMark, hash: hashText(text) };
}

export function tooLarge(bytes: number): string {
  return `not analysed: it is larger than ${MAX_FILE_BYTES / 1_000_000} MB (${(bytes / 1_000_000).toFixed(1)} MB)`;
}

/** Identity of a text; short, since every fact and finding in the cache is filed under one. */
export function hashText(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

export function isMinified(text: string): boolean {
  if (text.length < MINIFIED_MIN_LENGTH) return false;
  let overlong = 0;
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start);
    const length = (end < 0 ? text.length : end) - start;
    if (length > MINIFIED_LINE_LENGTH) overlong += length;
    start += length + 1;
  }
  return overlong > text.length * MINIFIED_SHARE;
}
