import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { gone, open, problem, processesOf, until } from './editor';

const servers = (): number[] => processesOf('dist/server.js');

describe('the language server', () => {
  it('comes back after a crash and knows what is typed', async () => {
    const editor = await open('shop', 'src/orders/dashboard.ts');
    const { document } = editor;
    await problem(document.uri, 'filter-in-memory');
    const [before] = servers();
    assert.ok(before, 'one language server runs');
    process.kill(before, 'SIGKILL');
    // Somebody types on while nobody has noticed yet: what is sent then is lost.
    for (let typed = 0; typed < 6; typed++) await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), ' '));
    await editor.edit((edit) => edit.delete(new vscode.Range(0, 0, 0, 6)));
    await until('another language server runs', () => servers().some((pid) => pid !== before));

    const at = document.getText().indexOf('.from(orders);') + '.from(orders)'.length;
    await editor.edit((edit) => edit.insert(document.positionAt(at), '.limit(100)'));
    await gone(document.uri, 'filter-in-memory');
    await vscode.commands.executeCommand('undo');
    await problem(document.uri, 'filter-in-memory');
  });
});
