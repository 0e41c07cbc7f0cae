import assert from 'node:assert/strict';
import { complete, detect, extractFacts, initSql, Program } from '../../src/analysis';

/** A program whose imports are file names. */
function programOf(files: Record<string, string>): { program: Program; texts: Map<string, string>; change: (file: string, text: string) => string[]; messages: (file: string) => string[] } {
  const texts = new Map(Object.entries(files));
  const program = new Program({ resolve: (_, specifier) => (texts.has(`${specifier.slice(2)}.ts`) ? `${specifier.slice(2)}.ts` : undefined) }, () => ({ reactCompiler: 'off' }));
  const change = (file: string, text: string): string[] => {
    texts.set(file, text);
    return program.update(extractFacts(file, text));
  };
  for (const [file, text] of texts) change(file, text);
  const messages = (file: string): string[] => complete(program.facts(file)!, texts.get(file)!, detect(program, file).detections).findings.map(({ message }) => message);
  return { program, texts, change, messages };
}

const DB = `import { Pool } from 'pg';\nexport const pool = new Pool();\n`;
const USERS = `import { pool } from './db';\nexport async function load(id: number) {\n  return pool.query('SELECT name FROM users WHERE id = $1', [id]);\n}\n`;
const MAIN = `import { load } from './users';\nexport async function all(ids: number[]) {\n  for (const id of ids) await load(id);\n}\n`;
const FLAGGED = ['One query per id, through `load` in users.ts'];

describe('a program that changes', () => {
  before(initSql);

  it('tells which files a change concerns, and judges them anew', () => {
    const { change, messages } = programOf({ 'db.ts': DB, 'users.ts': USERS, 'main.ts': MAIN, 'other.ts': 'export const x = 1;' });
    assert.deepEqual(messages('main.ts'), FLAGGED);
    assert.deepEqual(change('users.ts', `export async function load(id: number) {\n  return id;\n}\n`), ['users.ts', 'main.ts']);
    assert.deepEqual(messages('main.ts'), []);
    assert.deepEqual(change('users.ts', USERS).sort(), ['main.ts', 'users.ts']);
    assert.deepEqual(messages('main.ts'), FLAGGED);
  });

  it('concerns nobody else when only places move', () => {
    const { program, change, messages } = programOf({
      'db.ts': DB,
      'users.ts': USERS,
      'names.ts': `import { load as find } from './users';\nexport const load = (id: number) => find(id);\n`,
      'main.ts': MAIN.replace('users', 'names'),
    });
    assert.deepEqual(messages('main.ts'), ['One query per id, through `load` in names.ts']);
    assert.deepEqual(change('users.ts', `// a comment\n\n${USERS}`), ['users.ts']);
    const [detection] = detect(program, 'main.ts').detections;
    assert.equal(detection!.related.at(-1)!.start, `// a comment\n\n${USERS}`.indexOf('pool.query('), 'the chain points at the new place');
  });

  it('forgets a file that is removed, and finds it again', () => {
    const { program, texts, change, messages } = programOf({ 'db.ts': DB, 'users.ts': USERS, 'main.ts': MAIN });
    texts.delete('db.ts');
    assert.deepEqual(program.remove('db.ts').sort(), ['main.ts', 'users.ts']);
    program.resolutionChanged();
    assert.deepEqual(messages('main.ts'), []);
    change('db.ts', DB);
    program.resolutionChanged();
    assert.deepEqual(messages('main.ts'), FLAGGED);
  });

  it('judges what opens connections anew when its callers change, which it does not import', () => {
    const getDb = `import { Pool } from 'pg';\nexport const getDb = () => new Pool();\n`;
    const handler = (db: string): string => `import express from 'express';\nimport { getDb } from './db';\n${db}express().get('/', async (req, res) => res.json(await ${db ? 'db' : 'getDb()'}.query('SELECT 1')));\n`;
    const { change, messages } = programOf({ 'db.ts': getDb, 'server.ts': handler('') });
    const flagged = ['Each request opens connections of its own: `new Pool`, in `getDb`, which is called in server.ts'];
    assert.deepEqual(messages('db.ts'), flagged);
    assert.deepEqual(change('server.ts', handler('const db = getDb();\n')).sort(), ['db.ts', 'server.ts']);
    assert.deepEqual(messages('db.ts'), []);
    change('server.ts', handler(''));
    assert.deepEqual(messages('db.ts'), flagged);
  });

  it('judges handlers anew when something else is put into their requests', () => {
    const server = (name: string): string => `import express from 'express';\nimport { pool } from './db';\nexpress().use((req, res, next) => { req.${name} = pool; next(); });\n`;
    const { change, messages } = programOf({
      'db.ts': DB,
      'server.ts': server('db'),
      'main.ts': `import type { Request } from 'express';\nexport async function all(req: Request) {\n  for (const id of req.body) await req.db.query('SELECT name FROM users WHERE id = $1', [id]);\n}\n`,
    });
    assert.equal(messages('main.ts').length, 1);
    assert.ok(change('server.ts', server('cache')).includes('main.ts'));
    assert.deepEqual(messages('main.ts'), []);
    assert.ok(change('server.ts', server('db')).includes('main.ts'));
    assert.equal(messages('main.ts').length, 1);
  });

  it('survives circular imports and functions that call each other', () => {
    const { messages } = programOf({
      'a.ts': `import { b } from './b';\nexport * from './b';\nexport const pool = b;\nexport async function ping(n: number): Promise<void> { await pong(n); }\nimport { pong } from './b';`,
      'b.ts': `export * from './a';\nimport { ping, pool } from './a';\nexport const b = pool;\nexport async function pong(n: number): Promise<void> { for (const x of [n, n + 1].map(Number).concat(n)) await ping(x); }`,
    });
    assert.deepEqual([messages('a.ts'), messages('b.ts')], [[], []]);
  });

  it('survives classes, types and objects that are their own base', () => {
    const { program } = programOf({
      'a.ts': `import { B, type U } from './b';\nexport class A extends B { f(ids: number[]) { for (const id of ids) this.load(id); } }\nexport type T = U & { id: number };\nconst o = { ...p };\nconst p = { ...o };\nexport async function f(t: T, ids: number[]) { for (const id of ids) { await t.load(id); await A.load(id); await p.load(id); } }`,
      'b.ts': `import { A, type T } from './a';\nexport class B extends A {}\nexport type U = T | (T & U);\nexport interface I extends I { id: string }\nexport class C extends C { g(i: I) { for (const x of i.list) { this.load(x); i.load(x); } } }`,
    });
    for (const file of ['a.ts', 'b.ts']) assert.deepEqual(detect(program, file), { detections: [], failures: [] });
  });

  it('shows the chain from the loop to the query', () => {
    const { program } = programOf({
      'db.ts': DB,
      'users.ts': USERS,
      'names.ts': `import { load } from './users';\nexport const nameOf = async (id: number) => (await load(id)).rows[0].name;\n`,
      'main.ts': `import { nameOf } from './names';\nexport const names = (ids: number[]) => Promise.all(ids.map((id) => nameOf(id)));\n`,
    });
    const [detection, ...more] = detect(program, 'main.ts').detections;
    assert.equal(more.length, 0);
    assert.deepEqual(detection!.related.map(({ file, message }) => [file, message]), [['names.ts', '`nameOf` makes this call'], ['users.ts', 'the query runs here']]);
  });
});

describe('half-typed code', () => {
  before(initSql);

  it('keeps the findings of its intact parts at every keystroke', () => {
    const { change, messages } = programOf({ 'db.ts': DB, 'users.ts': USERS, 'main.ts': MAIN });
    const typed = `export async function more(names: string[]) {\n  const rows = names.map((name) => ({ name, length: name.length }));\n  if (rows.length > 3) {\n    throw new Error(\`too many: \${rows.length}\`);\n  }\n  return rows;\n}\n`;
    for (let end = 1; end <= typed.length; end++) {
      change('main.ts', MAIN + typed.slice(0, end));
      assert.deepEqual(messages('main.ts'), FLAGGED, `after “${typed.slice(0, end).split('\n').at(-1)}”`);
    }
  });

  it('keeps findings behind the place that is typed', () => {
    const { change, messages } = programOf({ 'db.ts': DB, 'users.ts': USERS, 'main.ts': MAIN });
    for (const typed of ['const x = ', 'const x = {', 'foo(', 'if (', 'import { a', 'class A {\n  b(', 'const y = [1, ', 'x.']) {
      change('main.ts', MAIN.replace('\nexport', `\n${typed}\n\nexport`));
      assert.deepEqual(messages('main.ts'), FLAGGED, `after “${typed}”`);
    }
  });

  it('says where the first syntax error is', () => {
    const text = 'export const a = 1;\nfunction (';
    const { syntaxError } = extractFacts('a.ts', text);
    assert.ok(syntaxError && syntaxError.start >= text.indexOf('function'), JSON.stringify(syntaxError));
  });

  it('never throws, whatever the text is', () => {
    for (const text of ['', '\0\x01\x02', '}}}}}}', '<<<<<<< HEAD\nconst a = 1;\n=======\n', '`${', '/*', '"', 'class { constructor( { } }', '@', 'enum E { [', '<div', 'import', 'export * as', 'const later = import();', '😀'.repeat(50)]) {
      for (const file of ['a.ts', 'a.tsx', 'a.js', 'a.mts', 'a.sql']) assert.equal(extractFacts(file, text).file, file);
    }
  });
});
