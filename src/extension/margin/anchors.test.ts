import assert from 'node:assert/strict';
import type { LineRow } from '../../profiler/protocol';
import { byLine, FileAnchors, type Change } from './anchors';

const numbers = { calls: 12, errors: 0, rows: 41, totalMs: 60, meanMs: 5, minMs: 1, maxMs: 9, p50Ms: 4, p95Ms: 9, p99Ms: 9, waitMs: 0 };

function row(line: number, column: number, more: Partial<LineRow> = {}): LineRow {
  const place = { file: '/shop/stock.ts', line, column };
  return { key: `/shop/stock.ts:${line}:${column}`, place, measured: numbers, statements: ['a'], share: 0.5, requests: 1, mostInOneRequest: 12, sampled: false, ...more };
}

const SAVED = ['const a = 1;', 'for (const id of ids) {', '  await pool.query(sql, [id]);', '}', ''];

/** A text that is edited as an editor does it, with the anchors beside it. */
class Edited {
  constructor(
    public lines: string[],
    readonly anchors: FileAnchors,
  ) {}

  change(from: [number, number], to: [number, number], text: string): void {
    const change: Change = { start: { line: from[0], character: from[1] }, end: { line: to[0], character: to[1] }, text };
    const whole = this.lines.join('\n');
    const offset = ([line, character]: [number, number]): number => this.lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0) + character;
    this.lines = (whole.slice(0, offset(from)) + text + whole.slice(offset(to))).split('\n');
    this.anchors.edit(change);
  }

  get shown(): [line: number, stale: boolean][] {
    return this.anchors.rows((line) => this.lines[line]).map(({ line, stale }) => [line, stale]);
  }
}

function opened(rows: LineRow[] = [row(3, 14)], saved = SAVED, open = saved): Edited {
  const anchors = new FileAnchors();
  anchors.update(rows, saved, open);
  return new Edited([...open], anchors);
}

describe('the place of a note', () => {
  it('is the line that ran', () => assert.deepEqual(opened().shown, [[2, false]]));

  it('follows lines that are put in and taken out above', () => {
    const text = opened();
    text.change([0, 0], [0, 0], '// new\n// lines\n');
    assert.deepEqual(text.shown, [[4, false]]);
    text.change([0, 0], [2, 0], '');
    assert.deepEqual(text.shown, [[2, false]]);
  });

  it('stays where it is when something below changes', () => {
    const text = opened();
    text.change([3, 0], [4, 0], '');
    assert.deepEqual(text.shown, [[2, false]]);
  });

  it('moves down when a line break is put in before it', () => {
    const text = opened();
    text.change([2, 0], [2, 0], '\n');
    assert.deepEqual(text.shown, [[3, false]]);
    text.change([3, 2], [3, 2], '\n\n');
    assert.deepEqual(text.shown, [[5, false]]);
  });

  it('is dimmed while its line reads otherwise, and not after undo', () => {
    const text = opened();
    text.change([2, 19], [2, 22], 'query');
    assert.deepEqual(text.shown, [[2, true]]);
    text.change([2, 19], [2, 24], 'sql');
    assert.deepEqual(text.shown, [[2, false]]);
  });

  it('does not mind other indentation', () => {
    const text = opened();
    text.change([2, 0], [2, 2], '\t\t\t');
    assert.deepEqual(text.shown, [[2, false]]);
  });

  it('is the start of what replaced it, dimmed', () => {
    const text = opened();
    text.change([1, 0], [3, 1], 'await many(ids);');
    assert.deepEqual(text.shown, [[1, true]]);
  });

  it('is found in a file that is open with unsaved changes', () => {
    assert.deepEqual(opened([row(3, 14)], SAVED, ['// not saved', ...SAVED]).shown, [[3, false]]);
    assert.deepEqual(opened([row(3, 14)], SAVED, ['// rewritten']).shown, [[0, true]]);
  });

  it('is found again when the file changed while it was closed', () => {
    const anchors = new FileAnchors();
    anchors.update([row(3, 14)], SAVED, undefined);
    const now = ['// a', '// b', ...SAVED];
    anchors.settle(now);
    assert.deepEqual(new Edited(now, anchors).shown, [[4, false]]);
  });

  it('is not called stale when nobody knows how the line read', () => {
    const anchors = new FileAnchors();
    anchors.update([row(3, 14)], undefined, SAVED);
    assert.deepEqual(new Edited(SAVED, anchors).shown, [[2, false]]);
  });

  it('survives edits of any shape', () => {
    const text = opened([row(1, 1), row(3, 14)]);
    for (let step = 0; step < 200; step += 1) {
      const from = (step * 7) % text.lines.length;
      const to = Math.min(text.lines.length - 1, from + (step % 3));
      const start: [number, number] = [from, (step * 5) % (text.lines[from]!.length + 1)];
      const end: [number, number] = [to, from === to ? text.lines[to]!.length : (step * 3) % (text.lines[to]!.length + 1)];
      text.change(start, end, ['', 'x', '\n', 'a\nb\nc', '\r\n'][step % 5]!);
      for (const [line] of text.shown) assert.ok(line >= 0 && line < text.lines.length, `line ${line} of ${text.lines.length} after step ${step}`);
    }
  });
});

describe('a line of a newer program', () => {
  it('has the text that is saved now', () => {
    const text = opened([row(3, 14, { startedAt: 1 })]);
    text.change([2, 19], [2, 22], 'query');
    assert.deepEqual(text.shown, [[2, true]]);
    const again = [row(3, 14, { startedAt: 2 })];
    assert.deepEqual(text.anchors.unknown(again).length, 1);
    text.anchors.update(again, text.lines, text.lines);
    assert.deepEqual(text.shown, [[2, false]]);
  });

  it('hides what an older version of the file had here at another number', () => {
    const old = { row: row(3, 14, { startedAt: 1 }), line: 4, stale: false };
    const fresh = { row: row(5, 14, { startedAt: 2 }), line: 4, stale: false };
    assert.deepEqual([...byLine([old, fresh])], [[4, [fresh]]]);
  });

  it('leaves two calls of one line together, the one with the most time first', () => {
    const small = { row: row(3, 5, { startedAt: 1 }), line: 2, stale: false };
    const large = { row: row(3, 30, { startedAt: 2, measured: { ...numbers, totalMs: 600 } }), line: 2, stale: false };
    assert.deepEqual([...byLine([small, large])], [[2, [large, small]]]);
  });
});
