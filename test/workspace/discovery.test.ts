import assert from 'node:assert/strict';
import path from 'node:path';
import { discover, FileFilter } from '../../src/workspace/discovery';
import { projectFolder, type ProjectFolder } from './project-folder';

describe('discovery', () => {
  let project: ProjectFolder;
  afterEach(() => project.remove());

  async function found(files: string[], others: Record<string, string> = {}, exclude: string[] = [], from = ''): Promise<string[]> {
    project = projectFolder({ ...Object.fromEntries(files.map((name) => [name, ''])), ...others });
    const filter = new FileFilter(path.join(project.folder, from), exclude);
    const { files: taken } = await discover(filter);
    const accepted = files.map((name) => project.file(name)).filter((file) => filter.accepts(file)).sort();
    assert.deepEqual(accepted, taken.map(({ file }) => file).sort(), 'what is found and what is accepted later must be the same');
    return taken.map(({ file }) => path.relative(project.folder, file));
  }

  it('takes TypeScript, JavaScript and SQL, and no declarations', async () => {
    const taken = ['a.cjs', 'a.cts', 'a.js', 'a.jsx', 'a.mjs', 'a.mts', 'a.prisma', 'a.sql', 'a.ts', 'a.tsx'];
    assert.deepEqual(await found([...taken, 'a.d.ts', 'a.d.mts', 'a.css.d.ts', 'a.json', 'a.md', 'ts']), taken);
  });

  it('skips installed packages, build folders and hidden folders', async () => {
    const taken = ['src/a.ts', 'src/vendor/a.ts'];
    const skipped = ['node_modules/a/a.js', 'dist/a.js', 'build/a.js', 'out/a.js', '.next/a.js', 'coverage/a.js', '.git/a.js', 'vendor/a.js', 'src/dist/a.js'];
    assert.deepEqual(await found([...taken, ...skipped]), taken);
  });

  it('skips the build folders of every package of a monorepo', async () => {
    assert.deepEqual(await found(['packages/a/build/a.js', 'packages/a/src/build/a.ts'], { 'packages/a/package.json': '{}' }), ['packages/a/src/build/a.ts']);
  });

  it('heeds nested .gitignore files, the deeper one winning', async () => {
    const files = ['kept.ts', 'generated.ts', 'deep/generated.ts', 'deep/own.ts', 'whole/a.ts'];
    const rules = { '.gitignore': 'generated.ts\n/whole/\n', 'deep/.gitignore': '!generated.ts\nown.ts\n' };
    assert.deepEqual(await found(files, rules), ['deep/generated.ts', 'kept.ts']);
  });

  it('heeds the .gitignore of the repository above its root', async () => {
    assert.deepEqual(await found(['app/kept.ts', 'app/made.ts'], { '.git/HEAD': '', '.gitignore': 'app/made.ts\n' }, [], 'app'), ['app/kept.ts']);
  });

  it('leaves out what the configuration excludes', async () => {
    const files = ['a.ts', 'legacy/b.ts', 'src/legacy/c.ts', 'src/d.gen.ts', 'src/e.ts'];
    assert.deepEqual(await found(files, {}, ['legacy', '*.gen.ts', './src/e.ts']), ['a.ts']);
  });
});
