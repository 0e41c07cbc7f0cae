import * as vscode from 'vscode';
import { register } from '../commands';
import { Connections } from '../connections/connections';
import { CONNECTION_FILES } from '../connections/found-databases';
import type { LanguageServer } from '../language-server';
import { SESSION_COMMANDS } from '../manifest';
import { HOVER_COMMANDS } from '../margin/hover-text';
import { Margin } from '../margin/margin';
import { INTERRUPTED, PanelView, VIEW_ID } from '../panel/panel-view';
import { Explain } from '../plans/explain';
import { ProgramArming } from './arming';
import { LiveSession } from './live-session';
import { Profiler } from './profiler';
import { ProgramTask } from './program-task';
import { SessionCommands } from './session-commands';
import { SessionStatusBar } from './status-bar';

/** Folder of the probe's copies, in the extension's own storage. */
const PROBE_FOLDER = 'probe';

/** Settings that ask for something as soon as a trusted folder is open. */
const BEGINNINGS = ['roundtrip.database.connectOnOpen', 'roundtrip.session.recordOnOpen'];

/**
 * The live session of this window: connection, recording, panel, notes in the code and plans. Registers what can be asked for;
 * the profiler starts with the first thing that needs it, and connects by itself only where the user's settings ask for it.
 */
export function registerSession(context: vscode.ExtensionContext, server: LanguageServer, log: vscode.LogOutputChannel): { stop(): Promise<void> } {
  const module = vscode.Uri.joinPath(context.extensionUri, 'dist', 'profiler.js').fsPath;
  const profiler = new Profiler(module, vscode.Uri.joinPath(context.globalStorageUri, PROBE_FOLDER).fsPath, log);
  const arming = new ProgramArming(context);
  const session = new LiveSession(context, profiler, arming, log);
  const focus = async (): Promise<void> => void (await vscode.commands.executeCommand(`${VIEW_ID}.focus`));
  const connections = new Connections(context, session, focus);
  const margin = new Margin(profiler);
  const program = new ProgramTask(log);
  const explain = new Explain(context.extensionUri, session, profiler, { statementAt: (document, offset) => server.statementAt(document, offset), connect: () => connections.choose() }, log);
  const panel = new PanelView(context, session, profiler, connections, { explain: (statement, analyze) => explain.explain({ statement }, analyze), showLog: () => log.show() }, log);
  const commands = new SessionCommands(session, profiler, arming, program, (comparison) => panel.showComparison(comparison));
  panel.commands = commands;

  const refresh = (): void => panel.refreshFound();
  const begin = (): void => {
    for (const beginning of [connectOnOpen(session, connections, log), recordOnOpen(session, program)]) beginning.catch((error: unknown) => log.error(error instanceof Error ? error : String(error)));
  };
  const files = vscode.workspace.createFileSystemWatcher(CONNECTION_FILES);
  context.subscriptions.push(
    session,
    arming,
    margin,
    explain,
    panel,
    new SessionStatusBar(session, VIEW_ID),
    vscode.window.registerWebviewViewProvider(VIEW_ID, panel),
    register(SESSION_COMMANDS, log, {
      connect: () => connections.choose(),
      disconnect: () => session.disconnect(),
      startSession: async () => {
        await commands.start();
        await focus();
      },
      pauseSession: () => session.setPaused(true),
      resumeSession: () => session.setPaused(false),
      stopSession: () => session.stop(),
      renameSession: () => commands.rename(),
      clearSession: () => commands.clear(),
      openSession: () => commands.openSaved(),
      compareSessions: () => commands.compare(),
      exportReport: () => commands.export(),
      newWatchedTerminal: () => commands.newTerminal(),
      explainStatement: () => explain.atCursor(),
    }),
    // Links of hovers name statements; what else a link may hold is not a statement that is known.
    vscode.commands.registerCommand(HOVER_COMMANDS.reveal, (statement: unknown) => (typeof statement === 'string' ? panel.reveal(statement) : undefined)),
    register({ explain: { command: HOVER_COMMANDS.explain, title: 'Explain' } }, log, {
      explain: (statement) => (typeof statement === 'string' ? explain.explain({ statement }, false) : undefined),
    }),
    profiler.onDidGetEvidence((evidence) => void server.tell(evidence)),
    session.onDidInterrupt(() => void sayInterrupted(() => commands.start(), log)),
    files,
    files.onDidCreate(refresh),
    files.onDidChange(refresh),
    files.onDidDelete(refresh),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      refresh();
      begin();
      // What the folder's own settings ask for is known a moment after the folder is trusted.
      const settings = vscode.workspace.onDidChangeConfiguration((change) => {
        if (!BEGINNINGS.some((setting) => change.affectsConfiguration(setting))) return;
        settings.dispose();
        begin();
      });
      context.subscriptions.push(settings);
    }),
  );
  if (vscode.workspace.isTrusted) begin();
  return { stop: () => profiler.stop() };
}

/** What the person's settings ask for as soon as a trusted folder is open. */
async function connectOnOpen(session: LiveSession, connections: Connections, log: vscode.LogOutputChannel): Promise<void> {
  if (session.connection.kind !== 'none') return;
  if (vscode.workspace.getConfiguration('roundtrip.database').get('connectOnOpen') === true) await connections.connectOnOpen(log);
}

/** Does not wait for a database, which may not answer: programs are watched without one. */
async function recordOnOpen(session: LiveSession, program: ProgramTask): Promise<void> {
  if (!session.isBegunOnOpen || session.isRecording || !(await session.start())) return;
  await vscode.commands.executeCommand(`${VIEW_ID}.focus`, { preserveFocus: true });
  await program.runUnasked();
}

/** A recording that ended without being asked to is news that the person has to hear. */
async function sayInterrupted(record: () => Promise<void>, log: vscode.LogOutputChannel): Promise<void> {
  const [again, showLog] = ['Record Again', 'Show Log'];
  const answer = await vscode.window.showWarningMessage(INTERRUPTED, again, showLog);
  if (answer === again) await record();
  if (answer === showLog) log.show();
}
