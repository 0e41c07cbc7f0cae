import type { LineRow } from '../../profiler/protocol';

/** A place in a text, from 0. */
export interface Point {
  line: number;
  character: number;
}

/** A change as an editor tells it: what stood between two points is now `text`. */
export interface Change {
  start: Point;
  end: Point;
  text: string;
}

/** Where a line that issued queries stands now. */
export interface AnchoredRow {
  row: LineRow;
  /** From 0. */
  line: number;
  /** The line reads otherwise than when its program was started, so the numbers may be of other code. */
  stale: boolean;
}

interface Anchor {
  row: LineRow;
  /** How the line read when its program was started, without the blanks around it; undefined when nobody can tell. */
  ran: string | undefined;
  at: Point;
}

/**
 * The lines of one file that issued queries, kept at their place while the file is edited. Programs run what is saved, and a
 * session sees several versions of a file, so each line has the text with which it was seen first.
 */
export class FileAnchors {
  readonly #anchors = new Map<string, Anchor>();

  /** Rows whose text is not known yet: new ones, and those that a newer program ran again. */
  unknown(rows: readonly LineRow[]): LineRow[] {
    return rows.filter((row) => {
      const anchor = this.#anchors.get(row.key);
      return anchor === undefined || (row.startedAt ?? 0) > (anchor.row.startedAt ?? 0);
    });
  }

  /**
   * Takes the numbers of all lines; lines that are not among them are forgotten.
   * @param saved lines of the file on disk, for rows that are {@link unknown}; undefined when it cannot be read
   * @param open lines of the file as the editor has it, undefined when it is not open
   */
  update(rows: readonly LineRow[], saved: readonly string[] | undefined, open: readonly string[] | undefined): void {
    const fresh = new Set(this.unknown(rows).map(({ key }) => key));
    const kept = new Set(rows.map(({ key }) => key));
    for (const key of this.#anchors.keys()) if (!kept.has(key)) this.#anchors.delete(key);
    for (const row of rows) {
      const anchor = this.#anchors.get(row.key);
      if (anchor !== undefined && !fresh.has(row.key)) {
        anchor.row = row;
        continue;
      }
      const at = { line: row.place.line - 1, character: row.place.column - 1 };
      const made: Anchor = { row, ran: saved?.[at.line]?.trim(), at };
      this.#anchors.set(row.key, made);
      if (open !== undefined) settle(made, open);
    }
  }

  /** The file was opened, or changed without being open: every line is looked for again. */
  settle(open: readonly string[]): void {
    for (const anchor of this.#anchors.values()) settle(anchor, open);
  }

  /** Follows an edit. Changes of one edit are given in the order in which the editor tells them. */
  edit(change: Change): void {
    for (const anchor of this.#anchors.values()) anchor.at = moved(anchor.at, change);
  }

  /** All of them as they stand in the text now, one entry for each row. */
  rows(lineAt: (line: number) => string | undefined): AnchoredRow[] {
    return [...this.#anchors.values()].flatMap(({ row, ran, at }) => {
      const now = lineAt(at.line);
      return now === undefined ? [] : [{ row, line: at.line, stale: ran !== undefined && now.trim() !== ran }];
    });
  }
}

/** Puts an anchor to the nearest line that reads as it ran. Where there is none it stays, and is stale. */
function settle(anchor: Anchor, lines: readonly string[]): void {
  const { ran } = anchor;
  const from = anchor.row.place.line - 1;
  if (ran === undefined || ran === '') {
    anchor.at = { line: Math.min(from, lines.length - 1), character: anchor.at.character };
    return;
  }
  let nearest: number | undefined;
  for (const [line, text] of lines.entries()) {
    if (text.trim() === ran && (nearest === undefined || Math.abs(line - from) < Math.abs(nearest - from))) nearest = line;
  }
  anchor.at = { line: nearest ?? Math.min(from, lines.length - 1), character: anchor.row.place.column - 1 };
}

function moved(at: Point, { start, end, text }: Change): Point {
  if (isBefore(at, start)) return at;
  if (isBefore(at, end)) return start;
  const added = text.split('\n');
  const last = added.at(-1)!.replace(/\r$/, '');
  const line = at.line + added.length - 1 - (end.line - start.line);
  if (at.line !== end.line) return { line, character: at.character };
  const behind = at.character - end.character;
  return { line, character: (added.length === 1 ? start.character : 0) + last.length + behind };
}

/** Text that is put exactly at a place comes before it. */
function isBefore(a: Point, b: Point): boolean {
  return a.line < b.line || (a.line === b.line && a.character < b.character);
}

/**
 * One row for each line of the text: the numbers of all rows there together. A line that an older version of the file had at
 * another number is left out when a newer one ran here.
 */
export function byLine(rows: readonly AnchoredRow[]): Map<number, AnchoredRow[]> {
  const lines = new Map<number, AnchoredRow[]>();
  for (const row of rows) lines.set(row.line, [...(lines.get(row.line) ?? []), row]);
  for (const [line, here] of lines) {
    const newest = here.reduce((a, b) => ((b.row.startedAt ?? 0) > (a.row.startedAt ?? 0) ? b : a));
    const current = here.filter(({ row }) => row.place.line === newest.row.place.line);
    lines.set(
      line,
      current.sort((a, b) => b.row.measured.totalMs - a.row.measured.totalMs),
    );
  }
  return lines;
}
