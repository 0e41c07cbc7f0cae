import assert from 'node:assert/strict';
import { complete, detect, extractFacts, initSql, Program, type Finding, type RuleSettings } from '../../../index';

function check(file: string, text: string, settings: RuleSettings = {}): Finding[] {
  const program = new Program({ resolve: () => undefined }, () => ({ reactCompiler: 'off' }));
  const facts = extractFacts(file, text);
  program.update(facts);
  const { detections, failures } = detect(program, file, settings);
  const mine = detections.filter((detection) => detection.rule === 'unbounded-select');
  const completed = complete(facts, text, mine, settings);
  assert.deepEqual([...failures, ...completed.failures], []);
  return completed.findings;
}

const inSql = (text: string): string[] => check('a.sql', text).map((finding) => text.slice(finding.start, finding.end));

function fixed(file: string, text: string): string {
  const [finding] = check(file, text);
  const [edit] = finding!.fixes[0]!.edits;
  return text.slice(0, edit!.start) + edit!.text + text.slice(edit!.end);
}

describe('unbounded-select', () => {
  before(initSql);

  for (const [text, flagged] of [
    ['select * from orders', 'select * from orders'],
    ['select * from orders; -- all of them', 'select * from orders'],
    ['select id,\n  total\nfrom orders order by id', 'select id,'],
    ['select * from a where true', 'select * from a where true'],
    ['select * from a join b on a.id = b.a_id', 'select * from a join b on a.id = b.a_id'],
    ['select * from a left join b on b.id = a.b_id and b.kind = 1', 'select * from a left join b on b.id = a.b_id and b.kind = 1'],
    ['with x as (select * from a) select * from x', 'select * from x'],
    ['select * from (select * from a) x', 'select * from (select * from a) x'],
    ['select * from a where x = 1 union all select * from b', 'select * from b'],
    ['table orders', 'table orders'],
    ['select * from orders offset 10', 'select * from orders offset 10'],
  ] as const) it(`flags ${JSON.stringify(text)}`, () => assert.deepEqual(inSql(text), [flagged]));

  for (const text of [
    'select * from orders limit 10',
    'select * from orders where customer_id = 1',
    'select * from orders where deleted_at is null',
    'select count(*), max(total) from orders',
    'select status, count(*) from orders group by status',
    'select distinct status from orders',
    'select exists (select * from orders)',
    'select (select count(*) from orders)',
    'select * from generate_series(1, 10)',
    'select * from unnest($1::int[]) as k(id) join orders using (id)',
    'values (1), (2)',
    'select * from pg_stat_statements',
    'select * from information_schema.tables',
    'select c.relname from pg_class c left join orders o on true',
    'select * from _prisma_migrations',
    'select * from settings',
    'select * from app_settings',
    'select * from "AppSettings"',
    'select * from (select * from orders limit 10) x',
    'with recent as (select * from orders order by id limit 10) select * from recent',
    'with moved as (delete from orders returning *) select * from moved',
    'with moved as (delete from orders returning *) insert into archive select * from moved',
    'insert into archive select * from orders',
    'create view v as select * from orders',
    'create table t as select * from orders',
    'select * into t from orders',
    "create function f() returns setof orders language sql as 'select * from orders'",
    'declare c cursor for select * from orders',
    "copy (select * from orders) to stdout",
    'explain select * from orders',
    'select st_extent(shape) from parcels',
    'select * from orders tablesample system (1)',
    'select * frm orders',
  ]) it(`is silent on ${JSON.stringify(text)}`, () => assert.deepEqual(inSql(text), []));

  it('gives the same ranges in a file, a template and a string', () => {
    const select = 'select id, total from orders order by id';
    for (const [file, before, after] of [
      ['a.sql', '', ';'],
      ['b.sql', '/* é😀 */ ', ''],
      ['a.ts', 'const rows = await sql`', '`;'],
      ['b.ts', 'const é = "😀"; await pool.query("', '");'],
      ['c.ts', 'await pool.query({ text: `', '` });'],
      ['d.ts', 'const text = /* sql */ `\r\n  ', '\r\n`;'],
      ['e.ts', "const text = '", "'; pool.query(text);"],
    ] as const) {
      const text = before + select + after;
      const [finding, ...more] = check(file, text);
      assert.equal(text.slice(finding?.start, finding?.end), select, file);
      assert.equal(more.length, 0);
      assert.equal(fixed(file, text), `${before}${select} limit 100${after}`);
    }
  });

  it('orders by the key that the statement names', () => {
    assert.equal(fixed('a.sql', 'SELECT o.id, total FROM orders o;\n'), 'SELECT o.id, total FROM orders o ORDER BY o.id LIMIT 100;\n');
    assert.equal(
      fixed('a.ts', 'await sql`\r\n  SELECT id\r\n    , total\r\n  FROM orders\r\n`;'),
      'await sql`\r\n  SELECT id\r\n    , total\r\n  FROM orders\r\n  ORDER BY id\r\n  LIMIT 100\r\n`;',
    );
  });

  it('leaves a fixed statement alone', () => {
    for (const text of ['select id from a', 'select * from a order by x', 'select * from a order by x offset 5']) {
      assert.deepEqual(check('a.sql', fixed('a.sql', text)), [], text);
    }
  });

  it('says why it offers no fix', () => {
    const refusal = (text: string): string => {
      const [finding] = check('a.sql', text);
      assert.deepEqual(finding!.fixes, []);
      return finding!.help.split('No fix is offered: ')[1]!;
    };
    assert.match(refusal('select * from orders'), /names no key/);
    assert.match(refusal('select id from orders for update'), /locks the rows/);
    assert.match(refusal('select id from a union select id from b'), /set operation/);
  });

  it('knows the table objects of templates and keeps quiet about unknown names', () => {
    const [finding] = check('a.ts', 'db.execute(sql`select * from ${orders}`)');
    assert.equal(finding!.message, 'This SELECT reads every row of `orders`');
    assert.deepEqual(check('a.ts', 'db.execute(sql`select * from ${sql.raw(name)}`); pool.query(`select * from ${name}`); pool.query(`select * from orders${rest}`)'), []);
  });

  it('takes the tables that are small from the options', () => {
    const settings = (smallTables: string[]): RuleSettings => ({ 'unbounded-select': { severity: 'warning', options: { smallTables, limit: 25 } } });
    assert.deepEqual(check('a.sql', 'select * from public.Plans', settings(['plans'])), []);
    const [finding] = check('a.sql', 'select id from settings', settings([]));
    assert.equal(finding!.fixes[0]!.title, 'Limit settings to 25 rows in the order of id (returns fewer rows)');
  });
});
