import assert from 'node:assert/strict';
import { identify, loadSqlParser } from '../../src/database/sql/index.js';
import { WIRE_TEXT_LIMIT } from '../../src/probe/wire.js';

describe('identity of a statement', () => {
  before(loadSqlParser);

  it('is the same for other literals, parameters, comments, spelling and lengths of lists', () => {
    const same = [
      "SELECT name FROM product WHERE id IN (1, 2, 3) AND kind = 'a'",
      'select name\nfrom product -- all\nwhere id in ($1) and kind = $2',
      'SELECT name FROM product WHERE id IN ($1 /*, ... */) AND kind = $2',
    ];
    assert.equal(new Set(same.map((text) => identify(text).id)).size, 1);
    assert.match(identify(same[0]!).id, /^[0-9a-f]{16}$/);
    assert.notEqual(identify('SELECT name FROM product WHERE id = $1').id, identify('SELECT name FROM product WHERE sku = $1').id);
  });

  it('knows kind and tables, the written one first', () => {
    const cases: [string, string, string[]][] = [
      ['SELECT * FROM a JOIN public.b ON true WHERE EXISTS (SELECT 1 FROM sales.c)', 'select', ['a', 'b', 'sales.c']],
      ['INSERT INTO a SELECT * FROM b', 'insert', ['a', 'b']],
      ['WITH old AS (SELECT * FROM b) UPDATE a SET x = old.x FROM old', 'update', ['a', 'b']],
      ['WITH gone AS (DELETE FROM a RETURNING *) SELECT * FROM gone', 'delete', ['a']],
      ['MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN DELETE', 'update', ['a', 'b']],
      ['SELECT 1 INTO a', 'other', ['a']],
      ['VALUES (1), (2)', 'select', []],
      ['BEGIN', 'transaction', []],
      ['BEGIN; COMMIT', 'transaction', []],
      ['BEGIN; SELECT 1', 'other', []],
      ['VACUUM a', 'other', ['a']],
      ['-- nothing', 'other', []],
      ['', 'other', []],
    ];
    for (const [text, kind, tables] of cases) {
      const found = identify(text);
      assert.deepEqual([found.kind, found.tables], [kind, tables], text);
    }
  });

  it('shows no literal value, also of utility statements and of what does not parse', () => {
    const texts = [
      "SELECT 's3cret' FROM a WHERE b = 4711 LIMIT 4711", "CREATE ROLE a PASSWORD 's3cret'", "PREPARE a AS SELECT 's3cret', 4711", "EXECUTE a('s3cret', 4711)",
      "COPY (SELECT 's3cret') TO STDOUT", "DO $$ BEGIN PERFORM 's3cret'; END $$", "SELEC 's3cret', 4711", "SELECT 's3cret", "SELECT $a$s3cret", "SELECT * FROM a WHERE b = E'\\'s3cret'",
      "SELECT 1; SELECT 's3cret' FROM", "SELECT U&'s3cret' WHERE \0 1",
    ];
    for (const text of texts) assert.doesNotMatch(identify(text).text, /s3cret|4711/, text);
    assert.equal(identify('SELECT a FROM b ORDER BY 1').text, 'SELECT a FROM b ORDER BY 1', 'a position is no value');
  });

  it('tells apart what does not parse by its text without values', () => {
    assert.equal(identify("SELEC 'a', 1").id, identify("selec  'b', $1").id);
    assert.notEqual(identify('SELEC a').id, identify('SELEC b').id);
    assert.match(identify('SELEC a').id, /^text-[0-9a-f]{16}$/);
  });

  it('finds the same statement in texts of megabytes, cut or not, with literals or parameters', () => {
    const rows = (value: (n: number) => string): string => `INSERT INTO a (b, c, d) VALUES ${Array.from({ length: 40_000 }, (_, n) => value(n)).join(', ')} ON CONFLICT DO NOTHING`;
    const literals = rows((n) => `(${n}, 'text of ${n}, (with) ''quotes''', ${n % 2 ? 'true' : 'NULL'})`);
    assert.ok(literals.length > 1_000_000);
    const identity = identify(literals);
    assert.equal(identity.kind, 'insert');
    assert.ok(identity.text.length <= 10_000);
    for (let cut = WIRE_TEXT_LIMIT; cut < WIRE_TEXT_LIMIT + 60; cut += 1) assert.equal(identify(literals.slice(0, cut)).id, identity.id);
    assert.equal(identify(rows((n) => `($${3 * n + 1}, $${3 * n + 2}, $${3 * n + 3})`)).id, identity.id);
    assert.notEqual(identify(literals.replace('INTO a', 'INTO other')).id, identity.id);
  });

  it('survives hostile texts, however many', async () => {
    const deep = [
      `SELECT ${'('.repeat(45_000)}1${')'.repeat(45_000)}`,
      `SELECT ${Array(45_000).fill('1').join('+')}`,
      `SELECT ${Array(20_000).fill('NOT').join(' ')} a`,
      `SELECT ${'ARRAY['.repeat(15_000)}1${']'.repeat(15_000)}`,
      `SELECT ${'/*'.repeat(40_000)}`,
      `SELECT ${'$a'.repeat(40_000)}`,
      '</script><img onerror=alert(1)>', '\x1b[31m', '[a](command:b)', '\ud800', '\0', "'", '"', '$$', '/*', 'SELECT U&"\\+zzzzzz"',
    ];
    for (const text of deep) assert.ok(identify(text).id);
    // Enough to wear an engine out.
    for (let n = 0; n < 5; n += 1) identify(`SELECT ${Array(20_000).fill(n).join('+')}`);
    await loadSqlParser();
    assert.match(identify('SELECT a FROM b').id, /^[0-9a-f]{16}$/);
  });
});
