import assert from 'node:assert/strict';
import { chartData } from '../../src/panel/chart-data.js';
import { difference } from '../../src/panel/number-format.js';
import { setFolders, shortPlace } from '../../src/panel/places.js';
import { SessionStore } from '../../src/panel/session-store.js';
import { readSettings } from '../../src/panel/settings.js';
import { spread } from '../../src/panel/bars.js';
import { arrange, keepOrder, nextOrder, type Grouping, type Order, type TableRow } from '../../src/panel/table-rows.js';
import { oneLine, visibleText } from '../../src/panel/visible-text.js';
import { FOLDER, HOSTILE, HOSTILE_SHOWN, measured, place, series, sessionUpdate, SINCE, STATEMENTS } from './sample.js';

const TOTAL = { column: 'total', descending: true } as const;

function storeOf(...updates: Parameters<typeof sessionUpdate>[0][]): SessionStore {
  const store = new SessionStore();
  for (const data of updates) store.apply(sessionUpdate(data));
  return store;
}

const rowsOf = (store: SessionStore, grouping: Grouping = 'statements'): readonly TableRow[] => store.tables[grouping].arranged('', TOTAL);
const keys = (rows: readonly { key: string }[]): string[] => rows.map(({ key }) => key);

describe('what the panel knows of a session', () => {
  it('grows by what changed, and begins anew with a full update or another session', () => {
    const changed = { ...STATEMENTS[1]!, measured: measured(10_000, 9_000, 1) };
    const store = storeOf({}, { full: false, statements: [changed], lines: [], requests: [], series: [{ ...series(1)[0]!, at: SINCE + 999_000 }] });
    assert.equal(store.statements.size, STATEMENTS.length);
    assert.equal(store.statements.get('s1'), changed);
    assert.equal(store.series.length, 240, 'the second that is under way is left out');
    store.apply(sessionUpdate({ full: false, series: [] }));
    assert.equal(store.series.length, 241);
    store.apply(sessionUpdate({ full: true, statements: [], series: [] }));
    assert.equal(store.statements.size, 0);
    store.apply(sessionUpdate({ full: false, session: { id: 'two' }, statements: STATEMENTS.slice(0, 1), series: [] }));
    assert.equal(store.statements.size, 1);
  });

  it('takes the later word on a second that was under way', () => {
    const [first, second, third, fourth] = series(4);
    const store = storeOf({ series: [first!, third!] }, { full: false, series: [second!, { ...third!, queries: 900 }, fourth!] });
    assert.deepEqual(store.series, [first, second, { ...third!, queries: 900 }]);
    store.apply(sessionUpdate({ full: false, session: { state: 'stopped' }, series: [{ ...fourth!, queries: 7 }] }));
    assert.deepEqual(store.series, [first, second, { ...third!, queries: 900 }, { ...fourth!, queries: 7 }]);
    store.apply(sessionUpdate({ session: { state: 'stopped' }, series: [fourth!, third!, first!, third!] }));
    assert.deepEqual(store.series, [first, third, fourth], 'a file that was edited may hold them in any order');
  });
});

describe('rows of the table', () => {
  it('stand in the order asked for, those without the value last', () => {
    const rows = rowsOf(storeOf({}));
    assert.deepEqual(keys(arrange(rows, '', TOTAL)).slice(0, 3), ['s0', 's1', 's2']);
    const byP95 = arrange(rows, '', { column: 'p95', descending: true });
    assert.equal(byP95[0]?.key, 's2');
    assert.equal(byP95.at(-1)?.key, 's8', 'the server counted it, so that it has no percentile');
    assert.equal(arrange(rows, '', { column: 'p95', descending: false }).at(-1)?.key, 's8');
    assert.equal(arrange(rows, '', { column: 'title', descending: false })[0]?.title, 'BEGIN');
  });

  it('find their places after an update as if all were sorted anew', () => {
    const orders: Order[] = [TOTAL, { column: 'calls', descending: false }, { column: 'p95', descending: true }, { column: 'title', descending: false }];
    for (const order of orders) {
      for (const filter of ['', 'select']) {
        const store = storeOf({});
        store.tables.statements.arranged(filter, order);
        for (let round = 1; round <= 20; round += 1) {
          const changed = STATEMENTS.filter((_row, index) => (index * 7 + round * 5) % 11 < 3).map((row) => ({ ...row, measured: measured((round * 31) % 7, (round * 17) % 5, 1) }));
          const added = { ...STATEMENTS[round % 10]!, id: `new${round}` };
          store.apply(sessionUpdate({ full: false, statements: [...changed, added] }));
          const places = keys(store.tables.statements.arranged(filter, order));
          const anew = storeOf({ statements: [...store.statements.values()] }).tables.statements.arranged(filter, order);
          assert.deepEqual(places, keys(anew), `${order.column}, round ${round}`);
        }
      }
    }
  });

  it('are the same list while nothing changes', () => {
    const store = storeOf({});
    const before = rowsOf(store);
    store.apply(sessionUpdate({ full: false, statements: [] }));
    assert.equal(rowsOf(store), before);
  });

  it('are kept by all words of the filter', () => {
    const rows = rowsOf(storeOf({}));
    assert.deepEqual(keys(arrange(rows, ' select  STATUS ', TOTAL)), ['s2']);
    assert.deepEqual(arrange(rows, 'nothing like this', TOTAL), []);
  });

  it('stay where they are while a hand is on them', () => {
    const rows = rowsOf(storeOf({}));
    const before = arrange(rows, '', TOTAL);
    const after = arrange(rows, '', { column: 'calls', descending: false });
    assert.deepEqual(keys(keepOrder(after, before.slice(0, 9))), keys(before));
  });

  it('know lines and requests by their own numbers', () => {
    const store = storeOf({});
    const lines = arrange(rowsOf(store, 'lines'), '', { column: 'most', descending: true });
    assert.equal(lines[0]?.values.most, 50);
    assert.equal(lines[0]?.note, 'listOrders');
    const [first] = arrange(rowsOf(store, 'requests'), 'get /orders', TOTAL);
    assert.equal(first?.values.calls, 211);
    assert.equal(Math.round(first!.values.perCall!), 132);
  });

  it('change direction when the same column is asked for again', () => {
    assert.deepEqual(nextOrder(TOTAL, 'total'), { column: 'total', descending: false });
    assert.deepEqual(nextOrder(TOTAL, 'title'), { column: 'title', descending: false });
    assert.deepEqual(nextOrder(TOTAL, 'calls'), { column: 'calls', descending: true });
  });
});

describe('settings of an earlier page', () => {
  it('are taken as far as they make sense', () => {
    const good = { tab: 'activity', grouping: 'lines', orders: { lines: { column: 'most', descending: false } }, filter: 'a', session: 'one', opened: { grouping: 'statements', key: 's1' } };
    assert.deepEqual(readSettings(good), { ...good, orders: { statements: TOTAL, requests: TOTAL, lines: { column: 'most', descending: false } } });
    for (const bad of [null, 7, [], { tab: 'x', grouping: {}, orders: { lines: { column: 'constructor', descending: true }, statements: { column: 'most', descending: true } }, filter: 7, session: {}, opened: { grouping: 'statements' } }]) {
      assert.deepEqual(readSettings(bad), { tab: 'queries', grouping: 'statements', orders: { statements: TOTAL, requests: TOTAL, lines: TOTAL }, filter: '', session: '', opened: undefined });
    }
  });
});

describe('pictures', () => {
  it('have a hole where nothing was recorded, and never go back in time', () => {
    const points = series(240);
    const [rate, latency] = chartData(points);
    assert.equal(rate[0].length, 241);
    assert.equal(rate[1]?.[180], null);
    assert.ok(rate[0].every((at, index) => index === 0 || at > rate[0][index - 1]!));
    assert.ok(latency[3]?.every((value) => value === null), 'the mean of the server is not drawn beside percentiles');
    const counted = chartData(points.map((point) => ({ ...point, p50Ms: null, p95Ms: null })))[1];
    assert.equal(counted[3]?.[0], points[0]!.meanMs);
  });

  it('show the rate of points that stand for several seconds, without holes between them', () => {
    const points = series(30).map((point, index) => ({ ...point, at: SINCE + index * 4_000, seconds: 4, queries: 400 }));
    const [rate] = chartData(points);
    assert.equal(rate[0].length, 30);
    assert.ok(rate[1]?.every((queries) => queries === 100));
  });

  it('spread durations over bars without losing one', () => {
    const { from, to, bars } = spread([[0, 0.1, 5], [0.1, 0.2, 10], [0.2, 0.4, 0], [90, 100, 1]], 40);
    assert.equal(bars.length, 40);
    assert.equal(bars.reduce((a, b) => a + b), 16);
    assert.equal(bars.at(-1), 1);
    assert.ok(from < 0.1 && to >= 100);
    const one = spread([[1, 1.02, 7]], 40).bars;
    const middle = one.indexOf(7);
    assert.ok(middle > 10 && middle < 30, `one duration stands in the middle: ${middle}`);
  });
});

describe('texts', () => {
  it('show characters that act', () => {
    assert.equal(visibleText(HOSTILE), HOSTILE_SHOWN);
    assert.equal(visibleText('a\r\nb\tc 👩‍💻 \u0007\u0085\u200b'), 'a\nb\tc 👩‍💻 \u2407‹U+0085›‹U+200B›');
  });

  it('fit on a line', () => {
    assert.equal(oneLine(' SELECT\n  1 '), 'SELECT 1');
    assert.equal(oneLine('x'.repeat(1_000_000)).length, 301);
  });

  it('name places by the folder that is open', () => {
    setFolders([FOLDER]);
    assert.equal(shortPlace(place('src/a.ts', 3)), 'src/a.ts:3');
    assert.equal(shortPlace({ file: '/home/ada/shop-old/src/a.ts', line: 3, column: 1 }), 'src/a.ts:3');
    setFolders([]);
    assert.equal(shortPlace({ file: '', line: 0, column: 0 }), 'no line known');
  });

  it('say how much more or less', () => {
    const plain = (before: number, after: number): string => difference(before, after).replaceAll('\u00a0', ' ');
    assert.deepEqual([plain(5, 5), plain(0, 5), plain(100, 57), plain(100, 130), plain(10, 45), plain(10, 4_500), plain(5, 0), plain(1000, 1001)], ['± 0', 'new', '−43 %', '+30 %', '× 4.5', '× 450', '−100 %', '±0 %']);
  });
});
