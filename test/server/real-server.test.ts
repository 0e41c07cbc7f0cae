import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FileChangeType, type CodeAction } from 'vscode-languageserver/node';
import { FIX_ALL_KIND } from '../../src/server/protocol';
import { Editor, rangeIn, uri } from './editor';
import { ORDERS, USERS } from './orders-and-users';

/** As {@link USERS}, but it asks the database nothing. */
const CACHED_USERS = `const users = new Map<number, { name: string }>();
export async function userOf(id: number) {
  return users.get(id)!;
}
`;
const DIRECT = `import { Pool } from 'pg';
const pool = new Pool();
export async function names(ids: number[]): Promise<string[]> {
  const names: string[] = [];
  for (const id of ids) {
    const { rows } = await pool.query('SELECT id, name FROM users WHERE id = $1', [id]);
    names.push(rows[0].name);
  }
  return names;
}
`;
const PAGE = `import { createContext, useContext, useState, type ReactNode } from 'react';
const Session = createContext({ user: '', setUser: (user: string) => {} });
export function SessionProvider({ children }: { children: ReactNode }) {
  const [user, setUser] = useState('');
  const [open, setOpen] = useState(true);
  return (
    <main hidden={!open} onClick={() => setOpen(false)}>
      <Session.Provider value={{ user, setUser }}>{children}</Session.Provider>
    </main>
  );
}
export function Name() {
  return <b>{useContext(Session).user}</b>;
}
`;
const QUERY = "pool.query('SELECT id, name FROM users WHERE id = $1', [id])";

describe('the real language server', function () {
  // Starting it loads TypeScript and PostgreSQL's parser, from source.
  this.timeout(60_000);
  let editor: Editor | undefined;
  const folders: string[] = [];

  /** A folder with these files; the server is started on it when it is the first. */
  const folder = (files: Record<string, string | Buffer>): string => {
    const made = realpathSync(mkdtempSync(path.join(tmpdir(), 'roundtrip-server-')));
    folders.push(made);
    for (const [name, text] of Object.entries({ 'package.json': '{ "name": "shop" }', ...files })) write(path.join(made, name), text);
    return made;
  };
  const write = (file: string, text: string | Buffer): void => {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  const start = async (...roots: string[]): Promise<Editor> => {
    editor = await Editor.start({ folders: roots, settings: { delay: 50 } });
    await editor.ready();
    return editor;
  };
  const codes = (file: string): unknown[] => editor!.diagnostics(file).map(({ code }) => code);
  const titles = (actions: CodeAction[]): string[] => actions.map(({ title }) => title);

  afterEach(async () => {
    await editor?.stop();
    editor = undefined;
    for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true });
  });

  it('finds a query in another file, and shows the chain, the page and what to do', async () => {
    const root = folder({ 'src/users.ts': USERS, 'src/orders.ts': ORDERS });
    await start(root);
    const [finding, ...others] = editor!.diagnostics(`${root}/src/orders.ts`);
    assert.deepEqual(others, []);
    assert.equal(finding!.source, 'roundtrip');
    assert.equal(finding!.code, 'n-plus-one');
    assert.equal(finding!.severity, 2);
    assert.equal(finding!.codeDescription?.href, 'command:roundtrip.openRulePage?%5B%22n-plus-one%22%5D');
    assert.equal(String(finding!.message).split('\n').length, 3);
    assert.equal(finding!.range.start.line, 4);
    assert.deepEqual(finding!.relatedInformation?.map(({ location }) => [location.uri, location.range.start.line]), [[uri(`${root}/src/users.ts`), 3]]);
  });

  it('follows what is typed in the file of the helper, before it is saved and after it is closed', async () => {
    const root = folder({ 'src/users.ts': USERS, 'src/orders.ts': ORDERS });
    await start(root);
    const [users, orders] = [`${root}/src/users.ts`, `${root}/src/orders.ts`];
    assert.deepEqual(codes(orders), ['n-plus-one']);
    editor!.open(users, CACHED_USERS);
    await editor!.until(() => codes(orders).length === 0);
    // What is on the disk does not count while the file is open.
    write(users, `${USERS}// saved elsewhere\n`);
    editor!.changedOnDisk([users, FileChangeType.Changed]);
    editor!.open(orders, ORDERS);
    await editor!.checked(orders);
    assert.deepEqual(codes(orders), []);
    editor!.close(users);
    await editor!.until(() => codes(orders).length === 1);
  });

  it('follows files that are made, changed and deleted on disk', async () => {
    const root = folder({ 'src/orders.ts': ORDERS });
    await start(root);
    const [users, orders] = [`${root}/src/users.ts`, `${root}/src/orders.ts`];
    assert.deepEqual(codes(orders), []);
    write(users, USERS);
    editor!.changedOnDisk([users, FileChangeType.Created]);
    await editor!.until(() => codes(orders).length === 1);
    write(users, CACHED_USERS);
    editor!.changedOnDisk([users, FileChangeType.Changed]);
    await editor!.until(() => codes(orders).length === 0);
    write(users, USERS);
    editor!.changedOnDisk([users, FileChangeType.Changed]);
    await editor!.until(() => codes(orders).length === 1);
    rmSync(`${root}/src`, { recursive: true });
    editor!.changedOnDisk([`${root}/src`, FileChangeType.Deleted]);
    await editor!.until(() => codes(orders).length === 0);
  });

  it('keeps the findings of the intact parts of half-typed code', async () => {
    const root = folder({ 'src/direct.ts': DIRECT });
    await start(root);
    const file = `${root}/src/direct.ts`;
    editor!.open(file, DIRECT);
    await editor!.checked(file);
    for (const typed of ['export async function other(', 'export async function other(ids: number[]) { for (const', 'const x = `${']) {
      const before = editor!.text(file);
      editor!.replace(file, before, `${DIRECT}\n${typed}`);
      await editor!.checked(file);
      assert.deepEqual(codes(file), ['n-plus-one'], typed);
    }
    assert.ok(editor!.publishedFor(file).every(({ diagnostics }) => diagnostics.length === 1), 'no list without it was ever published');
  });

  it('fixes a query in a loop, and all that is safe', async () => {
    const root = folder({ 'src/direct.ts': DIRECT });
    await start(root);
    const file = `${root}/src/direct.ts`;
    editor!.open(file, DIRECT);
    await editor!.checked(file);
    const actions = await editor!.codeActions(file, rangeIn(editor!.document(file), QUERY));
    assert.equal(actions[0]!.kind, 'quickfix');
    assert.deepEqual(titles(actions).slice(-2), ['Ignore n-plus-one on this line with a reason', 'Open the page of rule n-plus-one']);
    assert.deepEqual(actions.at(-1)!.command?.arguments, ['n-plus-one']);
    const [all] = await editor!.codeActions(file, rangeIn(editor!.document(file), QUERY), [FIX_ALL_KIND]);
    assert.deepEqual(all!.edit, actions[0]!.edit);
    editor!.apply(actions[0]!);
    await editor!.checked(file);
    assert.deepEqual(codes(file), []);
    assert.match(editor!.text(file), /ANY\(\$1/);
  });

  it('fixes together only what fits together: two fixes that declare the same names in one function come one after another', async () => {
    const loop = DIRECT.slice(DIRECT.indexOf('  for '), DIRECT.indexOf('  return'));
    const again = DIRECT.slice(DIRECT.indexOf('export')).replace('names(', 'others(');
    const text = `${DIRECT.replace(loop, `${loop}${loop}`)}${again}`;
    const root = folder({ 'src/direct.ts': text });
    await start(root);
    const file = `${root}/src/direct.ts`;
    editor!.open(file, text);
    for (const [left, declared] of [[3, 0], [1, 2], [0, 3]] as const) {
      await editor!.checked(file);
      // What was batched twice is another finding: the same question again.
      assert.deepEqual(codes(file).filter((code) => code !== 'repeated-query'), Array<string>(left).fill('n-plus-one'));
      assert.equal(editor!.text(file).split('const usersById').length - 1, declared);
      if (!left) break;
      const [all] = await editor!.codeActions(file, editor!.diagnostics(file)[0]!.range, [FIX_ALL_KIND]);
      editor!.apply(all!);
    }
  });

  it('ignores a finding on its line, with a reason', async () => {
    const root = folder({ 'src/direct.ts': DIRECT, 'src/page.tsx': PAGE, 'src/report.sql': '-- all\nSELECT * FROM orders;\n' });
    await start(root);
    for (const [name, piece, comment] of [
      ['direct.ts', QUERY, '    // roundtrip-ignore n-plus-one: reason'],
      ['page.tsx', '{ user, setUser }', '      {/* roundtrip-ignore unstable-context-value: reason */}'],
      ['report.sql', 'SELECT', '-- roundtrip-ignore unbounded-select: reason'],
    ] as const) {
      const file = `${root}/src/${name}`;
      editor!.open(file, { 'direct.ts': DIRECT, 'page.tsx': PAGE, 'report.sql': '-- all\nSELECT * FROM orders;\n' }[name]);
      await editor!.checked(file);
      assert.equal(codes(file).length, 1, name);
      const actions = await editor!.codeActions(file, editor!.diagnostics(file)[0]!.range);
      const ignore = actions.find(({ title }) => title.startsWith('Ignore '));
      assert.ok(ignore, `${name}: ${piece}`);
      editor!.apply(ignore);
      assert.ok(editor!.text(file).split('\n').includes(comment), editor!.text(file));
      await editor!.checked(file);
      assert.deepEqual(codes(file), [], name);
    }
  });

  it('says when an ignore comment gives no reason, and when it ignores nothing', async () => {
    const root = folder({});
    await start(root);
    const file = `${root}/src/a.ts`;
    editor!.open(file, '// roundtrip-ignore n-plus-one\nexport const a = 1;\n// roundtrip-ignore n-plus-one: it is cached\nexport const b = 2;\n');
    await editor!.checked(file);
    assert.deepEqual(codes(file), ['unexplained-ignore', 'unused-ignore']);
    assert.equal(editor!.diagnostics(file)[0]!.codeDescription, undefined);
  });

  it('follows several folders, and settings', async () => {
    const [shop, cellar] = [folder({ 'src/direct.ts': DIRECT }), folder({ 'src/direct.ts': DIRECT })];
    await start(shop);
    assert.deepEqual(codes(`${shop}/src/direct.ts`), ['n-plus-one']);
    assert.deepEqual(codes(`${cellar}/src/direct.ts`), []);
    editor!.changeFolders([cellar], []);
    await editor!.until(() => codes(`${cellar}/src/direct.ts`).length === 1);
    editor!.changeFolders([], [shop]);
    await editor!.until(() => codes(`${shop}/src/direct.ts`).length === 0);
    editor!.changeSettings({ rules: { 'n-plus-one': 'error' } });
    await editor!.until(() => editor!.diagnostics(`${cellar}/src/direct.ts`)[0]?.severity === 1);
    editor!.changeSettings({ rules: { 'n-plus-one': 'off' } });
    await editor!.until(() => codes(`${cellar}/src/direct.ts`).length === 0);
    editor!.changeSettings({ rules: { 'no-such-rule': 'off' } });
    await editor!.until(() => codes(`${cellar}/src/direct.ts`).length === 1);
    await editor!.until(() => editor!.statuses.some((status) => status.state === 'ready' && /no-such-rule/.test(status.configurationErrors[0] ?? '')));
  });

  it('follows the configuration file', async () => {
    const root = folder({ 'src/direct.ts': DIRECT });
    await start(root);
    const [config, file] = [`${root}/roundtrip.config.json`, `${root}/src/direct.ts`];
    write(config, '{ "exclude": ["src"] }');
    editor!.changedOnDisk([config, FileChangeType.Created]);
    await editor!.until(() => codes(file).length === 0);
    rmSync(config);
    editor!.changedOnDisk([config, FileChangeType.Deleted]);
    await editor!.until(() => codes(file).length === 1);
  });

  it('is not stopped by files that cannot be checked', async () => {
    const root = folder({
      'src/direct.ts': DIRECT,
      'src/broken.ts': "import 'pg';\nexport const = ;",
      'src/binary.ts': Buffer.from([0, 1, 2, 255, 0]),
      'src/huge.ts': `export const rows = [\n${'  "a row of data",\n'.repeat(70_000)}];\n`,
    });
    const status = await (await start(root)).ready();
    assert.deepEqual(codes(`${root}/src/direct.ts`), ['n-plus-one']);
    assert.ok(status.state === 'ready' && status.problems === 3, JSON.stringify(status));
    assert.equal(editor!.log.filter((line) => line.includes('huge.ts')).length, 1);
    // A text that grows too large while it is open is told of once, and loses only its own findings.
    const file = `${root}/src/direct.ts`;
    editor!.open(file, DIRECT);
    await editor!.checked(file);
    editor!.replace(file, 'import', `/*${'x'.repeat(1_100_000)}*/ import`);
    await editor!.checked(file);
    assert.deepEqual(codes(file), []);
    editor!.replace(file, editor!.text(file), DIRECT);
    await editor!.checked(file);
    assert.deepEqual(codes(file), ['n-plus-one']);
  });
});
