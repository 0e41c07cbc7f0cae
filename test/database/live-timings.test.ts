import assert from 'node:assert/strict';
import pg from 'pg';
import { LiveTimings, parseDatabaseUrl, type DatabaseLogin, type TimingState } from '../../src/database/index.js';
import { startPostgres, type RunningPostgres } from '../postgres.js';
import { startRelay, type Relay } from './relay.js';

type Connected = Extract<TimingState, { kind: 'connected' }>;

/** Remembers every state, and waits for one that matches. */
class Watcher {
  readonly states: TimingState[] = [];
  #waiting: (() => void)[] = [];
  readonly live = new LiveTimings({
    intervalMs: 10,
    backOffMs: [5, 10],
    onChange: (state) => {
      this.states.push(state);
      for (const wake of this.#waiting.splice(0)) wake();
    },
  });

  /** The first state after `from` states that matches. */
  async until<S extends TimingState>(matches: (state: TimingState) => state is S, from = 0): Promise<S> {
    for (;;) {
      const found = this.states.slice(from).find(matches);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  untilSeen(text: string, calls: number, from = 0): Promise<Connected> {
    return this.until((state): state is Connected => countOf(state, text) === calls, from);
  }
}

function countOf(state: TimingState, text: string): number | undefined {
  if (state.kind !== 'connected') return undefined;
  return state.report?.statements.find(({ id }) => state.report?.texts.get(id) === text)?.calls;
}

const isConnected = (state: TimingState): state is Connected => state.kind === 'connected';
const isLost = (state: TimingState): state is Connected => state.kind === 'connected' && state.lost !== undefined;
const isFailed = (state: TimingState): state is Extract<TimingState, { kind: 'failed' }> => state.kind === 'failed';

describe('live timings', () => {
  let server: RunningPostgres;
  let relay: Relay;
  let app: pg.Client;
  let login: DatabaseLogin;
  let watcher: Watcher;

  before(async () => {
    server = await startPostgres({ statStatements: true });
    relay = await startRelay(server.port);
    app = new pg.Client(server.url);
    await app.connect();
    await app.query('CREATE EXTENSION pg_stat_statements');
    const url = new URL(server.url);
    url.port = String(relay.port);
    const parsed = parseDatabaseUrl(url.href);
    assert.ok(parsed.ok);
    login = parsed.login;
  });

  beforeEach(() => {
    relay.admit();
    watcher = new Watcher();
  });

  afterEach(() => watcher.live.disconnect());

  after(async () => {
    await app.end();
    await relay.stop();
    await server.stop();
  });

  it('connects, and reads only while somebody looks', async () => {
    await watcher.live.connect(login);
    assert.deepEqual(watcher.states.map(({ kind }) => kind), ['connecting', 'connected']);
    await app.query('SELECT current_date');
    assert.equal((watcher.live.state as Connected).report, undefined);
    watcher.live.setVisible(true);
    await watcher.untilSeen('SELECT current_date', 1);
    watcher.live.setVisible(false);
  });

  it('shows nothing new while paused, and everything afterwards', async () => {
    watcher.live.setVisible(true);
    await watcher.live.connect(login);
    await watcher.until((state): state is Connected => isConnected(state) && state.report !== undefined);
    watcher.live.setPaused(true);
    const frozen = watcher.live.state as Connected;
    await app.query('SELECT current_time');
    assert.equal(watcher.live.state, frozen);
    watcher.live.setPaused(false);
    await watcher.untilSeen('SELECT current_time', 1);
  });

  it('starts afresh', async () => {
    watcher.live.setVisible(true);
    await watcher.live.connect(login);
    await app.query('SELECT current_user');
    await watcher.untilSeen('SELECT current_user', 1);
    await watcher.live.startAfresh();
    const from = watcher.states.length - 1;
    const empty = await watcher.until((state): state is Connected => isConnected(state) && state.report !== undefined, from);
    assert.equal(countOf(empty, 'SELECT current_user'), undefined);
  });

  it('seeks a lost connection and goes on counting', async () => {
    watcher.live.setVisible(true);
    await watcher.live.connect(login);
    await app.query('SELECT current_schema');
    const { since } = await watcher.untilSeen('SELECT current_schema', 1);
    relay.cut();
    const lost = await watcher.until(isLost);
    assert.equal(countOf(lost, 'SELECT current_schema'), 1, 'keeps what was seen');
    await app.query('SELECT current_schema');
    relay.admit();
    const from = watcher.states.length;
    const again = await watcher.untilSeen('SELECT current_schema', 2, from);
    assert.equal(again.lost, undefined);
    assert.equal(again.since, since);
  });

  it('stops seeking where a person has to act', async () => {
    await app.query("CREATE ROLE visitor LOGIN PASSWORD 'password'");
    await app.query('GRANT pg_read_all_stats TO visitor');
    watcher.live.setVisible(true);
    await watcher.live.connect({ address: { ...login.address, user: 'visitor' }, password: 'password' });
    await watcher.until(isConnected);
    relay.cut();
    await watcher.until(isLost);
    await app.query("ALTER ROLE visitor PASSWORD 'changed'");
    relay.admit();
    const failed = await watcher.until(isFailed);
    assert.equal(failed.problem.kind, 'authentication');
  });

  it('tries again after a failure', async () => {
    const wrong = { ...login, address: { ...login.address, database: 'later' } };
    await watcher.live.connect(wrong);
    assert.equal((await watcher.until(isFailed)).problem.kind, 'unknown-database');
    await app.query('CREATE DATABASE later');
    const from = watcher.states.length;
    await watcher.live.retry();
    assert.equal((await watcher.until(isFailed, from)).problem.kind, 'extension-missing');
  });

  it('lets go of a connection that is no longer wanted', async () => {
    const connecting = watcher.live.connect(login);
    await watcher.live.disconnect();
    await connecting;
    assert.deepEqual(watcher.live.state, { kind: 'disconnected' });
    const { rows } = await app.query("SELECT count(*)::int AS sessions FROM pg_stat_activity WHERE application_name = 'roundtrip' AND state = 'active'");
    assert.deepEqual(rows, [{ sessions: 0 }]);
  });
});
