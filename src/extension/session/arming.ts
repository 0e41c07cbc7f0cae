import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Arming } from '../../profiler/protocol';
import { nodeOptionsOf, watchedEnvironment, type LaunchEnvironment } from './node-options';

/** Debuggers that start Node.js programs, in the names that launch configurations give them. */
const DEBUG_TYPES = ['node', 'pwa-node', 'node-terminal'];

const DESCRIPTION = 'Records the queries of Node.js programs that are started here, until the session is stopped.';

/** What VS Code's own JavaScript debugger understands of a launch. */
interface NodeLaunch extends vscode.DebugConfiguration {
  env?: LaunchEnvironment;
  envFile?: string;
}

/**
 * Puts the probe into the environment of new terminals, tasks and launches while a session records. Nothing outlives the
 * session or the window, and in a workspace that is not trusted nothing is put anywhere.
 */
export class ProgramArming implements vscode.Disposable {
  readonly #collection: vscode.EnvironmentVariableCollection;
  readonly #watchedTerminals = new Set<vscode.Terminal>();
  readonly #disposables: vscode.Disposable[];
  #arming: Arming | undefined;

  constructor(context: vscode.ExtensionContext) {
    this.#collection = context.environmentVariableCollection;
    this.#collection.persistent = false;
    // A window that crashed while recording leaves nothing behind.
    this.#collection.clear();
    const provider: vscode.DebugConfigurationProvider = { resolveDebugConfigurationWithSubstitutedVariables: (_folder, launch) => this.#watched(launch as NodeLaunch) };
    this.#disposables = [
      ...DEBUG_TYPES.map((type) => vscode.debug.registerDebugConfigurationProvider(type, provider)),
      vscode.window.onDidOpenTerminal((terminal) => {
        if (this.#arming !== undefined) this.#watchedTerminals.add(terminal);
      }),
      vscode.window.onDidCloseTerminal((terminal) => this.#watchedTerminals.delete(terminal)),
    ];
  }

  /** Terminals that were open before: programs that are started in them are not seen. */
  get unwatchedTerminals(): number {
    return vscode.window.terminals.filter((terminal) => !this.#watchedTerminals.has(terminal)).length;
  }

  arm(arming: Arming): void {
    if (!vscode.workspace.isTrusted) return;
    this.#arming = arming;
    this.#collection.clear();
    this.#collection.description = DESCRIPTION;
    this.#collection.prepend('NODE_OPTIONS', `${arming.nodeOptions} `);
    for (const [name, value] of Object.entries(arming.variables)) this.#collection.replace(name, value);
  }

  disarm(): void {
    if (this.#arming === undefined) return;
    this.#arming = undefined;
    this.#watchedTerminals.clear();
    this.#collection.clear();
  }

  dispose(): void {
    this.disarm();
    for (const disposable of this.#disposables) disposable.dispose();
  }

  async #watched(launch: NodeLaunch): Promise<NodeLaunch> {
    if (this.#arming === undefined || launch.request !== 'launch') return launch;
    const fromFile = launch.env?.['NODE_OPTIONS'] === undefined && launch.envFile ? await nodeOptionsInFile(launch.envFile) : undefined;
    const inherited = fromFile === undefined ? process.env : { NODE_OPTIONS: fromFile };
    return { ...launch, env: watchedEnvironment(launch.env ?? {}, inherited, this.#arming) };
  }
}

async function nodeOptionsInFile(file: string): Promise<string | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
  try {
    return nodeOptionsOf(await readFile(path.resolve(folder, file), 'utf8'));
  } catch {
    // The debugger itself says that the file is missing.
    return undefined;
  }
}
