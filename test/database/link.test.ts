import assert from 'node:assert/strict';
import type pg from 'pg';
import { ServerLink, type DatabaseLogin, type LinkState, type StatementReading } from '../../src/database/index.js';
import { sharedPostgres, type SharedPostgres } from '../shared-postgres.js';
import { startRelay, type Relay } from './relay.js';
import { loginTo, openClient, Told } from './server.js';

type Connected = Extract<LinkState, { kind: 'connected' }>;

/** Remembers every state, and waits for one that matches. */
class Watcher {
  readonly states: LinkState[] = [];
  readonly told = new Told();
  #waiting: (() => void)[] = [];
  readonly link = new ServerLink({
    backOffMs: [5, 10],
    answerTimeoutMs: 1_000,
    onChange: (state) => {
      this.states.push(state);
      for (const wake of this.#waiting.splice(0)) wake();
    },
  });

  /** The first state after `from` states that matches. */
  async until<S extends LinkState>(matches: (state: LinkState) => state is S, from = 0): Promise<S> {
    for (;;) {
      const found = this.states.slice(from).find(matches);
      if (found !== undefined) return found as S;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async calls(text: string): Promise<number | undefined> {
    const reading = await this.link.ask((source) => source.read());
    if (reading === undefined) return undefined;
    assert.ok(reading.ok);
    return this.told.add(reading.value satisfies StatementReading).of(text)?.calls;
  }
}

const isConnected = (state: LinkState): state is Connected => state.kind === 'connected' && state.lost === undefined;
const isLost = (state: LinkState): state is Connected => state.kind === 'connected' && state.lost !== undefined;
const isFailed = (state: LinkState): state is Extract<LinkState, { kind: 'failed' }> => state.kind === 'failed';

describe('the link to a server', () => {
  let server: SharedPostgres;
  let relay: Relay;
  let app: pg.Client;
  let login: DatabaseLogin;
  let watcher: Watcher;

  before(async () => {
    server = await sharedPostgres('link');
    relay = await startRelay(server.port);
    app = await openClient(loginTo(server.url));
    await app.query('CREATE EXTENSION pg_stat_statements');
    login = loginTo(server.url, { port: relay.port });
  });

  beforeEach(() => {
    relay.admit();
    watcher = new Watcher();
  });

  afterEach(() => watcher.link.disconnect());

  after(async () => {
    await app.end();
    await relay.stop();
  });

  it('connects, answers, and lets go', async () => {
    assert.equal(await watcher.link.ask((source) => source.read()), undefined);
    const state = await watcher.link.connect(login);
    assert.match((state as Connected).server, /^PostgreSQL \d+\.\d+$/);
    assert.deepEqual(watcher.states.map(({ kind }) => kind), ['connecting', 'connected']);
    await app.query('SELECT current_date');
    assert.equal(await watcher.calls('SELECT current_date'), 1);
    assert.deepEqual(await watcher.link.disconnect(), { kind: 'none' });
    assert.equal(await watcher.link.ask((source) => source.read()), undefined);
  });

  it('seeks a lost connection and goes on counting', async () => {
    await watcher.link.connect(login);
    await app.query('SELECT current_schema');
    assert.equal(await watcher.calls('SELECT current_schema'), 1);
    relay.cut();
    const lost = await watcher.until(isLost);
    assert.match(lost.lost ?? '', /The connection to 127\.0\.0\.1:\d+ was lost/);
    assert.equal(await watcher.calls('SELECT current_schema'), undefined);
    await app.query('SELECT current_schema');
    const from = watcher.states.length;
    relay.admit();
    await watcher.until(isConnected, from);
    assert.equal(await watcher.calls('SELECT current_schema'), 2);
  });

  it('notices a server that does not answer any more, and seeks it again', async () => {
    await watcher.link.connect(login);
    const from = watcher.states.length;
    relay.stall();
    assert.equal(await watcher.link.ask((source) => source.read()), undefined);
    await watcher.until(isLost, from);
    await watcher.until(isConnected, from);
  });

  it('goes on with a server that was restarted', async () => {
    const toIt = loginTo(server.url);
    await watcher.link.connect(toIt);
    await app.query('SELECT current_role');
    assert.equal(await watcher.calls('SELECT current_role'), 1);
    const from = watcher.states.length;
    await app.end();
    await server.restart();
    await watcher.until(isLost, from);
    await watcher.until(isConnected, watcher.states.findIndex(isLost));
    app = await openClient(toIt);
    await app.query('SELECT current_role');
    assert.equal(await watcher.calls('SELECT current_role'), 2);
  });

  it('stops seeking where a person has to act', async () => {
    await app.query("CREATE ROLE visitor LOGIN PASSWORD 'password'");
    await watcher.link.connect(loginTo(server.url, { port: relay.port, user: 'visitor' }));
    assert.equal(watcher.link.state.kind, 'connected');
    relay.cut();
    await watcher.until(isLost);
    await app.query("ALTER ROLE visitor PASSWORD 'changed'");
    relay.admit();
    const failed = await watcher.until(isFailed);
    assert.equal(failed.asksPassword, true);
    assert.match(failed.title, /refuses the password of “visitor”/);
  });

  it('says why it could not connect', async () => {
    const failed = await watcher.link.connect(loginTo(server.url, { database: 'nowhere' }));
    assert.ok(isFailed(failed));
    assert.match(failed.title, /There is no database “nowhere”/);
    assert.equal(failed.asksPassword, false);
  });

  it('is connected to a database without counters, and tells when there are some', async () => {
    await app.query('CREATE DATABASE plain');
    const plain = loginTo(server.url, { database: 'plain' });
    const state = (await watcher.link.connect(plain)) as Connected;
    assert.match(state.withoutStatements?.title ?? '', /not set up in this database/);
    assert.deepEqual(state.withoutStatements?.steps.map(({ code }) => code), ['CREATE EXTENSION IF NOT EXISTS pg_stat_statements;']);
    const client = await openClient(plain);
    await client.query('CREATE EXTENSION pg_stat_statements');
    await client.end();
    const again = (await watcher.link.connect(plain)) as Connected;
    assert.equal(again.withoutStatements, undefined);
  });

  it('lets go of a connection that is no longer wanted', async () => {
    const connecting = watcher.link.connect(login);
    await watcher.link.disconnect();
    await connecting;
    assert.deepEqual(watcher.link.state, { kind: 'none' });
    const { rows } = await app.query("SELECT count(*)::int AS sessions FROM pg_stat_activity WHERE application_name = 'roundtrip' AND state = 'active'");
    assert.deepEqual(rows, [{ sessions: 0 }]);
  });
});
