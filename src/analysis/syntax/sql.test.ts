import assert from 'node:assert/strict';
import { describeSql, initSql, type SqlStatement } from './sql';

function all(text: string): SqlStatement[] {
  const described = describeSql(text);
  assert.ok(Array.isArray(described), JSON.stringify(described));
  return described;
}

function one(text: string): SqlStatement {
  const [statement, ...more] = all(text);
  assert.ok(statement);
  assert.equal(more.length, 0);
  return statement;
}

describe('describeSql', () => {
  before(initSql);

  const verbs: [string, string][] = [
    ['select 1', 'read'],
    ['table orders', 'read'],
    ['values (1), (2)', 'read'],
    ['select * into backup from orders', 'ddl'],
    ['insert into a values (1)', 'insert'],
    ['insert into a select * from b', 'insert'],
    ['update a set x = 1', 'update'],
    ['delete from a', 'delete'],
    ['merge into a using b on a.id = b.id when matched then delete', 'update'],
    ['with gone as (delete from a returning *) select * from gone', 'delete'],
    ['with added as (insert into a values (1) returning id) select id from added', 'insert'],
    ['create table a (id int)', 'ddl'],
    ['truncate a', 'ddl'],
    ['begin', 'transaction'],
    ['savepoint s', 'transaction'],
    ['set local statement_timeout = 1', 'other'],
    ['explain select 1', 'other'],
    ['copy a from stdin', 'other'],
  ];
  for (const [text, verb] of verbs) it(`calls “${text}” ${verb}`, () => assert.equal(one(text).verb, verb));

  const bounds: [string, string][] = [
    ['select * from a', 'all'],
    ['select * from a where id = $1', 'all'],
    ['select * from a limit 1', 'one'],
    ['select * from a fetch first row only', 'one'],
    ['select * from a order by x fetch first 1 row with ties', 'limited'],
    ['select * from a limit $1', 'limited'],
    ['select * from a limit all', 'all'],
    ['select * from a limit null', 'all'],
    ['select * from a offset 10', 'all'],
    ['select count(*) from a', 'aggregate'],
    ['select coalesce(sum(x), 0) as total from a', 'aggregate'],
    ['select my_total(x order by y) from a', 'aggregate'],
    ['select x, count(*) from a group by x', 'all'],
    ['select x, count(*) over () from a', 'all'],
    ['select (select count(*) from b), x from a', 'all'],
    ['select 1', 'one'],
    ['select now(), exists (select 1 from a)', 'one'],
    ['select unnest($1::int[])', 'all'],
    ['values (1)', 'one'],
    ['values (1), (2)', 'limited'],
    ['select * from (select * from a limit 5) x', 'limited'],
    ['with x as (select * from a limit 5) select * from x', 'limited'],
    ['select * from a union all select * from b', 'all'],
    ['(select * from a limit 1) union all (select * from b limit 1)', 'limited'],
    ['(select * from a union select * from b) limit 3', 'limited'],
    ['insert into a values (1)', 'none'],
    ['insert into a values (1) returning id', 'one'],
    ['insert into a values (1), (2) returning id', 'all'],
    ['update a set x = 1', 'none'],
    ['delete from a where id = 1 returning *', 'all'],
  ];
  for (const [text, bound] of bounds) it(`bounds “${text}”: ${bound}`, () => assert.equal(one(text).bound, bound));

  const filters: [string, boolean, string[]][] = [
    ['select * from a', false, []],
    ['select * from a where true', false, []],
    ['select * from a where 1 = 1', false, []],
    ['select * from a where x is not null', false, []],
    ['select * from a where 1 = 1 and x = $1', true, ['x']],
    ['select * from a where x is null', true, []],
    ['select * from a where a.x = $1 and y > 3 and $2 = z', true, ['x', 'z']],
    ['select * from a where x = any($1) and y in (1, 2)', true, ['x', 'y']],
    ['select * from a where x = 1 or y = 2', true, []],
    ['select * from a where x = 1 or true', false, []],
    ['select * from a where (x, y) = ($1, $2)', true, ['x', 'y']],
    ['select * from a where id::text = $1', true, ['id']],
    ['select * from a where lower(email) = $1', true, []],
    ['select * from a where x <> 1', true, []],
    ['select * from a join b on a.id = b.a_id', false, []],
    ['select * from a join b on a.id = b.a_id and b.kind = $1', true, ['kind']],
    ['select * from a left join b on a.id = b.a_id and b.kind = $1', false, []],
    ['select * from (select * from a where x = 1) y', true, []],
    ['with y as (select * from a where x = 1) select * from y', true, []],
    ['select * from unnest($1::int[]) k join a on a.id = k', true, []],
    ['select * from a left join (select * from b limit 1) c on true', false, []],
    ['select * from a where x = 1 union select * from b', false, []],
    ['update a set x = 1 where id = $1', true, ['id']],
    ['delete from a', false, []],
  ];
  for (const [text, filtered, columns] of filters) {
    it(`finds the filter of “${text}”`, () => {
      const { filtered: is, filterColumns } = one(text);
      assert.deepEqual([is, filterColumns], [filtered, columns]);
    });
  }

  it('names the tables, the written one first, without CTEs and the schema public', () => {
    assert.deepEqual(one('with x as (select * from c) insert into a select * from b, x, public.d, audit.log').tables, ['a', 'b', 'd', 'audit.log', 'c']);
    assert.deepEqual(one('select * from "Order" o join items using (id) where exists (select 1 from notes)').tables, ['Order', 'items', 'notes']);
    assert.deepEqual(one('update a set x = b.x from b where a.id = b.id').tables, ['a', 'b']);
  });

  it('knows statements that take many rows at once', () => {
    for (const text of [
      'select * from a where id = any($1)',
      'select * from a where id in ($1, $2)',
      'select * from a where id in ($1)',
      'insert into a values (1), (2)',
      'insert into a select * from unnest($1::int[], $2::text[])',
      'update a set x = v.x from jsonb_to_recordset($1) as v(id int, x int) where a.id = v.id',
    ]) assert.equal(one(text).isBatch, true, text);
    for (const text of ['select * from a where id = $1', 'insert into a values ($1)', 'select unnest(tags) from a where id = $1']) {
      assert.equal(one(text).isBatch, false, text);
    }
  });

  it('gives offsets in UTF-16 code units, of statements and inside trees', () => {
    const text = "select 'é€😀' as \"ü\" from a; -- ж\n select x /*😀*/ from b where ö = 'ß';";
    const [first, second] = all(text);
    assert.equal(text.slice(first!.start, first!.end), "select 'é€😀' as \"ü\" from a");
    assert.equal(text.slice(second!.start, second!.end), "select x /*😀*/ from b where ö = 'ß'");
    const where = (second!.node as { SelectStmt: { whereClause: { A_Expr: { lexpr: { ColumnRef: { location: number } } } } } }).SelectStmt.whereClause;
    assert.equal(where.A_Expr.lexpr.ColumnRef.location, text.indexOf('ö'));
  });

  it('keeps the intact statements of a broken text', () => {
    const text = "select * from a;\nselect * frm b where;\n-- don't\nselect 'é' from c;\nselect * from (\n\ninsert into d values (1);\n";
    assert.deepEqual(all(text).map((s) => text.slice(s.start, s.end)), ['select * from a', "select 'é' from c", 'insert into d values (1)']);
  });

  it('does not take the end of a broken statement for one of its own', () => {
    const text = 'with a as (\n  select * frm t\n)\n\nselect * from a;\nselect * frm b\nunion all\nselect * from c;\nselect * from d;\n';
    assert.deepEqual(all(text).map((s) => text.slice(s.start, s.end)), ['select * from d']);
  });

  it('knows the named parameters of those who keep SQL in files', () => {
    const text = 'select * from orders where customer_id = $customer_id and placed_at > :since::date;\nselect $1::int, $$ $not $$, a[1:2] from t;';
    assert.deepEqual(all(text).map(({ filterColumns, filtered }) => [filterColumns, filtered]), [[['customer_id'], true], [[], false]]);
  });

  it('goes on after an unterminated quote', () => {
    const text = "select 'oops from a;\n\nselect * from b;\ninsert into c values ('x');";
    assert.deepEqual(all(text).map((s) => text.slice(s.start, s.end)), ['select * from b', "insert into c values ('x')"]);
  });

  it('reads psql scripts: meta commands, COPY data, dollar quotes, atomic bodies', () => {
    const text = String.raw`\set ON_ERROR_STOP on
select 1 \gset
create function f() returns int language sql begin atomic; select case when true then 1 else 2 end; end;
create function g() returns void language plpgsql as $body$ begin perform 1; end $body$;
copy a (x, y) from stdin;
1	it's; select
\.
select ';' || E'\'' from b; /* ; /* nested */ ' */
delete from c`;
    assert.deepEqual(all(text).map((s) => s.verb), ['read', 'ddl', 'ddl', 'other', 'read', 'delete']);
  });

  it('says what PostgreSQL says when nothing is intact', () => {
    assert.deepEqual(describeSql('select * frm'), { error: 'syntax error at or near "frm"' });
    assert.deepEqual(describeSql('selec 1'), { error: 'syntax error at or near "selec"' });
  });

  it('never throws', () => {
    for (const text of ['', ' ', ';', '--', '/*', "'", '$$', '\\', '\0', '\ud800', `select ${'('.repeat(50_000)}`, `select 1${'+1'.repeat(50_000)}`, 'x'.repeat(2_000_000)]) {
      describeSql(text);
    }
    assert.equal(one('select 1').bound, 'one');
    const long = `select * from a where ${'x = 1 and '.repeat(300)} y = '😀' -- é`;
    for (let i = 0; i < long.length; i += 7) describeSql(long.slice(0, i));
  });
});
