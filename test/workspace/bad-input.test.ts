import assert from 'node:assert/strict';
import { chmodSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { indexed, projectFolder, QUERY_LINE, QUERY_PER_ID, rulesAndLines, type ProjectFolder } from './project-folder';

const TEN_THOUSAND = 10_000;

describe('a workspace with bad input', () => {
  let project: ProjectFolder;
  afterEach(() => project.remove());

  /** The rest of the project is analysed whatever stands beside it. */
  async function problemsBeside(files: Record<string, string | Buffer>, prepare = (): void => {}): Promise<{ problems: string[]; log: string[]; names: string[] }> {
    project = projectFolder({ 'good.ts': QUERY_PER_ID, ...files });
    prepare();
    const { workspace, log } = await indexed(project);
    assert.deepEqual(await rulesAndLines(workspace, project.file('good.ts')), [`n-plus-one ${QUERY_LINE}`]);
    const problems = workspace.problems().map(({ file, message }) => `${path.relative(project.folder, file)}: ${message}`);
    return { problems, log, names: workspace.files().map((file) => path.relative(project.folder, file)) };
  }

  it('leaves out files over 1 MB, and says so', async () => {
    const { problems, log } = await problemsBeside({ 'big.ts': `${QUERY_PER_ID}//${' '.repeat(1_000_000)}` });
    assert.deepEqual(problems, ['big.ts: not analysed: it is larger than 1 MB (1.0 MB)']);
    assert.deepEqual(log, [`warn ${project.file('big.ts')}: not analysed: it is larger than 1 MB (1.0 MB)`]);
  });

  it('leaves out minified files, but not a small module that embeds an image', async () => {
    const { problems, names } = await problemsBeside({
      'bundle.js': `${'var a=1;'.repeat(1000)}\n`,
      'library.min.js': 'var a=1;',
      'icon.ts': `${QUERY_PER_ID.repeat(2)}export const icon = '${'A'.repeat(4000)}';\n`,
    });
    assert.deepEqual(problems.filter((problem) => !problem.startsWith('icon')), ['bundle.js: not analysed: it is minified']);
    assert.deepEqual(names, ['good.ts', 'icon.ts']);
  });

  it('leaves out binary files', async () => {
    const { problems } = await problemsBeside({ 'movie.ts': Buffer.from([0x47, 0x00, 0x10, 0xff]) });
    assert.deepEqual(problems, ['movie.ts: not analysed: it is a binary file']);
  });

  it('finds the same beside SQL that is nested too deeply for PostgreSQL’s parser', async () => {
    // Each overflows the parser’s stack, and all of them would wear it out.
    const hostile = Array.from({ length: 4 }, (_, n) => `SELECT ${n}${'\n+1'.repeat(20_000)}`);
    const module = (sql: string): string => `import postgres from 'postgres';\nconst sql = postgres();\nexport const read = (one: number) => sql\`${sql}\`;\n`;
    project = projectFolder({
      ...Object.fromEntries(hostile.flatMap((sql, n) => [[`${n}.sql`, `SELECT * FROM orders;\n${sql};\n`], [`${n}.ts`, module(sql)]])),
      'orders.sql': 'SELECT * FROM orders;\n',
      'orders.ts': module('SELECT id, ${one} AS one FROM orders'),
    });
    const { workspace } = await indexed(project, { overrides: { rules: { 'unbounded-select': 'warning' } } });
    assert.deepEqual(workspace.problems(), []);
    const found = await Promise.all(workspace.files().map(async (file) => [path.basename(file), ...(await rulesAndLines(workspace, file))]));
    assert.deepEqual(found, [
      ...hostile.flatMap((_, n) => [[`${n}.sql`, 'unbounded-select 1'], [`${n}.ts`]]),
      ['orders.sql', 'unbounded-select 1'],
      ['orders.ts', 'unbounded-select 3'],
    ]);
  });

  it('finds the same places with a byte order mark and with CRLF', async () => {
    const crlf = QUERY_PER_ID.replaceAll('\n', '\r\n');
    project = projectFolder({ 'mark.ts': `\uFEFF${QUERY_PER_ID}`, 'crlf.ts': crlf, 'plain.ts': QUERY_PER_ID });
    const { workspace } = await indexed(project);
    const places = await Promise.all(['mark.ts', 'crlf.ts', 'plain.ts'].map(async (name) => (await workspace.report(project.file(name))).findings.map(({ from, to }) => ({ from, to }))));
    assert.equal(places[2]!.length, 1);
    assert.deepEqual(places[0], places[2]);
    assert.deepEqual(places[1], places[2]);
    assert.equal(await workspace.text(project.file('mark.ts')), QUERY_PER_ID);
    assert.equal(await workspace.text(project.file('crlf.ts')), crlf);
  });

  it('reports the intact parts of a file with a syntax error, and the error', async () => {
    project = projectFolder({ 'half.ts': `${QUERY_PER_ID}export function broken( {\n` });
    const { workspace } = await indexed(project);
    assert.deepEqual(await rulesAndLines(workspace, project.file('half.ts')), [`n-plus-one ${QUERY_LINE}`]);
    assert.match(workspace.problems()[0]!.message, /^syntax error in line 1[12], analysed in part: /);
  });

  it('does not follow symbolic links in circles', async () => {
    const { names } = await problemsBeside({ 'inner/other.ts': 'export {};' }, () => {
      symlinkSync(project.folder, project.file('inner/loop'));
      symlinkSync(project.file('self.ts'), project.file('self.ts'));
    });
    assert.deepEqual(names, ['good.ts', 'inner/other.ts']);
  });

  it('takes no harm from empty files and files of blanks alone', async () => {
    const { problems } = await problemsBeside({ 'empty.ts': '', 'empty.sql': '', 'blank.tsx': ' \n\n', 'mark.js': '\uFEFF' });
    assert.deepEqual(problems, []);
  });

  it('goes on with a tsconfig.json that is broken, and says so', async () => {
    const page = "import { namesOf } from '@app/good';\nexport const page = (lists: number[][]) => Promise.all(lists.map((list) => namesOf(list)));\n";
    for (const [content, expected] of [
      ['{ "compilerOptions": ', /^warn .*tsconfig\.json: not valid JSON: .* \(what can be read of it is used\)$/],
      ['{ "compilerOptions": { "paths": 3 } }', /^warn .*tsconfig\.json: not used: its paths are no lists of names$/],
      ['{ "extends": 3 }', /^warn .*tsconfig\.json: not used: /],
    ] as const) {
      project = projectFolder({ 'good.ts': QUERY_PER_ID, 'tsconfig.json': content, 'page.ts': page });
      const { workspace, log } = await indexed(project);
      assert.deepEqual(await rulesAndLines(workspace, project.file('page.ts')), []);
      assert.equal(log.length, 1, content);
      assert.match(log[0]!, expected);
      project.remove();
    }
  });

  it('goes on without a package.json that is broken, and says so', async () => {
    const { log } = await problemsBeside({ 'package.json': '{ nonsense' });
    assert.deepEqual(log.map((line) => line.replace(/: [^:]*$/, '')), [`warn ${project.file('package.json')}: not read as a package`]);
  });

  it('copes with imports in circles', async () => {
    const { names } = await problemsBeside({ 'a.ts': "export * from './b';\nexport const a = 1;\n", 'b.ts': "export * from './a';\nimport { a } from './a';\nexport const b = a;\n" });
    assert.deepEqual(names, ['a.ts', 'b.ts', 'good.ts']);
  });

  it('takes a file that is deleted between finding and reading for no problem', async () => {
    project = projectFolder({ 'good.ts': QUERY_PER_ID, 'gone.ts': QUERY_PER_ID });
    const { workspace } = await indexed(project);
    rmSync(project.file('gone.ts'));
    assert.deepEqual((await workspace.report(project.file('gone.ts'))).findings, []);
    assert.deepEqual(workspace.problems(), []);
    assert.deepEqual(workspace.files(), [project.file('good.ts')]);
  });

  it('tells of files and folders that may not be read', async () => {
    project = projectFolder({ 'good.ts': QUERY_PER_ID, 'secret.ts': QUERY_PER_ID, 'locked/a.ts': '' });
    // The system's administrator may read everything, so the test gives that up for a while.
    const administrator = process.geteuid?.() === 0;
    await indexed(project);
    for (const [name, mode] of [['', 0o755], ['secret.ts', 0], ['locked', 0]] as const) chmodSync(project.file(name), mode);
    if (administrator) process.seteuid!('nobody');
    try {
      const { workspace } = await indexed(project);
      assert.deepEqual(
        workspace.problems().map(({ file, message }) => `${path.relative(project.folder, file)}: ${message}`),
        ['locked: folder not read: permission denied', 'secret.ts: not read: permission denied'],
      );
      assert.deepEqual(await rulesAndLines(workspace, project.file('good.ts')), [`n-plus-one ${QUERY_LINE}`]);
    } finally {
      if (administrator) process.seteuid!(0);
      chmodSync(project.file('locked'), 0o700);
    }
  });

  it('finds its way through ten thousand files', async function () {
    this.timeout(120_000);
    const files: Record<string, string> = {};
    for (let i = 0; i < TEN_THOUSAND; i++) files[`m${i % 100}/f${i}.ts`] = `export const n = ${i};\n`;
    const { problems, names } = await problemsBeside(files);
    assert.deepEqual(problems, []);
    assert.equal(names.length, TEN_THOUSAND + 1);
  });
});
