import assert from 'node:assert/strict';
import type { LineRow, RuntimeRepetition } from '../../profiler/protocol';
import { histogramText } from './histogram-text';
import { escapeMarkdown, fenced, hoverText } from './hover-text';
import { formatCount, formatDuration, noteOf, noteText } from './note-text';

const numbers = { calls: 12, errors: 0, rows: 41, totalMs: 60, meanMs: 5, minMs: 1, maxMs: 9, p50Ms: 4, p95Ms: 9, p99Ms: 9, waitMs: 0 };
const place = { file: '/shop/stock.ts', line: 3, column: 14 };
const row = (more: Partial<LineRow> = {}): LineRow => ({ key: 'k', place, measured: numbers, statements: ['a1'], share: 0.02, requests: 2, mostInOneRequest: 6, sampled: false, ...more });
const repetition: RuntimeRepetition = { kind: 'n-plus-one', statement: 'a1', place, label: 'GET /orders/:id', requests: 9, executions: 812, most: 120, totalMs: 1_900, wastedMs: 1_800 };

describe('the note of a line', () => {
  it('says how often, how long and how many rows', () => assert.equal(noteText([row()], []), '12 × · p95 9 ms · 41 rows'));

  it('adds up the calls of one line, and does not make up a percentile of them', () => {
    assert.equal(noteText([row(), row({ measured: { ...numbers, calls: 1, rows: 0, p95Ms: 20 } })], []), '13 × · p95 ≤ 20 ms · 41 rows');
  });

  it('says that a count is not exact, and that queries failed', () => {
    assert.equal(noteText([row({ sampled: true, measured: { ...numbers, calls: 20_000, rows: 1, errors: 1 } })], []), '≈ 20.0 k × · p95 9 ms · 1 row · 1 error');
  });

  it('names what was seen to repeat', () => {
    const often = row({ measured: { ...numbers, calls: 812 } });
    assert.deepEqual(noteOf([{ row: often, line: 2, stale: false }], [repetition]), { kind: 'repeated', text: 'N+1 · 812 × · up to 120 at a time · p95 9 ms · 41 rows' });
    assert.equal(noteText([row()], [{ ...repetition, kind: 'repeated', most: 12 }]), 'repeated · 12 × · p95 9 ms · 41 rows');
  });

  it('is louder for the hottest lines, and quieter for lines that changed', () => {
    assert.equal(noteOf([{ row: row(), line: 2, stale: false }], []).kind, 'quiet');
    assert.equal(noteOf([{ row: row({ share: 0.3 }), line: 2, stale: false }], []).kind, 'hot');
    assert.deepEqual(noteOf([{ row: row({ share: 0.3 }), line: 2, stale: true }], [repetition]).kind, 'stale');
  });

  it('writes numbers as they are read', () => {
    assert.deepEqual([0, 0.004, 0.04, 0.44, 9, 9.96, 412, 1_900, 59_400, 200_000].map(formatDuration), ['0 ms', '< 0.01 ms', '0.04 ms', '0.4 ms', '9 ms', '10 ms', '412 ms', '1.9 s', '59 s', '3 min 20 s']);
    assert.deepEqual([1, 9_999, 41_234, 3_400_000].map(formatCount), ['1', '9,999', '41.2 k', '3.4 M']);
  });
});

describe('the histogram of a hover', () => {
  it('draws a line for each range, with round ends', () => {
    assert.equal(
      histogramText([[2.1, 2.2, 40], [1, 1.05, 30], [1.8, 1.9, 50], [8, 8.1, 1], [21, 22, 10]]),
      ['  1 ms – 2 ms  ████████████████████████ 80', '  2 ms – 5 ms  ████████████ 40', ' 5 ms – 10 ms  ▎ 1', '10 ms – 20 ms', '20 ms – 50 ms  ███ 10'].join('\n'),
    );
  });

  it('draws whole powers of ten rather than a long chart, and loses none', () => {
    const buckets = Array.from({ length: 195 }, (_, index): [number, number, number] => [1.1 ** index / 1_000, 1.1 ** (index + 1) / 1_000, 2]);
    const lines = histogramText(buckets).split('\n');
    assert.ok(lines.length <= 10, String(lines.length));
    assert.equal(lines.reduce((sum, line) => sum + Number(/\d+$/.exec(line)?.[0] ?? 0), 0), 390);
  });

  it('draws what took no time that could be told', () => assert.equal(histogramText([[0, 0.001, 3]]), '< 0.02 ms  ████████████████████████ 3'));

  it('is empty when there is nothing', () => assert.equal(histogramText([]), ''));
});

describe('the hover of a line', () => {
  const parts = { row: row(), stale: false, repetitions: [], detail: undefined, text: 'SELECT 1', others: 0 };

  it('shows numbers, the statement and what can be done', () => {
    const text = hoverText({ ...parts, repetitions: [repetition], others: 1 });
    assert.match(text, /^\*\*12 ×\*\* in 2 requests · 60 ms in all · 41 rows/);
    assert.match(text, /mean 5 ms · median 4 ms · p95 9 ms · p99 9 ms · longest 9 ms/);
    assert.match(hoverText({ ...parts, row: row({ measured: { ...numbers, waitMs: 48 } }) }), /60 ms in all · 48 ms more for a connection · 41 rows/);
    assert.match(text, /N\+1:\*\* up to 120 × in one GET \/orders\/\\:id/);
    assert.match(text, /And 1 other statement in this line/);
    assert.ok(text.includes('```sql\nSELECT 1\n```'));
    assert.ok(text.includes('[Show in Panel](command:roundtrip.revealStatement?%5B%22a1%22%5D)'));
  });

  it('tells statements that repeat in the same way in one sentence', () => {
    const text = hoverText({ ...parts, repetitions: [repetition, { ...repetition, statement: 'b2', most: 60 }, { ...repetition, kind: 'repeated' }] });
    assert.match(text, /N\+1:\*\* 2 statements, each up to 120 × in one GET .* One query of each per request would have saved about 3\.6 s\./);
    assert.equal(text.match(/N\+1:/g)!.length, 1);
    assert.match(text, /Repeated:\*\* up to 120 ×/);
  });

  it('does not speak of requests where there are none', () => {
    const { label: _label, ...unlabelled } = repetition;
    assert.match(hoverText({ ...parts, repetitions: [unlabelled] }), /One query, each time, would have saved about 1\.8 s\./);
    assert.match(hoverText({ ...parts, repetitions: [{ ...unlabelled, requests: 1 }] }), /One query would have saved/);
  });

  it('shows hostile texts as text', () => {
    const hostile = 'SELECT 1 --\n```\n[click](command:workbench.action.quit) <img src=x onerror=alert(1)> ````';
    const text = hoverText({ ...parts, text: hostile, repetitions: [{ ...repetition, label: 'GET /[x](command:evil) <b>**`' }] });
    assert.ok(text.includes(`\`\`\`\`\`sql\n${hostile}\n\`\`\`\`\``));
    assert.ok(text.includes('GET /\\[x\\]\\(command\\:evil\\) &lt;b&gt;\\*\\*\\`'));
    const id = hoverText({ ...parts, row: row({ statements: ['"])evil"\n'] }) });
    assert.match(id, /\[Show in Panel\]\(command:roundtrip\.revealStatement\?[\w%.-]+\) /);
  });

  it('leaves the rest of a long statement to the panel', () => {
    const text = hoverText({ ...parts, text: 'SELECT 1,\n'.repeat(500) });
    assert.ok(text.length < 1_500);
    assert.ok(text.includes('\n…\n```'));
  });

  it('escapes what Markdown would read', () => {
    assert.equal(escapeMarkdown('a\n# b & <c> $(zap)'), 'a \\# b &amp; &lt;c&gt; \\$\\(zap\\)');
    assert.equal(fenced('a', 'sql'), '```sql\na\n```');
  });
});
