import { resolve } from 'node:path';

/** The one spelling of a file's name inside Roundtrip: absolute, with `/`. */
export function fileName(...parts: string[]): string {
  const path = resolve(...parts);
  return process.platform === 'win32' ? path.replaceAll('\\', '/') : path;
}

/** Whether `file` is `folder` or lies inside it. */
export function isInside(folder: string, file: string): boolean {
  return file === folder || file.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** `file` as seen from `folder`, with `/`; the file itself when it lies elsewhere. */
export function relativeName(folder: string, file: string): string {
  if (!isInside(folder, file)) return file;
  return file.slice(folder.endsWith('/') ? folder.length : folder.length + 1);
}
