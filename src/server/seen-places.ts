import type { Evidence, LineRow, RuntimeRepetition } from '../profiler/protocol';
import { fileName } from '../workspace';

/** A line of the text as it is now, and what a session saw of it. */
export interface SeenLine {
  /** From 1. */
  line: number;
  /** Of its first letter, from 1. */
  column: number;
  /** Offsets of its first and after its last letter. */
  start: number;
  end: number;
  rows: LineRow[];
  repetitions: RuntimeRepetition[];
}

/** How to read files: as they are in the editor, and as they are saved. */
export interface TextReader {
  text(file: string): Promise<string | undefined>;
  saved(file: string): Promise<{ text: string; modified: number } | undefined>;
}

/** The code that a line had when the program ran it. */
interface Anchor {
  code: string;
  /** Which of the lines with this code it is, and of how many. */
  nth: number;
  of: number;
}

interface SeenFile {
  rows: LineRow[];
  repetitions: RuntimeRepetition[];
  lines: SeenLine[];
}

/**
 * What a session saw, at the lines where that code stands now. A line is known by its code: when it moves, what was seen of it moves
 * along; when it is changed, nothing is said of it any more until the program runs it again.
 */
export class SeenPlaces {
  #files = new Map<string, SeenFile>();
  /** By key of the line and start of the program; undefined where nobody knows what the line was. */
  #anchors = new Map<string, Anchor | undefined>();
  #texts: Record<string, string> = {};
  #session: string | undefined;

  /** Replaces all that was seen. Returns the files of which something else was seen than before. */
  async replace({ session, lines, repetitions, texts }: Evidence, read: TextReader): Promise<string[]> {
    const before = this.#files;
    const files = new Map<string, SeenFile>();
    const of = (file: string): SeenFile => {
      const name = fileName(file);
      const known = files.get(name) ?? { rows: [], repetitions: [], lines: [] };
      files.set(name, known);
      return known;
    };
    for (const row of lines) of(row.place.file).rows.push(row);
    for (const repetition of repetitions) of(repetition.place.file).repetitions.push(repetition);
    const anchors = new Map<string, Anchor | undefined>();
    for (const [file, { rows }] of files) {
      const fresh = rows.filter((row) => !this.#anchors.has(anchorKey(row)));
      const saved = fresh.length ? await read.saved(file) : undefined;
      const codes = saved && codesOf(saved.text);
      for (const row of rows) {
        const key = anchorKey(row);
        anchors.set(key, this.#anchors.has(key) ? this.#anchors.get(key) : codes && (row.startedAt ?? Infinity) >= saved.modified ? anchorOf(codes, row.place.line) : undefined);
      }
    }
    [this.#files, this.#anchors, this.#texts, this.#session] = [files, anchors, texts, session];
    for (const [file] of files) this.place(file, await read.text(file));
    return [...new Set([...before.keys(), ...files.keys()])].filter((file) => told(before.get(file)) !== told(files.get(file)));
  }

  /** Finds the lines again in a text that has changed. Says whether any of them has moved. */
  place(file: string, text: string | undefined): boolean {
    const seen = this.#files.get(file);
    if (!seen) return false;
    const before = JSON.stringify(seen.lines.map(({ line }) => line));
    const codes = text === undefined ? [] : codesOf(text);
    const lines = new Map<number, SeenLine>();
    const keys = new Map<string, SeenLine>();
    for (const row of seen.rows) {
      const anchor = this.#anchors.get(anchorKey(row));
      const same = anchor ? codes.filter(({ code }) => code === anchor.code) : [];
      const found = anchor && same.length === anchor.of ? same[anchor.nth] : undefined;
      if (!found) continue;
      const { line, column, start, end } = found;
      const here = lines.get(line) ?? { line, column, start, end, rows: [], repetitions: [] };
      here.rows.push(row);
      lines.set(line, here);
      keys.set(placeKey(row), here);
    }
    for (const repetition of seen.repetitions) keys.get(placeKey(repetition))?.repetitions.push(repetition);
    seen.lines = [...lines.values()];
    return JSON.stringify(seen.lines.map(({ line }) => line)) !== before;
  }

  has(file: string): boolean {
    return this.#files.has(file);
  }

  lines(file: string): readonly SeenLine[] {
    return this.#files.get(file)?.lines ?? [];
  }

  /** Text of a statement, without literal values. */
  statement(id: string): string | undefined {
    return this.#texts[id];
  }

  /** Name of the session, for sentences. */
  get session(): string | undefined {
    return this.#session;
  }
}

interface Code {
  code: string;
  line: number;
  column: number;
  start: number;
  end: number;
}

function codesOf(text: string): Code[] {
  const codes: Code[] = [];
  let offset = 0;
  for (const [index, whole] of text.split('\n').entries()) {
    const code = whole.trim();
    const column = whole.indexOf(code) + 1;
    const start = offset + column - 1;
    codes.push({ code, line: index + 1, column, start, end: start + code.length });
    offset += whole.length + 1;
  }
  return codes;
}

function anchorOf(codes: readonly Code[], line: number): Anchor | undefined {
  const code = codes[line - 1]?.code;
  if (!code) return undefined;
  const same = codes.filter((one) => one.code === code);
  return { code, nth: same.findIndex((one) => one.line === line), of: same.length };
}

function anchorKey({ key, startedAt }: LineRow): string {
  return `${key} ${startedAt ?? ''}`;
}

function placeKey({ place: { line, column } }: { place: LineRow['place'] }): string {
  return `${line}:${column}`;
}

function told(seen: SeenFile | undefined): string | undefined {
  return seen && JSON.stringify([seen.rows, seen.repetitions, seen.lines.map(({ line }) => line)]);
}
