import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { scanModule } from '../facts/lexical-scan';
import { isParsedAnyway, modulesToParse } from './reach';

/** Files whose names, without an ending, are what relative imports of the same folder name. */
function parsed(files: Record<string, string>): string[] {
  const names = Object.keys(files);
  const resolve = (_from: string, specifier: string): string | undefined => names.find((name) => specifier === `./${posix.parse(name).name}`);
  const scans = new Map(Object.entries(files).map(([file, text]) => [file, scanModule(text)]));
  const found = modulesToParse(scans, { resolve });
  for (const [file, scan] of scans) assert.ok(found.has(file) || !isParsedAnyway(file, scan), `${file} would be parsed before this is known`);
  return [...found].sort();
}

const DB = "import { Pool } from 'pg'; export const pool = new Pool();";
/** Says nothing by itself. */
const LOOP = 'for (const id of ids) await load(id);';

describe('modules to parse', () => {
  const cases: [what: string, files: Record<string, string>, expected: string[]][] = [
    ['a component that only renders is left out', { 'db.ts': DB, 'view.tsx': 'export const View = () => <p />;' }, ['db.ts']],
    ['who imports a database is parsed, however many modules away', { 'db.ts': DB, 'load.ts': "import { pool } from './db';", 'page.tsx': `import { load } from './load'; ${LOOP}` }, ['db.ts', 'load.ts', 'page.tsx']],
    ['what reaches it as a type alone does not pass that on to components', { 'db.ts': DB, 'client.ts': "import type { pool } from './db'; export const get = 1;", 'view.tsx': `import { get } from './client'; ${LOOP}` }, ['client.ts', 'db.ts']],
    ['a component that reaches one and waits for nothing is left out', { 'db.ts': DB, 'view.tsx': "import { pool } from './db'; export const View = () => <p />;" }, ['db.ts']],
    ['what is used by a module that reaches one is parsed', { 'db.ts': `${DB} import { each } from './each';`, 'each.ts': "import { one } from './one'; export const each = one;", 'one.ts': 'export const one = 1;', 'other.ts': 'export const other = 1;' }, ['db.ts', 'each.ts', 'one.ts']],
    ['through what is exported again, too', { 'db.ts': `${DB} import { each } from './barrel';`, 'barrel.ts': "export * from './each';", 'each.ts': 'export const each = 1;' }, ['barrel.ts', 'db.ts', 'each.ts']],
    ['a handle may come without an import', { 'route.ts': 'export default async (app) => app.get("/", async (request) => request.server.pg.query(text));' }, ['route.ts']],
    ['SQL is looked at wherever it stands', { 'view.tsx': 'export const View = () => run(sql`select * from orders`);' }, ['view.tsx']],
    ['a client module reaches a database by server actions alone', {
      'db.ts': DB,
      'actions.ts': "'use server'; import { pool } from './db'; export async function save() {}",
      'kind.ts': "import { pool } from './db'; export const kind = 1;",
      'form.tsx': `'use client'; import { save } from './actions'; ${LOOP}`,
      'list.tsx': `// Shown in the browser.\n"use client"; import { kind } from './kind'; import { Status } from '@prisma/client'; ${LOOP}`,
    }, ['actions.ts', 'db.ts', 'form.tsx', 'kind.ts']],
    ['what is behind an interface may be handed to who knows the interface', {
      'db.ts': `${DB} import type { Users } from './users';`,
      'users.ts': 'export interface Users { load(id: number): Promise<User> }',
      'service.ts': `import type { Users } from './users'; ${LOOP}`,
      'view.ts': 'export const view = 1;',
    }, ['db.ts', 'service.ts', 'users.ts']],
    ['what a container hands over needs no import', { 'db.ts': DB, 'service.ts': "class Service { constructor(@Inject('users') private readonly users) {} }" }, ['db.ts', 'service.ts']],
    ['contexts are looked at for their own sake', { 'theme.tsx': 'export const Theme = createContext(null);', 'view.tsx': 'export const View = () => <p />;' }, ['theme.tsx']],
    ['declarations for everybody are read', { 'types.ts': 'declare global { interface Request { users: Users } }', 'plain.ts': 'export const a = 1;' }, ['types.ts']],
  ];
  for (const [what, files, expected] of cases) it(what, () => assert.deepEqual(parsed(files), expected));

  it('are found in time that grows with the text, whatever it is', () => {
    const nasty = ['//'.repeat(50_000), '/*'.repeat(50_000), 'import '.repeat(5_000), 'export type '.repeat(5_000), 'interface '.repeat(20_000), '<A value={'.repeat(5_000), 'db'.repeat(50_000), '@Inject'.repeat(20_000)];
    for (const text of nasty) assert.ok(scanModule(text).sources.length === 0, text.slice(0, 20));
  });
});
