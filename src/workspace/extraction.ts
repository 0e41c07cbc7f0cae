import { readFileSync } from 'node:fs';
import { extractFacts, type FileFacts } from '../analysis';
import { describeError, isMissing } from './discovery';
import { decodeSource } from './source-text';

/** A file to extract; `name` is its path from the root, which is what its context is judged by. */
export interface ExtractionTask {
  file: string;
  name: string;
}

export type Extraction =
  | { facts: FileFacts; hash: string; byteOrderMark: boolean }
  | { problem: string }
  /** Deleted since it was found. */
  | { gone: true };

/** Reads a file and extracts its facts, in whatever thread this is. Never throws. */
export function extractFile(task: ExtractionTask): Extraction {
  let bytes: Buffer;
  try {
    bytes = readFileSync(task.file);
  } catch (error) {
    return isMissing(error) ? { gone: true } : { problem: `not read: ${describeError(error)}` };
  }
  const source = decodeSource(task.file, bytes);
  if ('refused' in source) return { problem: source.refused };
  return extractText(task, source);
}

/** Extracts the facts of a text that is already at hand. Never throws. */
export function extractText(task: ExtractionTask, source: { text: string; hash: string; byteOrderMark: boolean }): Extraction {
  try {
    const facts = extractFacts(task.name, source.text);
    facts.file = task.file;
    return { facts, hash: source.hash, byteOrderMark: source.byteOrderMark };
  } catch (error) {
    return { problem: `not analysed: ${error instanceof Error ? error.message : String(error)}` };
  }
}
