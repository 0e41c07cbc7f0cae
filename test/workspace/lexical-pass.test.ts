import assert from 'node:assert/strict';
import { mkdirSync, utimesSync } from 'node:fs';
import type { Workspace } from '../../src/workspace';
import { indexed, projectFolder, rulesAndLines, type ProjectFolder } from './project-folder';

/** What is left out is not parsed: nobody sees that it cannot be. */
const VIEW = `import { load } from './load';
export async function View({ ids }: { ids: number[] }) {
  for (const id of ids) await load(id);
  return <p>half-typed</div>;
}
`;
const FETCHES = 'export const load = (id: number) => fetch(`/users/${id}`);\n';
const QUERIES = `import { Pool } from 'pg';
const pool = new Pool();
export const load = (id: number) => pool.query('select * from users where id = $1', [id]);
`;
const N_PLUS_ONE = ['n-plus-one 3'];

describe('the lexical pass', () => {
  let project: ProjectFolder;
  let workspace: Workspace;
  beforeEach(() => {
    project = projectFolder({ 'load.ts': FETCHES, 'view.tsx': VIEW });
    mkdirSync(project.file('node_modules'));
  });
  afterEach(async () => {
    await workspace.dispose();
    project.remove();
  });

  const isParsed = (): boolean => workspace.problems().some(({ file, message }) => file === project.file('view.tsx') && message.startsWith('syntax error'));

  async function assertFound(): Promise<void> {
    assert.ok(isParsed());
    assert.deepEqual(await rulesAndLines(workspace, project.file('view.tsx')), N_PLUS_ONE);
  }

  it('leaves out what reaches no database, which counts as analysed', async () => {
    ({ workspace } = await indexed(project));
    assert.equal(isParsed(), false);
    assert.deepEqual(workspace.files(), [project.file('load.ts'), project.file('view.tsx')]);
    assert.equal(workspace.lines, [FETCHES, VIEW].flatMap((text) => text.split('\n')).length);
    assert.deepEqual(await rulesAndLines(workspace, project.file('view.tsx')), []);
  });

  it('parses what reaches one after a change elsewhere, on the disk and in the editor', async () => {
    ({ workspace } = await indexed(project));
    project.write('load.ts', QUERIES);
    assert.ok((await workspace.filesChanged([project.file('load.ts')])).includes(project.file('view.tsx')));
    await assertFound();

    project.write('load.ts', FETCHES);
    ({ workspace } = await indexed(project));
    assert.equal(isParsed(), false);
    assert.ok(workspace.setBuffer(project.file('load.ts'), QUERIES).includes(project.file('view.tsx')));
    await assertFound();
  });

  it('parses what reaches one through a file that came', async () => {
    project.write('load.ts', "export { load } from './users';\n");
    ({ workspace } = await indexed(project));
    assert.equal(isParsed(), false);
    project.write('users.ts', QUERIES);
    await workspace.filesChanged([project.file('users.ts')]);
    await assertFound();
  });

  it('parses a file that is open', async () => {
    ({ workspace } = await indexed(project));
    workspace.setBuffer(project.file('view.tsx'), VIEW);
    assert.ok(isParsed());
  });

  it('decides anew in each run, with what the cache has of the files', async () => {
    for (const name of ['load.ts', 'view.tsx']) utimesSync(project.file(name), 1e9, 1e9);
    for (const [text, isWanted] of [[FETCHES, false], [FETCHES, false], [QUERIES, true], [QUERIES, true]] as const) {
      if (project.read('load.ts') !== text) project.write('load.ts', text);
      ({ workspace } = await indexed(project, { cache: true }));
      assert.equal(isParsed(), isWanted);
      if (isWanted) await assertFound();
      await workspace.dispose();
    }
  });
});
