import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { addressUrl, describeAddress, type DatabaseLogin } from '../../database/address';
import type { SearchedFiles } from '../../database/found/find-databases';
import type { FoundDatabase } from '../../panel/messages';
import type { RememberedDatabases } from './remembered-databases';

/** A database that a person may connect to with one press. The login stays in the extension host. */
export interface Candidate {
  found: FoundDatabase;
  login: DatabaseLogin;
  /** A person typed it here before, and may have it forgotten. */
  remembered: boolean;
}

/** Files that name databases, of the folder and of the packages of a monorepo. */
export const CONNECTION_FILES = '**/{.env,.env.*,docker-compose*.y*ml,compose*.y*ml,*.prisma,prisma*.config.*,drizzle*.config.*}';
const NOT_HERE = '**/{node_modules,dist,build,out,.git}/**';
const MOST_FILES = 60;
/** A file that names a database is written by hand; a longer one is something else. */
const LARGEST_FILE_BYTES = 512 * 1024;
/** More than this is a list to search, not a choice. */
const MOST_CANDIDATES = 12;

/**
 * The databases that can be found without asking: those that the environment and, in trusted folders, files name, and those that
 * were typed before. The same database is listed once.
 */
export async function findDatabases(remembered: RememberedDatabases): Promise<Candidate[]> {
  const { findDatabases: find } = await import('../../database/found/find-databases');
  const candidates = new Map<string, Candidate>();
  for (const { login, name, source } of find(await searchedFiles())) {
    const id = addressUrl(login.address);
    candidates.set(id, { found: { id, name, source }, login, remembered: false });
  }
  for (const login of await remembered.all()) {
    const id = addressUrl(login.address);
    const known = candidates.get(id) ?? { found: { id, name: describeAddress(login.address), source: 'a connection of yours' }, login };
    // A login that was typed has a password that the file does not name.
    candidates.set(id, { ...known, remembered: true, login: known.login.password === undefined ? login : known.login });
  }
  return [...candidates.values()].slice(0, MOST_CANDIDATES);
}

/** What may be read: in a folder that is not trusted, nothing but the environment of the editor. */
async function searchedFiles(): Promise<SearchedFiles> {
  if (!vscode.workspace.isTrusted) return { files: [], environment: process.env };
  const uris = await vscode.workspace.findFiles(CONNECTION_FILES, NOT_HERE, MOST_FILES);
  const files = await Promise.all(uris.map(async (uri) => ({ path: vscode.workspace.asRelativePath(uri), text: await readText(uri) })));
  const passwordFile = await readFile(passwordFilePath(), 'utf8').catch(() => undefined);
  return { files, environment: process.env, ...(passwordFile === undefined ? {} : { passwordFile }) };
}

/** Where PostgreSQL's own programs look for it. */
function passwordFilePath(): string {
  const { PGPASSFILE, APPDATA } = process.env;
  if (PGPASSFILE) return PGPASSFILE;
  return process.platform === 'win32' ? path.join(APPDATA ?? os.homedir(), 'postgresql', 'pgpass.conf') : path.join(os.homedir(), '.pgpass');
}

async function readText(file: vscode.Uri): Promise<string> {
  try {
    const { size } = await vscode.workspace.fs.stat(file);
    return size > LARGEST_FILE_BYTES ? '' : new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
  } catch {
    return '';
  }
}
