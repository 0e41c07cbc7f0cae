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
 * Chooses one fix of each finding, so that all can be applied at once: none overlaps another, and no two declare the same
 * name in one scope. An edit that several make alike (an import) is shared. What is left out is offered again after the
 * chosen ones were applied. Without a selection only safe fixes are chosen.
 *
 * @param sameScope whether names that two edits declare may meet; by default those of one file may
 */
export function selectFixes(
  findings: readonly PlacedFinding[],
  selection: FixSelection = { safety: 'safe' },
  sameScope: (a: TextEdit, b: TextEdit) => boolean = () => true,
): ChosenFix[] {
  const taken = new Map<string, TextEdit[]>();
  const chosen: ChosenFix[] = [];
  for (const finding of findings) {
    if (selection.rule !== undefined && finding.rule !== selection.rule) continue;
    const fix = finding.fixes.find(({ safety }) => safety === 'safe' || (selection.safety === 'suggestion' && selection.rule !== undefined));
    const collides = (edit: TextEdit): boolean =>
      (taken.get(edit.file) ?? []).some((other) => !isSame(edit, other) && (touches(edit, other) || (declareAlike(edit, other) && sameScope(edit, other))));
    if (!fix || fix.edits.some(collides)) continue;
    for (const edit of fix.edits) taken.set(edit.file, [...(taken.get(edit.file) ?? []), edit]);
    chosen.push({ finding, fix });
  }
  return chosen;
}

/** Two edits at the same place have no order, so they count as overlapping too. */
function touches(a: TextEdit, b: TextEdit): boolean {
  return a.start <= b.end && b.start <= a.end;
}

function isSame(a: TextEdit, b: TextEdit): boolean {
  return a.start === b.start && a.end === b.end && a.text === b.text;
}

const DECLARED = /\b(?:const|let|var)\s*(?:\{([^}]*)\}|([\w$]+))|\b(?:function|class)\s+([\w$]+)/g;

/** Each fix chooses names that are free in the text as it is: two of them may choose the same one. */
function declareAlike(a: TextEdit, b: TextEdit): boolean {
  const names = declaredNames(a.text);
  return names.size > 0 && [...declaredNames(b.text)].some((name) => names.has(name));
}

function declaredNames(text: string): Set<string> {
  const names = new Set<string>();
  for (const [, pattern, variable, named] of text.matchAll(DECLARED)) {
    for (const name of pattern?.split(',') ?? [variable ?? named ?? '']) names.add(name.replace(/^.*:/, '').trim());
  }
  names.delete('');
  return names;
}

/** The edits of fixes that were chosen together, by file; an edit that several share comes once. */
export function editsByFile(chosen: readonly ChosenFix[]): Map<string, TextEdit[]> {
  const files = new Map<string, TextEdit[]>();
  for (const edit of chosen.flatMap(({ fix }) => fix.edits)) {
    const edits = files.get(edit.file) ?? [];
    if (!edits.some((other) => isSame(edit, other))) files.set(edit.file, [...edits, edit]);
  }
  return files;
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
    const edits = editsByFile(applied).get(file);
    if (!edits) continue;
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
