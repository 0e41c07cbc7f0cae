import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Transform } from 'node:stream';

/** A TCP relay in front of a real server, which can cut every connection, refuse new ones, and answer start-up messages itself. */
export interface Relay {
  port: number;
  /** Cuts the connections there are, and refuses new ones until `admit`. */
  cut(): void;
  admit(): void;
  /** From now on nothing passes any more, and no connection ends. */
  stall(): void;
  /** Start-up messages seen so far, as text. */
  startups: string[];
  stop(): Promise<void>;
}

const ERROR_RESPONSE = 'E'.charCodeAt(0);

export interface Refusal {
  code: string;
  message: string;
}

export interface RelayOptions {
  /** What a start-up is refused with (as PgBouncer refuses settings), or undefined to let it pass. */
  refuse?: (startup: string) => Refusal | undefined;
  /** Changes what the server says to the client, to as many bytes. */
  change?: (answer: Buffer) => Buffer;
}

export async function startRelay(targetPort: number, { refuse = () => undefined, change = (answer) => answer }: RelayOptions = {}): Promise<Relay> {
  const sockets = new Set<Socket>();
  const startups: string[] = [];
  let admitting = true;
  const server = createServer((client) => {
    if (!admitting) {
      client.destroy();
      return;
    }
    client.once('data', (first) => {
      const startup = first.toString('latin1');
      startups.push(startup);
      const refusal = refuse(startup);
      if (refusal !== undefined) {
        client.end(errorResponse(refusal));
        return;
      }
      const upstream = connect(targetPort, '127.0.0.1');
      for (const socket of [client, upstream]) {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          sockets.delete(socket);
          client.destroy();
          upstream.destroy();
        });
      }
      upstream.write(first);
      client.pipe(upstream);
      upstream.pipe(new Transform({ transform: (chunk: Buffer, _, done) => done(null, change(chunk)) })).pipe(client);
    });
    client.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cutAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    startups,
    cut: () => {
      admitting = false;
      cutAll();
    },
    admit: () => {
      admitting = true;
    },
    stall: () => {
      for (const socket of sockets) socket.unpipe().pause();
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cutAll();
      }),
  };
}

function errorResponse({ code, message }: Refusal): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`, 'utf8');
  const head = Buffer.alloc(5);
  head.writeUInt8(ERROR_RESPONSE, 0);
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
