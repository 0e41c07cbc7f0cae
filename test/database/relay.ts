import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

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

/** `refuse` gives the message with which a start-up is refused (as PgBouncer refuses settings), or undefined to let it pass. */
export async function startRelay(targetPort: number, refuse: (startup: string) => string | undefined = () => undefined): Promise<Relay> {
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
      const message = refuse(startup);
      if (message !== undefined) {
        client.end(errorResponse('08P01', message));
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
      upstream.pipe(client);
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

function errorResponse(code: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`, 'utf8');
  const head = Buffer.alloc(5);
  head.writeUInt8(ERROR_RESPONSE, 0);
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
