import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PROBE_OPTIONS_VARIABLE, WIRE_VERSION, type Batch, type FromProbe, type Hello, type ProbeOptions, type Welcome, type WireFrame } from '../../src/probe/wire';

/** Programs hang up when they end, and they have ended by the time that tests wait for this. */
const HANG_UP_LIMIT_MS = 10_000;

export const TOKEN = 'token-of-the-test';

/** One query with what its ids stand for. */
export interface HeardQuery {
  text: string;
  /** `undefined`: not sampled. */
  frames: WireFrame[] | undefined;
  start: number;
  duration: number;
  wait: number;
  rows: number;
  error: { code: string; message: string } | undefined;
  request: string | undefined;
  transaction: number;
  parameters: number;
  values: string[] | undefined;
}

/** Everything that one thread of a program said. */
export interface HeardProgram {
  hello: Hello;
  queries: HeardQuery[];
  libraries: string[];
  notes: string[];
  dropped: number;
  overhead: { queries: number; ms: number };
  ended: { request: string; status: number }[];
}

export interface ListenerOptions {
  welcome?: Partial<Welcome>;
  /** Takes over the connection instead of a profiler's part. */
  answer?: (socket: Socket) => void;
  /** Called after each message. */
  heard?: (listener: Listener) => void;
}

export const WELCOME: Welcome = { type: 'welcome', version: WIRE_VERSION, recording: true, parameters: false, sampleFirst: 32, sampleEvery: 16 };

/** A profiler for tests: a real socket that answers and remembers. */
export class Listener {
  readonly programs: HeardProgram[] = [];
  readonly sockets = new Set<Socket>();
  private readonly waiting = new Set<() => void>();

  private constructor(
    private readonly server: Server,
    private readonly folder: string,
    readonly socketPath: string,
  ) {}

  static async open(options: ListenerOptions = {}): Promise<Listener> {
    const folder = await mkdtemp(path.join(tmpdir(), 'roundtrip-probe-'));
    const socketPath = process.platform === 'win32' ? `\\\\.\\pipe\\${path.basename(folder)}` : path.join(folder, 'probe.sock');
    const server = createServer();
    const listener = new Listener(server, folder, socketPath);
    server.on('connection', (socket) => {
      listener.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        listener.sockets.delete(socket);
        listener.tell();
      });
      if (options.answer) options.answer(socket);
      else listener.hear(socket, { ...WELCOME, ...options.welcome }, options.heard);
    });
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    return listener;
  }

  /** What arms a program for this listener. */
  environment(more: Partial<ProbeOptions> = {}): Record<string, string> {
    const options: ProbeOptions = { version: WIRE_VERSION, socket: this.socketPath, token: TOKEN, folders: [], ...more };
    return { [PROBE_OPTIONS_VARIABLE]: JSON.stringify(options) };
  }

  /** Resolves when every program has hung up; rejects when one does not, which is a defect. */
  async quiet(): Promise<void> {
    let overdue: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => (overdue = setTimeout(() => reject(new Error(`${this.sockets.size} programs have not hung up`)), HANG_UP_LIMIT_MS)));
    try {
      while (this.sockets.size > 0) await Promise.race([limit, new Promise<void>((resolve) => this.waiting.add(resolve))]);
    } finally {
      clearTimeout(overdue);
    }
  }

  /** Reads no more, as a profiler that is busy, or goes on. */
  pause(paused: boolean): void {
    for (const socket of this.sockets) if (paused) socket.pause();
    else socket.resume();
  }

  /** Tells every program something else. */
  tellWelcome(welcome: Partial<Welcome>): void {
    for (const socket of this.sockets) socket.write(`${JSON.stringify({ ...WELCOME, ...welcome })}\n`);
  }

  get queries(): HeardQuery[] {
    return this.programs.flatMap(({ queries }) => queries);
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
    await rm(this.folder, { recursive: true, force: true });
  }

  private tell(): void {
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const resolve of waiting) resolve();
  }

  private hear(socket: Socket, welcome: Welcome, heard: ((listener: Listener) => void) | undefined): void {
    let text = '';
    let take: ((batch: Batch) => void) | undefined;
    socket.setEncoding('utf8');
    socket.on('data', (data: string) => {
      text += data;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
        const message = JSON.parse(text.slice(0, end)) as FromProbe;
        text = text.slice(end + 1);
        if (message.type === 'hello') {
          const program: HeardProgram = { hello: message, queries: [], libraries: [], notes: [], dropped: 0, overhead: { queries: 0, ms: 0 }, ended: [] };
          this.programs.push(program);
          take = reader(program);
          socket.write(`${JSON.stringify(welcome)}\n`);
        } else {
          take!(message);
        }
        heard?.(this);
      }
      this.tell();
    });
  }
}

/** Fills a program with batches; an id that was not told before is a defect of the probe. */
function reader(program: HeardProgram): (batch: Batch) => void {
  const texts = new Map<number, string>();
  const sites = new Map<number, WireFrame[]>();
  const errors = new Map<number, { code: string; message: string }>();
  const requests = new Map<number, string>();
  const known = <T>(map: Map<number, T>, id: number, kind: string): T | undefined => {
    if (id !== 0 && !map.has(id)) throw new Error(`${kind} ${id} was never told`);
    return map.get(id);
  };
  return (batch) => {
    for (const [id, text] of batch.texts ?? []) texts.set(id, text);
    for (const [id, frames] of batch.sites ?? []) sites.set(id, frames);
    for (const [id, code, message] of batch.errors ?? []) errors.set(id, { code, message });
    for (const [id, label] of batch.requests ?? []) requests.set(id, label);
    for (const [id, , status] of batch.ended ?? []) program.ended.push({ request: known(requests, id, 'request')!, status });
    program.libraries.push(...(batch.libraries ?? []));
    program.notes.push(...(batch.notes ?? []));
    program.dropped += batch.dropped ?? 0;
    program.overhead.queries += batch.overhead?.[0] ?? 0;
    program.overhead.ms += batch.overhead?.[1] ?? 0;
    const values = new Map(batch.values);
    for (const [index, [text, site, start, duration, wait, rows, error, request, transaction, parameters]] of (batch.queries ?? []).entries()) {
      program.queries.push({
        text: known(texts, text, 'text')!,
        frames: known(sites, site, 'site'),
        start,
        duration,
        wait,
        rows,
        error: known(errors, error, 'error'),
        request: known(requests, request, 'request'),
        transaction,
        parameters,
        values: values.get(index),
      });
    }
  };
}
