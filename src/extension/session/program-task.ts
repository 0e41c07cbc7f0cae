import * as vscode from 'vscode';

/** The task that the settings name as the person's program. Run while a session records, it is watched from its first query. */
export class ProgramTask {
  readonly #log: vscode.LogOutputChannel;

  constructor(log: vscode.LogOutputChannel) {
    this.#log = log;
  }

  /** Runs it, and anew when it runs already: what was started before the recording is not watched. Does nothing where none is named. */
  async run(): Promise<void> {
    const name = taskName();
    if (name === undefined) return;
    const task = (await vscode.tasks.fetchTasks()).find((candidate) => candidate.name === name && candidate.source === 'Workspace');
    if (task === undefined) {
      void vscode.window.showWarningMessage(`There is no task “${name}” in tasks.json, which the setting roundtrip.session.task names.`);
      return;
    }
    await end(name);
    await vscode.tasks.executeTask(task);
    this.#log.info(`The task “${name}” was started, to be watched.`);
  }

  /** The same when nobody has pressed anything: asks first, unless tasks may start by themselves. */
  async runUnasked(): Promise<void> {
    const name = taskName();
    if (name === undefined) return;
    if (vscode.workspace.getConfiguration('task').get('allowAutomaticTasks') === 'on') return this.run();
    const yes = 'Run Task';
    const answer = await vscode.window.showInformationMessage(`Recording. Run the task “${name}” now, so that its queries are seen?`, yes);
    if (answer === yes) await this.run();
  }
}

function taskName(): string | undefined {
  return vscode.workspace.getConfiguration('roundtrip.session').get<string>('task')?.trim() || undefined;
}

/** Resolves when no run of it is left. A run that VS Code took over from the window before a reload ends under another object than it is listed by. */
async function end(name: string): Promise<void> {
  const runs = (): vscode.TaskExecution[] => vscode.tasks.taskExecutions.filter(({ task }) => task.name === name && task.source === 'Workspace');
  if (runs().length === 0) return;
  await new Promise<void>((resolve) => {
    const following = vscode.tasks.onDidEndTask(() => {
      if (runs().length > 0) return;
      following.dispose();
      resolve();
    });
    for (const run of runs()) run.terminate();
  });
}
