import path from 'node:path';
import { createMessageConnection, ErrorCodes, IPCMessageReader, IPCMessageWriter, ResponseError } from 'vscode-jsonrpc/node';
import { openProfiler } from './index.js';
import type { ProfilerRequests } from './protocol.js';

/** All of them: a missing one would not compile. */
const REQUESTS: Record<keyof ProfilerRequests, true> = {
  connect: true, disconnect: true, start: true, pause: true, stop: true, rename: true, clear: true, list: true, open: true, compare: true, report: true,
  detail: true, explain: true, cancel: true, setTargets: true, setVisible: true, refresh: true,
};

function option(name: string): string | undefined {
  const start = `--${name}=`;
  return process.argv.find((argument) => argument.startsWith(start))?.slice(start.length);
}

/** `dist/profiler.js --storage=FOLDER [--probe=FILE]`, started with an IPC channel: see ProfilerRequests. */
async function serve(): Promise<void> {
  const storage = option('storage');
  if (!storage || process.send === undefined) throw new Error('This is a part of Roundtrip, which starts it by itself.');
  const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
  const report = (reason: unknown): void => {
    const message = `Unexpected: ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}`;
    if (process.connected) void connection.sendNotification('log', { level: 'error', message });
  };
  process.on('unhandledRejection', report);
  process.on('uncaughtException', report);
  const profiler = await openProfiler({
    probe: option('probe') ?? path.join(path.dirname(path.resolve(process.argv[1] ?? '')), 'probe.cjs'),
    storage,
    notify: (name, value) => {
      if (process.connected) void connection.sendNotification(name, value);
    },
  });
  for (const name of Object.keys(REQUESTS) as (keyof ProfilerRequests)[]) {
    connection.onRequest(name, async (parameters: object) => {
      try {
        return await (profiler[name] as (parameters: object) => Promise<unknown>).call(profiler, parameters);
      } catch (error) {
        // Any other error would arrive with words of the protocol around its sentence.
        throw new ResponseError(ErrorCodes.InternalError, error instanceof Error ? error.message : String(error));
      }
    });
  }
  connection.listen();
  process.on('exit', () => profiler.abandon());
  // Closing the channel is the sign to save and go.
  process.on('disconnect', () => {
    const end = profiler.isRecording ? profiler.stop() : Promise.resolve();
    void end.finally(() => process.exit(0));
  });
}

serve().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
