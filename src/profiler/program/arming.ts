import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PROBE_OPTIONS_VARIABLE, WIRE_VERSION, type ProbeOptions } from '../../probe/wire.js';
import type { Arming } from '../protocol.js';

/**
 * Copies the probe into a folder under a name that tells its content, and never removes it: terminals go on pointing at it long after
 * the session or the extension's version, and `node` refuses to start when a file of `--require` is missing.
 * @returns the copy's path
 * @throws Error with a sentence for a person when the probe cannot be read or the folder cannot be written
 */
export async function installProbe(probe: string, folder: string): Promise<string> {
  let content: Buffer;
  try {
    content = await readFile(probe);
  } catch (error) {
    throw new Error(`The part of Roundtrip that watches programs is missing: ${(error as Error).message}. Install the extension again.`, { cause: error });
  }
  const name = `probe-${createHash('sha256').update(content).digest('hex').slice(0, 16)}.cjs`;
  const installed = path.join(folder, name);
  try {
    if ((await readFile(installed).catch(() => undefined))?.equals(content)) return installed;
    await mkdir(folder, { recursive: true });
    // Renamed into place: a program that starts meanwhile must not read half of it.
    const unfinished = `${installed}.${randomBytes(6).toString('hex')}`;
    try {
      await writeFile(unfinished, content);
      await rename(unfinished, installed);
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
  } catch (error) {
    throw new Error(`The folder ${folder} cannot be written, so no program can be watched: ${(error as Error).message}`, { cause: error });
  }
  return installed;
}

/** What the environment of a program needs so that the installed probe watches it and reports to `socket`. */
export function armingFor(probe: string, { socket, token, folders }: Omit<ProbeOptions, 'version'>): Arming {
  const options: ProbeOptions = { version: WIRE_VERSION, socket, token, folders };
  return { nodeOptions: `--require ${quotedForNode(probe)}`, variables: { [PROBE_OPTIONS_VARIABLE]: JSON.stringify(options) } };
}

/** Within quotes, NODE_OPTIONS takes blanks as they are, and a backslash for the sign that keeps the next one from its meaning. */
function quotedForNode(file: string): string {
  const forward = process.platform === 'win32' ? file.replaceAll('\\', '/') : file.replaceAll('\\', '\\\\');
  return `"${forward.replaceAll('"', '\\"')}"`;
}
