import type { Finding } from '../../src/analysis';
import type { FenceFile } from './readme';

/**
 * What a marker line says of the code line above it:
 *
 *     for (const id of ids) await db.query(…)
 *     //                          ^^^^^^^^^^^ the finding's message
 *     //                          ^^^^^^^^^^^ help: the finding's help (only where a fence cares)
 *     //                          ^^^^^^^^^^^ ↳ a related place's message (only where a fence cares)
 *
 * A range over several lines has `^^^…` with the message under its first line and `…^^^` under its last.
 * Carets may stand at the line's first column, then without `//`.
 */
export interface Marker {
  file: string;
  start: number;
  end: number;
  text: string;
}

/** `related` and `help` markers are compared only when the fence has some. */
export interface MarkedFile {
  name: string;
  /** Without marker lines. */
  text: string;
  markers: Marker[];
}

const MARKER = /^(\s*(?:\/\/|--)?\s*)(…?)(\^+)(…?)(?: (.+))?$/;

export function isMarker(line: string): boolean {
  return MARKER.test(line);
}

/** Takes the marker lines out of a file and turns them into ranges of what is left. */
export function readMarkers({ name, lines }: FenceFile): MarkedFile {
  const code: string[] = [];
  const markers: Marker[] = [];
  const open: Marker[] = [];
  let lineStart = 0;
  for (const line of lines) {
    const match = MARKER.exec(line);
    if (!match) {
      if (code.length > 0) lineStart += code.at(-1)!.length + 1;
      code.push(line);
      continue;
    }
    const [, before = '', from = '', carets = '', goesOn = '', text = ''] = match;
    const start = lineStart + before.length + from.length;
    const end = start + carets.length;
    if (from) {
      const opened = open.pop();
      if (!opened) throw new Error(`“${line}” ends a range that no “^^^…” has begun`);
      opened.end = end;
      continue;
    }
    const marker = { file: name, start, end, text };
    markers.push(marker);
    if (goesOn) open.push(marker);
  }
  if (open.length > 0) throw new Error(`a range that begins with “^^^…” has no “…^^^” under its last line`);
  return { name, text: `${code.join('\n')}\n`, markers };
}

/** What the findings say, as markers of the kinds that `wanted` has. */
export function markersOf(findings: readonly Finding[], wanted: readonly Marker[]): Marker[] {
  const wants = (prefix: string): boolean => wanted.some(({ text }) => text.startsWith(prefix));
  const markers = findings.flatMap(({ file, start, end, message, help, related }) => [
    { file, start, end, text: message },
    ...(wants('help: ') ? [{ file, start, end, text: `help: ${help}` }] : []),
    ...(wants('↳ ') ? related.map((place) => ({ file: place.file, start: place.start, end: place.end, text: `↳ ${place.message}` })) : []),
  ]);
  const keys = new Set<string>();
  return markers.filter(({ file, start, end, text }) => {
    const key = `${file} ${start} ${end} ${text}`;
    return !keys.has(key) && keys.add(key);
  });
}

/** Lines of a file with its markers drawn below them: the inverse of {@link readMarkers}. */
export function drawMarkers(name: string, text: string, markers: readonly Marker[]): string[] {
  const comment = name.endsWith('.sql') ? '--' : '//';
  const draw = (from: number, carets: string, rest: string): string => {
    const indent = from >= comment.length ? comment + ' '.repeat(from - comment.length) : ' '.repeat(from);
    return `${indent}${carets}${rest}`;
  };
  const own = markers.filter(({ file }) => file === name).sort((a, b) => a.start - b.start || a.end - b.end);
  const lines: string[] = [];
  let lineStart = 0;
  for (const line of text.replace(/\n$/, '').split('\n')) {
    lines.push(line);
    const lineEnd = lineStart + line.length;
    for (const { start, end, text: said } of own) {
      const startsHere = start >= lineStart && start <= lineEnd;
      const endsHere = end > lineStart && end <= lineEnd;
      if (startsHere) {
        const length = Math.max(1, (end <= lineEnd ? end : lineEnd) - start);
        lines.push(draw(start - lineStart, '^'.repeat(length), `${end > lineEnd ? '…' : ''} ${said}`));
      } else if (endsHere && start < lineStart) {
        const first = line.length - line.trimStart().length;
        const from = Math.max(1, Math.min(first, end - lineStart - 1));
        lines.push(`${' '.repeat(from - 1)}…${'^'.repeat(end - lineStart - from)}`);
      }
    }
    lineStart = lineEnd + 1;
  }
  return lines;
}
