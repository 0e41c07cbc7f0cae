/** The program that scripts/bench/probe.ts measures: `probe-program.cjs VARIANT Client|Pool`. */
'use strict';

const BLOCK = 200;
const PAIRS = 100;
const WARM_UP_PAIRS = 10;

const [, , variant, handle] = process.argv;

/** Switches what is measured on or off. */
function switcher() {
  if (variant === 'nothing') return async () => undefined;
  if (variant === 'probe') {
    return async (on) => {
      process.send({ recording: on });
      // The word reaches the probe through its own socket, some turns of the event loop later.
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setTimeout(resolve, 1));
    };
  }
  const { NodeTracerProvider, BatchSpanProcessor } = { ...require('@opentelemetry/sdk-trace-node'), ...require('@opentelemetry/sdk-trace-base') };
  const { PgInstrumentation } = require('@opentelemetry/instrumentation-pg');
  const exporter = { export: (_spans, done) => done({ code: 0 }), shutdown: async () => undefined };
  const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
  provider.register();
  const instrumentation = new PgInstrumentation();
  instrumentation.setTracerProvider(provider);
  instrumentation.enable();
  require('pg');
  return async (on) => (on ? instrumentation.enable() : instrumentation.disable());
}

const quantile = (sorted, share) => sorted[Math.floor(sorted.length * share)];
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

(async () => {
  const turn = switcher();
  const { Client, Pool } = require('pg');
  const options = { connectionString: process.env.DATABASE_URL, max: 1 };
  const database = handle === 'Pool' ? new Pool(options) : new Client(options);
  if (handle === 'Client') await database.connect();

  const block = async (times) => {
    for (let query = 0; query < BLOCK; query += 1) {
      const from = process.hrtime.bigint();
      await database.query('SELECT $1::int AS id', [query]);
      times.push(Number(process.hrtime.bigint() - from) / 1000);
    }
  };

  const off = [];
  const on = [];
  for (let pair = 0; pair < PAIRS + WARM_UP_PAIRS; pair += 1) {
    const kept = pair >= WARM_UP_PAIRS;
    const first = pair % 2 === 0;
    for (const active of [first, !first]) {
      await turn(active);
      await block(kept ? (active ? on : off) : []);
    }
  }
  await database.end();
  for (const times of [off, on]) times.sort((a, b) => a - b);
  const measured = { offMedian: quantile(off, 0.5), addedMedian: quantile(on, 0.5) - quantile(off, 0.5), offMean: mean(off), addedMean: mean(on) - mean(off) };
  process.send({ measured }, () => process.exit());
})();
