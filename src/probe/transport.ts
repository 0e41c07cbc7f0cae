import { writeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { WIRE_VERSION, type Hello, type ProbeOptions, type Welcome } from './wire';

/** Of what the profiler says; it says little. */
const LONGEST_WELCOME = 10_000;

/** At the end of the program the profiler gets this long to read what is left: rather a lost batch than a program that does not end. */
const LAST_WORDS_MS = 200;
const LAST_WORDS_PAUSE_MS = 2;

const COMMAND_LIMIT = 1_000;

export interface TransportEvents {
  welcomed(welcome: Welcome): void;
  /** Nobody listens, or not any more; it does not come back. */
  closed(): void;
}

/**
 * The connection to the profiler. Lines are written straight to the socket's descriptor, without the event loop: the same way at
 * work and in the last moment of the program, when the loop has ended. A full socket takes what it can; the rest of the line stays here.
 */
export class Transport {
  private socket: Socket | undefined;
  private unsent: Buffer | undefined;
  private greeted = false;
  private ended = false;
  private threadId = 0;

  constructor(private readonly options: ProbeOptions) {}

  /** Loads parts of Node late: programs without a database library never need it. */
  async connect(events: TransportEvents): Promise<void> {
    const [{ connect }, { threadId }] = [await import('node:net'), await import('node:worker_threads')];
    this.threadId = threadId;
    const socket = connect(this.options.socket);
    this.socket = socket;
    socket.unref();
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.ended = true;
      events.closed();
    });
    socket.on('connect', () => this.greet());
    let heard = '';
    socket.setEncoding('utf8');
    socket.on('data', (data: string) => {
      heard += data;
      for (let end = heard.indexOf('\n'); end >= 0 && !this.ended; end = heard.indexOf('\n')) {
        const welcome = parseWelcome(heard.slice(0, end));
        heard = heard.slice(end + 1);
        if (welcome) events.welcomed(welcome);
        else this.close();
      }
      if (heard.length > LONGEST_WELCOME) this.close();
    });
  }

  /** Something is still waiting to be taken by the profiler. */
  get isFull(): boolean {
    this.writeUnsent();
    return this.unsent !== undefined || !this.greeted || (this.socket?.writableLength ?? 0) > 0;
  }

  /** Takes one message. Ask {@link isFull} before. */
  send(message: object): void {
    this.unsent = Buffer.from(`${JSON.stringify(message)}\n`);
    this.writeUnsent();
  }

  /** Sends at the end of the program, waiting for a slow profiler for a moment. */
  sendLast(messages: Iterable<object>): void {
    if (!this.socket || this.ended) return;
    const limit = performance.now() + LAST_WORDS_MS;
    const drained = (): boolean => {
      for (this.writeUnsent(); this.unsent && !this.ended; this.writeUnsent()) {
        if (performance.now() > limit) return false;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LAST_WORDS_PAUSE_MS);
      }
      return !this.ended;
    };
    if (!this.greeted) this.greet();
    if (!drained()) return;
    for (const message of messages) {
      this.send(message);
      if (!drained()) return;
    }
  }

  close(): void {
    this.ended = true;
    this.unsent = undefined;
    this.socket?.destroy();
  }

  private greet(): void {
    if (this.greeted) return;
    this.greeted = true;
    const hello: Hello = {
      type: 'hello',
      version: WIRE_VERSION,
      token: this.options.token,
      pid: process.pid,
      parentPid: process.ppid,
      threadId: this.threadId,
      node: process.version,
      command: process.argv.slice(1).join(' ').slice(0, COMMAND_LIMIT),
      cwd: process.cwd(),
      timeOrigin: performance.timeOrigin,
    };
    this.send(hello);
  }

  private writeUnsent(): void {
    if (!this.unsent || !this.socket || this.ended) return;
    const descriptor = descriptorOf(this.socket);
    if (descriptor === undefined) {
      // A named pipe of Windows: Node keeps what the pipe does not take.
      this.socket.write(this.unsent);
      this.unsent = undefined;
      return;
    }
    try {
      while (this.unsent) {
        const written: number = writeSync(descriptor, this.unsent);
        this.unsent = written < this.unsent.length ? this.unsent.subarray(written) : undefined;
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') this.close();
    }
  }
}

/** Asked for at each use: a socket that was closed has none, and its number may belong to another file by then. */
function descriptorOf(socket: Socket): number | undefined {
  const { _handle: handle } = socket as unknown as { _handle?: { fd?: number } | null };
  return typeof handle?.fd === 'number' && handle.fd >= 0 ? handle.fd : undefined;
}

function parseWelcome(line: string): Welcome | undefined {
  try {
    const message = JSON.parse(line) as Welcome;
    const isWelcome = message.type === 'welcome' && message.version === WIRE_VERSION && message.sampleFirst >= 0 && message.sampleEvery >= 1;
    return isWelcome ? message : undefined;
  } catch {
    return undefined;
  }
}
