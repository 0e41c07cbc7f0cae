import type { Counted, Notice, Place, ProgramRow, RuntimeRepetition, SeriesPoint, TableSize } from '../protocol.js';
import { SNAPSHOT_VERSION, type HistogramSnapshot, type LineUseSnapshot, type MeasuredSnapshot, type RequestSnapshot, type SessionSnapshot, type SiteSnapshot, type StatementSnapshot } from '../snapshot.js';

/** First key of every session file: tells it from other JSON. */
export const SESSION_FORMAT = 'roundtrip-session';

/** A session as its file holds it: paths are relative to the workspace's folder. */
export interface SessionFile extends SessionSnapshot {
  format: typeof SESSION_FORMAT;
  /** Executions in all, for lists of sessions. */
  calls: number;
}

export type Schema = Record<string, unknown>;

interface Optional {
  optional: Schema;
}

/** A schema for every key, so that a new key of `T` does not compile before the file has it too. */
type Properties<T> = { [K in keyof T]-?: object extends Pick<T, K> ? Optional : Schema };

const text: Schema = { type: 'string' };
const number: Schema = { type: 'number' };
const count: Schema = { type: 'number', minimum: 0 };
const flag: Schema = { type: 'boolean' };
const perhaps = (schema: Schema): Optional => ({ optional: schema });
const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });
const list = (items: Schema): Schema => ({ type: 'array', items });
const isOptional = (schema: Schema | Optional): schema is Optional => 'optional' in schema;

function object<T>(properties: Properties<T>): Schema {
  const entries = Object.entries<Schema | Optional>(properties);
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([key, schema]) => [key, isOptional(schema) ? schema.optional : schema])),
    required: entries.filter(([, schema]) => !isOptional(schema)).map(([key]) => key),
    additionalProperties: false,
  };
}

const place = object<Place>({ file: text, line: count, column: count, function: perhaps(text) });

const measured = object<MeasuredSnapshot>({
  calls: count, errors: count, rows: count, totalMs: count, minMs: count, maxMs: count, waitMs: count,
  histogram: object<HistogramSnapshot>({
    zeros: count,
    bins: list({ type: 'array', items: [{ type: 'integer' }, count], minItems: 2, maxItems: 2 }),
  }),
});

const counted = object<Counted>({ calls: count, rows: count, totalMs: count, meanMs: count, deviationMs: count, maxMs: count, blocksHit: count, blocksRead: count, atLeast: flag });

const statement = object<StatementSnapshot>({
  id: text, text, kind: text, tables: list(text),
  measured: perhaps(measured),
  counted: perhaps(counted),
  errors: list(object<StatementSnapshot['errors'][number]>({ code: text, message: text, count })),
  sites: list(object<SiteSnapshot>({ place, measured, later: count })),
});

const request = object<RequestSnapshot>({
  label: text, requests: count, queries: count, mostQueries: count, databaseMs: count, totalMs: count, errors: count,
  statements: list(object<RequestSnapshot['statements'][number]>({ id: text, requests: count, executions: count, totalMs: count })),
});

const repetition = object<RuntimeRepetition>({
  kind: { enum: ['n-plus-one', 'repeated'] }, statement: text, place, label: perhaps(text), requests: count, executions: count, most: count, totalMs: count, wastedMs: count,
});

/** The keys of a session file in the order in which they are written. What it does not name is neither written nor read. */
export const sessionSchema: Schema = object<SessionFile>({
  format: { const: SESSION_FORMAT },
  version: { const: SNAPSHOT_VERSION },
  id: text, name: text, startedAt: number, recordedMs: count, calls: count,
  target: perhaps(text),
  server: perhaps(text),
  statements: list(statement),
  lines: list(object<LineUseSnapshot>({ key: text, requests: count, mostInOneRequest: count, startedAt: perhaps(number) })),
  requests: list(request),
  repetitions: list(repetition),
  series: list(object<SeriesPoint>({ at: number, seconds: perhaps(count), queries: count, errors: count, p50Ms: orNull(number), p95Ms: orNull(number), meanMs: orNull(number), waitMs: count })),
  programs: list(object<ProgramRow>({ pid: number, command: text, node: text, libraries: list(text), startedAt: number, endedAt: perhaps(number), queries: count, dropped: count, overheadUs: count })),
  tables: list(object<TableSize>({ name: text, rows: number, bytes: number })),
  notices: list(object<Notice>({ text, code: perhaps(text) })),
});
