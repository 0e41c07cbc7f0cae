import * as vscode from 'vscode';

const RULE_ID = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** Shows the page of a rule; asks for the rule when none is given. The argument comes from a link and is not trusted. */
export async function openRulePage(pages: vscode.Uri, rule: unknown): Promise<void> {
  const known = (await vscode.workspace.fs.readDirectory(pages)).flatMap(([name]) => (name.endsWith('.md') ? name.slice(0, -'.md'.length) : []));
  const chosen =
    typeof rule === 'string' && RULE_ID.test(rule)
      ? rule
      : await vscode.window.showQuickPick(known.sort(), { title: 'Open Rule Page', placeHolder: 'Rule' });
  if (chosen === undefined) return;
  if (!known.includes(chosen)) {
    void vscode.window.showWarningMessage(`Roundtrip has no rule called ${chosen}.`);
    return;
  }
  await vscode.commands.executeCommand('markdown.showPreview', vscode.Uri.joinPath(pages, `${chosen}.md`));
}
