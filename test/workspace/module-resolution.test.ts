import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ModuleResolver } from '../../src/workspace/module-resolution';
import { projectFolder, type ProjectFolder } from './project-folder';

const json = JSON.stringify;

describe('module resolution', () => {
  let project: ProjectFolder;
  let log: string[];
  afterEach(() => project.remove());

  /** Resolves `specifier` from `from`, among the files that are no JSON. */
  function resolver(files: Record<string, string>): (from: string, specifier: string) => string | undefined {
    project = projectFolder(files);
    log = [];
    const known = new Set(Object.keys(files).filter((name) => !name.endsWith('.json')).map((name) => project.file(name)));
    const modules = new ModuleResolver((file) => known.has(file), (_, message) => log.push(message));
    modules.refresh(Object.keys(files).filter((name) => path.basename(name) === 'package.json').map((name) => project.file(name)));
    return (from, specifier) => {
      const found = modules.resolve(project.file(from), specifier);
      assert.ok(found === undefined || existsSync(found));
      return found && path.relative(project.folder, found);
    };
  }

  it('finds relative files by extension, by index and by the name they compile to', () => {
    const resolve = resolver({ 'a.ts': '', 'b.tsx': '', 'dir/index.ts': '', 'm.mts': '', 'both.ts': '', 'both.js': '', 'sub/x.ts': '', 'name.config.ts': '' });
    assert.equal(resolve('sub/x.ts', '../a'), 'a.ts');
    assert.equal(resolve('sub/x.ts', '../a.js'), 'a.ts');
    assert.equal(resolve('sub/x.ts', '../b.js'), 'b.tsx');
    assert.equal(resolve('sub/x.ts', '../m.mjs'), 'm.mts');
    assert.equal(resolve('sub/x.ts', '../both.js'), 'both.ts');
    assert.equal(resolve('sub/x.ts', '../dir'), 'dir/index.ts');
    assert.equal(resolve('dir/index.ts', '.'), 'dir/index.ts');
    assert.equal(resolve('a.ts', './name.config'), 'name.config.ts');
    assert.equal(resolve('a.ts', './b?raw'), 'b.tsx');
    assert.equal(resolve('a.ts', './missing'), undefined);
    assert.equal(resolve('a.ts', 'react'), undefined);
    assert.equal(resolve('a.ts', 'node:fs'), undefined);
  });

  it('follows paths and baseUrl of the nearest tsconfig.json, with extends and comments', () => {
    const resolve = resolver({
      'tsconfig.base.json': '{ // base\n "compilerOptions": { "baseUrl": ".", "paths": { "@lib/*": ["lib/*"], } } }',
      'app/tsconfig.json': json({ extends: '../tsconfig.base.json' }),
      'other/tsconfig.json': json({ compilerOptions: { paths: { '~/*': ['./src/*'] } } }),
      'lib/db.ts': '',
      'app/page.ts': '',
      'other/src/db.ts': '',
      'other/deep/x.ts': '',
    });
    assert.equal(resolve('app/page.ts', '@lib/db'), 'lib/db.ts');
    assert.equal(resolve('app/page.ts', 'lib/db'), 'lib/db.ts');
    assert.equal(resolve('other/deep/x.ts', '~/db'), 'other/src/db.ts');
    assert.equal(resolve('other/deep/x.ts', '@lib/db'), undefined);
    assert.deepEqual(log, []);
  });

  it('follows the paths of a project that a solution file refers to', () => {
    const resolve = resolver({
      'tsconfig.json': json({ files: [], references: [{ path: './tsconfig.app.json' }] }),
      'tsconfig.app.json': json({ compilerOptions: { paths: { '@/*': ['./src/*'] } } }),
      'src/db.ts': '',
      'src/page.ts': '',
    });
    assert.equal(resolve('src/page.ts', '@/db'), 'src/db.ts');
  });

  it('uses what can be read of a tsconfig.json whose base is not installed', () => {
    const resolve = resolver({
      'tsconfig.json': json({ extends: '@tsconfig/node20/tsconfig.json', compilerOptions: { paths: { '@/*': ['./src/*'] } } }),
      'web/tsconfig.json': json({ extends: '@acme/tsconfig/web.json' }),
      'tooling/package.json': json({ name: '@acme/tsconfig' }),
      'tooling/web.json': json({ compilerOptions: { baseUrl: '..', paths: { '#db': ['src/db'] } } }),
      'src/db.ts': '',
      'web/page.ts': '',
    });
    assert.equal(resolve('src/db.ts', '@/db'), 'src/db.ts');
    assert.equal(resolve('web/page.ts', '#db'), 'src/db.ts');
    assert.equal(log.length, 2);
  });

  it('finds the sources of a package of the same workspace', () => {
    const resolve = resolver({
      'packages/db/package.json': json({ name: '@acme/db', exports: { '.': { types: './dist/index.d.ts', import: './dist/index.js' }, './client': './src/client.ts', './models/*': './dist/models/*.js' } }),
      'packages/db/src/index.ts': '',
      'packages/db/src/client.ts': '',
      'packages/db/src/models/user.ts': '',
      'packages/main/package.json': json({ name: 'main-field', main: 'lib/cjs/start.js' }),
      'packages/main/src/start.ts': '',
      'packages/bare/package.json': json({ name: 'bare' }),
      'packages/bare/index.ts': '',
      'packages/bare/deep/tool.ts': '',
      'packages/bare/src/inner.ts': '',
      'app/x.ts': '',
    });
    assert.equal(resolve('app/x.ts', '@acme/db'), 'packages/db/src/index.ts');
    assert.equal(resolve('app/x.ts', '@acme/db/client'), 'packages/db/src/client.ts');
    assert.equal(resolve('app/x.ts', '@acme/db/models/user'), 'packages/db/src/models/user.ts');
    assert.equal(resolve('app/x.ts', 'main-field'), 'packages/main/src/start.ts');
    assert.equal(resolve('app/x.ts', 'bare'), 'packages/bare/index.ts');
    assert.equal(resolve('app/x.ts', 'bare/deep/tool'), 'packages/bare/deep/tool.ts');
    assert.equal(resolve('app/x.ts', 'bare/inner'), 'packages/bare/src/inner.ts');
    assert.equal(resolve('app/x.ts', '@acme/other'), undefined);
  });

  it('prefers the nearest of several packages with one name', () => {
    const resolve = resolver({
      'a/shared/package.json': json({ name: 'shared' }),
      'a/shared/index.ts': '',
      'a/app/x.ts': '',
      'b/shared/package.json': json({ name: 'shared' }),
      'b/shared/index.ts': '',
      'b/app/x.ts': '',
    });
    assert.equal(resolve('a/app/x.ts', 'shared'), 'a/shared/index.ts');
    assert.equal(resolve('b/app/x.ts', 'shared'), 'b/shared/index.ts');
  });

  it('follows `imports` of the nearest package.json', () => {
    const resolve = resolver({
      'package.json': json({ name: 'app', imports: { '#db': { development: './src/db.dev.ts', default: './dist/db.js' }, '#lib/*': './src/lib/*.js', '#other': 'other' } }),
      'src/db.dev.ts': '',
      'src/lib/a.ts': '',
      'other/package.json': json({ name: 'other' }),
      'other/index.ts': '',
    });
    assert.equal(resolve('src/lib/a.ts', '#db'), 'src/db.dev.ts');
    assert.equal(resolve('src/lib/a.ts', '#lib/a'), 'src/lib/a.ts');
    assert.equal(resolve('src/lib/a.ts', '#other'), 'other/index.ts');
    assert.equal(resolve('src/lib/a.ts', '#missing'), undefined);
  });

  it('tells which imports lead elsewhere when a file comes', () => {
    project = projectFolder();
    const known = new Set([project.file('a.ts'), project.file('dir/index.ts')]);
    const modules = new ModuleResolver((file) => known.has(file), () => {});
    assert.equal(modules.resolve(project.file('a.ts'), './dir'), project.file('dir/index.ts'));
    assert.equal(modules.resolve(project.file('a.ts'), './b'), undefined);
    known.add(project.file('dir.ts'));
    const moved = modules.filesChanged();
    assert.equal(moved.has(project.file('a.ts'), './dir'), true);
    assert.equal(moved.has(project.file('a.ts'), './b'), false);
    assert.equal(modules.resolve(project.file('a.ts'), './dir'), project.file('dir.ts'));
  });
});
