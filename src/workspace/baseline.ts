import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { describeError, isMissing } from './discovery';

/** A finding as a baseline knows it: without its line number, so that it survives lines moving about. */
export interface FindingIdentity {
  rule: string;
  /** Relative to where the baseline is used, with `/`. */
  file: string;
  /** The finding's line, with blanks evened out. */
  text: string;
}

interface BaselineEntry extends FindingIdentity {
  count: number;
}

/** A baseline that cannot be used; the message is a whole sentence. */
export class BaselineError extends Error {}

/** Evens out blanks, so that formatting does not make a finding new. */
export function normalizeLine(line: string): string {
  return line.trim().replace(/\s+/g, ' ');
}

/** Reads a baseline. Undefined when there is none yet. */
export async function readBaseline(path: string): Promise<FindingIdentity[] | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new BaselineError(`The baseline ${path} cannot be read: ${describeError(error)}.`);
  }
  let entries: unknown;
  try {
    entries = (JSON.parse(text) as { version?: unknown; findings?: unknown }).findings;
  } catch {
    throw new BaselineError(`The baseline ${path} is not valid JSON. Delete it to write it anew.`);
  }
  if (!Array.isArray(entries) || !entries.every(isEntry)) throw new BaselineError(`The baseline ${path} is not one that Roundtrip wrote. Delete it to write it anew.`);
  return entries.flatMap(({ rule, file, text: line, count }) => Array.from({ length: count }, () => ({ rule, file, text: line })));
}

const MAX_COUNT = 100_000;

function isEntry(value: unknown): value is BaselineEntry {
  const entry = value as Partial<BaselineEntry> | null;
  return (
    typeof entry?.rule === 'string' &&
    typeof entry.file === 'string' &&
    typeof entry.text === 'string' &&
    Number.isInteger(entry.count) &&
    entry.count! > 0 &&
    entry.count! < MAX_COUNT
  );
}

/** Writes a baseline, one finding a line in a fixed order, so that it reads well in a diff. */
export async function writeBaseline(path: string, findings: readonly FindingIdentity[]): Promise<void> {
  const counts = new Map<string, BaselineEntry>();
  for (const { rule, file, text } of findings) {
    const key = keyOf({ rule, file, text });
    counts.set(key, { rule, file, text, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  const lines = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => `    ${JSON.stringify(entry)}`);
  const content = `{\n  "version": 1,\n  "findings": [${lines.length ? `\n${lines.join(',\n')}\n  ` : ''}]\n}\n`;
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw new BaselineError(`The baseline ${path} cannot be written: ${describeError(error)}.`);
  }
}

/**
 * Takes out what the baseline accepts. One accepted finding stands for one finding: a second one with the same text is
 * new, and one that went does not make room for another.
 *
 * @returns what is new, and the accepted ones that are gone
 */
export function compareWithBaseline<T>(findings: readonly T[], identify: (finding: T) => FindingIdentity, accepted: readonly FindingIdentity[]): { fresh: T[]; stale: FindingIdentity[] } {
  const left = new Map<string, FindingIdentity[]>();
  for (const identity of accepted) left.set(keyOf(identity), [...(left.get(keyOf(identity)) ?? []), identity]);
  const fresh = findings.filter((finding) => left.get(keyOf(identify(finding)))?.pop() === undefined);
  return { fresh, stale: [...left.values()].flat() };
}

function keyOf({ rule, file, text }: FindingIdentity): string {
  return JSON.stringify([file, rule, text]);
}
