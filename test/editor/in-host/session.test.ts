import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { isAlive } from '../../../src/extension/session/former-profiler';
import { startPostgres, type RunningPostgres } from '../../postgres';
import { Answers, folderOf, open, processesOf, until } from './editor';

const TASK = 'Visit the parcels';
const FILE = 'visits.cjs';
const LOOP = "await pool.query('SELECT * FROM generate_series(1, 3) AS parcel WHERE parcel = $1', [id]);";

/** Tells that it was started, runs its queries, and stays, as a server does. */
const PROGRAM = `const pg = require('pg');

require('node:fs').appendFileSync('visits.log', process.pid + '\\n');
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
async function visit() {
  for (const id of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]) {
    ${LOOP}
  }
}
visit();
setInterval(() => undefined, 1000);
`;

const profilers = (): number[] => processesOf('dist/profiler.js');

describe('a session', () => {
  const settings = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration('roundtrip');
  const set = (name: string, value: unknown): Thenable<void> => settings().update(name, value, vscode.ConfigurationTarget.Workspace);
  let server: RunningPostgres;
  let sessions: string;
  let answers: Answers;

  before(async () => {
    server = await startPostgres();
    sessions = mkdtempSync(path.join(os.tmpdir(), 'roundtrip-sessions-'));
    const shop = folderOf('shop');
    writeFileSync(path.join(shop, FILE), PROGRAM);
    const task = { label: TASK, type: 'process', command: 'node', args: [FILE], options: { env: { DATABASE_URL: server.url } }, isBackground: true, problemMatcher: [] };
    writeFileSync(path.join(shop, '.vscode/tasks.json'), JSON.stringify({ version: '2.0.0', tasks: [task] }));
    await until('the task is known', async () => (await vscode.tasks.fetchTasks()).some(({ name }) => name === TASK));
    await set('session.folder', sessions);
    await set('session.task', TASK);
  });

  beforeEach(() => (answers = new Answers()));
  afterEach(() => answers.end());

  after(async () => {
    await vscode.commands.executeCommand('roundtrip.stopSession');
    for (const execution of vscode.tasks.taskExecutions) if (execution.task.name === TASK) execution.terminate();
    await set('session.task', undefined);
    await set('session.folder', undefined);
    rmSync(sessions, { recursive: true });
    await server.stop();
  });

  const runs = (): number[] => {
    const log = path.join(folderOf('shop'), 'visits.log');
    return existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').map(Number) : [];
  };

  /** The hover at the call in the loop, once it says so. */
  async function hoverSays(what: RegExp): Promise<string> {
    const { document } = await open('shop', FILE);
    let text = '';
    return until(
      () => `the hover says ${what}; it says: ${text}`,
      async () => {
        const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', document.uri, document.positionAt(document.getText().indexOf(LOOP) + 'await pool.q'.length));
        text = hovers.flatMap(({ contents }) => contents.map((content) => (typeof content === 'string' ? content : content.value))).join('\n');
        return what.test(text) && text;
      },
    );
  }

  /** The report of what is shown. */
  async function report(format: 'HTML' | 'Markdown' | 'JSON'): Promise<string> {
    const file = path.join(sessions, `report.${format}`);
    answers.give('showQuickPick', (formats: vscode.QuickPickItem[]) => formats.find(({ label }) => label === format));
    answers.give('showSaveDialog', () => vscode.Uri.file(file));
    answers.give('showInformationMessage', () => undefined);
    await vscode.commands.executeCommand('roundtrip.exportReport');
    return readFileSync(file, 'utf8');
  }

  it('is one however often it is asked for before it has begun', async () => {
    const start = (): Thenable<unknown> => vscode.commands.executeCommand('roundtrip.startSession');
    await Promise.all([start(), start()]);
    let offered: vscode.QuickPickItem[] = [];
    answers.give('showQuickPick', (saved: vscode.QuickPickItem[]) => void (offered = saved));
    await vscode.commands.executeCommand('roundtrip.openSession');
    assert.deepEqual(offered.map(({ label }) => label), ['$(folder-opened) Choose a file…'], 'no other session was begun, and ended by the second');
  });

  it('runs the task that the settings name, and sees all that it does', async () => {
    const text = await hoverSays(/\*\*12 ×\*\*/);
    assert.match(text, /N\+1/);
    assert.equal(runs().length, 1);
  });

  it('says in the hover that a line was changed, and follows the line', async () => {
    const editor = await open('shop', FILE);
    const { document } = editor;
    const end = document.lineAt(document.positionAt(document.getText().indexOf(LOOP)).line).range.end;
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '\n'));
    assert.doesNotMatch(await hoverSays(/\*\*12 ×\*\*/), /was changed/);
    await editor.edit((edit) => edit.insert(end.translate(1), ' // now'));
    await hoverSays(/was changed since its program was started/);
    await vscode.commands.executeCommand('undo');
    await vscode.commands.executeCommand('undo');
    assert.doesNotMatch(await hoverSays(/\*\*12 ×\*\*/), /was changed/);
    assert.ok(await document.save());
    assert.equal(readFileSync(path.join(folderOf('shop'), FILE), 'utf8'), PROGRAM, 'the next run is of the same program');
  });

  it('shows lenses only where the settings ask for them', async () => {
    const { document } = await open('shop', FILE);
    const lenses = async (): Promise<string[]> =>
      (await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', document.uri, 20)).map(({ command }) => command?.title ?? '').filter((title) => title.includes('×'));
    assert.deepEqual(await lenses(), []);
    await set('margin.codeLens', true);
    const [lens] = await until('there is a lens', async () => {
      const shown = await lenses();
      return shown.length > 0 && shown;
    });
    assert.match(lens!, /^N\+1 · 12 × · p95 [\d.]+ ms · 3 rows$/);
    await set('margin.codeLens', undefined);
    await until('there is no lens any more', async () => (await lenses()).length === 0);
  });

  it('is exported as a page, as Markdown and as JSON', async () => {
    assert.match(await report('Markdown'), /generate\\_series|generate_series/);
    assert.match(await report('HTML'), /^<!doctype html>/i);
    const { format, calls } = JSON.parse(await report('JSON')) as { format: string; calls: number };
    assert.deepEqual({ format, calls }, { format: 'roundtrip-session', calls: 12 });
  });

  it('runs its task anew with the next recording, and is compared with the one before', async () => {
    const [first] = runs();
    await vscode.commands.executeCommand('roundtrip.stopSession');
    await vscode.commands.executeCommand('roundtrip.startSession');
    const [, second] = await until('the task runs anew', () => runs().length === 2 && runs());
    await until('the first run has ended', () => !isAlive(first!));
    assert.ok(isAlive(second!));
    await until('the second run was seen', async () => /"calls": 12\b/.test(await report('JSON')));
    answers.give('showQuickPick', (saved: (vscode.QuickPickItem & { file?: string })[]) => saved.find(({ file }) => file !== undefined));
    await vscode.commands.executeCommand('roundtrip.compareSessions');
    assert.match(await report('Markdown'), /^## Compared with an earlier session$/m);
  });

  it('is shown again after the profiler has crashed, with a sentence, and recording can go on', async () => {
    // A file is there, and empty, before it is written.
    const saved = (): string[] => readdirSync(sessions).filter((file) => file.endsWith('.roundtrip.json') && readFileSync(path.join(sessions, file), 'utf8').includes('"calls": 12'));
    await until('the session was saved meanwhile', () => saved().length === 2);
    answers.give('showWarningMessage', () => undefined);
    const [before] = profilers();
    assert.ok(before, 'a profiler runs');
    process.kill(before, 'SIGKILL');
    await until('the person is told', () => answers.asked.some((sentence) => sentence.startsWith('The profiler ended unexpectedly, and the recording with it.')));
    await until('another profiler runs', () => profilers().some((pid) => pid !== before));
    await hoverSays(/\*\*12 ×\*\*/);
    await until('what was recorded is there', async () => {
      answers.give('showErrorMessage', () => undefined);
      rmSync(path.join(sessions, 'report.JSON'), { force: true });
      return (await report('JSON').catch(() => '')).includes('"calls": 12');
    });
    await vscode.commands.executeCommand('roundtrip.startSession');
    await until('the task runs anew', () => runs().length === 3);
    await until('its queries are seen', async () => (await report('JSON')).includes('"calls": 12'));
  });
});
