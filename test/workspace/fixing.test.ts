import assert from 'node:assert/strict';
import { chmodSync, statSync } from 'node:fs';
import type { Fix } from '../../src/analysis';
import { selectFixes, type PlacedFinding } from '../../src/workspace';
import { writeFixes } from '../../src/workspace/fix-application';
import { hashText } from '../../src/workspace';
import { indexed, projectFolder, QUERY_PER_ID, type ProjectFolder } from './project-folder';

function finding(file: string, start: number, end: number, text: string, safety: Fix['safety'] = 'safe', rule = 'n-plus-one'): PlacedFinding {
  const place = { line: 1, column: 1 };
  return {
    rule, severity: 'warning', confidence: 'high', context: 'production', file, start, end, message: '', reason: '', help: '',
    related: [], from: place, to: place, fixes: [{ title: '', safety, edits: [{ file, start, end, text }] }],
  };
}

describe('fixes', () => {
  let project: ProjectFolder;
  afterEach(() => project.remove());

  it('are chosen so that none touches another, safe ones only', () => {
    project = projectFolder();
    const [a, b, c, d] = [finding('f', 0, 4, 'A'), finding('f', 4, 6, 'B'), finding('f', 8, 9, 'C'), finding('f', 12, 13, 'D', 'suggestion')] as const;
    assert.deepEqual(selectFixes([a, b, c, d]).map((chosen) => chosen.finding), [a, c]);
    assert.deepEqual(selectFixes([a, d], { safety: 'suggestion', rule: 'n-plus-one' }).map((chosen) => chosen.finding), [a, d]);
    assert.deepEqual(selectFixes([a, d], { safety: 'safe', rule: 'other' }), []);
  });

  it('keep byte order mark, line ends and permissions', async () => {
    const text = 'one\r\ntwo 😀\r\nthree\r\n';
    project = projectFolder({ 'a.ts': `\uFEFF${text}` });
    const file = project.file('a.ts');
    chmodSync(file, 0o640);
    const at = text.indexOf('three');
    const { written } = await writeFixes(selectFixes([finding(file, at, at + 5, 'drei'), finding(file, 0, 3, 'eins')]), () => hashText(text));
    assert.deepEqual(written, [file]);
    assert.equal(project.read('a.ts'), '\uFEFFeins\r\ntwo 😀\r\ndrei\r\n');
    assert.equal(statSync(file).mode & 0o777, 0o640);
  });

  it('leave a file alone that was changed meanwhile, or is gone', async () => {
    project = projectFolder({ 'a.ts': 'changed' });
    const { written, fixed, problems } = await writeFixes(selectFixes([finding(project.file('a.ts'), 0, 3, 'x'), finding(project.file('b.ts'), 0, 3, 'x')]), () => hashText('before'));
    assert.deepEqual([written, fixed], [[], []]);
    assert.equal(project.read('a.ts'), 'changed');
    assert.deepEqual(problems.map(({ message }) => message), ['not fixed: it was changed while it was analysed', 'not fixed: no such file or folder']);
  });

  it('are applied until nothing is left to fix', async () => {
    project = projectFolder({ 'a.ts': QUERY_PER_ID, 'b.ts': QUERY_PER_ID, 'c.ts': 'export {};\n' });
    const { workspace } = await indexed(project);
    const { fixed, written, problems } = await workspace.fix(workspace.files());
    assert.deepEqual(problems, []);
    assert.deepEqual(written, [project.file('a.ts'), project.file('b.ts')]);
    assert.deepEqual(fixed.map(({ rule }) => rule), ['n-plus-one', 'n-plus-one']);
    assert.match(project.read('a.ts'), /ANY\(/);
    assert.deepEqual((await workspace.report(project.file('a.ts'))).findings, []);
    assert.deepEqual((await workspace.fix(workspace.files())).written, []);
  });
});
