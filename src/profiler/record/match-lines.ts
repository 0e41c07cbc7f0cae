import type { LineRow } from '../protocol.js';

interface WithRow {
  row: LineRow;
}

/**
 * Brings lines of two sessions together although the file was edited in between: lines are the same when they ran a statement in common,
 * at the same place, or else in the same file and function, the nearest ones first.
 */
export function matchLines<T extends WithRow>(before: readonly T[], after: readonly T[]): [T | undefined, T | undefined][] {
  const matched = new Map<T, T>();
  const taken = new Set<T>();
  const candidates: { old: T; young: T; distance: number }[] = [];
  const byFile = new Map<string, T[]>();
  for (const young of after) byFile.set(young.row.place.file, [...(byFile.get(young.row.place.file) ?? []), young]);
  for (const old of before) {
    for (const young of byFile.get(old.row.place.file) ?? []) {
      const [a, b] = [old.row.place, young.row.place];
      if (a.function === b.function && old.row.statements.some((id) => young.row.statements.includes(id))) candidates.push({ old, young, distance: Math.abs(a.line - b.line) * 1_000 + Math.abs(a.column - b.column) });
    }
  }
  for (const { old, young } of candidates.sort((a, b) => a.distance - b.distance)) {
    if (matched.has(old) || taken.has(young)) continue;
    matched.set(old, young);
    taken.add(young);
  }
  return [...before.map((old): [T, T | undefined] => [old, matched.get(old)]), ...after.filter((young) => !taken.has(young)).map((young): [undefined, T] => [undefined, young])];
}
