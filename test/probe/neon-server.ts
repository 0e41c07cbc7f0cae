import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { Client } from 'pg';
import { createWebSocketStream, WebSocketServer } from 'ws';

interface Asked {
  query: string;
  params: unknown[];
}

/**
 * Stands in for Neon's gateway before a real PostgreSQL. WebSockets are relayed to the server as they are. Of the HTTP form it knows what
 * these tests ask: one statement or a list in one transaction, rows as arrays of texts, and errors with status 400.
 */
export class NeonServer {
  private constructor(private readonly server: Server, private readonly sockets: WebSocketServer) {}

  static async open(url: string): Promise<NeonServer> {
    const { hostname, port } = new URL(url);
    const server = createServer((request, response) => {
      answer(request, url).then(
        (body) => response.setHeader('content-type', 'application/json').end(JSON.stringify(body)),
        ({ message, code }: { message: string; code?: string }) => response.writeHead(400).end(JSON.stringify({ message, code })),
      );
    });
    const sockets = new WebSocketServer({ server });
    sockets.on('connection', (socket) => {
      const stream = createWebSocketStream(socket);
      const database = connect(Number(port), hostname);
      for (const end of [stream, database]) end.on('error', () => undefined);
      stream.pipe(database).pipe(stream);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new NeonServer(server, sockets);
  }

  /** `127.0.0.1:4711` */
  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets.clients) socket.terminate();
    this.sockets.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

async function answer(request: IncomingMessage, url: string): Promise<unknown> {
  let text = '';
  for await (const part of request) text += part;
  const body = JSON.parse(text) as Asked | { queries: Asked[] };
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    if (!('queries' in body)) return await result(client, body);
    await client.query('BEGIN');
    const results = [];
    for (const asked of body.queries) results.push(await result(client, asked));
    await client.query('COMMIT');
    return { results };
  } finally {
    await client.end();
  }
}

async function result(client: Client, { query, params }: Asked): Promise<unknown> {
  const { command, rowCount, fields, rows } = await client.query({ text: query, values: params, rowMode: 'array', types: { getTypeParser: () => (value: string) => value } });
  return { command, rowCount, fields, rows };
}
