import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { mock } from 'node:test';
import type pg from 'pg';
import type { ConnectionState } from '../../src/profiler/protocol.js';
import { ServerWatch, type ServerWatchOptions } from '../../src/profiler/server-watch.js';
import { startRelay, type Relay } from '../database/relay.js';
import { loginTo, openClient } from '../database/server.js';
import { sharedPostgres, type SharedPostgres } from '../shared-postgres.js';

/** A watch whose time passes when a test says so, and how often it has read. */
class Watched {
  statements = 0;
  connections = 0;
  tables = 0;
  /** Milliseconds that each look at the clock takes, so that readings seem to take long. */
  step = 0;
  #now = 0;
  readonly watch: ServerWatch;

  constructor(options: Partial<ServerWatchOptions> = {}) {
    this.watch = new ServerWatch({
      onChange: () => undefined,
      onReading: () => (this.statements += 1),
      onRestart: () => undefined,
      onConnections: () => (this.connections += 1),
      onTables: () => (this.tables += 1),
      now: () => (this.#now += this.step),
      ...options,
    });
  }

  tick(ms: number): void {
    this.#now += ms;
    mock.timers.tick(ms);
  }

  /** Lets time pass, and waits for the readings that this has begun: questions are answered one after another. */
  async pass(ms: number): Promise<void> {
    this.tick(ms);
    // A reading asks up to three questions, each when the one before is answered.
    for (let question = 0; question < 3; question += 1) await this.watch.question((source) => source.tableSizes());
  }
}

describe('watching a server', () => {
  let server: SharedPostgres;
  let app: pg.Client;
  let watched: Watched;
  let relay: Relay | undefined;

  before(async () => {
    server = await sharedPostgres('watched');
    app = await openClient(loginTo(server.url));
    await app.query('CREATE EXTENSION pg_stat_statements');
  });
  after(async () => {
    await app.end();
  });
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    // However busy this machine is, a reading takes no time of its own.
    mock.method(performance, 'now', () => 0);
  });
  afterEach(async () => {
    mock.reset();
    mock.timers.reset();
    await watched.watch.close();
    await relay?.stop();
    relay = undefined;
  });

  const open = async (options: Partial<ServerWatchOptions> = {}, port = server.port): Promise<Watched> => {
    watched = new Watched(options);
    assert.equal((await watched.watch.connect(loginTo(server.url, { port }))).kind, 'connected');
    return watched;
  };

  it('reads every two seconds while somebody looks, and not at all when nobody wants anything', async () => {
    await open();
    await watched.pass(60_000);
    assert.deepEqual([watched.statements, watched.connections], [0, 0]);
    await watched.watch.want({ recording: false, visible: true });
    assert.deepEqual([watched.statements, watched.connections], [0, 1], 'what is wanted anew is read at once');
    await watched.pass(1_999);
    assert.equal(watched.connections, 1);
    await watched.pass(1);
    assert.equal(watched.connections, 2);
    await watched.pass(2_000);
    assert.equal(watched.connections, 3);
    await watched.watch.want({ recording: false, visible: false });
    await watched.pass(60_000);
    assert.equal(watched.connections, 3);
  });

  it('reads seldom while a session records that nobody looks at, and once more at its end', async () => {
    await open();
    await watched.watch.begin();
    await watched.watch.want({ recording: true, visible: false });
    assert.equal(watched.statements, 1);
    await watched.pass(14_999);
    assert.equal(watched.statements, 1);
    await watched.pass(1);
    assert.equal(watched.statements, 2);
    await watched.watch.want({ recording: true, visible: true });
    assert.equal(watched.statements, 3, 'whoever looks sees it as it is now');
    await watched.pass(2_000);
    assert.equal(watched.statements, 4);
    await watched.watch.want({ recording: false, visible: false });
    assert.equal(watched.statements, 5, 'the end counts too');
    await watched.pass(60_000);
    assert.equal(watched.statements, 5);
  });

  it('reads a slow server less often, and as often as before when it is quick again', async () => {
    await open();
    watched.step = 50;
    await watched.watch.want({ recording: false, visible: true });
    // Two looks at the clock lie in a reading.
    await watched.pass(9_999);
    assert.equal(watched.connections, 1);
    await watched.pass(1);
    assert.equal(watched.connections, 2, 'a reading takes a hundredth of the time');
    watched.step = 0;
    await watched.pass(30_000);
    assert.equal(watched.connections, 3);
    await watched.pass(2_000);
    assert.equal(watched.connections, 4);
  });

  it('reads sizes of tables once a minute', async () => {
    await open();
    assert.equal(watched.tables, 1, 'as soon as it is connected');
    await watched.watch.want({ recording: false, visible: true });
    for (let second = 2; second < 60; second += 2) await watched.pass(2_000);
    assert.equal(watched.tables, 1);
    await watched.pass(2_000);
    assert.equal(watched.tables, 2);
  });

  it('says that a server which does not answer is late, then that it is lost, and goes on where it was', async () => {
    relay = await startRelay(server.port);
    const changes = new EventEmitter();
    await open({ onChange: () => changes.emit('change') }, relay.port);
    const until = async (matches: (state: ConnectionState) => boolean): Promise<void> => {
      while (!matches(watched.watch.state)) await once(changes, 'change');
    };
    await watched.watch.want({ recording: true, visible: true });
    const { statements } = watched;
    relay.stall();
    // The question goes out, and no answer comes.
    watched.tick(2_000);
    await new Promise(setImmediate);
    watched.tick(4_000);
    assert.equal(watched.watch.ageMs, 0, 'four seconds are not late yet');
    watched.tick(1);
    assert.equal(watched.watch.ageMs, 6_001, 'since the last answer');
    watched.tick(6_000);
    await until((state) => state.kind === 'connected' && /^The connection to 127\.0\.0\.1:\d+ was lost\.$/.test(state.lost ?? ''));
    watched.tick(1_000);
    await until((state) => state.kind === 'connected' && state.lost === undefined);
    await app.query('SELECT 1 AS counted_again');
    watched.tick(30_000);
    while (watched.statements === statements) await once(changes, 'change');
    assert.equal(watched.watch.ageMs, 0);
  });

  it('forgets its pace with the server it was of', async () => {
    await open();
    watched.step = 5_000;
    await watched.watch.want({ recording: false, visible: true });
    watched.step = 0;
    await watched.watch.disconnect();
    watched.tick(60_000);
    const { connections } = watched;
    await watched.watch.connect(loginTo(server.url));
    assert.equal(watched.connections, connections + 1);
    await watched.pass(2_000);
    assert.equal(watched.connections, connections + 2);
  });
});
