/**
 * `npm run bench:probe [-- --rounds N] [--runs N] [--starts N]`: what the probe costs a query, beside `@opentelemetry/instrumentation-pg`,
 * and what it costs a program's start.
 *
 * Three programs live at the same time: one is plain, one has the probe and reports to a real profiler in a process of its own, one is
 * instrumented by OpenTelemetry. Only one works at a time. A round takes them in random order, and of each a block of queries with its
 * watcher on and one with it off, in random order: whatever else the machine does befalls all alike. The probe is switched by pausing
 * and resuming the session. Pairs of blocks are compared, and several generations of programs, because each is compiled and laid out
 * a little differently. `plain` is switched by nothing: what it shows is noise.
 */
import { execFileSync, fork, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter, type MessageConnection } from 'vscode-jsonrpc/node';
import { DEFAULT_TARGETS, type Arming, type SessionHead, type SessionUpdate } from '../../src/profiler/protocol';
import { startPostgres } from '../../test/postgres';
import { interval, type Interval } from './intervals';
import { percentile } from './processes';

const ROOT = path.join(__dirname, '../..');
const HANDLES = ['Client', 'Pool'] as const;
const VARIANTS = ['plain', 'probe', 'OpenTelemetry'] as const;
/** Queries; as many as the probe tells at once, so that each block pays for telling itself. */
const BLOCK = 500;
/** Until V8 has compiled what runs often. */
const WARM_UP_ROUNDS = 8;

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '40' }, runs: { type: 'string', default: '4' }, starts: { type: 'string', default: '60' } } });
const [rounds, generations, starts] = [Number(values.rounds), Number(values.runs), Number(values.starts)];

/** Some seconds: by then the profiler has told of all that it was told. */
const MOST_UPDATES = 10;

type Variant = (typeof VARIANTS)[number];
/** Microseconds per query of one block. */
interface Block {
  median: number;
  mean: number;
  cpu: number;
}
/** What on adds to off, by pairs of blocks of one round; outer list: generations. */
type Added = Record<Variant, Block[][]>;

const shuffled = <T>(list: readonly T[]): T[] => list.map((value) => ({ value, at: Math.random() })).sort((a, b) => a.at - b.at).map(({ value }) => value);

/** Programs get a core of their own, and PostgreSQL and the profiler the others: they then never take each other's place. */
const pins = availableParallelism() > 1 && pinned();

/** This process and what it starts leave the first core. False where the system has no way to. */
function pinned(): boolean {
  try {
    execFileSync('taskset', ['-a', '-c', '-p', `1-${availableParallelism() - 1}`, String(process.pid)], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A Node program on the first core. */
function startProgram(args: readonly string[], env: NodeJS.ProcessEnv, ipc: boolean): ChildProcess {
  const [command, ...all] = [...(pins ? ['taskset', '-c', '0'] : []), process.execPath, ...args];
  return spawn(command!, all, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit', ...(ipc ? ['ipc' as const] : [])], env: { ...process.env, ...env } });
}

/** The profiler as the editor starts it. */
class ProfilerProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly connection: MessageConnection,
    readonly arming: Arming,
  ) {}

  #calls = 0;

  static async start(folder: string): Promise<ProfilerProcess> {
    const child = fork(path.join(ROOT, 'dist/profiler.js'), [`--storage=${folder}`], { execArgv: [] });
    const connection = createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
    connection.listen();
    const { arming } = await connection.sendRequest<{ session: SessionHead; arming: Arming }>('start', { workspaceFolders: [], parameters: false, targets: DEFAULT_TARGETS });
    const profiler = new ProfilerProcess(child, connection, arming);
    connection.onNotification('update', ({ totals }: SessionUpdate) => {
      profiler.#calls = totals.calls;
    });
    await connection.sendRequest('setVisible', { visible: true });
    return profiler;
  }

  /** The program's socket holds the word by the time that this resolves. */
  async record(on: boolean): Promise<void> {
    await this.connection.sendRequest('pause', { paused: !on });
  }

  /** Resolves when it has recorded as many executions; what was measured without being recorded is no measurement. */
  async heard(calls: number): Promise<void> {
    for (let update = 0; this.#calls !== calls && update < MOST_UPDATES; update += 1) await new Promise((resolve) => this.child.once('message', resolve));
    if (this.#calls !== calls) throw new Error(`${this.#calls} executions were recorded instead of ${calls}`);
    console.log(`${calls} executions, each of them recorded\n`);
  }

  async stop(): Promise<void> {
    await this.connection.sendRequest('stop', {});
    this.connection.dispose();
    this.child.disconnect();
  }

  get environment(): NodeJS.ProcessEnv {
    return { ...this.arming.variables, NODE_OPTIONS: this.arming.nodeOptions };
  }
}

class Program {
  private constructor(
    private readonly child: ChildProcess,
    private readonly toggle: (on: boolean) => Promise<void>,
  ) {}

  static async start(variant: Variant, handle: string, url: string, profiler: ProfilerProcess): Promise<Program> {
    const isProbe = variant === 'probe';
    const child = startProgram([path.join(__dirname, 'probe-program.cjs'), variant, handle, String(BLOCK)], { DATABASE_URL: url, ...(isProbe ? profiler.environment : {}) }, true);
    await answer(child);
    return new Program(child, async (on) => (isProbe ? profiler.record(on) : undefined));
  }

  async run(on: boolean): Promise<Block> {
    await this.toggle(on);
    const told = answer<{ block: Block }>(this.child);
    this.child.send({ on });
    return (await told).block;
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.send({});
    await ended;
  }
}

function answer<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const exited = (status: number | null): void => reject(new Error(`a program exited with ${status}`));
    child.once('exit', exited);
    child.once('message', (message) => {
      child.off('exit', exited);
      resolve(message as T);
    });
  });
}

async function compare(handle: string, url: string, profiler: ProfilerProcess): Promise<{ added: Added; off: Block[] }> {
  const added: Added = { plain: [], probe: [], OpenTelemetry: [] };
  const off: Block[] = [];
  for (let generation = 0; generation < generations; generation += 1) {
    const programs = await Promise.all(VARIANTS.map(async (variant) => [variant, await Program.start(variant, handle, url, profiler)] as const));
    for (const variant of VARIANTS) added[variant].push([]);
    for (let round = 0; round < WARM_UP_ROUNDS + rounds; round += 1) {
      for (const [variant, program] of shuffled(programs)) {
        const pair = {} as Record<'on' | 'off', Block>;
        for (const on of shuffled([true, false])) pair[on ? 'on' : 'off'] = await program.run(on);
        if (round < WARM_UP_ROUNDS) continue;
        added[variant][generation]!.push({ median: pair.on.median - pair.off.median, mean: pair.on.mean - pair.off.mean, cpu: pair.on.cpu - pair.off.cpu });
        if (variant === 'plain') off.push(pair.off);
      }
    }
    await Promise.all(programs.map(([, program]) => program.end()));
  }
  return { added, off };
}

const shown = ({ value, from, to }: Interval): string => `${value.toFixed(2)} [${from.toFixed(2)}, ${to.toFixed(2)}]`.padStart(24);
const median = (list: readonly number[]): number => percentile(list, 0.5);

function print(handle: string, { added, off }: { added: Added; off: Block[] }): void {
  console.log(`${handle}: ${median(off.map((block) => block.median)).toFixed(1)} µs per query without anything, ${median(off.map(({ cpu }) => cpu)).toFixed(1)} µs of processor`);
  console.log(`${'added'.padEnd(16)}${'median'.padStart(24)}${'mean'.padStart(24)}${'processor'.padStart(24)}`);
  for (const variant of VARIANTS) {
    const figures = (['median', 'mean', 'cpu'] as const).map((figure) => interval([added[variant]], ([generations]) => median(generations!.flat().map((block) => block[figure]))));
    console.log(`${variant.padEnd(16)}${figures.map(shown).join('')}`);
  }
  const ratios = (['median', 'mean', 'cpu'] as const).map((figure) =>
    interval([added.probe, added.OpenTelemetry], ([probe, other]) => median(probe!.flat().map((block) => block[figure])) / median(other!.flat().map((block) => block[figure]))),
  );
  console.log(`${'ratio'.padEnd(16)}${ratios.map(shown).join('')}\n`);
}

async function measureStarts(profiler: ProfilerProcess): Promise<void> {
  const environments: Record<string, NodeJS.ProcessEnv> = {
    'plain': {},
    'probe, no session': { NODE_OPTIONS: profiler.arming.nodeOptions },
    'probe, recording': profiler.environment,
  };
  const programs: Record<string, string> = { 'without a library': '0', 'with pg': "require('pg')" };
  const once = (text: string, env: NodeJS.ProcessEnv): Promise<number> =>
    new Promise((resolve, reject) => {
      const from = performance.now();
      startProgram(['-e', text], env, false).on('error', reject).on('exit', () => resolve(performance.now() - from));
    });
  console.log(`start and end of a program, milliseconds, ${starts} rounds`);
  for (const [name, text] of Object.entries(programs)) {
    const times: Record<string, number[]> = {};
    for (let round = 0; round < starts; round += 1) for (const [environment, env] of shuffled(Object.entries(environments))) (times[environment] ??= []).push(await once(text, env));
    const plain = times['plain']!;
    console.log(`${name}: ${median(plain).toFixed(1)} plain`);
    for (const environment of Object.keys(environments).slice(1)) {
      const pairs = times[environment]!.map((time, round) => time - plain[round]!);
      console.log(`${environment.padEnd(24)}${shown(interval([pairs.map((pair) => [pair])], ([list]) => median(list!.flat())))} added`);
    }
  }
}

async function main(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'roundtrip-bench-'));
  const postgres = await startPostgres();
  const profiler = await ProfilerProcess.start(folder);
  try {
    console.log(`Node ${process.version}, ${generations} generations of programs, ${rounds} rounds each, median of pairs with its interval of 95 %`);
    console.log(`${pins ? 'Programs have a core of their own.' : 'Programs share their cores with PostgreSQL.'} Microseconds per query (SELECT $1::int AS id over TCP)\n`);
    for (const handle of HANDLES) print(handle, await compare(handle, postgres.url, profiler));
    await profiler.heard(HANDLES.length * generations * (WARM_UP_ROUNDS + rounds) * BLOCK);
    await measureStarts(profiler);
  } finally {
    await profiler.stop();
    await postgres.stop();
    rmSync(folder, { recursive: true });
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
