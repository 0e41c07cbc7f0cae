import assert from 'node:assert/strict';
import { indexed, projectFolder, QUERY_PER_ID, type ProjectFolder } from './project-folder';
import { ExtractionPool } from '../../src/workspace/extraction-pool';

const FILES = 120;

describe('worker threads', () => {
  let project: ProjectFolder;
  before(() => {
    const files: Record<string, string | Buffer> = { 'binary.ts': Buffer.from([1, 0, 2]), 'half.ts': "import 'pg';\nexport function half( {" };
    for (let i = 0; i < FILES; i++) files[`src/m${i}.ts`] = `// ${'é'.repeat(i)}\n${QUERY_PER_ID}`;
    project = projectFolder(files);
  });
  after(() => project.remove());

  it('find what one thread finds', async function () {
    this.timeout(60_000);
    const reports = await Promise.all([0, 2].map(async (workers) => {
      const { workspace } = await indexed(project, { workers });
      const findings = await Promise.all(workspace.files().map((file) => workspace.report(file)));
      const result = { findings, problems: workspace.problems(), lines: workspace.lines };
      await workspace.dispose();
      return result;
    }));
    assert.equal(reports[0]!.findings.flatMap(({ findings }) => findings).length, FILES);
    assert.deepEqual(reports[1], reports[0]);
  });

  it('leave what was asked of a workspace that has ended since', async function () {
    this.timeout(60_000);
    const names = Object.fromEntries(Array.from({ length: FILES }, (_, i) => [`n${i}.ts`, QUERY_PER_ID]));
    const gone = projectFolder(names);
    const { workspace } = await indexed(gone, { workers: 2 });
    const files = workspace.files();
    const reports = files.map((file) => workspace.report(file));
    await workspace.dispose();
    gone.remove();
    assert.deepEqual((await Promise.all(reports)).flatMap(({ findings }) => findings), []);
    assert.deepEqual(workspace.files(), files, 'no file was read again');
  });

  it('tell how far they are', async function () {
    this.timeout(60_000);
    const { workspace } = await indexed(project, { workers: 2, roots: [project.file('none')] });
    await workspace.dispose();
    const seen: string[] = [];
    const { workspace: again } = await indexed(project, { workers: 0 });
    await again.index(({ done, total }) => seen.push(`${done}/${total}`));
    assert.equal(seen.at(0), `0/${FILES + 2}`);
    assert.equal(seen.at(-1), `${FILES + 2}/${FILES + 2}`);
  });

  it('stop at once when they are told to, and start again', async function () {
    this.timeout(60_000);
    const pool = new ExtractionPool(2);
    const stop = new AbortController();
    const tasks = Array.from({ length: FILES }, (_, i) => ({ file: project.file(`src/m${i}.ts`), name: `src/m${i}.ts`, whole: true }));
    const running = pool.extract(tasks, () => stop.abort(), stop.signal);
    await assert.rejects(running, { name: 'AbortError' });
    assert.equal(pool.running, false);
    let count = 0;
    assert.deepEqual(await pool.extract(tasks, () => count++), []);
    assert.equal(count, FILES, 'and start again when there is work');
    pool.close();
    assert.equal(pool.running, false);
  });
});
