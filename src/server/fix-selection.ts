import type { TextEdit } from '../analysis';
import type { PlacedFinding } from '../workspace';

/** Edits by file; none of a file overlap. */
export type FileEdits = Map<string, TextEdit[]>;

export interface FixSelectionResult {
  /** Fixes that were taken. */
  count: number;
  files: FileEdits;
  /** Findings whose fix was taken. */
  fixed: PlacedFinding[];
}

/**
 * The safe fixes that can be applied in one step: the first safe fix of each finding, unless it touches what an earlier
 * one edits or declares a name that an earlier one declares. What is left over is fixed by asking again.
 */
export function selectFixes(findings: readonly PlacedFinding[]): FixSelectionResult {
  const files: FileEdits = new Map();
  const fixed: PlacedFinding[] = [];
  const declared = new Set<string>();
  for (const finding of findings) {
    const fix = finding.fixes.find(({ safety }) => safety === 'safe');
    if (!fix) continue;
    const fresh = fix.edits.filter((edit) => !taken(files, edit).some((other) => isSame(edit, other)));
    if (fresh.some((edit) => taken(files, edit).some((other) => collides(edit, other)))) continue;
    const names = fresh.flatMap(({ text }) => [...text.matchAll(DECLARATION)].map((match) => match[1]!));
    if (names.some((name) => declared.has(name))) continue;
    for (const name of names) declared.add(name);
    for (const edit of fresh) files.set(edit.file, [...taken(files, edit), edit]);
    fixed.push(finding);
  }
  return { count: fixed.length, files, fixed };
}

const DECLARATION = /\b(?:const|let|var|function|class)\s+([\w$]+)/g;

function taken(files: FileEdits, { file }: TextEdit): TextEdit[] {
  return files.get(file) ?? [];
}

/** Two fixes that add the same import share the edit. */
function isSame(a: TextEdit, b: TextEdit): boolean {
  return a.start === b.start && a.end === b.end && a.text === b.text;
}

/** Edits that touch are kept apart too: the order of two insertions at one place would be chance. */
function collides(a: TextEdit, b: TextEdit): boolean {
  return a.start <= b.end && b.start <= a.end;
}
