import assert from 'node:assert/strict';
import { projectFolder, QUERY_LINE, QUERY_PER_ID, type ProjectFolder } from '../workspace/project-folder';
import { roundtrip } from './command';

/** Each test starts the command several times. */
const TIMEOUT_MS = 60_000;

const SECOND = "export const wipe = async (ids: number[]) => {\n  for (const id of ids) await pool.query('DELETE FROM users WHERE id = $1', [id]);\n};\n";

describe('roundtrip check --fix', function () {
  this.timeout(TIMEOUT_MS);
  let project: ProjectFolder;
  afterEach(() => project.remove());

  it('applies what is safe and reports the rest', async () => {
    project = projectFolder({ 'a.ts': `\uFEFF${QUERY_PER_ID.replaceAll('\n', '\r\n')}`, 'plain.ts': 'export {};\n' });
    const { status, stdout } = await roundtrip(project.folder, ['check', '--fix']);
    assert.equal(status, 0);
    assert.match(stdout, /^1 finding fixed, No findings in 2 files/);
    const text = project.read('a.ts');
    assert.ok(text.startsWith('\uFEFFimport'));
    assert.match(text, /ANY\(\$1\)/);
    assert.equal(text.replaceAll('\r\n', '').includes('\n'), false);
    assert.equal((await roundtrip(project.folder, ['check', '--fix'])).status, 0);
    assert.equal(project.read('a.ts'), text);
  });
});

describe('roundtrip check --baseline', function () {
  this.timeout(TIMEOUT_MS);
  let project: ProjectFolder;
  afterEach(() => project.remove());

  const run = async (): Promise<{ status: number | null; files: string[]; stderr: string }> => {
    const { status, stdout, stderr } = await roundtrip(project.folder, ['check', '--baseline', 'baseline.json', '--format', 'json']);
    return { status, files: (JSON.parse(stdout) as { findings: { file: string; line: number }[] }).findings.map(({ file, line }) => `${file}:${line}`), stderr };
  };

  it('accepts what is there, and fails on what is new', async () => {
    project = projectFolder({ 'a.ts': QUERY_PER_ID });
    assert.deepEqual(await run(), { status: 0, files: [], stderr: 'roundtrip: 1 finding accepted in the new baseline baseline.json. From now on only new ones fail.\n' });
    assert.deepEqual(await run(), { status: 0, files: [], stderr: '' });

    project.write('a.ts', `// A line that moves all others.\n${QUERY_PER_ID}`);
    assert.deepEqual(await run(), { status: 0, files: [], stderr: '' });

    project.write('b.ts', QUERY_PER_ID);
    assert.deepEqual(await run(), { status: 1, files: [`b.ts:${QUERY_LINE}`], stderr: '' });
  });

  it('notices a finding that took the place of another, and tells of accepted ones that are gone', async () => {
    project = projectFolder({ 'a.ts': QUERY_PER_ID });
    await run();
    project.write('a.ts', `import { Pool } from 'pg';\nconst pool = new Pool();\n${SECOND}`);
    const { status, files, stderr } = await run();
    assert.equal(status, 1);
    assert.deepEqual(files, ['a.ts:4']);
    assert.equal(stderr, 'roundtrip: 1 accepted finding of baseline.json is gone (such as n-plus-one in a.ts). Delete the file and run again to renew it.\n');
  });
});
