import assert from 'node:assert/strict';
import { lineAt } from './lines';

describe('the line at a place', () => {
  const text = '\na\n\nbc';
  for (const [offset, line] of [[0, ''], [1, 'a'], [2, 'a'], [3, ''], [4, 'bc'], [6, 'bc']] as const) {
    it(`${offset}`, () => {
      const { start, end } = lineAt(text, offset);
      assert.equal(text.slice(start, end), line);
      assert.ok(start <= offset && offset <= end);
    });
  }

  it('of an empty text is empty', () => assert.deepEqual(lineAt('', 0), { start: 0, end: 0 }));
});
