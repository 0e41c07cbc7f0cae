import type { FileProblem, PlacedFinding } from '../workspace';

/** What a check came to: everything that a reporter may print. Files are absolute. */
export interface Outcome {
  files: number;
  lines: number;
  seconds: number;
  problems: FileProblem[];
  findings: PlacedFinding[];
  /** What `--fix` did away with. */
  fixed: PlacedFinding[];
  /** Folder that the printed names are relative to. */
  folder: string;
  /** Text of a file that a finding speaks of. */
  text(file: string): Promise<string | undefined>;
}

export type Reporter = (outcome: Outcome) => Promise<string>;

/** A file's name as seen from a folder, also when it lies outside of it; with `/`. */
export function shownName(folder: string, file: string): string {
  const from = folder.split('/').filter(Boolean);
  const to = file.split('/').filter(Boolean);
  let shared = 0;
  while (shared < from.length && from[shared] === to[shared]) shared++;
  return [...from.slice(shared).map(() => '..'), ...to.slice(shared)].join('/') || '.';
}

/** `1 finding`, `2 findings`. */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;
}
