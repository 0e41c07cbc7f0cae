import * as vscode from 'vscode';
import { valueList, type PlanReport } from '../../profiler/protocol';
import type { StatementAtAnswer } from '../../server/protocol';
import type { LiveSession } from '../session/live-session';
import type { Profiler } from '../session/profiler';
import { PlanTabs, type Explained } from './plan-tabs';

/** Characters of the statement, and of its values, in the question before it is run. */
const QUESTION_CHARACTERS = 600;

/** What this needs of others. */
export interface ExplainHost {
  /** The statement at a place of a file, by the language server. Undefined when there is no server. */
  statementAt(document: vscode.TextDocument, offset: number): Promise<StatementAtAnswer | undefined>;
  /** Lets a person connect. @returns whether there is a connection now */
  connect(): Promise<boolean>;
}

/** Plans of statements, in tabs of their own. Nothing is run without a question that names the database. */
export class Explain implements vscode.Disposable {
  readonly #session: LiveSession;
  readonly #profiler: Profiler;
  readonly #host: ExplainHost;
  readonly #tabs: PlanTabs;

  constructor(extensionUri: vscode.Uri, session: LiveSession, profiler: Profiler, host: ExplainHost, log: vscode.LogOutputChannel) {
    this.#session = session;
    this.#profiler = profiler;
    this.#host = host;
    this.#tabs = new PlanTabs(extensionUri, (explained) => this.#analyzed(explained), log);
  }

  /** The statement at the cursor. Says why where there is none. */
  async atCursor(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) throw new Error('Open a file and put the cursor into a query.');
    const { document, selection } = editor;
    const found = await this.#host.statementAt(document, document.offsetAt(selection.active));
    if (found === undefined) throw new Error('The language server does not run, so the statement could not be read.');
    if ('reason' in found) void vscode.window.showInformationMessage(found.reason);
    else await this.explain({ text: found.text }, false);
  }

  /** Shows the plan of a statement; with `analyze` it is run, after a question. */
  async explain(explained: Explained, analyze: boolean): Promise<void> {
    if (this.#session.connection.kind !== 'connected' && !(await this.#host.connect())) return;
    const report = analyze ? await this.#analyzed(explained) : await this.#plan(explained, false);
    if (report !== undefined) this.#tabs.show(report, explained);
  }

  dispose(): void {
    this.#tabs.dispose();
  }

  #plan(explained: Explained, analyze: boolean): Promise<PlanReport> {
    return this.#profiler.request('explain', { ...explained, analyze });
  }

  async #analyzed(explained: Explained): Promise<PlanReport | undefined> {
    const { connection } = this.#session;
    if (connection.kind !== 'connected') {
      if (!(await this.#host.connect())) return undefined;
      return this.#analyzed(explained);
    }
    const detail = explained.text === undefined ? await this.#profiler.request('detail', { statement: explained.statement ?? '' }) : null;
    const slow = detail?.slowest.find(({ whole }) => whole);
    const text = explained.text ?? slow?.text ?? detail?.row.text ?? '';
    const values = slow === undefined ? '' : `\n\n${shortened(valueList(slow.values))}`;
    const yes = 'Run and Roll Back';
    const answer = await vscode.window.showWarningMessage(
      `Run this statement in ${connection.target} to measure it?`,
      {
        modal: true,
        detail: `It is executed once, in a transaction that is rolled back: changed rows are put back. What a rollback does not undo stays: locks are held meanwhile, sequences move on, and triggers and functions run.\n\n${shortened(text)}${values}`,
      },
      yes,
    );
    // What was agreed to is run, although slower executions may have been recorded meanwhile.
    return answer === yes ? this.#plan(slow === undefined ? explained : { text: slow.text, values: slow.values }, true) : undefined;
  }
}

function shortened(text: string): string {
  return text.length > QUESTION_CHARACTERS ? `${text.slice(0, QUESTION_CHARACTERS)} …` : text;
}
