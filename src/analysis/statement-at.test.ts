import assert from 'node:assert/strict';
import { initSql } from './syntax/sql';
import { statementAt } from './statement-at';

/** `|` is the cursor. */
function at(file: string, marked: string): string {
  const offset = marked.indexOf('|');
  const found = statementAt(file, marked.slice(0, offset) + marked.slice(offset + 1), offset);
  return 'text' in found ? found.text : `– ${found.reason}`;
}

describe('the statement at the cursor', () => {
  before(initSql);

  it('is the one of a .sql file', () => {
    assert.equal(at('/a.sql', 'SELECT 1;\n\nSELECT id\n  FROM or|ders;\nSELECT 3;'), 'SELECT id\n  FROM orders');
    assert.equal(at('/a.sql', 'SELECT 1;|\nSELECT 2;'), 'SELECT 1');
    assert.equal(at('/a.sql', '|SELECT 1'), 'SELECT 1');
    assert.match(at('/a.sql', '|'), /^– There is no SQL here/);
  });

  it('is not a neighbour of what is half typed', () => {
    assert.match(at('/a.sql', 'SELECT 1;\nSELECT FROM WHERE |;\nSELECT 2;'), /^– The statement is not complete/);
    assert.match(at('/a.sql', 'SELECT * FROM WHERE |'), /^– The statement is not complete.*: syntax error/);
  });

  it('has numbers for the parameters of a loader of SQL files', () => {
    assert.equal(at('/a.sql', 'SELECT * FROM orders WHERE a = :from AND b = :to AND c = :from|'), 'SELECT * FROM orders WHERE a = $1 AND b = $2 AND c = $1');
    assert.equal(at('/a.sql', "SELECT ':from', now()::date|"), "SELECT ':from', now()::date");
  });

  it('is the string of a query', () => {
    assert.equal(at('/a.ts', "await pool.query('SELECT * FROM orders WHERE id = $1|', [id]);"), 'SELECT * FROM orders WHERE id = $1');
    assert.equal(at('/a.ts', 'await pool.query(`\n  SELECT 1\n|  FROM orders`);'), 'SELECT 1\n  FROM orders');
    assert.equal(at('/a.ts', "await pool.query('SELECT 1 ' +\n 'FROM orders|');"), 'SELECT 1 FROM orders');
  });

  it('is the only one of the line', () => {
    assert.equal(at('/a.ts', "const rows = |await pool.query('SELECT 1');"), 'SELECT 1');
    assert.equal(at('/a.ts', 'const rows = await pool.query(`\n  SELECT 1\n`, [|id]);'), 'SELECT 1');
  });

  it('has parameters for the values of a tagged template', () => {
    assert.equal(at('/a.ts', 'await sql`SELECT * FROM orders WHERE id = ${id} AND a = ${|b}`;'), 'SELECT * FROM orders WHERE id = $1 AND a = $2');
    assert.equal(at('/a.ts', 'await prisma.$queryRaw<Row[]>`SELECT 1 WHERE 1 = ${one}|`;'), 'SELECT 1 WHERE 1 = $1');
  });

  it('is none where a text is pasted together', () => {
    assert.match(at('/a.ts', 'await pool.query(`SELECT * FROM orders WHERE id = ${id}|`);'), /^– The statement is put together/);
    assert.match(at('/a.ts', 'await pool.query(`SELECT * FROM ${table}|`);'), /^– The statement is put together/);
    assert.match(at('/a.ts', "await pool.query('SELECT * FROM orders WHERE id = |' + id);"), /^– The statement is put together/);
  });

  it('is none outside of SQL, whatever the code', () => {
    assert.match(at('/a.ts', "const a| = 1;\nawait pool.query('SELECT 1');"), /^– There is no SQL here/);
    assert.match(at('/a.ts', "|await pool.query('SELECT 1'); await pool.query('SELECT 2');"), /^– There is no SQL here/);
    assert.match(at('/a.ts', 'await db.select().from(|orders);'), /^– There is no SQL here/);
    assert.match(at('/a.ts', 'const = = {{{|'), /^– There is no SQL here/);
  });
});
