import assert from 'node:assert/strict';
import { ProjectTooLargeError, type Workspace, type WorkspaceOptions } from '../../src/workspace';
import { CAPABILITIES, Editor, rangeIn, uri } from './editor';
import { MarkedWorkspace } from './marked-workspace';

/** A pause that a test can sit out, and that typing several changes at once fits into. */
const settings = { delay: 50 };

describe('the language server, when and what it publishes', () => {
  let editor: Editor;
  let opened: MarkedWorkspace[];

  const start = async (disk: Record<string, string>, prepare: (workspace: MarkedWorkspace) => void = () => {}): Promise<MarkedWorkspace> => {
    opened = [];
    const openWorkspace = (options: WorkspaceOptions): Promise<Workspace> => {
      const workspace = new MarkedWorkspace(options, disk);
      prepare(workspace);
      opened.push(workspace);
      return Promise.resolve(workspace);
    };
    editor = await Editor.start({ folders: ['/shop'], settings, openWorkspace });
    await editor.until(() => opened.length > 0);
    return opened[0]!;
  };

  afterEach(() => editor.stop());

  it('publishes the findings of every file, open or not', async () => {
    await start({ '/shop/a.ts': '!one', '/shop/b.ts': 'fine', '/shop/c.ts': '!two !three' });
    const status = await editor.ready();
    assert.deepEqual(editor.messages('/shop/a.ts'), ['one']);
    assert.deepEqual(editor.messages('/shop/c.ts'), ['two', 'three']);
    assert.deepEqual(editor.publishedFor('/shop/b.ts'), [], 'nothing is said of a clean file');
    assert.deepEqual(status, { state: 'ready', files: 3, findings: { error: 0, warning: 3, info: 0 }, problems: 0, configurationErrors: [] });
  });

  it('tells how far the index is', async () => {
    await start({ '/shop/a.ts': '' }, (workspace) => {
      workspace.beforeIndexed = () => editor.until(() => editor.progress.length > 0);
    });
    await editor.ready();
    await editor.until(() => editor.progress.at(-1)?.kind === 'end');
    assert.deepEqual(editor.statuses.map(({ state }) => state), ['indexing', 'indexing', 'ready']);
    assert.deepEqual(editor.progress.map(({ kind }) => kind), ['begin', 'end']);
  });

  it('stops the index when the user cancels it, and goes on with open files', async () => {
    await start({ '/shop/a.ts': '!one' }, (workspace) => {
      workspace.beforeIndexed = (signal) => new Promise((resolve) => signal?.addEventListener('abort', () => resolve()));
    });
    await editor.until(() => editor.progress.length > 0);
    editor.cancelProgress();
    assert.deepEqual(await editor.ready(), { state: 'stopped', findings: { error: 0, warning: 0, info: 0 } });
    editor.open('/shop/a.ts', '!mine');
    await editor.checked('/shop/a.ts');
    assert.deepEqual(editor.messages('/shop/a.ts'), ['mine']);
  });

  it('checks what is opened at once, with its version', async () => {
    await start({ '/shop/a.ts': '!disk' });
    editor.open('/shop/a.ts', '!buffer', 'typescript', 7);
    await editor.checked('/shop/a.ts', 7);
    assert.deepEqual(editor.messages('/shop/a.ts'), ['buffer']);
  });

  it('checks only the newest of what is typed in one go', async () => {
    await start({ '/shop/a.ts': '' });
    await editor.ready();
    editor.open('/shop/a.ts', '!a');
    await editor.checked('/shop/a.ts');
    for (const [old, text] of [['!a', '!ab'], ['!ab', '!abc'], ['!abc', '!abcd']] as const) editor.replace('/shop/a.ts', old, text);
    await editor.checked('/shop/a.ts');
    assert.deepEqual(editor.publishedFor('/shop/a.ts').map(({ version }) => version), [1, 4]);
    assert.deepEqual(editor.messages('/shop/a.ts'), ['abcd']);
  });

  it('never publishes findings of a text that has moved on', async () => {
    const workspace = await start({ '/shop/a.ts': '' });
    await editor.ready();
    editor.open('/shop/a.ts', '!old');
    await editor.checked('/shop/a.ts');
    let answer = (): void => {};
    workspace.beforeReport = () => new Promise((resolve) => (answer = resolve));
    const asked = workspace.reported.length;
    editor.replace('/shop/a.ts', 'old', 'stale');
    // The stale text is being checked: the next keystroke comes before the answer.
    while (workspace.reported.length === asked) await new Promise(setImmediate);
    workspace.beforeReport = () => {};
    editor.replace('/shop/a.ts', 'stale', 'new');
    await editor.connection.sendRequest('textDocument/codeAction', {
      textDocument: { uri: uri('/shop/b.ts') }, range: rangeIn(editor.document('/shop/a.ts'), '!'), context: { diagnostics: [] },
    });
    answer();
    await editor.checked('/shop/a.ts');
    assert.deepEqual(editor.publishedFor('/shop/a.ts').map(({ version }) => version), [1, 3]);
    assert.deepEqual(editor.messages('/shop/a.ts'), ['new']);
  });

  it('publishes the files that an edit affects, after the edited one', async () => {
    await start({ '/shop/a.ts': 'uses /shop/b.ts', '/shop/b.ts': '' });
    await editor.ready();
    editor.open('/shop/b.ts', '!here');
    await editor.until(() => editor.messages('/shop/a.ts').length > 0);
    assert.deepEqual(editor.messages('/shop/a.ts'), ['used here']);
    editor.replace('/shop/b.ts', '!here', '');
    await editor.until(() => editor.messages('/shop/a.ts').length === 0);
    const order = editor.published.map((params) => params.uri);
    assert.ok(order.lastIndexOf(uri('/shop/b.ts')) < order.lastIndexOf(uri('/shop/a.ts')));
  });

  it('keeps what is shown while nothing better is known: no empty list in between', async () => {
    await start({ '/shop/a.ts': '!one' });
    await editor.ready();
    editor.open('/shop/a.ts', '!one');
    await editor.checked('/shop/a.ts');
    editor.replace('/shop/a.ts', '!one', '!one !two');
    await editor.checked('/shop/a.ts');
    assert.deepEqual(editor.publishedFor('/shop/a.ts').map(({ diagnostics }) => diagnostics.length), [1, 1, 2]);
  });

  it('goes on after the workspace threw, and logs it once', async () => {
    await start({ '/shop/a.ts': '' });
    await editor.ready();
    editor.open('/shop/a.ts', 'explode');
    await editor.until(() => editor.log.some((line) => line.includes('exploded')));
    editor.replace('/shop/a.ts', 'explode', '!fine');
    await editor.checked('/shop/a.ts');
    assert.deepEqual(editor.messages('/shop/a.ts'), ['fine']);
    assert.equal(editor.log.filter((line) => line.includes('exploded')).length, 1);
  });

  it('says that the workspace could not be opened, and opens it when asked again', async () => {
    let broken = true;
    editor = await Editor.start({
      folders: ['/shop'],
      openWorkspace: (options) => (broken ? Promise.reject(new Error('no memory left')) : Promise.resolve(new MarkedWorkspace(options, { '/shop/a.ts': '!one' }))),
    });
    assert.deepEqual(await editor.ready(), { state: 'error', message: 'no memory left' });
    broken = false;
    await editor.connection.sendRequest('roundtrip/checkWorkspace');
    assert.deepEqual(editor.messages('/shop/a.ts'), ['one']);
  });

  it('lets go of a workspace that does not fit into memory, and opens it when asked again', async () => {
    const first = await start({ '/shop/a.ts': '!one' }, (workspace) => {
      if (opened.length === 0) workspace.ensureRoom = () => { throw new ProjectTooLargeError(1); };
    });
    const status = await editor.ready();
    assert.equal(status.state, 'error');
    assert.match(status.state === 'error' ? status.message : '', /^The project does not fit into the [\d,]+ MB/);
    assert.ok(first.disposed);
    assert.deepEqual(editor.messages('/shop/a.ts'), []);
    await editor.connection.sendRequest('roundtrip/checkWorkspace');
    assert.deepEqual(editor.messages('/shop/a.ts'), ['one']);
  });

  it('opens the folders anew when some are added or removed, and closes the old workspace', async () => {
    const disk = { '/shop/a.ts': '!one' };
    const first = await start(disk);
    await editor.ready();
    editor.changeFolders(['/cellar'], []);
    await editor.until(() => opened.length === 2 && first.disposed);
    assert.deepEqual(opened[1]!.options.roots, ['/shop', '/cellar']);
    editor.changeFolders([], ['/shop']);
    await editor.until(() => opened.length === 3);
    assert.deepEqual(opened[2]!.options.roots, ['/cellar']);
  });

  it('leaves documents alone that are no files on disk', async () => {
    const workspace = await start({});
    await editor.ready();
    const textDocument = { uri: 'untitled:Untitled-1', languageId: 'typescript', version: 1, text: '!draft' };
    await editor.connection.sendNotification('textDocument/didOpen', { textDocument });
    const actions = await editor.connection.sendRequest('textDocument/codeAction', {
      textDocument: { uri: textDocument.uri }, range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }, context: { diagnostics: [] },
    });
    assert.deepEqual(actions, []);
    assert.deepEqual(workspace.files(), []);
  });

  it('is idle without a folder', async () => {
    editor = await Editor.start({ folders: [], openWorkspace: (options) => Promise.resolve(new MarkedWorkspace(options, {})) });
    assert.deepEqual(await editor.ready(), { state: 'idle' });
  });

  it('works for an editor that can do nothing but the protocol itself', async () => {
    editor = await Editor.start({
      folders: ['/shop'],
      capabilities: {},
      client: {},
      openWorkspace: (options) => Promise.resolve(new MarkedWorkspace(options, { '/shop/a.ts': '!one' })),
    });
    await editor.ready();
    assert.deepEqual(editor.messages('/shop/a.ts'), ['one']);
    assert.equal(editor.diagnostics('/shop/a.ts')[0]!.codeDescription, undefined);
    assert.deepEqual(editor.registrations, []);
  });

  it('asks to hear of files on disk and of settings', async () => {
    editor = await Editor.start({ folders: [], capabilities: CAPABILITIES, openWorkspace: (options) => Promise.resolve(new MarkedWorkspace(options, {})) });
    await editor.until(() => editor.registrations.length === 2);
    assert.deepEqual(editor.registrations.map(({ method }) => method).sort(), ['workspace/didChangeConfiguration', 'workspace/didChangeWatchedFiles']);
  });
});
