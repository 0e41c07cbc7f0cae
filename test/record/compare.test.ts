import assert from 'node:assert/strict';
import type { Change, Comparison } from '../../src/profiler/protocol';
import { compareSessions } from '../../src/profiler/record';
import type { MeasuredSnapshot, RequestSnapshot, SessionSnapshot } from '../../src/profiler/snapshot';
import { lognormal, measuredOf, mixed, randomOf, type Draw } from './distributions';
import { measured, session, statement } from './snapshots';

const empty = { statements: [], lines: [], requests: [], repetitions: [] };

function compare(before: Partial<SessionSnapshot>, after: Partial<SessionSnapshot>): Comparison {
  return compareSessions({ file: 'before.json', snapshot: session({ ...empty, ...before }) }, { file: '', snapshot: session({ ...empty, ...after }) });
}

/** Sessions with a statement for each pair of distributions. */
function compared(pairs: readonly (readonly [MeasuredSnapshot, MeasuredSnapshot])[]): Change[] {
  const side = (which: 0 | 1): Partial<SessionSnapshot> => ({ statements: pairs.map((pair, index) => statement(`s${index}`, `SELECT ${index}`, { measured: pair[which] })) });
  return compare(side(0), side(1)).statements;
}

/** Share of pairs of such distributions that are told to have changed, and in which direction. */
function told(before: Draw, after: Draw, calls: number, pairs: number, seed = 1): Record<string, number> {
  const random = randomOf(seed);
  const changes = compared(Array.from({ length: pairs }, () => [measuredOf(before, calls, random), measuredOf(after, calls, random)] as const));
  const counts: Record<string, number> = {};
  for (const { kind, significant } of changes) if (significant) counts[kind] = (counts[kind] ?? 0) + 1 / pairs;
  return counts;
}

const SHAPES: [name: string, draw: (factor: number) => Draw][] = [
  ['a narrow distribution', (factor) => lognormal(4 * factor, 0.3)],
  ['a wide one', (factor) => lognormal(4 * factor, 0.8)],
  ['one with two humps', (factor) => mixed(0.1, lognormal(20 * factor, 0.2), lognormal(1 * factor, 0.3))],
];

describe('the comparison of durations', function () {
  this.timeout(20_000);

  for (const [name, draw] of SHAPES) {
    it(`tells no change of ${name} that is the same, in 1,000 pairs of 500 executions`, () => {
      const wrong = Object.values(told(draw(1), draw(1), 500, 1_000)).reduce((sum, share) => sum + share, 0);
      assert.ok(wrong <= 0.001, `${wrong * 100} % of equal pairs were told to differ`);
    });
  }

  it('tells no change of small samples that are the same, in 5,000 pairs of 20 executions', () => {
    const wrong = Object.values(told(lognormal(4, 0.8), lognormal(4, 0.8), 20, 5_000)).reduce((sum, share) => sum + share, 0);
    assert.ok(wrong <= 0.001, `${wrong * 100} % of equal pairs were told to differ`);
  });

  it('tells no change of 10,000 executions that are 3 % slower: nobody would notice', () => {
    assert.deepEqual(told(lognormal(4, 0.3), lognormal(4.12, 0.3), 10_000, 40), {});
  });

  for (const [name, draw] of SHAPES) {
    it(`finds executions of ${name} that are 20 % slower or quicker among 2,000, beside statements that stay the same`, () => {
      for (const [factor, kind] of [[1.2, 'slower'], [1 / 1.2, 'faster']] as const) {
        const random = randomOf(7);
        const pair = (after: number): [MeasuredSnapshot, MeasuredSnapshot] => [measuredOf(draw(1), 2_000, random), measuredOf(draw(after), 2_000, random)];
        const changes = compared([...Array.from({ length: 20 }, () => pair(factor)), ...Array.from({ length: 41 }, () => pair(1))]);
        const found = changes.filter((change) => change.kind === kind && Number(change.id.slice(1)) < 20).length / 20;
        assert.ok(found >= 0.9, `${found * 100} % were found`);
        assert.equal(changes.filter(({ id, significant }) => significant && Number(id.slice(1)) >= 20).length, 0, 'the others have not changed');
      }
    });
  }

  it('finds that a few executions have become slow while the typical one is what it was', () => {
    const random = randomOf(3);
    const [before, after] = [lognormal(2, 0.3), mixed(0.1, lognormal(40, 0.3), lognormal(2, 0.3))];
    const [change] = compared([[measuredOf(before, 1_000, random), measuredOf(after, 1_000, random)]]);
    assert.equal(change!.kind, 'slower');
    assert.ok(change!.before!.p95Ms! < 4 && change!.after!.p95Ms! > 30);
  });

  it('does not take a slower machine for slower statements, and finds what has changed besides', () => {
    const random = randomOf(5);
    const pairs = Array.from({ length: 12 }, (_, index) => {
      const median = 1 + index;
      return [measuredOf(lognormal(median, 0.4), 1_000, random), measuredOf(lognormal(median * 1.3 * (index === 0 ? 2 : 1), 0.4), 1_000, random)] as const;
    });
    const side = (which: 0 | 1): Partial<SessionSnapshot> => ({ statements: pairs.map((pair, index) => statement(`s${index}`, `SELECT ${index}`, { measured: pair[which] })) });
    const { statements, summary } = compare(side(0), side(1));
    assert.deepEqual(statements.filter(({ significant }) => significant).map(({ id, kind }) => [id, kind]), [['s0', 'slower']]);
    assert.match(summary[2]!, /^The typical statement took (2[789]|3[0123]) % longer than before, which is more likely the machine than the code/);
    assert.equal(summary.length, 3);
  });

  it('ignores what is below anybody’s interest, and samples that are too small', () => {
    assert.deepEqual(told(lognormal(0.1, 0.2), lognormal(0.13, 0.2), 1_000, 20), {});
    assert.deepEqual(told(lognormal(1, 0.1), lognormal(9, 0.1), 19, 20), {});
    const random = randomOf(1);
    const one = (value: number): MeasuredSnapshot => measuredOf(() => value, 100, random);
    assert.equal(compared([[one(4), one(4)]])[0]!.kind, 'same');
    assert.equal(compared([[one(4), one(8)]])[0]!.kind, 'slower');
    assert.equal(compared([[one(0), one(0)]])[0]!.kind, 'same');
    assert.equal(compared([[one(0), one(1)]])[0]!.kind, 'slower');
  });

  it('takes means and deviations of the server where there was no probe', () => {
    const counted = (calls: number, meanMs: number, deviationMs: number) => ({ calls, rows: calls, totalMs: calls * meanMs, meanMs, deviationMs, maxMs: 50, blocksHit: 1, blocksRead: 0, atLeast: false });
    const change = (before: Parameters<typeof counted>, after: Parameters<typeof counted>): Change => {
      const side = (numbers: Parameters<typeof counted>): Partial<SessionSnapshot> => {
        const { measured: _measured, ...others } = statement('s', 'SELECT 1');
        return { statements: [{ ...others, counted: counted(...numbers) }] };
      };
      return compare(side(before), side(after)).statements[0]!;
    };
    assert.equal(change([400, 4, 2], [400, 5, 2]).kind, 'slower');
    assert.equal(change([400, 4, 20], [400, 5, 20]).kind, 'same');
    assert.equal(change([400, 4, 2], [400, 4.2, 0.1]).kind, 'same');
    assert.equal(change([400, 4, 2], [400, 5, 2]).after!.p95Ms, undefined);
  });
});

describe('the comparison of how often', () => {
  /** A session with requests of one label, each of which issued the statement as often as `list` says. */
  const requests = (lists: readonly number[], label = 'GET /orders'): Partial<SessionSnapshot> => {
    const executions = lists.reduce((sum, n) => sum + n, 0);
    const request: RequestSnapshot = {
      label, requests: lists.length, queries: executions, mostQueries: Math.max(...lists), databaseMs: executions, totalMs: executions, errors: 0,
      statements: executions ? [{ id: 's', requests: lists.filter((n) => n > 0).length, executions, totalMs: executions }] : [],
    };
    return { statements: executions ? [statement('s', 'SELECT 1', { measured: measured(executions, executions) })] : [], requests: [request] };
  };
  const times = (count: number, value: number): number[] => Array.from({ length: count }, () => value);
  const kinds = ({ statements }: Comparison): string[] => statements.map(({ kind, significant }) => `${kind}${significant ? '' : '?'}`);

  it('goes by requests: an N+1 that was mended is seen, more visitors are not', () => {
    const mended = compare(requests(times(20, 41)), requests(times(30, 1)));
    assert.deepEqual(kinds(mended), ['less']);
    assert.deepEqual([mended.statements[0]!.before!.perRequest, mended.statements[0]!.after!.perRequest], [41, 1]);
    assert.match(mended.summary[1]!, /1 run less often, most of all `SELECT 1` \(41 → 1 per request\)\.$/);
    assert.deepEqual(kinds(compare(requests(times(20, 3)), requests(times(400, 3)))), ['same?']);
    assert.deepEqual(kinds(compare(requests(times(30, 1)), requests(times(20, 41)))), ['more']);
  });

  it('knows that lists differ in length: no change in 99.8 % of 1,000 equal pairs of 40 requests', () => {
    const random = randomOf(11);
    // As varied as lists can be of which most are short and some are long.
    const geometric = (): number => Math.floor(Math.log(1 - random()) / Math.log(0.9));
    const lists = (): number[] => Array.from({ length: 40 }, geometric);
    let wrong = 0;
    for (let n = 0; n < 1_000; n++) if (compare(requests(lists()), requests(lists())).statements[0]!.significant) wrong++;
    assert.ok(wrong <= 2, `${wrong} of 1,000`);
  });

  it('is not misled by another mix of requests', () => {
    const mix = (few: number, many: number): Partial<SessionSnapshot> => {
      const [a, b] = [requests(times(few, 2), 'GET /a'), requests(times(many, 30), 'GET /b')];
      const executions = few * 2 + many * 30;
      return { statements: [statement('s', 'SELECT 1', { measured: measured(executions, executions) })], requests: [...a.requests!, ...b.requests!] };
    };
    assert.deepEqual(kinds(compare(mix(100, 20), mix(20, 100))), ['same?']);
  });

  it('calls new or gone by more than noise only what had occasion to run', () => {
    assert.deepEqual(kinds(compare(requests(times(10, 1)), requests(times(10, 0)))), ['gone']);
    assert.deepEqual(kinds(compare(requests(times(10, 0)), requests(times(10, 1)))), ['new']);
    assert.deepEqual(kinds(compare(requests(times(10, 1)), requests(times(3, 0)))), ['gone?']);
    assert.deepEqual(kinds(compare(requests(times(10, 1)), requests(times(50, 1), 'GET /elsewhere'))), ['same?']);
    const { requests: visited } = requests(times(10, 1));
    assert.deepEqual(kinds(compare(requests(times(10, 1)), { statements: [statement('t', 'SELECT 2', { measured: measured(4, 1) })], requests: visited!.map((one) => ({ ...one, statements: [] })) })), ['gone', 'new?']);
  });

  it('compares runs without requests as wholes, longer ones in proportion', () => {
    const run = (...calls: number[]): Partial<SessionSnapshot> => ({ statements: calls.map((n, index) => statement(`s${index}`, `SELECT ${index}`, { measured: measured(n, n) })) });
    assert.deepEqual(kinds(compare(run(500, 20), run(13, 20))), ['less', 'same?']);
    assert.deepEqual(kinds(compare(run(10, 20, 30, 40, 50, 60), run(20, 40, 60, 80, 100, 120))), Array.from({ length: 6 }, () => 'same?'));
    assert.deepEqual(kinds(compare(run(10, 20, 30, 40, 50, 600), run(20, 40, 60, 80, 100, 60)))[0], 'less');
  });
});

describe('the comparison of lines and repetitions', () => {
  const at = (line: number, fn = 'orderOf', id = 's', calls = 40): Partial<SessionSnapshot> => {
    const place = { file: '/shop/src/orders.ts', line, column: 9, function: fn };
    const cost = measured(calls, calls);
    return {
      statements: [statement(id, `SELECT ${id}`, { measured: cost, sites: [{ place, measured: cost, later: 0 }] })],
      lines: [{ key: `/shop/src/orders.ts:${line}:9`, requests: 0, mostInOneRequest: calls }],
      repetitions: [{ kind: 'n-plus-one', statement: id, place, requests: 1, executions: calls, most: calls, totalMs: calls, wastedMs: calls - 1 }],
    };
  };

  it('follows a line that moved within its function', () => {
    const { lines, repetitionsGone, repetitionsNew } = compare(at(12), at(19));
    assert.deepEqual(lines.map(({ id, kind, place }) => [id, kind, place!.line]), [['/shop/src/orders.ts:19:9', 'same', 19]]);
    assert.deepEqual([repetitionsGone, repetitionsNew], [[], []]);
  });

  it('takes another function, and another statement at the same line, for new', () => {
    assert.deepEqual(compare(at(12), at(19, 'buyerOf')).lines.map(({ kind }) => kind).sort(), ['gone', 'new']);
    const other = compare(at(12), at(12, 'orderOf', 't'));
    assert.deepEqual(other.lines.map(({ kind, text }) => [kind, text]).sort(), [['gone', 'SELECT s'], ['new', 'SELECT t']]);
    assert.deepEqual([other.repetitionsGone.map((one) => one.statement), other.repetitionsNew.map((one) => one.statement)], [['s'], ['t']]);
    assert.match(other.summary[1]!, /^1 N\+1 or repeated query is gone and 1 is new; /);
  });

  it('says in at most three sentences what came of it, also when there is nothing', () => {
    assert.deepEqual(compare(at(12), at(12)).summary, ['The database took 40 ms for 40 queries, where it took 40 ms for 40.', 'no statement has changed by more than noise.'].map((text) => text.replace(/^n/, 'N')));
    assert.deepEqual(compare({}, at(12)).summary, ['The first session has no queries, so there is nothing to compare.']);
    const { before, after, totals } = compare(at(12), at(12, 'orderOf', 's', 80));
    assert.deepEqual([before.file, after.file, before.calls, after.calls], ['before.json', '', 40, 80]);
    assert.deepEqual(totals, { before: { calls: 40, totalMs: 40, repetitions: 1 }, after: { calls: 80, totalMs: 80, repetitions: 1 } });
  });
});
