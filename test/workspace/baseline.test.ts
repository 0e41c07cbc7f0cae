import assert from 'node:assert/strict';
import { BaselineError, compareWithBaseline, normalizeLine, readBaseline, writeBaseline, type FindingIdentity } from '../../src/workspace';
import { projectFolder, type ProjectFolder } from './project-folder';

const one = (rule: string, file = 'a.ts', text = 'await query()'): FindingIdentity => ({ rule, file, text });
const itself = (identity: FindingIdentity): FindingIdentity => identity;

describe('a baseline', () => {
  let project: ProjectFolder;
  beforeEach(() => (project = projectFolder()));
  afterEach(() => project.remove());

  it('reads back what was written, in a fixed order', async () => {
    const path = project.file('baseline.json');
    assert.equal(await readBaseline(path), undefined);
    const findings = [one('b'), one('a', 'z.ts'), one('b'), one('a')];
    await writeBaseline(path, findings);
    assert.deepEqual(await readBaseline(path), [one('a'), one('b'), one('b'), one('a', 'z.ts')]);
    const first = project.read('baseline.json');
    await writeBaseline(path, [...findings].reverse());
    assert.equal(project.read('baseline.json'), first);
    await writeBaseline(path, []);
    assert.deepEqual(await readBaseline(path), []);
  });

  it('accepts each finding once, and notices one that took the place of another', () => {
    const accepted = [one('a'), one('a'), one('b')];
    assert.deepEqual(compareWithBaseline([one('a'), one('b'), one('a')], itself, accepted), { fresh: [], stale: [] });
    assert.deepEqual(compareWithBaseline([one('a'), one('a'), one('a')], itself, accepted), { fresh: [one('a')], stale: [one('b')] });
    assert.deepEqual(compareWithBaseline([one('a', 'b.ts')], itself, [one('a')]), { fresh: [one('a', 'b.ts')], stale: [one('a')] });
  });

  it('does not mind blanks', () => {
    assert.equal(normalizeLine('\t await  query( )\r'), 'await query( )');
  });

  it('that cannot be used says what to do', async () => {
    for (const [content, expected] of [
      ['nonsense', /is not valid JSON\. Delete it/],
      ['{}', /is not one that Roundtrip wrote/],
      ['{"findings":[{"rule":"a"}]}', /is not one that Roundtrip wrote/],
      ['{"findings":[{"rule":"a","file":"b","text":"c","count":1e9}]}', /is not one that Roundtrip wrote/],
    ] as const) {
      project.write('baseline.json', content);
      await assert.rejects(readBaseline(project.file('baseline.json')), (error) => error instanceof BaselineError && expected.test(error.message));
    }
    await assert.rejects(readBaseline(project.folder), BaselineError);
    await assert.rejects(writeBaseline(project.file('none/baseline.json'), []), BaselineError);
  });
});
