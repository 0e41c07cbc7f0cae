import type { SessionUpdate } from '../../src/profiler/protocol.js';
import { SessionStore } from '../../src/profiler/store/store.js';
import { FOLDER, sessionUpdate } from './sample.js';

/** As many as a session keeps. */
const STATEMENTS = 5_000;
/** Statements that run within a second, each as often. */
const BUSY = 400;
const RUNS = 5;
const BEGIN = Date.UTC(2026, 0, 1);
/** Long enough that every statement has run lately, and the request that ran it is over. */
const WARM_UP_SECONDS = 120;

/**
 * A program with 5,000 statements at as many lines, 2,000 queries a second, as the profiler's own store tells it.
 * @returns the full update that a new page gets, and one for each second after it
 */
export function busySession(seconds: number): { full: SessionUpdate; next: SessionUpdate[] } {
  const store = new SessionStore();
  store.addProgram(1, { pid: 1, command: 'app.ts', node: 'v22.23.3', libraries: ['pg'], startedAt: BEGIN, queries: 0, dropped: 0, overheadUs: 1 });
  for (let index = 0; index < STATEMENTS; index += 1) {
    const table = `table_${index % 97}`;
    store.declare({ id: `s${index}`, text: `SELECT id, column_${index}, created_at FROM ${table} JOIN owners ON owners.id = ${table}.owner_id WHERE ${table}.id = $1 LIMIT $2`, kind: 'select', tables: [table, 'owners'] });
  }
  let told = 0;
  const update = (now: number): SessionUpdate => {
    store.tick(now);
    const { change, ...changes } = store.changes(told, now);
    told = change;
    return sessionUpdate({ ...changes, session: { recordedMs: now - BEGIN }, totals: store.totals, repetitions: store.repetitions().slice(0, 100), programs: store.programs() });
  };
  const run = (second: number): number => {
    const at = BEGIN + second * 1_000;
    for (let place = 0; place < BUSY; place += 1) {
      // Coprime with the number of statements, so that all of them have their turn.
      const index = ((second * BUSY + place) * 1_009) % STATEMENTS;
      const context = { id: `${second} ${place % 20}`, kind: 'request' as const, label: `GET /page-${place % 20}` };
      for (let time = 0; time < RUNS; time += 1) {
        store.add(1, {
          statement: `s${index}`,
          place: { file: `${FOLDER}/src/file-${index % 200}.ts`, line: 1 + index, column: 9 },
          cost: { durationMs: 0.2 + ((index * 7_919 + second * 104_729) % 1_000) / 100, waitMs: 0, rows: 3, failed: false },
          at: at + place * 2,
          context,
          values: String(time),
        });
      }
    }
    for (let request = 0; request < 20; request += 1) store.endRequest(1, `${second} ${request}`, `GET /page-${request}`, 60);
    return at + 999;
  };
  let now = BEGIN;
  for (let second = 0; second < WARM_UP_SECONDS; second += 1) now = run(second);
  return { full: update(now), next: Array.from({ length: seconds }, (_, second) => update(run(WARM_UP_SECONDS + second))) };
}
