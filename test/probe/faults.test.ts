import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { WIRE_TEXT_LIMIT, WIRE_VERSION, type ProbeOptions } from '../../src/probe/wire';
import { sharedPostgres, type SharedPostgres } from '../shared-postgres';
import { Listener, WELCOME, type ListenerOptions } from './listener';
import { buildProbe, PROBE, programOf, run, WORK, type Finished, type RunOptions } from './program';

/** Asks, fails, catches and prints, so that any difference shows. */
const PROGRAM = `
const { Client, Pool } = require('pg');
const own = Object.getOwnPropertyNames(globalThis).sort().join();
(async () => {
  const client = new Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  for (let turn = 0; turn < 50; turn += 1) await client.query('SELECT ' + turn);
  const error = await client.query('SELECT nonsense').catch((error) => error);
  console.log(error.code, error.stack.split('\\n').length);
  try { client.query(null); } catch (failed) { console.log(failed.name, failed.message); }
  await client.end();
  const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 2 });
  console.log((await Promise.all([pool.query('SELECT 1 AS one'), pool.query('SELECT 2 AS two')])).map(({ rows }) => rows));
  await pool.end();
  const [method] = [Client.prototype.query];
  console.log(method.name, method.length, Object.keys(Client.prototype), require('pg') === require('pg'), own, Object.keys(globalThis), Error.stackTraceLimit, Error.prepareStackTrace);
})();
`;

describe('faults', () => {
  let postgres: SharedPostgres;
  let without: Finished;
  before(async function () {
    this.timeout(60_000);
    [postgres] = await Promise.all([sharedPostgres('faults'), buildProbe()]);
    without = await run(programOf('faults.cjs', PROGRAM), { probe: false, env: { DATABASE_URL: postgres.url } });
    assert.equal(without.status, 0, without.errors);
  });

  /** The program behaves as without the probe. */
  async function unharmed(env: Record<string, string>, options: RunOptions = {}): Promise<void> {
    const finished = await run(programOf('faults.cjs', PROGRAM), { ...options, env: { ...env, ...options.env, DATABASE_URL: postgres.url } });
    assert.deepEqual(finished, without);
  }

  async function listening(options: ListenerOptions, more: Partial<ProbeOptions> = {}, running: RunOptions = {}): Promise<Listener> {
    const listener = await Listener.open(options);
    try {
      await unharmed(listener.environment(more), running);
      await listener.quiet();
      return listener;
    } finally {
      await listener.close();
    }
  }

  const options = (more: Partial<ProbeOptions>): string => JSON.stringify({ version: WIRE_VERSION, socket: '/nowhere', token: '', folders: [], ...more });

  it('a program with the probe is the program without it', async () => {
    const listener = await listening({});
    assert.equal(listener.queries.length, 53);
    assert.deepEqual(listener.programs[0]!.notes, []);
    assert.ok(listener.programs[0]!.overhead.queries >= 52, 'the probe tells what it costs');
  });

  it('no socket, or one without a listener, from a session that is over', async () => {
    await unharmed({ ROUNDTRIP_PROBE: options({ socket: path.join(WORK, 'missing.sock') }) });
    const leftOver = path.join(WORK, 'left-over.sock');
    writeFileSync(leftOver, '');
    await unharmed({ ROUNDTRIP_PROBE: options({ socket: leftOver }) });
    rmSync(leftOver);
    if (process.platform === 'win32') return;
    // What a profiler that was killed leaves behind.
    spawnSync(process.execPath, ['-e', `require('net').createServer().listen(${JSON.stringify(leftOver)}, () => process.kill(process.pid, 'SIGKILL'))`]);
    assert.ok(statSync(leftOver).isSocket());
    await unharmed({ ROUNDTRIP_PROBE: options({ socket: leftOver }) });
    rmSync(leftOver);
  });

  it('options that are none', async () => {
    const values = ['', '{', 'null', '[]', '"text"', '{}', options({ version: 99 }), options({ folders: null as never }), options({ socket: 5 as never })];
    await Promise.all(values.map((value) => unharmed({ ROUNDTRIP_PROBE: value })));
  });

  const ANSWERS: Record<string, ListenerOptions['answer']> = {
    'that never answers': () => undefined,
    'that hangs up at once': (socket) => socket.destroy(),
    'that hangs up after its welcome': (socket) => socket.end(`${JSON.stringify(WELCOME)}\n`),
    'that hangs up within its welcome': (socket) => socket.end('{"type":"welco'),
    'that speaks HTTP': (socket) => socket.write('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'),
    'that sends bytes without end': (socket) => void socket.write(Buffer.alloc(1_000_000, 0xff)),
    'of another version': (socket) => socket.write(`${JSON.stringify({ ...WELCOME, version: 99 })}\n`),
    'that welcomes with nonsense': (socket) => socket.write(`${JSON.stringify({ ...WELCOME, sampleEvery: 'often', sampleFirst: null })}\n`),
    'that goes on with nonsense': (socket) => socket.write(`${JSON.stringify(WELCOME)}\nnull\n[1]\n{"type":"stop"}\n`),
    'that reads nothing': (socket) => {
      socket.write(`${JSON.stringify(WELCOME)}\n`);
      socket.pause();
    },
  };
  it(`a profiler ${Object.keys(ANSWERS).join(', or ')}`, async () => {
    await Promise.all(Object.values(ANSWERS).map(async (answer) => {
      const listener = await Listener.open({ answer });
      try {
        await unharmed(listener.environment());
      } finally {
        await listener.close();
      }
    }));
  });

  it('a probe that is required twice, from two places, tells once', async () => {
    const copy = path.join(WORK, 'copy/probe.cjs');
    mkdirSync(path.dirname(copy), { recursive: true });
    copyFileSync(PROBE, copy);
    const listener = await listening({}, {}, { env: { NODE_OPTIONS: `--require ${PROBE} --require ${copy} --require ${PROBE}` } });
    assert.equal(listener.programs.length, 1);
    assert.equal(listener.queries.length, 53);
  });

  it('folders: only programs that work in one of them are watched', async () => {
    const folder = path.join(WORK, 'inline');
    assert.equal((await listening({}, { folders: [path.join(WORK, 'elsewhere'), folder] })).programs.length, 1);
    assert.equal((await listening({}, { folders: [WORK] })).programs.length, 1);
    assert.equal((await listening({}, { folders: [path.join(WORK, 'in')] })).programs.length, 0);
  });

  it('package managers and their like are no programs to watch', async () => {
    const listener = await Listener.open();
    const names = ['npm-cli.js', 'npx-cli.js', 'pnpm.cjs', 'yarn.js', 'yarn-4.5.1.cjs', 'corepack.js', 'node-gyp.js'];
    const env = { ...listener.environment(), DATABASE_URL: postgres.url };
    for (const finished of await Promise.all(names.map((name) => run(programOf(name, PROGRAM), { env })))) assert.deepEqual(finished, without);
    await listener.close();
    assert.equal(listener.programs.length, 0);
  });

  it('a program without a database library is not heard of', async () => {
    const listener = await Listener.open();
    assert.deepEqual(await run(programOf('plain.cjs', "console.log('done')"), { env: listener.environment() }), { status: 0, signal: null, output: 'done\n', errors: '' });
    await listener.close();
    assert.equal(listener.programs.length, 0);
  });

  it('texts of every kind and length arrive, cut where they are too long', async () => {
    const texts = ['SELECT 1 AS "</script><img onerror=alert(1)>"', "SELECT '\u001b[31m\r\n\t\u2028 ${'quoted'} \\\\ \"'", "SELECT '😀 \ud800'", '[link](command:evil)', `SELECT '${'x'.repeat(1_000_000)}'`];
    const listener = await Listener.open();
    const program = programOf('hostile.cjs', `
      const { Client } = require('pg');
      (async () => {
        const client = new Client({ connectionString: process.env.DATABASE_URL });
        await client.connect();
        for (const text of ${JSON.stringify(texts)}) await client.query(text).catch(() => 0);
        await client.end();
      })();`);
    assert.deepEqual(await run(program, { env: { ...listener.environment(), DATABASE_URL: postgres.url } }), { status: 0, signal: null, output: '', errors: '' });
    await listener.quiet();
    await listener.close();
    assert.deepEqual(listener.queries.map(({ text }) => text), texts.map((text) => text.slice(0, WIRE_TEXT_LIMIT)));
  });

  it('faults of its own stop the probe, not the program', async () => {
    const listener = await Listener.open();
    const program = programOf('broken.cjs', `
      const { Client } = require('pg');
      Object.defineProperty(Error, 'stackTraceLimit', { get() { throw new Error('no limits'); } });
      (async () => {
        const client = new Client({ connectionString: process.env.DATABASE_URL });
        await client.connect();
        for (let turn = 0; turn < 50; turn += 1) console.log((await client.query('SELECT ' + turn + ' AS n')).rows[0].n);
        await client.end();
      })();`);
    const finished = await run(program, { env: { ...listener.environment(), DATABASE_URL: postgres.url } });
    assert.deepEqual(finished, { status: 0, signal: null, output: Array.from({ length: 50 }, (_, n) => `${n}\n`).join(''), errors: '' });
    await listener.quiet();
    await listener.close();
    assert.ok(listener.programs.every(({ queries }) => queries.length === 0));
  });

  it('clocks that a test replaces are not those of the probe', async () => {
    const listener = await Listener.open();
    const program = programOf('clocks.cjs', `
      performance.now = () => 5;
      Date.now = () => 5;
      globalThis.setTimeout = () => { throw new Error('no timers'); };
      const { Client } = require('pg');
      (async () => {
        const client = new Client({ connectionString: process.env.DATABASE_URL });
        await client.connect();
        await client.query('SELECT pg_sleep(0.05)');
        await client.end();
      })();`);
    assert.equal((await run(program, { env: { ...listener.environment(), DATABASE_URL: postgres.url } })).status, 0);
    await listener.quiet();
    await listener.close();
    assert.ok(listener.queries[0]!.duration >= 50, `${listener.queries[0]!.duration}`);
  });
});
