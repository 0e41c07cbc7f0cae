import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import type { FileReport, WorkspaceOptions } from '../../src/workspace';
import { hashText } from '../../src/workspace';
import { CachePack } from '../../src/workspace/cache-pack';
import { indexed, projectFolder, QUERY_PER_ID, rulesAndLines, type ProjectFolder } from './project-folder';

const PACK = 'node_modules/.cache/roundtrip/findings.pack';
const LONG_AGO = new Date('2020-01-01T00:00:00Z');

const LOOP = `import { loadCustomer } from '@/customers';
export async function names(ids: number[]) {
  const all = [];
  for (const id of ids) all.push(await loadCustomer(id));
  return all;
}
`;
const QUERY = `import { Pool } from 'pg';
const pool = new Pool();
export const loadCustomer = (id: number) => pool.query('SELECT name FROM customers WHERE id = $1', [id]);
`;
const PROVIDER = `import { createContext, useContext, useState, type ReactNode } from 'react';
const Session = createContext<object>({});
export const useSession = () => useContext(Session);
export function SessionProvider({ children }: { children: ReactNode }) {
  const [user, setUser] = useState('');
  const [open, setOpen] = useState(true);
  return <Session.Provider value={{ user, setUser }}>{open ? children : <b onClick={() => setOpen(true)} />}</Session.Provider>;
}
`;
const PROJECT = {
  'package.json': '{ "name": "app" }',
  'tsconfig.json': '{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }',
  'src/loop.ts': LOOP,
  'src/customers.ts': QUERY,
  'src/other/customers.ts': 'export const loadCustomer = (id: number) => Promise.resolve(id);\n',
  'src/own.ts': QUERY_PER_ID,
  'src/session.tsx': PROVIDER,
  'src/plain.ts': 'export {};\n',
  'test/own.test.ts': QUERY_PER_ID,
};

/** Everything that findings of other files, or of the same text, may depend on. */
const CHANGES: [what: string, change: (project: ProjectFolder) => void][] = [
  ['a function that another file calls', (project) => project.write('src/customers.ts', QUERY.replace('pool.query', 'console.log'))],
  ['lines above what a finding refers to', (project) => project.write('src/customers.ts', `\n\n\n${QUERY}`)],
  ['where imports lead', (project) => project.write('tsconfig.json', '{ "compilerOptions": { "paths": { "@/*": ["./src/other/*"] } } }')],
  ['a file that an import now means', (project) => project.write('src/customers/index.ts', 'export {};')],
  ['a file that comes first for an import', (project) => { project.write('src/customers.tsx', 'export {};'); rmSync(project.file('src/customers.ts')); }],
  ['a file that is gone', (project) => rmSync(project.file('src/customers.ts'))],
  ['a compiler for components', (project) => project.write('babel.config.js', `module.exports = { plugins: ['babel-plugin-react-compiler'] };`)],
  ['the settings', (project) => project.write('roundtrip.config.json', '{ "rules": { "n-plus-one": "error" } }')],
  ['what is shown', (project) => project.write('roundtrip.config.json', '{ "include": ["tests"] }')],
  ['how sure findings must be', (project) => project.write('roundtrip.config.json', '{ "confidence": "high" }')],
  ['what is excluded', (project) => project.write('roundtrip.config.json', '{ "exclude": ["src/own.ts"] }')],
  ['a comment', (project) => project.write('src/own.ts', QUERY_PER_ID.replace('    const {', '    // roundtrip-ignore n-plus-one: few\n    const {'))],
  ['a database of the program', (project) => project.write('src/mysql.ts', `import mysql from 'mysql2';\nexport const pool = mysql.createPool({});\n`)],
];

/** These change what findings are asked for, and none of this project's. */
const ASKED_ONLY: ReadonlySet<string> = new Set(['how sure findings must be', 'a database of the program']);

describe('findings of an earlier run', () => {
  let project: ProjectFolder;
  beforeEach(() => {
    project = projectFolder(PROJECT);
    mkdirSync(project.file('node_modules'));
    for (const name of Object.keys(PROJECT)) utimesSync(project.file(name), LONG_AGO, LONG_AGO);
  });
  afterEach(() => project.remove());

  async function reports(options: Partial<WorkspaceOptions>): Promise<{ reports: FileReport[]; lines: number; problems: unknown }> {
    const { workspace } = await indexed(project, options);
    const found = { reports: await Promise.all(workspace.files().map((file) => workspace.report(file))), lines: workspace.lines, problems: workspace.problems() };
    await workspace.dispose();
    return found;
  }
  const again = { cache: true, reuseFindings: true };

  it('are given again as long as nothing has changed', async () => {
    const first = await reports(again);
    assert.equal(first.reports.flatMap(({ findings }) => findings).length, 3);
    await falsify(project);
    const second = await reports(again);
    assert.deepEqual(second.reports.flatMap(({ findings }) => findings.map(({ message }) => message)), ['told before', 'told before', 'told before']);
    // An editor learns from its own look at a program what a change concerns.
    assert.deepEqual((await reports({ cache: true })).reports, first.reports);
  });

  for (const [what, change] of CHANGES) {
    it(`are not used any more when something else is ${what}`, async () => {
      const before = await reports(again);
      await falsify(project);
      change(project);
      const after = await reports(again);
      assert.deepEqual(after, await reports({ cache: false }));
      const says = (found: typeof before): string => JSON.stringify(found.reports);
      assert.ok(!says(after).includes('told before'));
      if (!ASKED_ONLY.has(what)) assert.notEqual(says(after), says(before));
      assert.deepEqual(await reports(again), after);
    });
  }

  it('are not used once files change while the project is open', async () => {
    await reports(again);
    await falsify(project);
    const { workspace } = await indexed(project, again);
    project.write('src/customers.ts', QUERY.replace('pool.query', 'console.log'));
    await workspace.filesChanged([project.file('src/customers.ts')]);
    assert.deepEqual(await rulesAndLines(workspace, project.file('src/loop.ts')), []);
    assert.equal((await workspace.report(project.file('src/own.ts'))).findings[0]!.rule, 'n-plus-one');
    await workspace.dispose();
  });

  it('are worked out anew when their cache, or that of the facts behind them, is damaged', async () => {
    const first = await reports(again);
    const garble = (name: string, from: RegExp): void => writeFileSync(project.file(name), readFileSync(project.file(name), 'latin1').replace(from, (text) => '#'.repeat(text.length)), 'latin1');
    garble(PACK, /\[\{"rule".*/s);
    assert.deepEqual(await reports(again), first);
    rmSync(project.file(PACK));
    garble('node_modules/.cache/roundtrip/facts.pack', /\{"file":"[^"]*loop\.ts".*?(?=\{"file")/s);
    assert.deepEqual(await reports(again), first);
  });

  it('are not kept without a cache', async () => {
    await reports({ cache: false, reuseFindings: true });
    assert.equal(existsSync(project.file(PACK)), false);
  });
});

/** Writes other messages into the cache: whoever takes findings from it tells them. */
async function falsify(project: ProjectFolder): Promise<void> {
  const content = readFileSync(project.file(PACK));
  const version = /"version":"([^"]+)"/.exec(content.toString('latin1'))![1]!;
  const pack = await CachePack.open<string>(project.file(PACK), version, () => {});
  for (const name of Object.keys(PROJECT)) {
    const entry = pack.get(project.file(name));
    if (!entry?.bytes.byteLength) continue;
    const findings = JSON.parse(Buffer.from(entry.bytes).toString()) as { message: string }[];
    pack.set(project.file(name), entry.meta, Buffer.from(JSON.stringify(findings.map((finding) => ({ ...finding, message: 'told before' })))));
  }
  await pack.save(() => {});
  assert.notEqual(hashText(readFileSync(project.file(PACK), 'latin1')), hashText(content.toString('latin1')));
}
