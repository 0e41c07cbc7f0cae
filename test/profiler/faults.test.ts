import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { mock } from 'node:test';
import type { WireQuery } from '../../src/probe/wire.js';
import type { Profiler } from '../../src/profiler/index.js';
import { N_PLUS_ONE_LEAST, type Arming } from '../../src/profiler/protocol.js';
import { FakeProbe, helloOf, optionsOf } from './fake-probe.js';
import { Bench } from './session-folder.js';

const TEXTS: [number, string][] = [[1, 'SELECT a FROM b WHERE c = $1']];
const SITES: [number, { file: string; line: number; column: number }[]][] = [[1, [{ file: '/project/src/a.ts', line: 2, column: 3 }]]];
const query = (start: number, duration = 1, rest: { site?: number; request?: number; parameters?: number } = {}): WireQuery => [1, rest.site ?? 1, start, duration, 0, 1, 0, rest.request ?? 0, 0, rest.parameters ?? start];

describe('profiler and what goes wrong', () => {
  let bench: Bench;
  let profiler: Profiler;
  let arming: Arming;

  beforeEach(async () => {
    bench = new Bench();
    profiler = await bench.open();
    ({ arming } = await profiler.start(bench.sessionOptions));
  });
  afterEach(() => bench.close());

  const refused = async (message: unknown): Promise<string[]> => {
    const probe = await FakeProbe.connect(arming);
    probe.send(message);
    await once(probe.socket, 'close');
    assert.deepEqual(probe.welcomes, []);
    return bench.logs();
  };

  it('keeps its socket to this user', function () {
    // Named pipes have no place in the file system.
    if (process.platform === 'win32') return this.skip();
    const { socket } = optionsOf(arming);
    assert.equal(statSync(path.dirname(socket)).mode & 0o777, 0o700);
    assert.equal(statSync(socket).mode & 0o777, 0o600);
  });

  it('sends strangers away, with a note', async () => {
    const hello = helloOf(arming);
    assert.match((await refused({ ...hello, token: 'guessed' })).at(-1)!, /^Process 4711 was not taken: it does not know the token/);
    assert.match((await refused({ ...hello, version: 99 })).at(-1)!, /another version of Roundtrip/);
    assert.match((await refused({ type: 'batch', queries: [query(1)] })).at(-1)!, /does not speak as the probe does/);
    assert.match((await refused('GET / HTTP/1.1')).at(-1)!, /does not speak as the probe does/);
    assert.equal(profiler.update().totals.calls, 0);
  });

  it('drops what cannot be read, and takes the rest', async () => {
    const probe = await FakeProbe.open(arming);
    probe.socket.write('\u0000\u001b[31m{"type":\n\n[]\n');
    probe.batch({ texts: TEXTS, sites: SITES, queries: [query(1), ['x'] as never, [1, 1, NaN, 1, 0, 1, 0, 0, 0, 0], null as never, query(2)] });
    await probe.end();
    await profiler.stop();
    assert.equal(profiler.update().totals.calls, 2);
    assert.deepEqual(bench.logs(), [
      'Process 4711 sent a line that cannot be read, which was dropped.',
      'Process 4711 sent a line that cannot be read, which was dropped.',
      'Process 4711 sent 3 entries that cannot be read, which was dropped.',
    ]);
  });

  it('leaves out a line that is too long, and reads the next one', async () => {
    const probe = await FakeProbe.open(arming);
    probe.socket.write('x'.repeat(17 * 1024 * 1024));
    probe.socket.write('\n');
    probe.batch({ texts: TEXTS, queries: [query(1)] });
    await probe.end();
    await profiler.stop();
    assert.equal(profiler.update().totals.calls, 1);
    assert.deepEqual(bench.logs(), ['Process 4711 sent a line of more than 16 MB, which was dropped.']);
  });

  it('keeps what came before a program crashed in the middle of a message', async () => {
    const probe = await FakeProbe.open(arming);
    probe.batch({ texts: TEXTS, sites: SITES, requests: [[1, 'GET /a', 0]], queries: Array.from({ length: 6 }, (_, at) => query(at, 1, { request: 1 })) });
    probe.socket.write('{"type":"batch","queries":[[1,1,');
    await probe.end();
    await profiler.stop();
    const { totals, repetitions, requests, programs } = profiler.update();
    assert.equal(totals.calls, 6);
    assert.deepEqual(repetitions.map(({ executions, label }) => [executions, label]), [[6, 'GET /a']]);
    assert.deepEqual(requests.map(({ queries, totalMs }) => [queries, totalMs]), [[6, 0]], 'its end was not seen');
    assert.ok(programs[0]!.endedAt !== undefined);
  });

  it('tells programs to pause and to go on, those that come later too', async () => {
    const first = await FakeProbe.open(arming);
    await profiler.pause({ paused: true });
    assert.equal((await first.welcome(2)).recording, false);
    const second = await FakeProbe.open(arming, { pid: 2 });
    assert.equal((await second.welcome(1)).recording, false);
    await profiler.pause({ paused: false });
    assert.deepEqual([(await first.welcome(3)).recording, (await second.welcome(2)).recording], [true, true]);
  });

  it('sends programs away when the session ends, and takes none until the next one', async () => {
    const probe = await FakeProbe.open(arming);
    const gone = once(probe.socket, 'close');
    await profiler.stop();
    await gone;
    const late = await FakeProbe.connect(arming);
    await once(late.socket, 'close');
    const next = await profiler.start(bench.sessionOptions);
    assert.deepEqual(next.arming, arming, 'terminals of the session before work again');
    await FakeProbe.open(arming);
  });

  it('tells two profilers apart', async () => {
    const other = await bench.open();
    const { arming: otherArming } = await other.start(bench.sessionOptions);
    const [here, there] = [await FakeProbe.open(arming), await FakeProbe.open(otherArming)];
    here.batch({ texts: TEXTS, queries: [query(1)] });
    there.batch({ texts: TEXTS, queries: [query(1), query(2)] });
    const lost = await FakeProbe.connect(otherArming);
    lost.send(helloOf(arming));
    await once(lost.socket, 'close');
    await Promise.all([here.end(), there.end()]);
    await Promise.all([profiler.stop(), other.stop()]);
    assert.deepEqual([profiler.update().totals.calls, other.update().totals.calls], [1, 2]);
  });

  it('shows threads of a program as one, and tells their requests apart', async () => {
    const [main, worker] = [await FakeProbe.open(arming), await FakeProbe.open(arming, { threadId: 1 })];
    for (const thread of [main, worker]) {
      thread.batch({ texts: TEXTS, sites: SITES, requests: [[1, 'GET /a', 0]], queries: Array.from({ length: N_PLUS_ONE_LEAST - 1 }, (_, at) => query(at, 1, { request: 1 })), libraries: ['pg 8'] });
    }
    await Promise.all([main.end(), worker.end()]);
    await profiler.stop();
    const { programs, repetitions, requests } = profiler.update();
    assert.deepEqual(programs.map(({ pid, queries, libraries }) => [pid, queries, libraries]), [[4711, 8, ['pg 8']]]);
    assert.deepEqual(repetitions, []);
    assert.deepEqual(requests.map(({ requests, mostQueries }) => [requests, mostQueries]), [[2, 4]]);
  });

  it('puts the queries of a program whose clock jumped where they belong', async () => {
    const before = Date.now();
    for (const [pid, apart] of [[1, -86_400_000], [2, 0], [3, 86_400_000]] as const) {
      const probe = await FakeProbe.open(arming, { pid, timeOrigin: before + apart - 500 });
      probe.batch({ texts: TEXTS, queries: [query(100), query(400)] });
      await probe.end();
    }
    await profiler.stop();
    const { series, session } = profiler.update();
    assert.equal(series.reduce((sum, { queries }) => sum + queries, 0), 6);
    for (const { at } of series) assert.ok(at >= session.startedAt - 2_000 && at <= Date.now() + 1_000, new Date(at).toISOString());
  });

  it('has no jump in a session when somebody sets the clock of this machine', async () => {
    const probe = await FakeProbe.open(arming, { timeOrigin: Date.now() - 500 });
    probe.batch({ texts: TEXTS, queries: [query(100)] });
    await bench.until('evidence', () => profiler.update().totals.calls === 1);
    const before = Date.now();
    for (const apart of [86_400_000, -86_400_000]) {
      mock.timers.enable({ apis: ['Date'], now: before + apart });
      try {
        probe.batch({ queries: [query(200)] });
        const later = await FakeProbe.open(arming, { pid: 5, timeOrigin: Date.now() });
        later.batch({ texts: TEXTS, queries: [query(1)] });
        await later.end();
      } finally {
        mock.timers.reset();
      }
    }
    await probe.end();
    const { recordedMs, startedAt } = await profiler.stop();
    const { series, totals } = profiler.update();
    assert.equal(totals.calls, 5);
    assert.ok(recordedMs >= 0 && recordedMs < 3_600_000, String(recordedMs));
    for (const { at } of series) assert.ok(Math.abs(at - startedAt) < 3_600_000, new Date(at).toISOString());
  });

  it('groups a burst of a script, whose pauses may be as long as its queries, and no queries that come one by one', async () => {
    const script = await FakeProbe.open(arming);
    script.batch({ texts: TEXTS, sites: SITES, queries: Array.from({ length: 8 }, (_, at) => query(at * 20, 2)) });
    await script.end();
    const poller = await FakeProbe.open(arming, { pid: 2 });
    poller.batch({ texts: [[1, 'SELECT job FROM queue']], sites: SITES, queries: Array.from({ length: 8 }, (_, at) => query(at * 1_000, 2)) });
    await poller.end();
    const served = await FakeProbe.open(arming, { pid: 3 });
    served.batch({ texts: [[1, 'SELECT beat']], sites: SITES, requests: [[1, 'GET /', 0]], queries: Array.from({ length: 8 }, (_, at) => query(at * 3, 2)) });
    await served.end();
    const slow = await FakeProbe.open(arming, { pid: 4 });
    slow.batch({ texts: [[1, 'SELECT slow FROM disk']], sites: SITES, queries: Array.from({ length: 7 }, (_, at) => query(at * 200, 60)) });
    await slow.end();
    await profiler.stop();
    assert.deepEqual(profiler.update().repetitions.map(({ executions, label }) => [executions, label]), [[7, undefined], [8, undefined]]);
  });

  it('shows hostile texts as texts', async () => {
    const hostile = 'SELECT \u001b[31m"</script><img src=x onerror=alert(1)>" FROM t -- [link](command:evil)';
    const probe = await FakeProbe.open(arming);
    probe.batch({ texts: [[1, hostile], [2, `SELECT '${'x'.repeat(100_000)}'`]], queries: [query(1), [2, 0, 5, 1, 0, 0, 0, 0, 0, 0]] });
    await probe.end();
    await profiler.stop();
    const { statements } = profiler.update();
    assert.equal(statements.length, 2);
    for (const { id, text } of statements) {
      assert.ok(text.length <= 10_000);
      assert.ok((await profiler.detail({ statement: id }))!.formatted.length > 0);
    }
  });

  it('forgets what was recorded, and goes on recording', async () => {
    const probe = await FakeProbe.open(arming);
    probe.batch({ texts: TEXTS, sites: SITES, queries: [query(1), query(2)] });
    await bench.until('evidence', ({ lines }) => lines.length === 1);
    await profiler.clear();
    assert.deepEqual([profiler.update().statements, profiler.update().totals.calls], [[], 0]);
    probe.batch({ queries: [query(3)] });
    await probe.end();
    await profiler.stop();
    const { statements, programs } = profiler.update();
    assert.deepEqual(statements.map(({ text, measured }) => [text, measured!.calls]), [['SELECT a FROM b WHERE c = $1', 1]]);
    assert.equal(programs[0]!.queries, 1);
  });

  it('saves a session, opens it again as it was, and compares and reports it', async () => {
    const probe = await FakeProbe.open(arming);
    probe.batch({ texts: TEXTS, sites: SITES, requests: [[1, 'GET /a', 0]], queries: Array.from({ length: 9 }, (_, at) => query(at, 1, { request: 1 })), ended: [[1, 20, 200]] });
    await probe.end();
    await profiler.rename({ name: 'Nightly' });
    const head = await profiler.stop();
    const told = profiler.update();
    assert.deepEqual((await profiler.list({ folder: bench.sessionOptions.folder })).map(({ name, calls }) => [name, calls]), [['Nightly', 9]]);
    const other = await bench.open();
    const opened = await other.open({ file: head.file! });
    assert.deepEqual([opened.name, opened.state, opened.recordedMs], ['Nightly', 'stopped', head.recordedMs]);
    const shown = other.update();
    const rounded = (value: unknown): unknown => JSON.parse(JSON.stringify(value, (_, part: unknown) => (typeof part === 'number' ? Number(part.toFixed(3)) : part)));
    for (const key of ['lines', 'requests', 'repetitions', 'series', 'totals'] as const) assert.deepEqual(rounded(shown[key]), rounded(told[key]), key);
    await assert.rejects(other.pause({ paused: true }), { message: 'The session has ended. Start a new one to record.' });
    await assert.rejects(other.open({ file: path.join(bench.folder, 'nothing.json') }), /does not exist/);
    const comparison = await other.compare({ before: head.file! });
    assert.ok(comparison.statements.every(({ kind }) => kind === 'same'));
    assert.match(await other.report({ format: 'markdown' }), /Nightly/);
  });

  it('keeps a session that could not be saved, says why, and saves it when it is stopped again', async () => {
    const { folder } = bench.sessionOptions;
    writeFileSync(folder, 'a file where the folder should be');
    const probe = await FakeProbe.open(arming);
    probe.batch({ texts: TEXTS, queries: [query(1)] });
    await probe.end();
    const head = await profiler.stop();
    assert.deepEqual([head.state, head.file], ['stopped', undefined]);
    assert.match(profiler.update().notices[0]!.text, /^The session could not be saved: /);
    rmSync(folder);
    assert.ok(existsSync((await profiler.stop()).file!));
    assert.deepEqual(profiler.update().notices, []);
    assert.equal(profiler.update().totals.calls, 1);
  });

  it('saves what is recorded meanwhile, so that a crash of its process does not take it along', async () => {
    const { folder } = bench.sessionOptions;
    const crashing = await bench.open({ saveIntervalMs: 10 });
    const started = await crashing.start({ ...bench.sessionOptions, name: 'Saved meanwhile' });
    const probe = await FakeProbe.open(started.arming);
    probe.batch({ texts: TEXTS, queries: [query(1), query(2)] });
    const saved = await bench.until('state', ({ session }) => session.name === 'Saved meanwhile' && session.file !== undefined);
    assert.equal(saved.session.state, 'recording');
    assert.deepEqual((await profiler.list({ folder })).map(({ name, calls }) => [name, calls]), [['Saved meanwhile', 2]]);
    await probe.end();
    assert.equal((await crashing.stop()).file, saved.session.file);
    assert.equal((await profiler.list({ folder })).length, 1);
  });

  it('installs the probe once for each of its versions, and removes none', async () => {
    const storage = path.join(bench.folder, 'storage');
    const [first] = readdirSync(storage);
    assert.equal(arming.nodeOptions, `--require "${path.join(storage, first!)}"`);
    writeFileSync(path.join(bench.folder, 'probe.cjs'), '// newer');
    const newer = await openAgain(bench, '// newer');
    assert.equal(readdirSync(storage).length, 2);
    assert.match(newer.nodeOptions, /^--require ".*\/probe-[0-9a-f]{16}\.cjs"$/);
    assert.equal(readFileSync(path.join(storage, first!), 'utf8'), '');
  });

  it('installs one probe for windows that start at once, and saves the sessions of all of them', async () => {
    const storage = path.join(bench.folder, 'shared');
    const windows = await Promise.all(Array.from({ length: 4 }, () => bench.open({ storage })));
    const armings = await Promise.all(windows.map((window) => window.start({ ...bench.sessionOptions, name: 'Same name' })));
    assert.equal(new Set(armings.map(({ arming }) => arming.nodeOptions)).size, 1);
    assert.equal(readdirSync(storage).length, 1, 'nothing unfinished is left');
    const heads = await Promise.all(windows.map((window) => window.stop()));
    assert.equal(new Set(heads.map(({ file }) => file)).size, windows.length);
    assert.deepEqual((await profiler.list({ folder: bench.sessionOptions.folder })).map(({ name }) => name), windows.map(() => 'Same name'));
  });

  it('says what to do when the probe is missing or the folder cannot be written', async () => {
    const without = await bench.open({ probe: path.join(bench.folder, 'missing.cjs') });
    await assert.rejects(without.start(bench.sessionOptions), /watches programs is missing.*Install the extension again\.$/);
    mkdirSync(path.join(bench.folder, 'blocked'));
    writeFileSync(path.join(bench.folder, 'blocked/file'), '');
    const blocked = await bench.open({ storage: path.join(bench.folder, 'blocked/file') });
    await assert.rejects(blocked.start(bench.sessionOptions), /cannot be written, so no program can be watched/);
  });

  it('leaves nothing behind but the installed probe', async () => {
    const { socket } = optionsOf(arming);
    await profiler.close();
    assert.equal(existsSync(path.dirname(socket)), false);
  });
});

async function openAgain(bench: Bench, probe: string): Promise<Arming> {
  const profiler = await bench.open();
  writeFileSync(path.join(bench.folder, 'probe.cjs'), probe);
  return (await profiler.start(bench.sessionOptions)).arming;
}
