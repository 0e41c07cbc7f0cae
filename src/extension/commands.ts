import * as vscode from 'vscode';
import type { LanguageServer } from './language-server';
import { COMMANDS } from './manifest';
import { openRulePage } from './rule-pages';
import { statusText } from './status-text';

/** Registers the commands of the language server. */
export function registerCommands(server: LanguageServer, log: vscode.LogOutputChannel, rulePages: vscode.Uri): vscode.Disposable {
  return register(COMMANDS, log, {
    checkWorkspace: () => checkWorkspace(server, log),
    openRulePage: (rule) => openRulePage(rulePages, rule),
    restartServer: () => server.restart(),
    showLog: () => log.show(),
  });
}

/** Registers commands with what they do. One that fails says so: the user has just asked for it. */
export function register<Name extends string>(
  commands: Readonly<Record<Name, { command: string; title: string }>>,
  log: vscode.LogOutputChannel,
  handlers: Readonly<Record<Name, (...given: unknown[]) => unknown>>,
): vscode.Disposable {
  const registered = (Object.keys(commands) as Name[]).map((name) => {
    const { command, title } = commands[name];
    return vscode.commands.registerCommand(command, async (...given: unknown[]) => {
      try {
        await handlers[name](...given);
      } catch (error) {
        log.error(error instanceof Error ? error : String(error));
        await offerLog(log, `Roundtrip: “${title}” did not work: ${error instanceof Error ? error.message : String(error)}`);
      }
    });
  });
  return vscode.Disposable.from(...registered);
}

/** Findings are shown where they belong; only their absence needs words. */
async function checkWorkspace(server: LanguageServer, log: vscode.LogOutputChannel): Promise<void> {
  const status = await server.checkWorkspace();
  if (status?.state === 'ready') {
    const { error, warning, info } = status.findings;
    const { text, detail } = statusText(status);
    if (error + warning + info) await vscode.commands.executeCommand('workbench.actions.view.problems');
    else void vscode.window.showInformationMessage(`${text} ${detail}.`);
  } else if (!status || status.state === 'error') {
    await offerLog(log, 'Roundtrip could not check the workspace.');
  } else {
    void vscode.window.showInformationMessage(`${statusText(status).text}: ${statusText(status).detail}.`);
  }
}

async function offerLog(log: vscode.LogOutputChannel, message: string): Promise<void> {
  if ((await vscode.window.showErrorMessage(message, COMMANDS.showLog.title)) !== undefined) log.show();
}
