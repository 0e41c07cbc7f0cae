import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DiagnosticSeverity, type Diagnostic } from 'vscode-languageserver/node';
import type { Evidence, LineRow, RuntimeRepetition } from '../../src/profiler/protocol';
import { EVIDENCE, type EditorSettings } from '../../src/server/protocol';
import { openWorkspace } from '../../src/workspace';
import { Editor } from './editor';
import { ORDERS, USERS } from './orders-and-users';

/** Nothing in it tells that it runs in a loop. */
const STEP = `import { Pool } from 'pg';
const pool = new Pool();
export async function step(id: number) {
  await pool.query('INSERT INTO steps (id) VALUES ($1)', [id]);
}
`;
const ALL = `import { PrismaClient } from '@prisma/client';
const prisma = new PrismaClient();
export const orders = () => prisma.order.findMany();
`;
/** Files are saved, programs started, then files changed. */
const [SAVED, STARTED] = [1_700_000_000_000, 1_700_000_001_000];

const measured = (calls: number, totalMs: number, rows = calls): LineRow['measured'] => ({ calls, errors: 0, rows, totalMs, meanMs: totalMs / calls, minMs: 0.1, maxMs: totalMs, p50Ms: 1, p95Ms: 1, p99Ms: 1, waitMs: 0 });

const row = (file: string, line: number, calls: number, totalMs: number, others: Partial<LineRow> = {}): LineRow => ({
  key: `${file}:${line}:10`,
  place: { file, line, column: 10 },
  measured: measured(calls, totalMs),
  statements: ['s'],
  share: 0,
  requests: 9,
  mostInOneRequest: Math.ceil(calls / 9),
  sampled: false,
  startedAt: STARTED,
  ...others,
});

const repetition = (file: string, line: number, others: Partial<RuntimeRepetition> = {}): RuntimeRepetition => ({
  kind: 'n-plus-one', statement: 's', place: { file, line, column: 10 }, label: 'GET /orders', requests: 9, executions: 812, most: 120, totalMs: 1900, wastedMs: 1800, ...others,
});

describe('what a session saw, beside the findings', () => {
  let editor: Editor;
  let root: string;

  const file = (name: string): string => `${root}/${name}`;
  const save = (name: string, text: string, at = SAVED): void => {
    mkdirSync(path.dirname(file(name)), { recursive: true });
    writeFileSync(file(name), text);
    utimesSync(file(name), at / 1000, at / 1000);
  };
  const start = async (files: Record<string, string>, settings: EditorSettings = {}): Promise<void> => {
    root = realpathSync(mkdtempSync(path.join(tmpdir(), 'roundtrip-evidence-')));
    for (const [name, text] of Object.entries({ 'package.json': '{ "name": "shop" }', ...files })) save(name, text);
    editor = await Editor.start({ folders: [root], settings: { delay: 50, ...settings }, openWorkspace: (options) => openWorkspace({ ...options, cache: false, workers: 0 }) });
    await editor.ready();
  };
  const see = (evidence: Partial<Evidence>): void =>
    void editor.connection.sendNotification(EVIDENCE, { session: 'Checkout', lines: [], repetitions: [], tables: [], texts: { s: 'SELECT name FROM users WHERE id = $1' }, ...evidence });
  const linesOf = ({ message }: Diagnostic): string[] => String(message).split('\n');
  const shown = (name: string): string[] => editor.diagnostics(file(name)).map((one) => `${one.code} ${one.severity} ${one.range.start.line + 1}`);
  const until = (name: string, ...expected: string[]): Promise<void> => editor.until(() => JSON.stringify(shown(name)) === JSON.stringify(expected));
  const evidenceOf = (name: string): string | undefined => editor.diagnostics(file(name)).map(linesOf).find((lines) => lines.length === 4)?.[1];

  afterEach(async () => {
    await editor.stop();
    rmSync(root, { recursive: true, force: true });
  });

  it('says how often a finding ran and what it cost, at the line that it leads to', async () => {
    await start({ 'src/users.ts': USERS, 'src/orders.ts': ORDERS });
    const [plain] = editor.diagnostics(file('src/orders.ts'));
    see({ lines: [row(file('src/users.ts'), 4, 812, 1900)], repetitions: [repetition(file('src/users.ts'), 4)] });
    await editor.until(() => evidenceOf('src/orders.ts') !== undefined);
    const [told, ...others] = editor.diagnostics(file('src/orders.ts'));
    const [message, evidence, ...rest] = linesOf(told!);
    assert.deepEqual(others, []);
    assert.equal(evidence, 'The query that it leads to ran 812 × in 9 requests, 1.9 s in the database; the batched form is 1 query per request');
    assert.deepEqual([message, ...rest], linesOf(plain!));
    assert.equal(told!.severity, DiagnosticSeverity.Warning);
    assert.deepEqual(shown('src/users.ts'), [], 'the finding explains the repetition that was seen');
  });

  it('is silent again when the session is gone', async () => {
    await start({ 'src/users.ts': USERS, 'src/orders.ts': ORDERS, 'src/step.ts': STEP });
    see({ lines: [row(file('src/users.ts'), 4, 812, 1900), row(file('src/step.ts'), 4, 90, 20)], repetitions: [repetition(file('src/step.ts'), 4)] });
    await until('src/step.ts', 'seen-n-plus-one 2 4');
    see({ session: undefined, lines: [], repetitions: [] });
    await until('src/step.ts');
    await editor.until(() => evidenceOf('src/orders.ts') === undefined);
    assert.deepEqual(shown('src/orders.ts'), ['n-plus-one 2 5']);
  });

  it('makes a costly finding louder, and one whose loops are tiny a hint', async () => {
    await start({ 'src/users.ts': USERS, 'src/orders.ts': ORDERS, 'src/all.ts': ALL });
    assert.deepEqual(shown('src/all.ts'), ['unbounded-query 3 3']);
    const tiny = { requests: 34, mostInOneRequest: 2 };
    see({ lines: [row(file('src/all.ts'), 3, 9, 9 * 80, { mostInOneRequest: 1, measured: measured(9, 720, 540_000) }), row(file('src/users.ts'), 4, 60, 12, tiny)] });
    await until('src/all.ts', 'unbounded-query 2 3');
    assert.equal(evidenceOf('src/all.ts'), 'Ran 9 × in 9 requests, 720 ms in the database, 540,000 rows');
    await until('src/orders.ts', 'n-plus-one 4 5');
    assert.equal(evidenceOf('src/orders.ts'), 'Seen in 34 requests with at most 2 queries in each: batching them would save next to nothing');
    const counted = (): string => JSON.stringify(editor.statuses.at(-1));
    await editor.until(() => counted().includes('{"error":0,"warning":1,"info":0}'));
    for (const [requests, mostInOneRequest] of [[9, 2], [34, 3]] as const) {
      see({ lines: [row(file('src/users.ts'), 4, 60, 12, { requests, mostInOneRequest })] });
      await until('src/orders.ts', 'n-plus-one 2 5');
      see({ lines: [row(file('src/users.ts'), 4, 60, 12, tiny)] });
      await until('src/orders.ts', 'n-plus-one 4 5');
    }
  });

  it('leaves a severity alone that somebody has chosen', async () => {
    await start({ 'src/users.ts': USERS, 'src/orders.ts': ORDERS }, { rules: { 'n-plus-one': 'error' } });
    see({ lines: [row(file('src/users.ts'), 4, 60, 12, { requests: 34, mostInOneRequest: 2 })] });
    await editor.until(() => evidenceOf('src/orders.ts') !== undefined);
    assert.deepEqual(shown('src/orders.ts'), ['n-plus-one 1 5']);
  });

  it('reports repetitions that no finding explains: what, why and what to do', async () => {
    await start({ 'src/step.ts': STEP, 'src/users.ts': USERS });
    const texts = { s: 'INSERT INTO steps (id) VALUES ($1)', u: 'SELECT name FROM users WHERE id = $1' };
    see({
      texts,
      lines: [row(file('src/step.ts'), 4, 812, 1900), row(file('src/users.ts'), 4, 40, 4)],
      repetitions: [repetition(file('src/step.ts'), 4), repetition(file('src/users.ts'), 4, { kind: 'repeated', statement: 'u', executions: 40, most: 8, requests: 5, totalMs: 4, wastedMs: 3.5, label: '<img src=x>' })],
    });
    await until('src/step.ts', 'seen-n-plus-one 2 4');
    const [seen] = editor.diagnostics(file('src/step.ts'));
    assert.deepEqual(linesOf(seen!), [
      'One statement was run per element: 120 × in one request, in the session “Checkout”',
      'It ran 812 × in 9 requests, such as GET /orders: 1.9 s in the database, of which one query per request would have saved about 1.8 s.',
      'Write all rows with one statement: several rows in `VALUES`, or `unnest` of arrays.',
    ]);
    assert.deepEqual(seen!.range, { start: { line: 3, character: 2 }, end: { line: 3, character: STEP.split('\n')[3]!.length } });
    assert.equal(seen!.codeDescription, undefined);
    await until('src/users.ts', 'seen-repeated-query 3 4');
    assert.match(linesOf(editor.diagnostics(file('src/users.ts'))[0]!)[1]!, /such as <img src=x>: 4\.0 ms/);
    see({ lines: [row(file('src/step.ts'), 4, 4, 2)], repetitions: [repetition(file('src/step.ts'), 4, { most: 4, executions: 4 })] });
    await until('src/step.ts');
  });

  it('takes back a repetition as soon as a finding of another file explains it', async () => {
    await start({ 'src/users.ts': USERS, 'src/orders.ts': 'export {};\n' });
    see({ lines: [row(file('src/users.ts'), 4, 812, 1900)], repetitions: [repetition(file('src/users.ts'), 4)] });
    await until('src/users.ts', 'seen-n-plus-one 2 4');
    editor.open(file('src/orders.ts'), ORDERS);
    await until('src/users.ts');
    editor.change(file('src/orders.ts'), [{ range: { start: { line: 0, character: 0 }, end: { line: 20, character: 0 } }, text: 'export {};\n' }]);
    await until('src/users.ts', 'seen-n-plus-one 2 4');
  });

  it('says nothing where somebody has accepted it, switched it off, or in tests', async () => {
    const ignored = STEP.replace('  await', '  // roundtrip-ignore n-plus-one: few at a time\n  await');
    await start({ 'src/step.ts': STEP, 'src/ignored.ts': ignored, 'src/step.test.ts': STEP }, { rules: { 'repeated-query': 'off' } });
    const places = [[file('src/ignored.ts'), 5], [file('src/step.test.ts'), 4], [file('src/step.ts'), 4], ['/elsewhere/node_modules/x.js', 1]] as const;
    see({ lines: places.map(([name, line]) => row(name, line, 812, 1900)), repetitions: [...places.map(([name, line]) => repetition(name, line)), repetition(file('src/step.ts'), 4, { kind: 'repeated' })] });
    await until('src/step.ts', 'seen-n-plus-one 2 4');
    assert.ok(!shown('src/ignored.ts').some((one) => one.startsWith('seen')));
    assert.deepEqual(shown('src/step.test.ts'), []);
  });

  it('follows a line that moves, and says nothing of one that was changed', async () => {
    await start({ 'src/users.ts': USERS, 'src/orders.ts': ORDERS, 'src/step.ts': STEP });
    see({ lines: [row(file('src/step.ts'), 4, 812, 1900), row(file('src/users.ts'), 4, 812, 1900)], repetitions: [repetition(file('src/step.ts'), 4)] });
    await until('src/step.ts', 'seen-n-plus-one 2 4');
    editor.open(file('src/step.ts'), STEP);
    editor.open(file('src/users.ts'), USERS);
    editor.replace(file('src/step.ts'), 'const pool', '// one\n// two\nconst pool');
    await until('src/step.ts', 'seen-n-plus-one 2 6');
    editor.replace(file('src/users.ts'), 'const pool', '// one\nconst pool');
    await editor.checked(file('src/users.ts'));
    editor.replace(file('src/step.ts'), 'INTO steps', 'INTO stairs');
    await until('src/step.ts');
    assert.match(evidenceOf('src/orders.ts') ?? '', /^The query that it leads to ran 812 ×/);
    editor.replace(file('src/users.ts'), "'SELECT name", "'SELECT first_name");
    await editor.until(() => evidenceOf('src/orders.ts') === undefined);
  });

  it('says nothing of a line whose file was saved after the program had started, until it runs again', async () => {
    await start({ 'src/step.ts': STEP });
    save('src/step.ts', STEP, STARTED + 1);
    see({ lines: [row(file('src/step.ts'), 4, 812, 1900)], repetitions: [repetition(file('src/step.ts'), 4)], tables: [{ name: 'public.steps', rows: 1, bytes: 1 }] });
    see({ lines: [row(file('src/step.ts'), 4, 812, 1900, { startedAt: STARTED + 2 })], repetitions: [repetition(file('src/step.ts'), 4)] });
    await until('src/step.ts', 'seen-n-plus-one 2 4');
    see({ lines: [row(file('src/step.ts'), 4, 812, 1900)], repetitions: [repetition(file('src/step.ts'), 4)] });
    await until('src/step.ts');
  });

  it('counts the rows of the connected database', async () => {
    await start({ 'src/all.ts': ALL });
    see({ session: undefined, tables: [{ name: 'public.orders', rows: 10_000_000, bytes: 1 }] });
    await until('src/all.ts', 'unbounded-query 2 3');
    see({ session: undefined, tables: [{ name: 'public.orders', rows: 20, bytes: 1 }] });
    await until('src/all.ts');
    see({ session: undefined });
    await until('src/all.ts', 'unbounded-query 3 3');
  });

  it('survives a message of another version, and a broken one', async () => {
    await start({ 'src/step.ts': STEP });
    for (const message of [undefined, null, {}, { lines: {} }, { lines: [{}], repetitions: [], tables: [], texts: {} }]) void editor.connection.sendNotification(EVIDENCE, message);
    see({ lines: [row(file('src/step.ts'), 4, 812, 1900)], repetitions: [repetition(file('src/step.ts'), 4)] });
    await until('src/step.ts', 'seen-n-plus-one 2 4');
    assert.ok(editor.log.some((line) => line.includes('does not understand')));
  });
});
