import assert from 'node:assert/strict';
import type { CodeAction } from 'vscode-languageserver/node';
import { FIX_ALL_KIND } from '../../src/server/protocol';
import { Editor, rangeIn } from './editor';
import { MarkedWorkspace } from './marked-workspace';

const FILE = '/shop/a.ts';

describe('the language server, code actions', () => {
  let editor: Editor;

  const open = async (text: string): Promise<void> => {
    editor = await Editor.start({ folders: ['/shop'], settings: { delay: 50 }, openWorkspace: (options) => Promise.resolve(new MarkedWorkspace(options, { [FILE]: '' })) });
    await editor.ready();
    editor.open(FILE, text);
    await editor.checked(FILE);
  };
  const actionsAt = (piece: string, only?: string[]): Promise<CodeAction[]> => editor.codeActions(FILE, rangeIn(editor.document(FILE), piece), only);
  const titles = (actions: CodeAction[]): string[] => actions.map(({ title }) => title);

  afterEach(() => editor.stop());

  it('offers a fix with its title, tied to the diagnostic, preferred when it is the one safe fix', async () => {
    await open('const a = !one!;\n');
    const [fix] = await actionsAt('!one!');
    assert.equal(fix!.title, 'Remove one');
    assert.equal(fix!.kind, 'quickfix');
    assert.equal(fix!.isPreferred, true);
    assert.deepEqual(fix!.diagnostics?.map(({ code }) => code), ['marked']);
    editor.apply(fix!);
    assert.equal(editor.text(FILE), 'const a = ;\n');
  });

  it('prefers no suggestion', async () => {
    await open('const a = !one?;\n');
    const [fix] = await actionsAt('!one?');
    assert.equal(fix!.title, 'Remove one');
    assert.equal(fix!.isPreferred, undefined);
  });

  it('fixes the text as it is now, not as it was last published', async () => {
    await open('!one!\n');
    editor.replace(FILE, '!one!', '/* longer than before */ !one!');
    const [fix] = await actionsAt('!one!');
    editor.apply(fix!);
    assert.equal(editor.text(FILE), '/* longer than before */ \n');
  });

  it('publishes what it checked early for an action', async () => {
    await open('!one!\n');
    editor.replace(FILE, 'one', 'two');
    await actionsAt('!two!');
    await editor.checked(FILE);
    assert.deepEqual(editor.messages(FILE), ['two']);
  });

  it('fixes all safe problems of a rule, and no suggestion', async () => {
    await open('!one!\n!two?\n!three!\n');
    const actions = await actionsAt('!one!');
    assert.deepEqual(titles(actions), ['Remove one', 'Fix all marked problems in this file']);
    editor.apply(actions[1]!);
    assert.equal(editor.text(FILE), '\n!two?\n\n');
  });

  it('does not offer to fix all of one', async () => {
    await open('!one!\n!two?\n');
    assert.deepEqual(titles(await actionsAt('!one!')), ['Remove one']);
  });

  it('fixes everything safe on save, only when the editor asks for it', async () => {
    await open('!one!\n!two?\n');
    const [action, ...others] = await actionsAt('!two?', ['source.fixAll']);
    assert.deepEqual(others, []);
    assert.equal(action!.kind, FIX_ALL_KIND);
    assert.equal(action!.title, 'Fix all safe Roundtrip problems in this file');
    editor.apply(action!);
    assert.equal(editor.text(FILE), '\n!two?\n');
    await editor.checked(FILE);
    assert.deepEqual(await actionsAt('!two?', [FIX_ALL_KIND]), []);
    assert.deepEqual(await actionsAt('!two?', ['source.organizeImports']), []);
    assert.deepEqual(titles(await actionsAt('!two?', ['quickfix'])), ['Remove two']);
  });

  it('offers nothing where nothing is found', async () => {
    await open('!one!\nfine\n');
    assert.deepEqual(await actionsAt('fine'), []);
  });
});
