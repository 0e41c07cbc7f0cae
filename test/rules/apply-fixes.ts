import type { Finding, Fix, TextEdit } from '../../src/analysis';

/** Applies the edits of one or more fixes. @throws when edits overlap or leave the text. */
export function applyEdits(files: Record<string, string>, edits: readonly TextEdit[]): Record<string, string> {
  const result = { ...files };
  for (const [file, text] of Object.entries(files)) {
    const own = edits.filter((edit) => edit.file === file).sort((a, b) => a.start - b.start || a.end - b.end);
    let done = 0;
    let changed = '';
    for (const { start, end, text: inserted } of own) {
      if (start < done) throw new Error(`edits of ${file} overlap at ${start}`);
      if (end < start || end > text.length) throw new Error(`an edit of ${file} leaves the text: ${start} to ${end} of ${text.length}`);
      changed += text.slice(done, start) + inserted;
      done = end;
    }
    result[file] = changed + text.slice(done);
  }
  const strange = edits.find(({ file }) => !(file in files));
  if (strange) throw new Error(`an edit changes ${strange.file}, which is not in the program`);
  return result;
}

function touches(a: TextEdit, b: TextEdit): boolean {
  return a.file === b.file && a.start <= b.end && b.start <= a.end;
}

/** The first (or `nth`, from 1) fix of each finding, leaving out those that touch an earlier one. */
export function compatibleFixes(findings: readonly Finding[], nth = 1): Fix[] {
  const chosen: Fix[] = [];
  for (const { fixes } of findings) {
    const fix = fixes[nth - 1];
    if (!fix || fix.edits.some((edit) => chosen.some((other) => other.edits.some((taken) => touches(edit, taken))))) continue;
    chosen.push(fix);
  }
  return chosen;
}
