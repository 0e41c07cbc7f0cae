import assert from 'node:assert/strict';
import { describeSql, initSql, isIntactSql } from './sql';

/** Overflows the stack of PostgreSQL's parser: a main thread's takes about 9,000 of these operators. */
const deep = (n = 1): string => `SELECT ${Array(20_000).fill(n).join('+')}`;

/** Each of them overflows the stack of PostgreSQL's parser, or keeps its scanner busy for seconds. */
const HOSTILE = [
  deep(),
  `SELECT ${'('.repeat(45_000)}1${')'.repeat(45_000)}`,
  `SELECT ${'ARRAY['.repeat(15_000)}1${']'.repeat(15_000)}`,
  `SELECT ${'/*'.repeat(40_000)}`,
  `SELECT 1 ${'+-'.repeat(40_000)} 1`,
  'SELECT 1 \0 FROM orders',
];

describe('the SQL parser', () => {
  beforeEach(initSql);

  it('refuses hostile texts and tells the statements beside them', async () => {
    for (const text of HOSTILE) {
      await initSql();
      const found = describeSql(`SELECT a FROM orders;\n${text};\nDELETE FROM b;`);
      assert.ok(Array.isArray(found));
      assert.deepEqual(found.slice(0, 1).map(({ tables }) => tables), [['orders']], text.slice(0, 30));
      assert.equal(isIntactSql(text), false, text.slice(0, 30));
    }
  });

  it('is as new after any number of them', async () => {
    // Enough to wear one engine out, within one turn.
    for (let n = 0; n < 5; n += 1) assert.equal(isIntactSql(deep(n)), false);
    assert.ok(!isIntactSql('SELECT worn FROM out'), 'a worn engine is not asked');
    await initSql();
    assert.ok(isIntactSql('SELECT worn FROM out'), 'nothing is remembered of what it was not asked');
  });

  it('is not worn out by a single text', () => {
    describeSql(Array.from({ length: 5 }, (_, n) => `${deep(n)} LIMIT :most;\n`).join(''));
    assert.ok(isIntactSql('SELECT the FROM next'));
  });

  it('takes the rulers that people draw in comments', () => {
    for (const ruler of ['-', '=', '*', '#', '~']) assert.ok(isIntactSql(`-- ${ruler.repeat(5_000)}\nSELECT 1`), ruler);
  });
});
