import { randomBytes, timingSafeEqual } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WIRE_VERSION, type Batch, type Hello, type Welcome } from '../../probe/wire.js';
import { LineSplitter } from './lines.js';
import { readBatch, readHello } from './messages.js';

/** Bytes of one line. A batch has some hundred kilobytes; statements of megabytes are cut by the probe. */
const LINE_LIMIT = 16 * 1024 * 1024;
/** A probe introduces itself at once; whoever does not is none. */
const HELLO_TIMEOUT_MS = 5_000;
/** Probes gather what they measure for 50 ms: programs that go on get the time to send what they have. */
const LAST_BATCH_MS = 150;
/** A program that is busy for longer than this when it is sent away keeps the rest to itself. */
const GOODBYE_TIMEOUT_MS = 1_000;
/** Broken lines after which a connection is closed: it is not what it says. */
const BROKEN_LINES_LIMIT = 10;
/** Programs and threads at the same time. */
const CONNECTION_LIMIT = 500;
/** Bytes of a socket's path, with the NUL at its end; macOS has 104, Linux 108. */
const SOCKET_PATH_LIMIT = 104;

/** What the owner of the listener does with a probe that has introduced itself. */
export interface ProbeSink {
  take(batch: Required<Batch>): void;
  /** The program ended, crashed, or was sent away. */
  end(): void;
}

export interface ListenerOptions {
  onProbe(hello: Hello): ProbeSink;
  /** Something that was dropped, in a sentence for the log. */
  onNote(note: string): void;
}

export type Wanted = Omit<Welcome, 'type' | 'version'>;

/** Where programs that the probe watches report to: a Unix socket in a folder of its own, or a named pipe. */
export class ProbeListener {
  readonly token = randomBytes(24).toString('base64url');
  readonly #connections = new Set<Socket>();
  readonly #welcomed = new Set<Socket>();
  /** Undefined while nobody records: probes are sent away. */
  #wanted: Wanted | undefined;

  private constructor(
    readonly socket: string,
    private readonly folder: string | undefined,
    private readonly server: Server,
    private readonly options: ListenerOptions,
  ) {
    server.on('connection', (connection) => this.#accept(connection));
    server.on('error', (error) => options.onNote(`The socket for programs failed: ${error.message}`));
  }

  static async open(options: ListenerOptions): Promise<ProbeListener> {
    const { socket, folder } = newSocketName();
    const server = createServer();
    // Whoever is watched keeps itself running, not the listener.
    server.unref();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(socket, () => {
        server.off('error', reject);
        resolve();
      });
    });
    if (folder) chmodSync(socket, 0o600);
    return new ProbeListener(socket, folder, server, options);
  }

  /** Tells all probes, and those to come, what is wanted of them. */
  setWanted(wanted: Wanted): void {
    this.#wanted = wanted;
    for (const connection of this.#welcomed) welcome(connection, wanted);
  }

  /** Sends all probes away, and those to come. Ends when what they had still to say is read. */
  async dismiss(): Promise<void> {
    // A program that has just ended may have connected and said everything, without having been looked at yet.
    for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    if (this.#welcomed.size > 0) await new Promise((resolve) => setTimeout(resolve, LAST_BATCH_MS));
    this.#wanted = undefined;
    await Promise.all([...this.#connections].map(sendAway));
  }

  async close(): Promise<void> {
    await this.dismiss();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.removeFolder();
  }

  /** For the end of the process, when nothing can be awaited any more. */
  removeFolder(): void {
    if (this.folder) rmSync(this.folder, { recursive: true, force: true });
  }

  #accept(connection: Socket): void {
    connection.on('error', () => connection.destroy());
    if (this.#wanted === undefined || this.#connections.size >= CONNECTION_LIMIT) {
      if (this.#wanted) this.options.onNote(`More than ${CONNECTION_LIMIT} programs and threads report at the same time: one was not taken.`);
      connection.destroy();
      return;
    }
    this.#connections.add(connection);
    let sink: ProbeSink | undefined;
    let brokenLines = 0;
    let program = 'A program that did not introduce itself';
    const refuse = (why: string): void => {
      this.options.onNote(`${program} was not taken: ${why}`);
      connection.destroy();
    };
    const timeout = setTimeout(() => refuse('it said nothing.'), HELLO_TIMEOUT_MS).unref();
    const broken = (what: string): void => {
      brokenLines += 1;
      this.options.onNote(`${program} sent ${what}, which was dropped.`);
      if (brokenLines >= BROKEN_LINES_LIMIT) refuse('too much of what it sent could not be read.');
    };
    const splitter = new LineSplitter(
      LINE_LIMIT,
      (line) => {
        if (connection.destroyed) return;
        const message = parseJson(line);
        if (sink === undefined) {
          const hello = readHello(message);
          if (hello === undefined) return refuse('it does not speak as the probe does.');
          program = `Process ${hello.pid}`;
          if (!equal(hello.token, this.token)) return refuse('it does not know the token of this session.');
          if (hello.version !== WIRE_VERSION) return refuse('its probe is of another version of Roundtrip. Start it again in a new terminal.');
          if (this.#wanted === undefined) return connection.destroy();
          clearTimeout(timeout);
          this.#welcomed.add(connection);
          sink = this.options.onProbe(hello);
          return welcome(connection, this.#wanted);
        }
        const read = readBatch(message);
        if (read === undefined) return broken('a line that cannot be read');
        if (read.broken > 0) broken(read.broken === 1 ? 'an entry that cannot be read' : `${read.broken} entries that cannot be read`);
        sink.take(read.batch);
      },
      () => broken(`a line of more than ${LINE_LIMIT / 1024 / 1024} MB`),
    );
    connection.on('data', (chunk) => splitter.push(chunk));
    connection.on('close', () => {
      clearTimeout(timeout);
      this.#connections.delete(connection);
      this.#welcomed.delete(connection);
      sink?.end();
    });
  }
}

/** Its other side says the rest and closes, as a program that has ended did already. */
async function sendAway(connection: Socket): Promise<void> {
  if (connection.destroyed) return;
  await new Promise<void>((resolve) => {
    const patience = setTimeout(() => connection.destroy(), GOODBYE_TIMEOUT_MS);
    connection.once('close', () => {
      clearTimeout(patience);
      resolve();
    });
    connection.end();
  });
}

function welcome(connection: Socket, wanted: Wanted): void {
  const message: Welcome = { type: 'welcome', version: WIRE_VERSION, ...wanted };
  connection.write(`${JSON.stringify(message)}\n`);
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

function equal(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function newSocketName(): { socket: string; folder?: string } {
  if (process.platform === 'win32') return { socket: `\\\\.\\pipe\\roundtrip-${randomBytes(16).toString('hex')}` };
  // Made for this user alone (0700).
  const inside = (parent: string): { socket: string; folder: string } => {
    const folder = mkdtempSync(path.join(parent, 'roundtrip-'));
    return { socket: path.join(folder, 'probe'), folder };
  };
  const isShort = Buffer.byteLength(path.join(tmpdir(), 'roundtrip-XXXXXX', 'probe')) < SOCKET_PATH_LIMIT;
  return inside(isShort ? tmpdir() : '/tmp');
}
