import * as vscode from 'vscode';
import { addressUrl, describeAddress, loginFromEnvironment, parseDatabaseUrl, type DatabaseLogin } from '../../database/address';
import type { FoundDatabase } from '../../panel/messages';
import { urlsInEnvironment, urlsInEnvironmentFile } from './environment-files';
import type { RememberedDatabases } from './remembered-databases';

/** A database that a person may connect to with one press. The login stays in the extension host. */
export interface Candidate {
  found: FoundDatabase;
  login: DatabaseLogin;
  /** A person typed it here before, and may have it forgotten. */
  remembered: boolean;
}

/** Environment files of the folder and of the packages of a monorepo. */
const ENVIRONMENT_FILES = `{${['', '*/', '*/*/'].flatMap((folder) => ['', '.local', '.development', '.development.local'].map((suffix) => `${folder}.env${suffix}`)).join(',')}}`;
const NOT_HERE = '**/{node_modules,dist,build,out,.git}/**';
const MOST_FILES = 20;
/** More than this is a list to search, not a choice. */
const MOST_CANDIDATES = 12;

/**
 * The databases that can be found without asking: those used before, those of the environment, and those of environment files in
 * trusted folders. The same database is listed once.
 */
export async function findDatabases(remembered: RememberedDatabases): Promise<Candidate[]> {
  const candidates = new Map<string, Candidate>();
  const add = (login: DatabaseLogin, source: string): void => {
    const id = addressUrl(login.address);
    if (!candidates.has(id)) candidates.set(id, { found: { id, name: describeAddress(login.address), source }, login, remembered: false });
  };
  const addUrl = (url: string, source: string): void => {
    const parsed = parseDatabaseUrl(url);
    if (parsed.ok) add(parsed.login, source);
  };
  for (const { variable, url } of urlsInEnvironment(process.env)) addUrl(url, `${variable} in the environment`);
  if (vscode.workspace.isTrusted) {
    const files = await vscode.workspace.findFiles(ENVIRONMENT_FILES, NOT_HERE, MOST_FILES);
    // Files nearer to the root come first, and of two beside each other the more special one.
    files.sort((a, b) => a.path.split('/').length - b.path.split('/').length || b.path.length - a.path.length);
    for (const file of files) {
      for (const { variable, url } of urlsInEnvironmentFile(await readText(file))) addUrl(url, `${variable} in ${vscode.workspace.asRelativePath(file)}`);
    }
  }
  const fromVariables = loginFromEnvironment(process.env);
  if (fromVariables !== undefined) add(fromVariables, 'PGHOST and PGDATABASE in the environment');
  for (const login of await remembered.all()) {
    // A login that was typed may be newer than the file that names the same database.
    const id = addressUrl(login.address);
    const known = candidates.get(id);
    if (known === undefined) add(login, 'a connection of yours');
    const listed = candidates.get(id)!;
    candidates.set(id, { ...listed, remembered: true, login: listed.login.password === undefined ? login : listed.login });
  }
  return [...candidates.values()].slice(0, MOST_CANDIDATES);
}

async function readText(file: vscode.Uri): Promise<string> {
  try {
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
  } catch {
    return '';
  }
}
