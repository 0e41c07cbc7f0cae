import type * as vscode from 'vscode';
import { addressUrl, type DatabaseLogin } from '../../database/address';
import type { LiveSession } from '../session/live-session';
import { askForDatabase, askForPassword } from './ask-for-database';
import { findDatabases, type Candidate } from './found-databases';
import { RememberedDatabases } from './remembered-databases';

/** Brings the session together with a database that was found, remembered or typed. */
export class Connections {
  readonly #session: LiveSession;
  readonly #remembered: RememberedDatabases;
  readonly #showPanel: () => Promise<void>;

  /** @param showPanel brings the panel into sight, which says how the connection goes */
  constructor(context: vscode.ExtensionContext, session: LiveSession, showPanel: () => Promise<void>) {
    this.#session = session;
    this.#showPanel = showPanel;
    this.#remembered = new RememberedDatabases(context);
  }

  find(): Promise<Candidate[]> {
    return findDatabases(this.#remembered);
  }

  /** Lets a person choose or type a database, and connects. @returns whether there is a connection now */
  async choose(): Promise<boolean> {
    const answer = await askForDatabase(await this.find(), (login) => this.#remembered.forget(login));
    if (answer === undefined) return false;
    if (answer.typed) await this.#remembered.remember(answer.login);
    await this.#showPanel();
    return this.#connect(answer.login);
  }

  /** Connects to a database that {@link find} listed. When it is gone meanwhile, the person chooses. */
  async connectToFound(id: string | undefined): Promise<boolean> {
    const candidate = id === undefined ? undefined : await this.#candidate(id);
    return candidate === undefined ? this.choose() : this.#connect(candidate.login);
  }

  /** Connects to the first database found, and asks nothing: nobody has asked for it either. */
  async connectOnOpen(log: vscode.LogOutputChannel): Promise<void> {
    const [candidate] = await this.find();
    if (candidate === undefined) log.info('No database to connect to was found.');
    else await this.#session.connect(candidate.login);
  }

  /** The password may have been corrected in a file meanwhile, so the same database is looked up again. */
  async retry(): Promise<boolean> {
    const { login, connection } = this.#session;
    if (login === undefined) return this.choose();
    if (connection.kind === 'failed' && connection.asksPassword) return this.#connectWithPassword(login);
    return this.#connect((await this.#candidate(addressUrl(login.address)))?.login ?? login);
  }

  async #candidate(id: string): Promise<Candidate | undefined> {
    return (await this.find()).find(({ found }) => found.id === id);
  }

  async #connect(login: DatabaseLogin): Promise<boolean> {
    const connection = await this.#session.connect(login);
    if (connection.kind === 'failed' && connection.asksPassword) return this.#connectWithPassword(login);
    return connection.kind === 'connected';
  }

  async #connectWithPassword(login: DatabaseLogin): Promise<boolean> {
    const again = await askForPassword(login);
    if (again?.password === undefined || this.#session.login !== login) return false;
    await this.#remembered.remember(again);
    return (await this.#session.connect(again)).kind === 'connected';
  }
}
