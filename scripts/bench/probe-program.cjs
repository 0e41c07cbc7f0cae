/**
 * One of the programs that scripts/bench/probe.ts measures: `probe-program.cjs plain|probe|OpenTelemetry Client|Pool QUERIES`, with an IPC channel.
 * It answers each `{ on }` with what a block of queries took, after its watcher was switched on or off.
 */
'use strict';

const [, , variant, handle, size] = process.argv;
const BLOCK = Number(size);

/** The instrumentation as its documentation sets it up; an exporter that hands nothing on leaves out what a collector would cost. */
function openTelemetry() {
  const { NodeTracerProvider, BatchSpanProcessor } = { ...require('@opentelemetry/sdk-trace-node'), ...require('@opentelemetry/sdk-trace-base') };
  const { PgInstrumentation } = require('@opentelemetry/instrumentation-pg');
  const exporter = { export: (_spans, done) => done({ code: 0 }), shutdown: async () => undefined };
  const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
  provider.register();
  const instrumentation = new PgInstrumentation();
  instrumentation.setTracerProvider(provider);
  instrumentation.enable();
  require('pg');
  return (on) => (on ? instrumentation.enable() : instrumentation.disable());
}

(async () => {
  // The probe is switched from outside, by the session that it reports to.
  const turn = variant === 'OpenTelemetry' ? openTelemetry() : () => undefined;
  const { Client, Pool } = require('pg');
  const options = { connectionString: process.env.DATABASE_URL, max: 1 };
  const database = handle === 'Pool' ? new Pool(options) : new Client(options);
  if (handle === 'Client') await database.connect();

  const times = new Float64Array(BLOCK);
  process.on('message', async ({ on }) => {
    if (on === undefined) {
      await database.end();
      process.disconnect();
      return;
    }
    turn(on);
    // What the probe was told before this message lies in its socket: it reads it in one turn of the event loop.
    for (let turns = 0; turns < 2; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    const usage = process.cpuUsage();
    for (let query = 0; query < BLOCK; query += 1) {
      const from = performance.now();
      await database.query('SELECT $1::int AS id', [query]);
      times[query] = performance.now() - from;
    }
    const { user, system } = process.cpuUsage(usage);
    const mean = times.reduce((sum, time) => sum + time, 0) / BLOCK;
    process.send({ block: { median: 1000 * Float64Array.from(times).sort()[BLOCK / 2], mean: 1000 * mean, cpu: (user + system) / BLOCK } });
  });
  process.send({ ready: true });
})();
