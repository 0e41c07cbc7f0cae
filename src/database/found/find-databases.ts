import { describeAddress, loginFromEnvironment, type DatabaseAddress, type DatabaseLogin } from '../address.js';
import { loginsInCompose } from './compose.js';
import { loginsInDrizzleConfiguration, loginsInPrismaConfiguration, loginsInPrismaSchema } from './configuration.js';
import { parsePasswordFile, passwordFor } from './pgpass.js';
import { loginsInVariables, parseVariables, type Variables } from './variables.js';

/** A database that a project names. The login may hold a password and is not for showing; the rest is. */
export interface FoundDatabase {
  login: DatabaseLogin;
  /** `shop at localhost:5432` */
  name: string;
  /** Where it was found: `DATABASE_URL in .env` */
  source: string;
}

export interface SearchedFiles {
  /** Files of the project, with paths from its folder, with `/`. */
  files: readonly { path: string; text: string }[];
  /** The process's own variables. */
  environment: Variables;
  /** Text of the person's password file: `~/.pgpass`, on Windows `%APPDATA%\postgresql\pgpass.conf`, or what PGPASSFILE names. */
  passwordFile?: string;
}

/** Ends of the names of files that are worth reading, as a pattern for paths with `/`. */
export const DATABASE_FILES = /(?:^|\/)(?:\.env(?:\.[\w.-]+)?|(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml|[\w.-]+\.prisma|(?:prisma|drizzle)(?:[.-][\w.-]+)?\.config\.[cm]?[jt]s)$/;

/**
 * The databases that files and variables name, each once, those that a program is most likely to use first: the environment, environment
 * files, Prisma, Drizzle, Compose, and the password file. Passwords that are missing are taken from the password file.
 */
export function findDatabases({ files, environment, passwordFile }: SearchedFiles): FoundDatabase[] {
  const found: { login: DatabaseLogin; source: string }[] = [];
  const sorted = files.filter(({ path }) => DATABASE_FILES.test(path) && !isExample(path)).sort((a, b) => depth(a.path) - depth(b.path) || rankOf(a.path) - rankOf(b.path) || (a.path < b.path ? -1 : 1));
  const inOrder = (matches: RegExp): typeof sorted => sorted.filter(({ path }) => matches.test(path));
  const environmentFiles = inOrder(/(?:^|\/)\.env[^/]*$/).map(({ path, text }) => ({ path, variables: parseVariables(text) }));
  /** What a program in the file's folder is likely to see. */
  const variablesAt = (path: string): Variables => {
    const near = environmentFiles.filter((file) => path.startsWith(folderOf(file.path)));
    near.sort((a, b) => depth(a.path) - depth(b.path) || rankOf(b.path) - rankOf(a.path));
    return Object.assign({}, ...near.map(({ variables }) => variables), environment) as Variables;
  };

  for (const { login, from } of loginsInVariables(environment)) found.push({ login, source: `${from} in the environment` });
  for (const { path, variables } of environmentFiles) {
    for (const { login, from } of loginsInVariables(variables)) found.push({ login, source: `${from} in ${path}` });
  }
  for (const { path, text } of inOrder(/\.prisma$/)) for (const login of loginsInPrismaSchema(text, variablesAt(path))) found.push({ login, source: path });
  for (const { path, text } of inOrder(/(?:^|\/)prisma[^/]*\.config\.\w+$/)) for (const login of loginsInPrismaConfiguration(text, variablesAt(path))) found.push({ login, source: path });
  for (const { path, text } of inOrder(/(?:^|\/)drizzle[^/]*\.config\.\w+$/)) for (const login of loginsInDrizzleConfiguration(text, variablesAt(path))) found.push({ login, source: path });
  for (const { path, text } of inOrder(/\.ya?ml$/)) for (const { login, service } of loginsInCompose(text, variablesAt(path))) found.push({ login, source: `service ${service} in ${path}` });

  const passwords = parsePasswordFile(passwordFile ?? '');
  for (const { host, port, database, user, password } of passwords) {
    // A line for any host or any user says nothing of where a database is.
    if (host === '*' || database === '*' || user === '*') continue;
    const login = loginFromEnvironment({ PGHOST: host, PGDATABASE: database, PGUSER: user, PGPASSWORD: password, ...(port === '*' ? {} : { PGPORT: port }) });
    if (login !== undefined) found.push({ login, source: 'the password file' });
  }

  const databases = new Map<string, FoundDatabase>();
  for (const { login, source } of found) {
    const key = sameDatabase(login.address);
    const known = databases.get(key);
    const password = login.password ?? passwordFor(passwords, login.address);
    if (known === undefined) databases.set(key, { login: { ...login, ...(password === undefined ? {} : { password }) }, name: describeAddress(login.address), source });
    else if (known.login.password === undefined && password !== undefined) databases.set(key, { ...known, login: { ...known.login, password } });
  }
  return [...databases.values()];
}

/** A host of this machine has several names. */
function sameDatabase({ host, port, database, user }: DatabaseAddress): string {
  return JSON.stringify([host === '127.0.0.1' || host === '::1' ? 'localhost' : host, port, database, user]);
}

/** Templates of environment files name no real database. */
function isExample(path: string): boolean {
  return /\.(?:example|sample|template|dist|defaults?)$/.test(path);
}

/** Of environment files beside each other, the more special one counts. */
function rankOf(path: string): number {
  const endings = ['.local', '.development', ''];
  const rank = endings.findIndex((ending) => path.endsWith(`.env${ending}`) || (ending !== '' && path.endsWith(ending)));
  return rank === -1 ? endings.length : rank;
}

function depth(path: string): number {
  return path.split('/').length;
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}
