import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { AnyMap, originalPositionFor, type TraceMap } from '@jridgewell/trace-mapping';

/** Bytes of a generated file or of its map. The largest bundles of servers have some ten megabytes. */
const FILE_LIMIT = 64 * 1024 * 1024;
/** Parsed maps are large; a program has few files that are not mapped by its own loader. */
const KEPT_MAPS = 20;

const MARK = /\/\/[#@] sourceMappingURL=(\S+)\s*$/gm;
const INLINE = /^data:application\/json[^,]*?(;base64)?,/;

/** A position in source code; line and column count from 1. */
export interface Position {
  file: string;
  line: number;
  column: number;
}

interface KeptMap {
  changedAt: number;
  map: TraceMap | undefined;
}

/** Finds what generated code was made from, through the source maps that lie in or beside it. Missing and broken maps are none. */
export class SourceMaps {
  readonly #maps = new Map<string, KeptMap>();

  /**
   * @param folder where paths of a bundler that have no place of their own (`webpack://app/src/x.ts`) are sought
   * @returns the original position, or undefined when there is no map or it does not know the place
   */
  original({ file, line, column }: Position, folder: string): Position | undefined {
    const map = this.#mapOf(file);
    if (map === undefined) return undefined;
    try {
      const found = originalPositionFor(map, { line, column: Math.max(0, column - 1) });
      if (found.source === null) return undefined;
      return { file: sourceFile(found.source, path.dirname(file), folder), line: found.line, column: found.column + 1 };
    } catch {
      return undefined;
    }
  }

  #mapOf(file: string): TraceMap | undefined {
    const changedAt = changeTime(file);
    if (changedAt === undefined) return undefined;
    const kept = this.#maps.get(file);
    if (kept?.changedAt === changedAt) return kept.map;
    const map = readMap(file);
    this.#maps.delete(file);
    this.#maps.set(file, { changedAt, map });
    if (this.#maps.size > KEPT_MAPS) this.#maps.delete(this.#maps.keys().next().value!);
    return map;
  }
}

function changeTime(file: string): number | undefined {
  try {
    const { size, mtimeMs } = statSync(file);
    return size <= FILE_LIMIT ? mtimeMs : undefined;
  } catch {
    return undefined;
  }
}

function readMap(file: string): TraceMap | undefined {
  try {
    const marks = [...readFileSync(file, 'utf8').matchAll(MARK)];
    const url = marks.at(-1)?.[1];
    if (url === undefined) return undefined;
    const inline = INLINE.exec(url);
    if (inline) {
      const data = url.slice(inline[0].length);
      const text = inline[1] ? Buffer.from(data, 'base64').toString('utf8') : decodeURIComponent(data);
      return new AnyMap(text, pathToFileURL(file).href);
    }
    const mapUrl = new URL(url, pathToFileURL(file));
    if (mapUrl.protocol !== 'file:' || changeTime(fileURLToPath(mapUrl)) === undefined) return undefined;
    return new AnyMap(readFileSync(mapUrl, 'utf8'), mapUrl.href);
  } catch {
    return undefined;
  }
}

/** A map's name for a source as a path. Bundlers invent schemes: what follows is a path from the project's folder. */
function sourceFile(source: string, generatedFolder: string, folder: string): string {
  if (source.startsWith('file:')) return fileURLToPath(source);
  const invented = /^[a-z][\w+.-]+:\/\/[^/]*\/(.*)$/i.exec(source)?.[1];
  const relative = (invented ?? source).split('?', 1)[0]!.replace(/^\.\//, '');
  if (invented === undefined && path.isAbsolute(relative)) return relative;
  for (const parent of [folder, ...foldersAbove(generatedFolder)]) {
    const candidate = path.join(parent, relative);
    if (changeTime(candidate) !== undefined) return candidate;
  }
  return path.join(folder, relative);
}

function foldersAbove(folder: string): string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [folder] : [folder, ...foldersAbove(parent)];
}
