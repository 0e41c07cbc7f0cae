import type { Place } from '../profiler/protocol.js';

let folders: string[] = [];

/** The folders of the workspace, absolute with `/`: places in them are shown relative to them. */
export function setFolders(paths: readonly string[]): void {
  folders = paths.map((path) => (path.endsWith('/') ? path : `${path}/`));
}

/** `src/orders.ts:42`; a file outside the workspace by its last two names. Code whose line nobody knows has no file. */
export function shortPlace({ file, line }: Place): string {
  if (file === '') return 'no line known';
  const folder = folders.find((path) => file.startsWith(path));
  return `${folder === undefined ? file.split('/').slice(-2).join('/') : file.slice(folder.length)}:${line}`;
}

/** The place in full, for tooltips. */
export function fullPlace({ file, line, column }: Place): string {
  return file === '' ? '' : `${file}:${line}:${column}`;
}
