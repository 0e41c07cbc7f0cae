import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { TLSSocket } from 'node:tls';
import { DatabaseConnection, explainProblem, parseDatabaseUrl, type DatabaseProblem } from '../../src/database/index.js';
import { startPostgres, type RunningPostgres } from '../postgres.js';

/** A certificate of nobody's, made for these tests and for `localhost`. */
const CERTIFICATE = fileURLToPath(new URL('tls/self-signed.crt', import.meta.url));
const KEY = fileURLToPath(new URL('tls/self-signed.key', import.meta.url));

/** Speaks TLS with the client and plain text with the real server behind it, as a load balancer does. */
function startTlsRelay(targetPort: number): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      // The first message is the request for TLS; `S` grants it.
      socket.write('S');
      const secure = new TLSSocket(socket, { isServer: true, cert: readFileSync(CERTIFICATE), key: readFileSync(KEY) });
      const upstream = connect(targetPort, '127.0.0.1');
      for (const side of [secure, upstream]) {
        side.on('error', () => undefined);
        side.on('close', () => {
          secure.destroy();
          upstream.destroy();
        });
      }
      secure.pipe(upstream);
      upstream.pipe(secure);
    });
  });
  return new Promise((resolve) => server.listen(0, () => resolve(server)));
}

describe('a server that speaks TLS with a certificate of its own making', () => {
  let server: RunningPostgres;
  let relay: Server;

  before(async () => {
    server = await startPostgres();
    relay = await startTlsRelay(server.port);
  });

  after(async () => {
    await new Promise((resolve) => relay.close(resolve));
    await server.stop();
  });

  const open = (host: string, parameters: string): ReturnType<typeof DatabaseConnection.open> => {
    const parsed = parseDatabaseUrl(`postgresql://postgres:password@${host}:${(relay.address() as AddressInfo).port}/postgres?${parameters}`);
    assert.ok(parsed.ok);
    return DatabaseConnection.open(parsed.login);
  };
  const works = async (host: string, parameters: string): Promise<void> => {
    const opened = await open(host, parameters);
    assert.ok(opened.ok, opened.ok ? '' : JSON.stringify(opened.problem));
    await opened.value.close();
  };
  const problem = async (host: string, parameters: string): Promise<DatabaseProblem> => {
    const opened = await open(host, parameters);
    assert.ok(!opened.ok);
    return opened.problem;
  };

  it('is reached without a check of who answers, as psql does it', async () => {
    await works('localhost', 'sslmode=require');
    await works('localhost', 'sslmode=prefer');
  });

  it('is reached with a check, when its certificate is named', async () => {
    await works('localhost', `sslmode=verify-full&sslrootcert=${CERTIFICATE}`);
    await works('127.0.0.1', `sslmode=verify-ca&sslrootcert=${CERTIFICATE}`);
  });

  it('is refused with an explanation, when its certificate is not', async () => {
    const found = await problem('localhost', 'sslmode=verify-full');
    assert.ok(found.kind === 'tls' && found.cause === 'untrusted');
    assert.match(explainProblem(found).detail, /self-signed.*sslrootcert/);
  });

  it('is refused with an explanation under another name', async () => {
    const found = await problem('127.0.0.1', `sslmode=verify-full&sslrootcert=${CERTIFICATE}`);
    assert.ok(found.kind === 'tls' && found.cause === 'wrong-name');
    assert.match(explainProblem(found).title, /made out for another host/);
  });
});
