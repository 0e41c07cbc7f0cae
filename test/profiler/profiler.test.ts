import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import type { Arming, SessionHead } from '../../src/profiler/protocol.js';
import type { WireQuery } from '../../src/probe/wire.js';
import { FakeProbe } from './fake-probe.js';
import { Bench } from './session-folder.js';

const query = (text: number, site: number, start: number, duration: number, rest: Partial<{ wait: number; rows: number; error: number; request: number; transaction: number; parameters: number }> = {}): WireQuery => [
  text, site, start, duration, rest.wait ?? 0, rest.rows ?? 1, rest.error ?? 0, rest.request ?? 0, rest.transaction ?? 0, rest.parameters ?? 0,
];

describe('profiler', () => {
  let bench: Bench;
  beforeEach(() => (bench = new Bench()));
  afterEach(() => bench.close());

  it('shows what a program did, by statement, line and request, with its repetitions', async () => {
    const profiler = await bench.open();
    const { session, arming } = await profiler.start({ ...bench.sessionOptions, name: 'Before the fix' });
    assert.equal(session.state, 'recording');
    const probe = await FakeProbe.open(arming);
    assert.deepEqual(probe.welcomes, [{ type: 'welcome', version: 1, recording: true, parameters: false, sampleFirst: 32, sampleEvery: 16 }]);
    probe.batch({
      texts: [[1, 'SELECT * FROM orders LIMIT 10'], [2, 'select name from users where id = $1']],
      sites: [
        [1, [{ file: 'node:internal/x', line: 1, column: 1 }, { file: '/project/node_modules/pg/lib/client.js', line: 5, column: 2 }, { file: '/project/src/orders.ts', line: 12, column: 9, function: 'list' }]],
        [2, [{ file: 'file:///project/src/users.ts', line: 30, column: 3 }]],
      ],
      requests: [[1, 'GET /orders/17', 100]],
      queries: [
        query(1, 1, 101, 4, { rows: 10, request: 1 }),
        ...Array.from({ length: 10 }, (_, index) => query(2, 2, 110 + index * 2, 1.5, { request: 1, parameters: index + 1, wait: 0.25 })),
      ],
      ended: [[1, 140, 200]],
      libraries: ['pg 8.23.1'],
      overhead: [11, 0.022],
    });
    await probe.end();
    await bench.until('evidence', ({ lines }) => lines.length === 2);
    const update = profiler.update();
    assert.equal(update.full, true);
    assert.deepEqual(update.totals, { statements: 2, calls: 11, errors: 0, totalMs: 19, waitMs: 2.5 });
    const users = update.statements.find(({ tables }) => tables[0] === 'users')!;
    assert.equal(users.text, 'select name from users where id = $1');
    assert.equal(users.measured!.calls, 10);
    assert.equal(users.measured!.totalMs, 15);
    assert.deepEqual(users.lines, ['/project/src/users.ts:30:3']);
    const [line] = update.lines.filter(({ place }) => place.file.endsWith('users.ts'));
    assert.equal(line!.requests, 1);
    assert.equal(line!.mostInOneRequest, 10);
    assert.equal(line!.sampled, false);
    assert.equal(update.requests.length, 1);
    const [request] = update.requests;
    assert.equal(request!.label, 'GET /orders/:id');
    assert.deepEqual({ ...request, statements: request!.statements.length, share: 0 }, { label: 'GET /orders/:id', requests: 1, queries: 11, mostQueries: 11, databaseMs: 19, totalMs: 40, errors: 0, statements: 2, share: 0 });
    assert.deepEqual(update.repetitions, [
      {
        kind: 'n-plus-one',
        statement: users.id,
        place: { file: '/project/src/users.ts', line: 30, column: 3 },
        label: 'GET /orders/:id',
        requests: 1,
        executions: 10,
        most: 10,
        totalMs: 15,
        wastedMs: 13.5,
      },
    ]);
    const [program] = update.programs;
    assert.deepEqual([program!.queries, program!.libraries, program!.overheadUs, program!.endedAt !== undefined], [11, ['pg 8.23.1'], 2, true]);
    const detail = await profiler.detail({ statement: users.id });
    assert.equal(detail!.formatted, 'SELECT\n  name\nFROM\n  users\nWHERE\n  id = $1');
    assert.deepEqual(detail!.requests, [{ label: 'GET /orders/:id', requests: 1, executions: 10, totalMs: 15 }]);
  });

  it('answers as a process of its own, and ends with the one that started it', async () => {
    writeFileSync(path.join(bench.folder, 'probe.cjs'), '');
    const child = fork(path.resolve('src/profiler/main.ts'), [`--storage=${path.join(bench.folder, 'storage')}`, `--probe=${path.join(bench.folder, 'probe.cjs')}`], { execArgv: ['--import=tsx'] });
    const connection = createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
    connection.listen();
    await assert.rejects(connection.sendRequest('pause', { paused: true }), { message: 'There is no session. Start one first.' });
    const { session, arming } = await connection.sendRequest<{ session: SessionHead; arming: Arming }>('start', bench.sessionOptions);
    assert.equal(session.state, 'recording');
    const probe = await FakeProbe.open(arming);
    const ended = once(child, 'exit');
    const sentAway = once(probe.socket, 'close');
    child.disconnect();
    assert.deepEqual(await ended, [0, null]);
    await sentAway;
  });
});
