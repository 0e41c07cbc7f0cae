import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { indexed, projectFolder, QUERY_LINE, QUERY_PER_ID, rulesAndLines, type ProjectFolder } from './project-folder';

const FOUND = [`n-plus-one ${QUERY_LINE}`];
const HELPER = "import { Pool } from 'pg';\nconst pool = new Pool();\nexport const nameOf = async (id: number) => (await pool.query('SELECT name FROM users WHERE id = $1', [id])).rows[0];\n";
const CALLER = "import { nameOf } from './helper';\nexport const names = (ids: number[]) => Promise.all(ids.map(async (id) => nameOf(id)));\n";

describe('a workspace that changes', () => {
  let project: ProjectFolder;
  afterEach(() => project.remove());

  it('prefers an unsaved buffer to the disk until it is closed', async () => {
    project = projectFolder({ 'a.ts': 'export {};\n' });
    const { workspace } = await indexed(project);
    const file = project.file('a.ts');
    assert.equal(workspace.setBuffer(file, QUERY_PER_ID)[0], file);
    assert.deepEqual(await rulesAndLines(workspace, file), FOUND);
    assert.equal(await workspace.text(file), QUERY_PER_ID);
    assert.deepEqual(await workspace.closeBuffer(file), [file]);
    assert.deepEqual(await rulesAndLines(workspace, file), []);
    assert.equal(workspace.lines, 2);
  });

  it('takes a buffer of a file that was never saved, and none of an excluded one', async () => {
    project = projectFolder({ '.gitignore': 'ignored\n' });
    const { workspace } = await indexed(project);
    workspace.setBuffer(project.file('new.ts'), QUERY_PER_ID);
    assert.deepEqual(await rulesAndLines(workspace, project.file('new.ts')), FOUND);
    assert.deepEqual(workspace.setBuffer(project.file('ignored/a.ts'), QUERY_PER_ID), []);
    assert.deepEqual(workspace.setBuffer('/elsewhere/a.ts', QUERY_PER_ID), []);
    await workspace.closeBuffer(project.file('new.ts'));
    assert.deepEqual(workspace.files(), []);
  });

  it('finds anew what the row counts of a database decide', async () => {
    const reads = "import { PrismaClient } from '@prisma/client';\nexport const orders = () => new PrismaClient().order.findMany();\n";
    project = projectFolder({ 'a.ts': reads });
    const { workspace } = await indexed(project);
    const [file] = workspace.files() as [string];
    const shown = async (): Promise<string[]> => (await workspace.report(file)).findings.map(({ rule, severity }) => `${rule} ${severity}`);
    assert.deepEqual(await shown(), ['unbounded-query info']);
    for (const [rows, expected] of [[20, []], [10_000_000, ['unbounded-query warning']]] as const) {
      assert.deepEqual(workspace.setTableSizes([{ name: 'public.orders', rows }]), [file]);
      assert.deepEqual(await shown(), expected);
    }
    assert.deepEqual(workspace.setTableSizes([]), [file]);
    assert.deepEqual(await shown(), ['unbounded-query info']);
  });

  it('tells that findings elsewhere may have changed', async () => {
    project = projectFolder({ 'helper.ts': HELPER, 'caller.ts': CALLER });
    const { workspace } = await indexed(project);
    const [caller, helper] = workspace.files() as [string, string];
    assert.deepEqual(await rulesAndLines(workspace, caller), ['n-plus-one 2']);
    assert.deepEqual(workspace.setBuffer(helper, 'export const nameOf = async (id: number) => String(id);\n').sort(), [caller, helper]);
    assert.deepEqual(await rulesAndLines(workspace, caller), []);
  });

  it('follows files that are made, written and deleted', async () => {
    project = projectFolder({ 'caller.ts': CALLER });
    const { workspace } = await indexed(project);
    const caller = project.file('caller.ts');
    assert.deepEqual(await rulesAndLines(workspace, caller), []);

    project.write('helper.ts', HELPER);
    assert.deepEqual((await workspace.filesChanged([project.file('helper.ts')])).sort(), [caller, project.file('helper.ts')]);
    assert.deepEqual(await rulesAndLines(workspace, caller), ['n-plus-one 2']);

    rmSync(project.file('helper.ts'));
    assert.ok((await workspace.filesChanged([project.file('helper.ts')])).includes(caller));
    assert.deepEqual(await rulesAndLines(workspace, caller), []);
    assert.deepEqual(workspace.files(), [caller]);
  });

  it('follows whole folders', async () => {
    project = projectFolder({ 'one/a.ts': QUERY_PER_ID, 'one/b.ts': QUERY_PER_ID });
    const { workspace } = await indexed(project);
    renameSync(project.file('one'), project.file('two'));
    mkdirSync(project.file('empty'));
    await workspace.filesChanged([project.file('one'), project.file('two'), project.file('empty')]);
    assert.deepEqual(workspace.files(), [project.file('two/a.ts'), project.file('two/b.ts')]);
    assert.deepEqual(await rulesAndLines(workspace, project.file('two/a.ts')), FOUND);
  });

  it('sees a file that changed without being told of it', async () => {
    project = projectFolder({ 'a.ts': QUERY_PER_ID });
    const { workspace } = await indexed(project);
    project.write('a.ts', `// moved down\n${QUERY_PER_ID}`);
    assert.deepEqual(await rulesAndLines(workspace, project.file('a.ts')), [`n-plus-one ${QUERY_LINE + 1}`]);
  });

  it('gives each file to its innermost root', async () => {
    project = projectFolder({ 'a.ts': QUERY_PER_ID, 'inner/b.ts': QUERY_PER_ID, 'inner/roundtrip.config.json': '{"rules":{"n-plus-one":"off"}}' });
    const { workspace } = await indexed(project, { roots: [project.folder, project.file('inner'), `${project.folder}/`] });
    assert.deepEqual(workspace.files(), [project.file('a.ts'), project.file('inner/b.ts')]);
    assert.deepEqual(await rulesAndLines(workspace, project.file('a.ts')), FOUND);
    assert.deepEqual(await rulesAndLines(workspace, project.file('inner/b.ts')), []);
  });

  it('can be stopped while it indexes', async () => {
    project = projectFolder(Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`f${i}.ts`, QUERY_PER_ID])));
    const { workspace } = await indexed(project, { roots: [project.file('none')] });
    const stop = new AbortController();
    stop.abort();
    await assert.rejects(workspace.index(undefined, stop.signal), { name: 'AbortError' });
  });

  it('copes with a root that is not there', async () => {
    project = projectFolder();
    const { workspace } = await indexed(project, { roots: [project.file('none')] });
    assert.deepEqual(workspace.files(), []);
    assert.deepEqual(workspace.problems(), []);
  });
});
