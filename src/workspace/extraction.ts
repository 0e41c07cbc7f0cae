import { readFileSync } from 'node:fs';
import { complete, extractFacts, isModule, isParsedAnyway, outlineModule, scanModule, type Detection, type FileContext, type FileFacts, type Finding, type LexicalFacts, type RuleFailure, type RuleSettings } from '../analysis';
import { describeError, isMissing } from './discovery';
import { decodeSource, type SourceText } from './source-text';

/** A file to extract; `name` is its path from the root, which is what its context is judged by. */
export interface ExtractionTask {
  file: string;
  name: string;
  /** Otherwise a module is parsed only if its own words ask for it, and else outlined. */
  whole: boolean;
}

/** What the lexical pass says of a module. */
export interface Scanned {
  scan?: LexicalFacts;
  /** It was not parsed: its facts are what `outlineModule` gives. */
  outlined?: true;
}

export type Extraction =
  | ({ facts: FileFacts; hash: string; byteOrderMark: boolean } & Scanned)
  | { problem: string }
  /** Deleted since it was found. */
  | { gone: true };

/** Detections of one file to be worded and rewritten. */
export interface CompletionTask {
  file: string;
  context: FileContext;
  /** Of the text that the detections speak of. */
  hash: string;
  detections: Detection[];
  settings: RuleSettings;
}

export type Completion =
  | { findings: Finding[]; failures: RuleFailure[] }
  /** The file is not what it was when the detections were made. */
  | { changed: true };

/** Reads a file and extracts its facts, in whatever thread this is. Never throws. */
export function extractFile(task: ExtractionTask): Extraction {
  const source = readSource(task.file);
  return 'text' in source ? extractText(task, source) : source;
}

/** Extracts the facts of a text that is already at hand. Never throws. */
export function extractText(task: ExtractionTask, source: SourceText): Extraction {
  try {
    const { file, name, whole } = task;
    const { text, hash, byteOrderMark } = source;
    const scan = isModule(file) ? scanModule(text) : undefined;
    if (scan && !whole && !isParsedAnyway(file, scan)) return { facts: outlineModule(file, text, name, scan), hash, byteOrderMark, scan, outlined: true };
    return { facts: extractFacts(file, text, name), hash, byteOrderMark, ...(scan && { scan }) };
  } catch (error) {
    return { problem: `not analysed: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** Reads a file and completes its detections, in whatever thread this is. Never throws. */
export function completeFile(task: CompletionTask): Completion {
  const source = readSource(task.file);
  if (!('text' in source) || source.hash !== task.hash) return { changed: true };
  return complete(task, source.text, task.detections, task.settings);
}

/** Reads a file for analysis. Never throws. */
export function readSource(file: string): SourceText | { problem: string } | { gone: true } {
  try {
    const source = decodeSource(file, readFileSync(file));
    return 'refused' in source ? { problem: source.refused } : source;
  } catch (error) {
    return isMissing(error) ? { gone: true } : { problem: `not read: ${describeError(error)}` };
  }
}
