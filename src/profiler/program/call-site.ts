import { fileURLToPath } from 'node:url';
import type { WireFrame } from '../../probe/wire.js';
import type { Place } from '../protocol.js';
import type { SourceMaps } from './source-maps.js';

/** Not the user's: packages, Node itself, and code that has no file. */
const FOREIGN = /(^|\/)node_modules\/|^node:|^internal\/|^<|^evalmachine|^\[/;
/** Made by a tool, such as Prisma's client; the line that called it is meant. */
const GENERATED = /\/(__generated__|generated|\.prisma)\/|\/runtime\/(client|library|binary|edge)\.m?js$|\.generated\.[cm]?[jt]sx?$/;

/**
 * The line of the user's code that issued a query: the innermost frame that is neither a package's nor generated, mapped to its source.
 * Undefined when all frames are foreign.
 * @param folder the program's working directory
 */
export function callSite(frames: readonly WireFrame[], folder: string, maps: SourceMaps): Place | undefined {
  let generated: Place | undefined;
  for (const frame of frames) {
    const place = placeOf(frame, folder, maps);
    if (place === undefined || FOREIGN.test(place.file)) continue;
    if (!GENERATED.test(place.file)) return place;
    generated ??= place;
  }
  return generated;
}

function placeOf(frame: WireFrame, folder: string, maps: SourceMaps): Place | undefined {
  const file = fileOf(frame.file);
  if (file === undefined || frame.line < 1) return undefined;
  const generated = { file, line: frame.line, column: Math.max(1, frame.column) };
  const position = frame.raw && !FOREIGN.test(file) ? (maps.original(generated, folder) ?? generated) : generated;
  return { ...position, file: position.file.replaceAll('\\', '/'), ...(frame.function ? { function: frame.function } : {}) };
}

/** Loaders add a query to load a changed module again. */
function fileOf(name: string): string | undefined {
  if (!name.startsWith('file:')) return name === '' ? undefined : name;
  try {
    const url = new URL(name);
    url.search = '';
    url.hash = '';
    return fileURLToPath(url);
  } catch {
    return undefined;
  }
}
