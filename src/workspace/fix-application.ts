import { randomBytes } from 'node:crypto';
import { chmod, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import type { Fix, TextEdit } from '../analysis';
import type { FileProblem, FixSelection, PlacedFinding } from './contract';
import { describeError } from './discovery';
import { BYTE_ORDER_MARK, decodeSource } from './source-text';

export interface ChosenFix {
  finding: PlacedFinding;
  fix: Fix;
}

/**
 * Chooses one fix of each finding, so that none overlaps another: what is left out here is offered again after the
 * chosen ones were applied. Without a selection only safe fixes are chosen.
 */
export function selectFixes(findings: readonly PlacedFinding[], selection: FixSelection = { safety: 'safe' }): ChosenFix[] {
  const taken = new Map<string, TextEdit[]>();
  const chosen: ChosenFix[] = [];
  for (const finding of findings) {
    if (selection.rule !== undefined && finding.rule !== selection.rule) continue;
    const fix = finding.fixes.find(({ safety }) => safety === 'safe' || (selection.safety === 'suggestion' && selection.rule !== undefined));
    if (!fix || fix.edits.some((edit) => taken.get(edit.file)?.some((other) => touches(edit, other)))) continue;
    for (const edit of fix.edits) taken.set(edit.file, [...(taken.get(edit.file) ?? []), edit]);
    chosen.push({ finding, fix });
  }
  return chosen;
}

/** Two edits at the same place have no order, so they count as overlapping too. */
function touches(a: TextEdit, b: TextEdit): boolean {
  return a.start <= b.end && b.start <= a.end;
}

/** Applies edits that do not overlap. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = text;
  for (const edit of [...edits].sort((a, b) => b.start - a.start)) result = result.slice(0, edit.start) + edit.text + result.slice(edit.end);
  return result;
}

/**
 * Writes fixes to the disk: byte order mark, line ends and permissions are kept, and each file is replaced at once. A file that is
 * not what it was when it was analysed is left alone, with every fix that touches it.
 *
 * @param hashOf hash of the text that the edits of a file refer to
 */
export async function writeFixes(
  chosen: readonly ChosenFix[],
  hashOf: (file: string) => string | undefined,
): Promise<{ written: string[]; fixed: PlacedFinding[]; problems: FileProblem[] }> {
  const problems: FileProblem[] = [];
  const texts = new Map<string, { text: string; byteOrderMark: boolean }>();
  const refused = new Set<string>();
  for (const file of new Set(chosen.flatMap(({ fix }) => fix.edits.map((edit) => edit.file)))) {
    try {
      const source = decodeSource(file, await readFile(file));
      if ('text' in source && source.hash === hashOf(file)) {
        texts.set(file, source);
        continue;
      }
      problems.push({ file, message: 'not fixed: it was changed while it was analysed' });
    } catch (error) {
      problems.push({ file, message: `not fixed: ${describeError(error)}` });
    }
    refused.add(file);
  }
  const applied = chosen.filter(({ fix }) => fix.edits.every(({ file }) => !refused.has(file)));
  const written: string[] = [];
  for (const [file, { text, byteOrderMark }] of texts) {
    const edits = applied.flatMap(({ fix }) => fix.edits.filter((edit) => edit.file === file));
    if (!edits.length) continue;
    try {
      await replaceFile(file, (byteOrderMark ? BYTE_ORDER_MARK : '') + applyEdits(text, edits));
      written.push(file);
    } catch (error) {
      refused.add(file);
      problems.push({ file, message: `not fixed: ${describeError(error)}` });
    }
  }
  return { written, fixed: applied.filter(({ fix }) => fix.edits.every(({ file }) => !refused.has(file))).map(({ finding }) => finding), problems };
}

async function replaceFile(file: string, content: string): Promise<void> {
  const { mode } = await stat(file);
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, content, { mode });
    await chmod(temporary, mode);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
