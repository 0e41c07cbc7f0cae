import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { PROBE_OPTIONS_VARIABLE, WIRE_VERSION, type Batch, type Hello, type ProbeOptions, type Welcome } from '../../src/probe/wire.js';
import type { Arming } from '../../src/profiler/protocol.js';

/** Speaks to a profiler as the probe does, with whatever a test wants to say. */
export class FakeProbe {
  readonly welcomes: Welcome[] = [];
  readonly socket: Socket;
  #wake: (() => void)[] = [];
  #text = '';

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.setEncoding('utf8').on('data', (data: string) => {
      this.#text += data;
      const lines = this.#text.split('\n');
      this.#text = lines.pop()!;
      this.welcomes.push(...lines.map((line) => JSON.parse(line) as Welcome));
      for (const wake of this.#wake.splice(0)) wake();
    });
  }

  /** Connects without a word. */
  static async connect(arming: Arming): Promise<FakeProbe> {
    const socket = connect(optionsOf(arming).socket);
    await once(socket, 'connect');
    return new FakeProbe(socket);
  }

  /** Connects and is welcomed. */
  static async open(arming: Arming, hello: Partial<Hello> = {}): Promise<FakeProbe> {
    const probe = await FakeProbe.connect(arming);
    probe.send(helloOf(arming, hello));
    await probe.welcome(1);
    return probe;
  }

  send(message: unknown): void {
    this.socket.write(`${JSON.stringify(message)}\n`);
  }

  batch(batch: Omit<Batch, 'type'>): void {
    this.send({ type: 'batch', ...batch });
  }

  /** The `count`th welcome. */
  async welcome(count: number): Promise<Welcome> {
    while (this.welcomes.length < count) await new Promise<void>((resolve) => this.#wake.push(resolve));
    return this.welcomes[count - 1]!;
  }

  async end(): Promise<void> {
    const closed = once(this.socket, 'close');
    this.socket.end();
    await closed;
  }
}

export function optionsOf(arming: Arming): ProbeOptions {
  return JSON.parse(arming.variables[PROBE_OPTIONS_VARIABLE]!) as ProbeOptions;
}

export function helloOf(arming: Arming, hello: Partial<Hello> = {}): Hello {
  const { token } = optionsOf(arming);
  return {
    type: 'hello',
    version: WIRE_VERSION,
    token,
    pid: 4711,
    parentPid: 1,
    threadId: 0,
    node: 'v22.0.0',
    command: 'app.ts',
    cwd: '/project',
    timeOrigin: Date.now(),
    ...hello,
  };
}
