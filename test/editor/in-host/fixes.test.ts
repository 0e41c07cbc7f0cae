import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { gone, open, problem, problems, quickFix, until } from './editor';

describe('fixes in the editor', () => {
  it('batch a read, and undo restores the text to the letter', async () => {
    const { document } = await open('shop', 'src/catalog/stock.ts');
    const original = document.getText();
    const found = await problem(document.uri, 'n-plus-one');
    const fix = await quickFix(document.uri, found.range, 'Read all stocks in one query');
    assert.ok(fix.edit, 'the fix is offered, with its edit');
    assert.ok(await vscode.workspace.applyEdit(fix.edit));
    await gone(document.uri, 'n-plus-one');
    assert.match(document.getText(), /= ANY\(\$1\)/);
    await vscode.commands.executeCommand('undo');
    await problem(document.uri, 'n-plus-one');
    assert.equal(document.getText(), original);
  });

  it('come with a way to ignore the problem, which then is silent', async () => {
    const { document } = await open('shop', 'src/customers/loyalty.ts');
    const found = await problem(document.uri, 'sequential-write');
    const ignore = await quickFix(document.uri, found.range, 'Ignore sequential-write');
    assert.ok(ignore.edit, 'ignoring is offered, with its edit');
    assert.ok(await vscode.workspace.applyEdit(ignore.edit));
    await gone(document.uri, 'sequential-write');
    assert.match(document.getText(), /\/\/ roundtrip-ignore sequential-write: /);
    await vscode.commands.executeCommand('undo');
    await problem(document.uri, 'sequential-write');
  });

  it('say where a rule is explained', async () => {
    const { document } = await open('shop', 'src/customers/loyalty.ts');
    const found = await problem(document.uri, 'sequential-write');
    const page = await quickFix(document.uri, found.range, 'Open the page of rule sequential-write');
    assert.ok(page.command, "the rule's page is offered");
    await vscode.commands.executeCommand(page.command.command, ...(page.command.arguments ?? []));
    await until("the rule's page is open", () => vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).find(({ label }) => label.includes('sequential-write')));
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
  });

  it('that are safe are applied on save, and no others', async () => {
    const settings = vscode.workspace.getConfiguration('editor');
    await settings.update('codeActionsOnSave', { 'source.fixAll.roundtrip': 'explicit' }, vscode.ConfigurationTarget.Workspace);
    try {
      const editor = await open('shop', 'src/orders/checkout.ts');
      const { document } = editor;
      await problem(document.uri, 'sequential-write');
      await editor.edit((edit) => edit.insert(document.positionAt(document.getText().length), '\n'));
      assert.ok(await document.save());
      await gone(document.uri, 'sequential-write');
      assert.equal(document.isDirty, false);

      const stock = await open('shop', 'src/catalog/stock.ts');
      await problem(stock.document.uri, 'n-plus-one');
      await stock.edit((edit) => edit.insert(stock.document.positionAt(stock.document.getText().length), '\n'));
      assert.ok(await stock.document.save());
      assert.doesNotMatch(stock.document.getText(), /= ANY/, 'a suggestion waits for a person');
      assert.ok(problems(stock.document.uri).length > 0);
    } finally {
      await settings.update('codeActionsOnSave', undefined, vscode.ConfigurationTarget.Workspace);
    }
  });
});
