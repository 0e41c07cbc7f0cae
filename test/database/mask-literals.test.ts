import assert from 'node:assert/strict';
import { maskLiterals } from '../../src/database/mask-literals.js';

describe('masking literal values', () => {
  for (const [name, sql, masked] of [
    ['strings', "CREATE ROLE a PASSWORD 'secret'", "CREATE ROLE a PASSWORD '…'"],
    ['quotes inside strings', "SELECT 'it''s', $1", "SELECT '…', $1"],
    ['escape strings', String.raw`SELECT E'a\'b secret', 1`, "SELECT '…', ?"],
    ['dollar quotes', "DO $body$ SELECT 'secret' $body$", "DO '…'"],
    ['numbers', 'EXECUTE find_user(4711, -1.5e3)', 'EXECUTE find_user(?, -?)'],
    ['an unfinished string', "SELECT 'secr", "SELECT '…'"],
    ['national and bit strings', "SELECT N'secret', B'101'", "SELECT '…', '…'"],
  ] as const) {
    it(`masks ${name}`, () => assert.equal(maskLiterals(sql), masked));
  }

  for (const [name, sql] of [
    ['parameters', 'SELECT * FROM t1 WHERE a = $1 AND b2 = $2'],
    ['names with digits and quotes', 'SELECT "o\'clock 5", col_2 FROM s3.t4'],
    ['comments', "SELECT $1 /* file='a.ts:12' */ -- it's 5\n FROM t"],
    ['lengths in definitions', 'CREATE TABLE t (a varchar(255), b numeric(10,2))'],
  ] as const) {
    it(`leaves ${name} alone`, () => assert.equal(maskLiterals(sql), sql));
  }
});
