import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { SavedSession } from '../protocol.js';
import type { SessionSnapshot } from '../snapshot.js';
import { NoSessionError, parseSession, sessionText } from './session-text.js';

/** A session file that cannot be read or written; the message is for a person. */
export class SessionFileError extends Error {}

/** Ending of every session file, so that lists find them. */
const ENDING = '.roundtrip.json';

/** So many saved sessions stay in a folder, about as many as a person looks back on; the oldest go first. Files saved elsewhere stay for ever. */
export const SAVED_SESSIONS_KEPT = 100;

/** Twenty times the largest session that the profiler's own limits allow in practice. Larger files would only fill the memory. */
const LARGEST_BYTES = 256 * 1024 * 1024;

/** The keys that lists show stand before the statements, in so many bytes unless somebody has changed the file. */
const HEAD_BYTES = 4_096;

/**
 * Saves a session in a folder, which is made when it is missing, and drops the oldest ones beyond {@link SAVED_SESSIONS_KEPT}.
 * A session that was saved before is given with its `file` and replaces it.
 * @returns the file
 * @throws SessionFileError; what was saved before is still there then, and the session is still in memory
 */
export async function saveSession(snapshot: SessionSnapshot, { folder, roots, file }: { folder: string; roots: readonly string[]; file?: string }): Promise<string> {
  let target = file;
  try {
    target ??= await claimName(folder, snapshot);
    await writeSession(snapshot, target, roots);
  } catch (error) {
    if (file === undefined && target !== undefined) await rm(target, { force: true }).catch(() => {});
    throw new SessionFileError(`${(error as Error).message} Nothing that was recorded is lost meanwhile.`, { cause: error });
  }
  const saved = await listSessions(folder).catch(() => []);
  for (const old of saved.slice(SAVED_SESSIONS_KEPT)) if (old.file !== target.replaceAll('\\', '/')) await rm(old.file, { force: true }).catch(() => {});
  return target;
}

/**
 * Writes a session into a file: all of it or nothing.
 * @param roots folders of the workspace; paths are written relative to the first one
 * @throws SessionFileError
 */
export async function writeSession(snapshot: SessionSnapshot, file: string, roots: readonly string[]): Promise<void> {
  await writeWhole(file, sessionText(snapshot, roots), 'The session');
}

/**
 * Writes a text into a file so that no reader ever sees half of it.
 * @param what begins the sentence of an error, such as "The report"
 * @throws SessionFileError
 */
export async function writeWhole(file: string, text: string, what: string): Promise<void> {
  const unfinished = path.join(path.dirname(file), `.${path.basename(file).slice(0, 100)}.${randomBytes(6).toString('hex')}`);
  try {
    await mkdir(path.dirname(file), { recursive: true });
    const handle = await open(unfinished, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => {});
    throw notSaved(what, error, path.dirname(file));
  }
}

/** @param roots folders of the workspace that its paths are resolved in @throws SessionFileError */
export async function readSession(file: string, roots: readonly string[]): Promise<SessionSnapshot> {
  let text: string;
  try {
    const { size } = await stat(file);
    if (size > LARGEST_BYTES) throw new NoSessionError(`is too large for a session (${Math.round(size / 1024 / 1024)} MB).`);
    text = await readFile(file, 'utf8');
    return await parseSession(text, roots);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = error instanceof NoSessionError ? error.message : code === 'ENOENT' ? 'does not exist.' : code === 'EISDIR' ? 'is a folder.' : `cannot be read: ${(error as Error).message}`;
    throw new SessionFileError(`The file ${file} ${reason}`, { cause: error });
  }
}

/** The sessions in a folder, the newest first; files that are none are left out. A folder that is missing has none. @throws SessionFileError */
export async function listSessions(folder: string): Promise<SavedSession[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new SessionFileError(`The folder ${folder} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  const found = await Promise.all(names.filter((name) => name.endsWith(ENDING)).map((name) => headOf(path.join(folder, name))));
  return found.filter((one) => one !== undefined).sort((a, b) => b.startedAt - a.startedAt || (a.file < b.file ? -1 : 1));
}

/** What a list shows of a file: read from its first lines, or from all of it when somebody has laid it out anew. */
async function headOf(file: string): Promise<SavedSession | undefined> {
  try {
    const handle = await open(file);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
      const head = /^([\s\S]*?),\s*"statements": \[/.exec(buffer.toString('utf8', 0, bytesRead));
      const { format, name, startedAt, recordedMs, calls, target } = JSON.parse(head ? `${head[1]}}` : await readFile(file, 'utf8')) as Record<string, unknown>;
      if (format !== 'roundtrip-session' || typeof name !== 'string' || typeof startedAt !== 'number' || typeof recordedMs !== 'number' || typeof calls !== 'number') return undefined;
      return { file: file.replaceAll('\\', '/'), name, startedAt, recordedMs, calls, ...(typeof target === 'string' && { target }) };
    } finally {
      await handle.close();
    }
  } catch {
    return undefined;
  }
}

/**
 * `2026-11-21-193112-checkout.roundtrip.json`: sorted by time, and readable. An empty file holds the place until the session is written:
 * another window may be saving one in the same folder.
 */
async function claimName(folder: string, { startedAt, name }: SessionSnapshot): Promise<string> {
  const moment = Number.isFinite(startedAt) && Math.abs(startedAt) < 8e15 ? new Date(startedAt).toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '') : 'session';
  const words = name.normalize('NFKD').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(0, 40);
  try {
    await mkdir(folder, { recursive: true });
    for (let number = 1; ; number++) {
      const candidate = path.join(folder, `${[moment, words, number > 1 ? String(number) : ''].filter(Boolean).join('-')}${ENDING}`);
      const handle = await open(candidate, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      });
      if (handle === undefined) continue;
      await handle.close();
      return candidate;
    }
  } catch (error) {
    throw notSaved('The session', error, folder);
  }
}

function notSaved(what: string, error: unknown, folder: string): SessionFileError {
  return new SessionFileError(`${what} could not be saved: ${whyNotWritten(error, folder)}`, { cause: error });
}

/** Why a file could not be written, and what helps. */
export function whyNotWritten(error: unknown, folder: string): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return `no space is left on the disk of ${folder}. Free some, or choose another folder.`;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `${folder} cannot be written. Choose another folder, or change its rights.`;
    case 'ENOTDIR':
    case 'EEXIST':
      return `${folder} is a file, or lies in one. Choose another folder.`;
    case 'EISDIR':
      return `a folder has its name already. Choose another name.`;
    default:
      return `${message}.`;
  }
}
