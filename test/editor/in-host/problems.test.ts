import assert from 'node:assert/strict';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import { expectedFindings } from '../expected-findings';
import { folderOf, gone, open, problem, problems, ruleOf, until } from './editor';

describe('problems in the editor', () => {
  it('are the shop\'s known ones, in all files, and no others', async () => {
    await open('shop', 'src/orders/history.ts');
    const shop = folderOf('shop');
    const describeAll = (all: { file: string; line: number; rule: string }[]) => all.map(({ file, line, rule }) => `${file}:${line} ${rule}`).sort();
    const expected = describeAll(expectedFindings(shop));
    const shown = () =>
      describeAll(
        vscode.languages
          .getDiagnostics()
          .filter(([uri]) => uri.fsPath.startsWith(shop + path.sep))
          .flatMap(([uri]) => problems(uri).map((found) => ({ file: path.relative(shop, uri.fsPath), line: found.range.start.line + 1, rule: ruleOf(found) }))),
      );
    const without = (some: string[], others: string[]) => some.filter((one) => !others.includes(one)).join(', ') || 'nothing';
    // Files are told one after the other, and a finding may change until the whole program is known.
    await until(
      () => `the problems are the known ones; ${without(expected, shown())} is missing, and ${without(shown(), expected)} is too much`,
      () => isDeepStrictEqual(shown(), expected),
    );
  });

  it('name the way from the loop to the query', async () => {
    const { document } = await open('shop', 'src/orders/history.ts');
    const found = await problem(document.uri, 'n-plus-one');
    const files = found.relatedInformation?.map(({ location }) => path.basename(location.uri.fsPath)) ?? [];
    assert.ok(files.includes('customer-service.ts'), `the related locations are in ${files.join(', ') || 'no file'}`);
  });

  it('follow what is typed and come back with undo', async () => {
    const editor = await open('shop', 'src/orders/dashboard.ts');
    const { document } = editor;
    await problem(document.uri, 'filter-in-memory');
    const at = document.getText().indexOf('.from(orders);') + '.from(orders)'.length;
    await editor.edit((edit) => edit.insert(document.positionAt(at), '.limit(100)'));
    await gone(document.uri, 'filter-in-memory');
    await vscode.commands.executeCommand('undo');
    await problem(document.uri, 'filter-in-memory');
    assert.equal(document.isDirty, false);
  });

  it('of intact code stay while a line is half typed', async () => {
    const editor = await open('shop', 'src/orders/checkout.ts');
    const { document } = editor;
    await problem(document.uri, 'sequential-write');
    const [order] = [document.getText().indexOf('export async function placeOrder')];
    await editor.edit((edit) => edit.insert(document.positionAt(order), 'export async function inv(\n\n'));
    const before = document.version;
    await until('the problem has moved with its line', () =>
      problems(document.uri).some((found) => ruleOf(found) === 'sequential-write' && document.lineAt(found.range.start.line).text.includes('tx.insert(orderItems)')),
    );
    assert.equal(document.version, before);
    await vscode.commands.executeCommand('undo');
  });

  it('show in each folder of a workspace', async () => {
    const { document } = await open('warehouse', 'src/bins.ts');
    await problem(document.uri, 'n-plus-one');
  });

  it('obey a changed setting at once, and its removal', async () => {
    const { document } = await open('warehouse', 'src/bins.ts');
    await problem(document.uri, 'n-plus-one');
    const settings = vscode.workspace.getConfiguration('roundtrip');
    await settings.update('rules', { 'n-plus-one': 'off' }, vscode.ConfigurationTarget.Workspace);
    await gone(document.uri, 'n-plus-one');
    await settings.update('rules', { 'n-plus-one': 'error' }, vscode.ConfigurationTarget.Workspace);
    const loud = await problem(document.uri, 'n-plus-one');
    assert.equal(loud.severity, vscode.DiagnosticSeverity.Error);
    await settings.update('rules', undefined, vscode.ConfigurationTarget.Workspace);
    await until('it is a warning again', () => problems(document.uri)[0]?.severity === vscode.DiagnosticSeverity.Warning);
  });
});
