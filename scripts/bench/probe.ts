/**
 * `npm run bench:probe`: what the probe costs a query, beside `@opentelemetry/instrumentation-pg`, and what it costs a program's start.
 *
 * One program asks PostgreSQL in blocks that are switched on and off in turn, so that whatever else the machine does befalls both alike;
 * the probe is switched by pausing and resuming the session, OpenTelemetry by disabling and enabling its instrumentation. `nothing` is
 * the same without anything switched: what it shows is noise.
 */
import { spawn } from 'node:child_process';
import { createServer, type Socket } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startPostgres } from '../../test/postgres';
import { PROBE_OPTIONS_VARIABLE, WIRE_VERSION, type Welcome } from '../../src/probe/wire';

const ROOT = path.join(__dirname, '../..');
const PROBE = path.join(ROOT, 'dist/probe.cjs');
const STARTS = 40;

interface Measured {
  offMedian: number;
  addedMedian: number;
  offMean: number;
  addedMean: number;
}

const welcome = (recording: boolean): string => `${JSON.stringify({ type: 'welcome', version: WIRE_VERSION, recording, parameters: false, sampleFirst: 32, sampleEvery: 16 } satisfies Welcome)}\n`;

async function main(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'roundtrip-bench-'));
  const socketPath = path.join(folder, 'probe.sock');
  const postgres = await startPostgres();
  const sockets = new Set<Socket>();
  let heard = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.on('data', (data) => (heard += data.length));
    socket.write(welcome(true));
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  const armed = { [PROBE_OPTIONS_VARIABLE]: JSON.stringify({ version: WIRE_VERSION, socket: socketPath, token: 'bench', folders: [] }) };

  const measure = (variant: string, handle: string): Promise<Measured> =>
    new Promise((resolve, reject) => {
      const required = variant === 'probe' ? ['--require', PROBE] : [];
      const child = spawn(process.execPath, [...required, path.join(__dirname, 'probe-program.cjs'), variant, handle], {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        env: { ...process.env, DATABASE_URL: postgres.url, ...(variant === 'probe' ? armed : {}) },
      });
      child.on('message', (message: { recording?: boolean; measured?: Measured }) => {
        if (message.measured) return resolve(message.measured);
        for (const socket of sockets) socket.write(welcome(message.recording!));
        return undefined;
      });
      child.on('error', reject);
      child.on('exit', (status) => (status === 0 ? undefined : reject(new Error(`the program exited with ${status}`))));
    });

  console.log(`Node ${process.version}, microseconds per query (SELECT $1::int AS id over TCP)\n`);
  console.log('handle  variant        median off  median added  mean off  mean added');
  for (const handle of ['Client', 'Pool']) {
    for (const variant of ['nothing', 'probe', 'OpenTelemetry']) {
      const { offMedian, addedMedian, offMean, addedMean } = await measure(variant, handle);
      const cells = [offMedian, addedMedian, offMean, addedMean].map((value) => value.toFixed(1));
      console.log(`${handle.padEnd(8)}${variant.padEnd(15)}${cells[0]!.padStart(10)}${cells[1]!.padStart(14)}${cells[2]!.padStart(10)}${cells[3]!.padStart(12)}`);
    }
  }
  console.log(`\n${(heard / 1024).toFixed(0)} KB told\n`);

  const start = (required: string[], env: Record<string, string>): Promise<number> =>
    new Promise((resolve, reject) => {
      const from = performance.now();
      spawn(process.execPath, [...required, '-e', "require('pg')"], { cwd: ROOT, stdio: 'ignore', env: { ...process.env, ...env } })
        .on('error', reject)
        .on('exit', () => resolve(performance.now() - from));
    });
  const starts: Record<string, number[]> = { 'without': [], 'probe, no session': [], 'probe, recording': [] };
  for (let turn = 0; turn < STARTS; turn += 1) {
    starts['without']!.push(await start([], {}));
    starts['probe, no session']!.push(await start(['--require', PROBE], {}));
    starts['probe, recording']!.push(await start(['--require', PROBE], armed));
  }
  console.log(`start of a program that loads pg, milliseconds, median of ${STARTS}`);
  const bare = median(starts['without']!);
  for (const [name, times] of Object.entries(starts)) console.log(`${name.padEnd(20)}${median(times).toFixed(1).padStart(8)}${name === 'without' ? '' : `  +${(median(times) - bare).toFixed(1)}`}`);

  server.close();
  for (const socket of sockets) socket.destroy();
  await postgres.stop();
  rmSync(folder, { recursive: true });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
