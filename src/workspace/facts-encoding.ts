import { contributionsOf, positionAt, sourcesOf, type Contribution, type FileFacts } from '../analysis';
import type { Extraction, Scanned } from './extraction';

/** What is known of a file without its facts. */
export interface Summary {
  lines: number;
  /** What it imports from. */
  sources: string[];
  contributions: Contribution[];
  /** Where the parser gave up, in words. */
  flaw?: string;
  /** Its findings depend on how its project compiles React components. */
  compiled?: true;
}

/** A file's facts, encoded, and what is known without decoding them. */
export interface EncodedFile extends Scanned {
  /** Of the text that they were made of. */
  hash: string;
  summary: Summary;
  bytes: Uint8Array;
}

/** As `Extraction`, with facts that are encoded. */
export type EncodedExtraction = (EncodedFile & { byteOrderMark: boolean }) | { problem: string } | { gone: true };

const KINDS: ReadonlySet<string> = new Set<FileFacts['kind']>(['module', 'sql', 'schema']);

/** Facts as bytes: what workers send and what the cache holds, so that each file is encoded once. */
export function encodeFacts(facts: FileFacts): Uint8Array {
  return Buffer.from(JSON.stringify(facts));
}

/** Throws when the bytes are not facts. */
export function decodeFacts(bytes: Uint8Array): FileFacts {
  const facts = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')) as FileFacts;
  if (!KINDS.has(facts.kind) || !Array.isArray(facts.lineStarts)) throw new Error('these are no facts');
  return facts;
}

/** What threads hand over of a file; a file that could not be read stays what it is. */
export function encodeExtraction(extraction: Extraction): EncodedExtraction {
  if (!('facts' in extraction)) return extraction;
  const { facts, ...rest } = extraction;
  return { ...rest, bytes: encodeFacts(facts), summary: summaryOf(facts) };
}

/** What is known of a file without its facts, made of them. */
export function summaryOf(facts: FileFacts): Summary {
  const error = facts.syntaxError;
  return {
    lines: facts.lineStarts.length,
    sources: sourcesOf(facts),
    contributions: contributionsOf(facts),
    ...(error && { flaw: `syntax error in line ${positionAt(facts, error.start).line}, analysed in part: ${error.message}` }),
    ...(facts.kind === 'module' && facts.react?.providers.length && { compiled: true }),
  };
}
