import assert from 'node:assert/strict';
import MarkdownIt from 'markdown-it';
import { parse, type DefaultTreeAdapterTypes } from 'parse5';
import { DEFAULT_TARGETS } from '../../src/profiler/protocol';
import { compareSessions, sessionReport, targetResults } from '../../src/profiler/record';
import { measured, session, statement } from './snapshots';

/** What somebody may have written into names, paths, labels and statements. */
const HOSTILE = ['</script><script>alert(1)</script>', '<img src=x onerror=alert(1)>', '[click](javascript:alert(1))', '![x](https://evil.example/x.png)', '`` ` ``` code', 'a | b | c', '\u001b[31mred\u202Egnp.exe', '# heading\n\n- item', '&lt;b&gt;', 'https://evil.example @somebody #1', "'); drop table x; --", '"><b>'];

function hostile(text: string) {
  const place = { file: `/shop/src/${text}.ts`, line: 3, column: 1, function: text };
  const cost = measured(30, 3_000);
  return session({
    name: text,
    target: text,
    server: text,
    statements: [statement('s', `SELECT '${text}'`, { measured: cost, tables: [text], errors: [{ code: text, message: text, count: 1 }], sites: [{ place, measured: cost, later: 0 }] })],
    lines: [{ key: `${place.file}:3:1`, requests: 1, mostInOneRequest: 30 }],
    requests: [{ label: text, requests: 1, queries: 30, mostQueries: 30, databaseMs: 3_000, totalMs: 3_000, errors: 1, statements: [{ id: 's', requests: 1, executions: 30, totalMs: 3_000 }] }],
    repetitions: [{ kind: 'n-plus-one', statement: 's', place, label: text, requests: 1, executions: 30, most: 30, totalMs: 3_000, wastedMs: 2_900 }],
    programs: [{ pid: 1, command: text, node: text, libraries: [text], startedAt: 0, queries: 30, dropped: 0, overheadUs: 1 }],
  });
}

const isInvisible = (text: string): boolean => text.includes('\u001b') || text.includes('\u202e');

const roots = ['/shop'];
const comparisonOf = (text: string) => compareSessions({ file: text, snapshot: hostile(text) }, { file: '', snapshot: session({ name: text, requests: [], lines: [], repetitions: [] }) });

/** Names of all elements, their attributes, and the whole text of a page. */
function pageOf(html: string): { names: Set<string>; attributes: Set<string>; text: string } {
  const page = { names: new Set<string>(), attributes: new Set<string>(), text: '' };
  const visit = (node: DefaultTreeAdapterTypes.Node): void => {
    if ('tagName' in node) {
      page.names.add(node.tagName);
      for (const { name } of node.attrs) page.attributes.add(`${node.tagName} ${name}`);
    }
    if (node.nodeName === '#text') page.text += (node as DefaultTreeAdapterTypes.TextNode).value;
    if ('childNodes' in node) node.childNodes.forEach(visit);
  };
  visit(parse(html));
  return page;
}

describe('reports', () => {
  const plain = sessionReport(session(), { format: 'html', roots });
  const { names, attributes } = pageOf(plain);

  it('are one page without scripts, links or anything to load, light and dark', () => {
    for (const name of ['script', 'a', 'img', 'link', 'iframe', 'svg', 'form', 'base']) assert.ok(!names.has(name), name);
    assert.deepEqual([...attributes].filter((one) => / (href|src|on[a-z]+|style)$/.test(one)), []);
    assert.match(plain, /<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">/);
    assert.match(plain, /color-scheme: light dark/);
    assert.ok(!/url\(|@import/.test(plain));
  });

  it('show in HTML whatever a text holds as that text', () => {
    const comparedPlain = pageOf(sessionReport(hostile('plain'), { format: 'html', roots, comparison: comparisonOf('plain') }));
    for (const text of HOSTILE) {
      const page = pageOf(sessionReport(hostile(text), { format: 'html', roots, comparison: comparisonOf(text) }));
      assert.deepEqual(page.names, comparedPlain.names, text);
      assert.deepEqual(page.attributes, comparedPlain.attributes, text);
      if (!isInvisible(text)) assert.ok(page.text.includes(text), `${text} in ${page.text.slice(0, 300)}`);
      assert.ok(!isInvisible(page.text));
    }
  });

  it('show in Markdown whatever a text holds as that text', () => {
    const markdown = new MarkdownIt({ html: true, linkify: true });
    const shape = (report: string): string => markdown.parse(report, {}).map(({ type, tag }) => `${type} ${tag}`).join('\n');
    const reportOf = (text: string): string => sessionReport(hostile(text), { format: 'markdown', roots, comparison: comparisonOf(text) });
    const expected = shape(reportOf('plain'));
    for (const text of HOSTILE) {
      const report = reportOf(text);
      assert.equal(shape(report), expected, `${text}\n${report}`);
      const inline = new Set(markdown.parse(report, {}).flatMap(({ children }) => children ?? []).map(({ type }) => type));
      assert.deepEqual([...inline].filter((type) => !['text', 'code_inline', 'text_special'].includes(type)), [], `${text}\n${report}`);
      const shown = pageOf(markdown.render(report)).text;
      if (!isInvisible(text)) assert.ok(shown.includes(text.replace(/\s+/g, ' ')), `${text} in\n${report}`);
    }
  });

  it('say what was recorded, the costly first, with its lines', () => {
    const report = sessionReport(session(), { format: 'markdown', roots });
    assert.match(report, /^# `Checkout, before`\n\n- Recorded 60 s from 2026-11-21 19:31 UTC on\n- Database: `shop at localhost:5432`, `PostgreSQL 18\.4`\n- 20 queries of 2 statements, 25 ms in the database\n- Programs: `src\/server\.ts …`\n/);
    assert.ok(report.includes('| N+1 | `src/orders.ts:12` | `GET /orders/:id` | 2 | 10 | 8 | 13 ms | 10 ms | `SELECT * FROM orders WHERE id = $1` |'), report);
    assert.ok(report.includes('| `22P02` | `invalid input syntax for type integer: …` | 2 |'), report);
    assert.ok(report.includes('- Something limits the picture.'));
    assert.ok(!report.includes('geheim'));
    const many = sessionReport(session({ statements: Array.from({ length: 100 }, (_, n) => statement(`s${n}`, `SELECT ${n}`)) }), { format: 'markdown', roots });
    assert.ok(many.includes('… and 70 more.'));
  });

  it('are the session itself as JSON', () => {
    assert.equal((JSON.parse(sessionReport(session(), { format: 'json', roots })) as { format: string }).format, 'roundtrip-session');
  });
});

describe('targets', () => {
  const rows = (...p95s: number[]) => p95s.map((p95Ms) => ({ measured: { calls: 1, errors: 0, rows: 1, totalMs: 1, meanMs: 1, minMs: 1, maxMs: 1, p50Ms: 1, p95Ms, p99Ms: 1, waitMs: 0 } }));
  const counted = (blocksHit: number, blocksRead: number) => [{ counted: { calls: 1, rows: 1, totalMs: 1, meanMs: 1, deviationMs: 0, maxMs: 1, blocksHit, blocksRead, atLeast: false } }];
  const told = (...given: Parameters<typeof targetResults>) => targetResults(...given).map(({ met, result }) => [met, result]);

  it('are met, missed, or unknown with the reason', () => {
    assert.deepEqual(told([], DEFAULT_TARGETS), [
      [undefined, 'No program was watched, and the server knows no percentiles'],
      [undefined, 'No database was connected'],
      [undefined, 'The server counted no statements'],
    ]);
    assert.deepEqual(told([...rows(3, 50, 212), ...counted(9_400, 600)], DEFAULT_TARGETS, { most: 81, limit: 100 }), [
      [false, '1 of 3 statements is slower; the slowest takes 212 ms'],
      [false, '81 of 100 were in use at most (81 %)'],
      [false, '94 % of 10,000 blocks were found in memory'],
    ]);
    assert.deepEqual(told([...rows(3, 50), ...counted(9_500, 500)], DEFAULT_TARGETS, { most: 80, limit: 100 }), [
      [true, 'All 2 are quick enough; the slowest takes 50 ms'],
      [true, '80 of 100 were in use at most (80 %)'],
      [true, '95 % of 10,000 blocks were found in memory'],
    ]);
    assert.deepEqual(told(counted(999, 0), DEFAULT_TARGETS)[2], [undefined, 'Only 999 blocks were read, too few to tell']);
    assert.deepEqual(told(counted(94_999, 5_001), DEFAULT_TARGETS)[2], [false, '94.9 % of 100,000 blocks were found in memory']);
  });

  it('are a person’s own', () => {
    const targets = { p95Ms: 2, connections: 0.5, cacheHits: 0.5 };
    assert.deepEqual(targetResults([...rows(3), ...counted(600, 500)], targets, { most: 51, limit: 100 }).map(({ target, met }) => [target, met]), [
      ['p95 of each statement ≤ 2 ms', false],
      ["at most 50 % of the server's connections in use", false],
      ['at least 50 % of blocks found in memory', true],
    ]);
  });
});
