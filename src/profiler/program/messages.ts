import type { Batch, Hello, WireFrame, WireQuery } from '../../probe/wire.js';

/** No id of a probe is larger: it counts what it sees. */
const isId = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The first message of a probe, or undefined when it is anything else. */
export function readHello(value: unknown): Hello | undefined {
  if (!isObject(value) || value.type !== 'hello') return undefined;
  const { version, token, pid, parentPid, threadId, node, command, cwd, timeOrigin } = value;
  const isRight = [version, pid, parentPid, threadId].every(isId) && [token, node, command, cwd].every(isText) && isNumber(timeOrigin);
  return isRight ? (value as unknown as Hello) : undefined;
}

/** What can be used of a batch, and how many of its entries cannot; undefined when it is no batch at all. */
export function readBatch(value: unknown): { batch: Required<Batch>; broken: number } | undefined {
  if (!isObject(value) || value.type !== 'batch') return undefined;
  let broken = 0;
  const list = <T>(entries: unknown, fits: (entry: unknown[]) => boolean): T[] => {
    if (entries === undefined) return [];
    if (!Array.isArray(entries)) {
      broken += 1;
      return [];
    }
    const right = entries.filter((entry) => Array.isArray(entry) && fits(entry)) as T[];
    broken += entries.length - right.length;
    return right;
  };
  const texts = (entries: unknown): string[] => (Array.isArray(entries) ? entries.filter(isText) : []);
  const batch: Required<Batch> = {
    type: 'batch',
    texts: list(value.texts, ([id, text]) => isId(id) && isText(text)),
    sites: list(value.sites, ([id, frames]) => isId(id) && Array.isArray(frames) && frames.every(isFrame)),
    errors: list(value.errors, ([id, code, message]) => isId(id) && isText(code) && isText(message)),
    requests: list(value.requests, ([id, label, start]) => isId(id) && isText(label) && isNumber(start)),
    ended: list(value.ended, ([id, end, status]) => isId(id) && isNumber(end) && isNumber(status)),
    queries: list<WireQuery>(value.queries, isQuery),
    values: list(value.values, ([query, values]) => isId(query) && Array.isArray(values) && values.every(isText)),
    dropped: isId(value.dropped) ? value.dropped : 0,
    overhead: isOverhead(value.overhead) ? value.overhead : [0, 0],
    libraries: texts(value.libraries),
    notes: texts(value.notes),
  };
  return { batch, broken };
}

function isFrame(frame: unknown): frame is WireFrame {
  return isObject(frame) && isText(frame.file) && isId(frame.line) && isId(frame.column) && (frame.function === undefined || isText(frame.function));
}

function isQuery(query: unknown[]): boolean {
  const [text, site, start, duration, wait, rows, error, request, transaction, parameters] = query;
  return [text, site, error, request, transaction].every(isId) && [start, duration, wait, rows, parameters].every(isNumber);
}

function isOverhead(value: unknown): value is [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every((part) => isNumber(part) && part >= 0);
}
