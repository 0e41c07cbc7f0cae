import assert from 'node:assert/strict';
import { SPARK_SLOTS } from '../protocol.js';
import { SERIES_LIMIT } from './limits.js';
import { Series } from './series.js';
import { Spark, SPARK_SLOT_MS } from './spark.js';

const START = Date.UTC(2026, 0, 1);
const cost = (durationMs: number, failed = false) => ({ durationMs, waitMs: 1, rows: 1, failed });

describe('series', () => {
  it('counts by the second, also what arrives late', () => {
    const series = new Series();
    for (const [second, ms] of [[0, 1], [0, 3], [2, 5], [1, 7], [0, 2]] as const) series.add(START + second * 1_000 + 10, cost(ms, ms === 7), 1);
    assert.deepEqual(
      series.points().map(({ at, queries, errors, waitMs }) => [(at - START) / 1_000, queries, errors, waitMs]),
      [[0, 3, 0, 3], [1, 1, 1, 1], [2, 1, 0, 1]],
    );
    const [first] = series.points();
    assert.ok(Math.abs(first!.p50Ms! - 2) < 0.04 && Math.abs(first!.p95Ms! - 2) < 0.04, 'the value at rank 0.95 × 2 is the second of three');
  });

  it('tells points that changed', () => {
    const series = new Series();
    series.add(START, cost(1), 1);
    series.add(START + 1_000, cost(1), 2);
    series.count(START + 2_000, 4, 3);
    assert.deepEqual(series.points(1).map(({ queries, meanMs, p50Ms }) => [queries, meanMs, p50Ms === null]), [[1, null, false], [0, 4, true]]);
  });

  it('thins out what is old, and loses no query', () => {
    const series = new Series();
    const seconds = 3 * SERIES_LIMIT;
    let thinned = 0;
    for (let second = 0; second < seconds; second += 1) {
      series.add(START + second * 1_000, cost(second < seconds / 2 ? 10 : 1), 1);
      if (series.takeThinned()) thinned += 1;
    }
    const points = series.points();
    assert.ok(points.length <= SERIES_LIMIT && thinned > 1);
    assert.equal(points.reduce((sum, { queries }) => sum + queries, 0), seconds);
    assert.equal(points.reduce((sum, { seconds = 1 }) => sum + seconds, 0), seconds);
    for (const [index, { at, seconds = 1 }] of points.entries()) assert.ok(index === 0 || points[index - 1]!.at < at, `${seconds}`);
    assert.ok(points[0]!.seconds! > 1 && Math.abs(points[0]!.p50Ms! - 10) < 0.2);
    assert.equal(points.at(-1)!.seconds, undefined);
    series.add(START + 500, cost(1), 2);
    assert.equal(series.points(1)[0]!.at, START, 'what is very late is counted where it belongs');
  });
});

describe('spark', () => {
  it('has the newest slots, the newest last', () => {
    const spark = new Spark();
    const now = START + 100 * SPARK_SLOT_MS;
    for (const slot of [0, 0, 1, 99, 100, 100, 100]) spark.add(START + slot * SPARK_SLOT_MS);
    assert.deepEqual(spark.slots(now).slice(-3), [0, 1, 3]);
    assert.equal(spark.slots(now).length, SPARK_SLOTS);
    assert.equal(spark.slots(now).reduce((sum, count) => sum + count), 4);
    assert.deepEqual(spark.slots(now + 2 * SPARK_SLOT_MS).slice(-5), [0, 1, 3, 0, 0]);
    spark.add(START);
    assert.deepEqual(spark.slots(now).slice(-3), [0, 1, 3], 'what is older than all slots is left out');
    const other = new Spark();
    other.add(now - SPARK_SLOT_MS);
    other.add(now + SPARK_SLOT_MS);
    spark.merge(other);
    assert.deepEqual(spark.slots(now + SPARK_SLOT_MS).slice(-3), [2, 3, 1]);
  });
});
