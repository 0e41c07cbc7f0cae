import assert from 'node:assert/strict';
import { applyEdits } from './apply-fixes';
import { drawMarkers, readMarkers } from './markers';
import { readReadme, splitFiles, splitFix } from './readme';

describe('the README of a rule', () => {
  it('has fences that say what they show', () => {
    const { fences, sections } = readReadme(['# x', '## Examples', '```ts flagged file=a.ts limit=3', 'x', '```', '```json', '{}', '```', '## Fix', ''].join('\n'));
    assert.deepEqual(sections, ['Examples', 'Fix']);
    assert.deepEqual(fences, [{ kind: 'flagged', language: 'ts', attributes: { limit: '3' }, file: 'a.ts', body: ['x'], line: 3, section: 'Examples' }]);
    assert.throws(() => readReadme('```ts\nx\n```'), /README\.md:1: say what this fence shows/);
    assert.throws(() => readReadme('```ts flagged\nx'), /never closed/);
  });

  it('has several files in a fence, and halves in a fix fence', () => {
    assert.deepEqual(splitFiles('a.ts', ['1', '// file=b.ts', '2']), [{ name: 'a.ts', lines: ['1'] }, { name: 'b.ts', lines: ['2'] }]);
    const [fence] = readReadme('```sql fix\na\n-- ->\nb\n```').fences;
    assert.deepEqual(splitFix(fence!), { before: ['a'], after: ['b'] });
  });

  it('marks exact ranges, on one line, on several, and in the first column', () => {
    const lines = ['abc def', '//  ^^^ one word', 'call(', '^^^^^… all of it', '  x)', ' …^^', 'z'];
    const { text, markers } = readMarkers({ name: 'a.ts', lines });
    assert.equal(text, 'abc def\ncall(\n  x)\nz\n');
    assert.deepEqual(markers, [
      { file: 'a.ts', start: 4, end: 7, text: 'one word' },
      { file: 'a.ts', start: 8, end: 18, text: 'all of it' },
    ]);
    assert.equal(text.slice(8, 18), 'call(\n  x)');
    assert.deepEqual(readMarkers({ name: 'a.ts', lines: drawMarkers('a.ts', text, markers) }), { name: 'a.ts', text, markers });
  });

  it('marks SQL with its own comments', () => {
    assert.deepEqual(drawMarkers('a.sql', 'select * from a\n', [{ file: 'a.sql', start: 7, end: 8, text: 'm' }]), ['select * from a', '--     ^ m']);
  });

  it('refuses fixes whose edits overlap or leave the text', () => {
    const edit = (start: number, end: number, text = 'x') => ({ file: 'a', start, end, text });
    assert.deepEqual(applyEdits({ a: 'abcd' }, [edit(2, 3), edit(0, 1, 'yy')]), { a: 'yybxd' });
    assert.throws(() => applyEdits({ a: 'abcd' }, [edit(0, 2), edit(1, 3)]), /overlap/);
    assert.throws(() => applyEdits({ a: 'abcd' }, [edit(3, 9)]), /leaves the text/);
  });
});
