import * as vscode from 'vscode';
import { DEFAULT_PORT, describeAddress, parseDatabaseUrl, type DatabaseLogin } from '../../database/address';
import type { Candidate } from './found-databases';

const TITLE = 'Connect to a Database';

/** A login that a person chose or typed. */
export interface Answer {
  login: DatabaseLogin;
  /** It was typed and is to be remembered. */
  typed: boolean;
}

interface Choice extends vscode.QuickPickItem {
  candidate?: Candidate;
  ask?: () => Promise<DatabaseLogin | undefined>;
}

const FORGET: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('trash'), tooltip: 'Forget this connection and its password' };

/**
 * Lets a person choose one of the databases found, or type one. Undefined when the person leaves.
 * @param forget is called with a remembered one that is not wanted any more
 */
export async function askForDatabase(candidates: readonly Candidate[], forget: (login: DatabaseLogin) => Promise<void>): Promise<Answer | undefined> {
  const choice = await chooseDatabase(candidates, forget);
  if (choice?.candidate !== undefined) return { login: choice.candidate.login, typed: false };
  const login = await choice?.ask?.();
  return login === undefined ? undefined : { login, typed: true };
}

function chooseDatabase(candidates: readonly Candidate[], forget: (login: DatabaseLogin) => Promise<void>): Promise<Choice | undefined> {
  const picker = vscode.window.createQuickPick<Choice>();
  picker.title = TITLE;
  picker.placeholder = 'Which database does your application use?';
  picker.matchOnDescription = true;
  const typed: Choice[] = [
    { label: '$(link) Enter a connection URL…', detail: 'postgresql://user:password@host:port/database', ask: askForUrl },
    { label: '$(list-ordered) Enter host, database, user and password…', ask: askForParts },
  ];
  const found = candidates.map((candidate): Choice => {
    const { name, source } = candidate.found;
    return { label: `$(database) ${withoutIcons(name)}`, description: `from ${withoutIcons(source)}`, candidate, ...(candidate.remembered ? { buttons: [FORGET] } : {}) };
  });
  picker.items = [...found, ...typed];
  return new Promise((resolve) => {
    picker.onDidTriggerItemButton(({ item }) => {
      if (item.candidate !== undefined) void forget(item.candidate.login);
      picker.items = picker.items.filter((other) => other !== item);
    });
    picker.onDidAccept(() => {
      resolve(picker.selectedItems[0]);
      picker.hide();
    });
    picker.onDidHide(() => {
      resolve(undefined);
      picker.dispose();
    });
    picker.show();
  });
}

/** Asks for the password of a database that refused the one there was. */
export async function askForPassword(login: DatabaseLogin): Promise<DatabaseLogin | undefined> {
  const password = await vscode.window.showInputBox({
    title: TITLE,
    prompt: `Password of “${login.address.user}” for ${describeAddress(login.address)}. Leave it empty to use ~/.pgpass or none.`,
    password: true,
    ignoreFocusOut: true,
  });
  if (password === undefined) return undefined;
  return { address: login.address, ...(password === '' ? {} : { password }) };
}

async function askForUrl(): Promise<DatabaseLogin | undefined> {
  const url = await vscode.window.showInputBox({
    title: TITLE,
    prompt: 'The URL of a PostgreSQL database. Its password is kept in the secret storage.',
    placeHolder: 'postgresql://user:password@localhost:5432/database',
    ignoreFocusOut: true,
    validateInput: (text) => {
      if (text === '') return undefined;
      const parsed = parseDatabaseUrl(text);
      return parsed.ok ? undefined : parsed.reason;
    },
  });
  const parsed = url ? parseDatabaseUrl(url) : undefined;
  if (parsed?.ok !== true) return undefined;
  return parsed.login.password === undefined ? askForPassword(parsed.login) : parsed.login;
}

async function askForParts(): Promise<DatabaseLogin | undefined> {
  const host = await ask(1, 'Host', 'localhost');
  if (host === undefined) return undefined;
  const port = await ask(2, 'Port', String(DEFAULT_PORT), (text) => (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535 ? undefined : 'A number from 1 to 65535.'));
  if (port === undefined) return undefined;
  const database = await ask(3, 'Database', '');
  if (database === undefined) return undefined;
  const user = await ask(4, 'User', 'postgres');
  if (user === undefined) return undefined;
  const hostPart = host.includes(':') ? `[${host}]` : encodeURIComponent(host);
  const parsed = parseDatabaseUrl(`postgresql://${encodeURIComponent(user)}@${hostPart}:${port}/${encodeURIComponent(database)}`);
  if (!parsed.ok) {
    void vscode.window.showErrorMessage(parsed.reason);
    return undefined;
  }
  return askForPassword(parsed.login);
}

const STEPS = 5;

async function ask(step: number, what: string, value: string, validate: (text: string) => string | undefined = () => undefined): Promise<string | undefined> {
  const answer = await vscode.window.showInputBox({
    title: `${TITLE} (${step}/${STEPS})`,
    prompt: what,
    value,
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? `The ${what.toLowerCase()} is missing.` : validate(text.trim())),
  });
  return answer?.trim();
}

/** A name out of a file stays text, even if it is spelled like an icon. */
function withoutIcons(text: string): string {
  return text.replaceAll('$(', '\\$(');
}
