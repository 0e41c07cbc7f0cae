/**
 * `node --expose-gc --import=tsx scripts/bench/session-store.ts [MINUTES] [QUERIES PER SECOND]`: what a long session costs the profiler,
 * in simulated time: an hour of 5,000 queries a second unless said otherwise. 3,000 statements from 2,000 lines in requests of 25
 * queries, some of them N+1; each second begins 5 statements that never come again. The panel's update is taken every 10 seconds.
 * Times are the processor's: those of the clock would grow with whatever else the machine does.
 */
import type { Place } from '../../src/profiler/protocol.js';
import { SessionStore } from '../../src/profiler/store/store.js';

const [minutes = 60, rate = 5_000] = process.argv.slice(2).map(Number);
const STATEMENTS = 3_000;
const LINES = 2_000;
const QUERIES_PER_REQUEST = 25;
const LABELS = 200;
const start = Date.UTC(2026, 0, 1);

const megabytes = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1024 / 1024;
};
let seed = 1;
const random = (): number => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return (seed + 0.5) / 2 ** 32;
};
const percentile = (values: number[], share: number): number => values.sort((a, b) => a - b)[Math.floor(share * (values.length - 1))]!;

/** Milliseconds of the processor so far. */
const processorMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

const before = megabytes();
const store = new SessionStore();
store.addProgram(1, { pid: 1, command: 'app.ts', node: process.version, libraries: ['pg'], startedAt: start, queries: 0, dropped: 0, overheadUs: 0 });
const declare = (id: string): void => store.declare({ id, text: `SELECT column_a, column_b FROM table_${id} WHERE id = $1 AND ${'x'.repeat(100)}`, kind: 'select', tables: [`table_${id}`] });
for (let index = 0; index < STATEMENTS; index += 1) declare(`s${index}`);
const places = Array.from({ length: LINES }, (_, index): Place => ({ file: `/project/src/file-${index % 200}.ts`, line: 1 + index, column: 9 }));

let change = 0;
let request = 0;
let executions = 0;
let most = 0;
let adding = 0;
const updates: number[] = [];
for (let second = 0; second < minutes * 60; second += 1) {
  const from = processorMs();
  for (let rare = 0; rare < 5; rare += 1) {
    declare(`rare${second}-${rare}`);
    store.add(1, { statement: `rare${second}-${rare}`, place: places[rare]!, cost: { durationMs: 1, waitMs: 0, rows: 1, failed: false }, at: start + second * 1_000, values: '' });
  }
  for (let query = 0; query < rate; query += 1) {
    if (query % QUERIES_PER_REQUEST === 0) request += 1;
    const isLoop = request % 10 === 0;
    const statement = isLoop ? request % 100 : Math.floor(random() ** 2 * STATEMENTS);
    const isSampled = executions < 32 * STATEMENTS || executions % 16 === 0;
    executions += 1;
    store.add(1, {
      statement: `s${statement}`,
      ...(isSampled ? { place: places[(statement * 7 + (executions % 3)) % LINES]! } : {}),
      cost: { durationMs: Math.exp(2 * random() + 2 * random() - 2), waitMs: 0.01, rows: 3, failed: false },
      at: start + second * 1_000 + (query / rate) * 1_000,
      context: { id: `request ${request}`, kind: 'request', label: `GET /page-${request % LABELS}` },
      values: String(query),
    });
    if (query % QUERIES_PER_REQUEST === QUERIES_PER_REQUEST - 1) store.endRequest(1, `request ${request}`, `GET /page-${request % LABELS}`, 60);
  }
  adding += processorMs() - from;
  if (second % 10 === 9) {
    const updated = processorMs();
    store.tick(start + second * 1_000);
    change = store.changes(change, start + second * 1_000).change;
    store.repetitions();
    updates.push(processorMs() - updated);
  }
  if (second % 60 === 59) {
    const used = megabytes() - before;
    most = Math.max(most, used);
    if (second % 600 === 599) console.log(`${(second + 1) / 60} min: ${executions.toLocaleString('en')} queries, ${used.toFixed(1)} MB`);
  }
}
const saving = processorMs();
const size = JSON.stringify(store.snapshot()).length / 1024 / 1024;
console.log(`${minutes} min at ${rate}/s: ${store.totals.calls.toLocaleString('en')} queries, ${store.totals.statements} rows, ${store.folded} folded statements`);
console.log(`memory: ${most.toFixed(1)} MB at most`);
console.log(`one query: ${((adding * 1_000) / executions).toFixed(2)} µs`);
console.log(`one update: ${percentile(updates, 0.5).toFixed(1)} ms in the median, ${percentile(updates, 0.95).toFixed(1)} ms at the 95th percentile`);
console.log(`saving: ${size.toFixed(1)} MB in ${(processorMs() - saving).toFixed(0)} ms`);
